import { describe, expect, it } from "vitest";
import { Listening } from "../src/listening";
import { Milestones } from "../src/milestones";
import { type Facts, MOST_ROWS, Reports } from "../src/report";
import { random } from "./random";

const RATE = 1000;

function told() {
  const arrivals = new Milestones();
  return { arrivals, reports: new Reports(arrivals) };
}

function begun(reports: Reports, number = 1): Listening {
  const listening = new Listening();
  listening.begin(number, 10 + number, false);
  reports.follow(listening);
  return listening;
}

/** As the kernel puts reports together, by listening: what is told again replaces. */
function put(all: readonly Facts[]) {
  const listenings = new Map<number, Pick<Facts, "arrivals" | "decoded" | "spans" | "dry">>();
  for (const { listening, arrivals, decoded, spans, dry } of all) {
    const before = listenings.get(listening);
    const byStart = new Map(before?.spans.map((row) => [row[0], row]));
    for (const row of spans) byStart.set(row[0], row);
    const byBegin = new Map(before?.dry.map((row) => [`${row[0]} ${row[1]}`, row]));
    for (const row of dry) byBegin.set(`${row[0]} ${row[1]}`, row);
    listenings.set(listening, {
      arrivals: [...(before?.arrivals ?? []), ...arrivals],
      decoded: [...(before?.decoded ?? []), ...decoded],
      spans: [...byStart.values()],
      dry: [...byBegin.values()],
    });
  }
  return listenings;
}

describe("what a page reports of its listenings", () => {
  it("is nothing before one has begun, and nothing of it is lost by then", () => {
    const { arrivals, reports } = told();
    arrivals.reached(0, 100, 1);
    expect(reports.next()).toEqual({
      listening: 0,
      asked: null,
      by_person: false,
      disturbed: null,
      arrivals: [],
      decoded: [],
      spans: [],
      dry: [],
    });
    const listening = new Listening();
    listening.begin(1, 2.0000004, true);
    reports.follow(listening);
    expect(reports.next()).toMatchObject({
      listening: 1,
      asked: 2,
      by_person: true,
      arrivals: [[100, 1]],
    });
  });

  it("is each row once, and again what has grown or changed", () => {
    const { arrivals, reports } = told();
    const listening = begun(reports);
    arrivals.reached(0, 100, 10.5);
    listening.decoded.reached(0, 50, 10.6);
    listening.sounds(0, 11);
    expect(reports.pending).toBe(true);
    expect(reports.next()).toMatchObject({
      arrivals: [[100, 10.5]],
      decoded: [[50, 10.6]],
      spans: [[0, 1, 11]],
      dry: [],
    });
    expect([reports.pending, reports.arrivals]).toEqual([false, false]);
    listening.rendered(50, RATE, () => 0);
    listening.ranDry(0.05, 11.05);
    expect(reports.next()).toMatchObject({
      arrivals: [],
      decoded: [],
      spans: [[0, 50, 11]],
      dry: [[0.05, 11.05, null]],
    });
    listening.sounds(50, 12);
    expect(reports.next()).toMatchObject({ spans: [[50, 1, 12]], dry: [[0.05, 11.05, 12]] });
    expect(reports.pending).toBe(false);
    listening.disturb(13);
    expect(reports.pending).toBe(true);
    expect(reports.next()).toMatchObject({ disturbed: 13, spans: [], dry: [] });
    expect(reports.pending).toBe(false);
  });

  it("takes back a dry spell that turned out to be the end: it was no longer than nothing", () => {
    const { reports } = told();
    const listening = begun(reports);
    listening.sounds(0, 11);
    listening.ranDry(0.5, 11.5);
    expect(reports.next().dry).toEqual([[0.5, 11.5, null]]);
    listening.ended();
    expect(reports.next().dry).toEqual([[0.5, 11.5, 11.5]]);
    expect(reports.pending).toBe(false);
  });

  it("is of a listening that was followed by another first, until all of it is told", () => {
    const { reports } = told();
    const first = begun(reports);
    for (let i = 0; i < 1200; i++) first.decoded.reached(i, i + 1, i);
    first.sounds(0, 11);
    const second = begun(reports, 2);
    second.sounds(0, 20);
    const which: number[] = [];
    while (reports.pending) {
      expect(reports.pendingBefore).toBe(which.length < 3);
      which.push(reports.next().listening);
    }
    expect(which).toEqual([1, 1, 1, 2]);
    // Late, and told nevertheless.
    second.disturb(21);
    expect(reports.next()).toMatchObject({ listening: 2, disturbed: 21 });
  });

  it("is whole once all is told, whatever happened between the reports, few rows in each", () => {
    for (let seed = 0; seed < 60; seed++) {
      const next = random(seed);
      const { arrivals, reports } = told();
      const listenings: Listening[] = [];
      const all: Facts[] = [];
      const wanted = { arrivals: [] as unknown[], decoded: [] as unknown[][] };
      let sample = 0;
      let handed = 0;
      let bytes = 0;
      let listening = begun(reports);
      listenings.push(listening);
      wanted.decoded.push([]);
      for (let now = 0; now < 3000; now++) {
        const what = next();
        if (what < 0.001) {
          listening = begun(reports, listenings.length + 1);
          listenings.push(listening);
          wanted.decoded.push([]);
          sample = 0;
          handed = 0;
        } else if (what < 0.05) listening.sounds(sample, now);
        else if (what < 0.06) listening.ranDry(sample / RATE, now);
        else if (what < 0.5) {
          sample += Math.floor(next() * 100);
          listening.rendered(sample, RATE, () => now);
        } else if (what < 0.7) {
          wanted.arrivals.push([bytes + 10, now]);
          bytes += 10;
          arrivals.reached(0, bytes, now);
        } else if (what < 0.99) {
          wanted.decoded.at(-1)?.push([handed + 7, now]);
          listening.decoded.reached(handed, handed + 7, now);
          handed += 7;
        } else all.push(reports.next());
      }
      while (reports.pending || reports.arrivals) all.push(reports.next());
      for (const { arrivals, decoded, spans, dry } of all) {
        for (const rows of [arrivals, decoded, spans, dry]) {
          expect(rows.length).toBeLessThanOrEqual(MOST_ROWS);
        }
      }
      const got = put(all);
      expect([...got.values()].flatMap((one) => one.arrivals)).toEqual(wanted.arrivals);
      listenings.forEach((one, i) => {
        const facts = got.get(i + 1);
        expect(facts?.decoded ?? []).toEqual(wanted.decoded[i]);
        const spans = one.spans.filter(({ count }) => count > 0);
        const rows = spans.map(({ sample, count, audible }) => [sample, count, audible]);
        expect(facts?.spans ?? []).toEqual(rows);
        expect(facts?.dry ?? []).toEqual(one.dry.map(({ at, from, to }) => [at, from, to]));
      });
    }
  });
});
