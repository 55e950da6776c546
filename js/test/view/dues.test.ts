import { describe, expect, it } from "vitest";
import { Dues, Least, Paper, type Row } from "../../src/view/dues";
import { inHand } from "../../src/view/hand";
import { random } from "../random";

/** Chunks of `duration` that came at these moments. */
const came = (moments: readonly number[], duration = 0.1): Row[] =>
  moments.map((at, i) => ({ start: i * duration, duration, received: at - 0.01, arrived: at }));

describe("when a take sounds", () => {
  it("is in real time from the first sound, and later by each silence", () => {
    const dues = new Dues(0.2, [
      { at: 1, from: 1.2, to: 1.7 },
      { at: 2, from: 2.7, to: 3 },
    ]);
    expect(dues.when(0.5)).toBeCloseTo(0.7, 9);
    expect(dues.until(1)).toBeCloseTo(1.2, 9);
    expect(dues.when(1)).toBeCloseTo(1.7, 9);
    // Rows are rounded to a microsecond, spells are at a sample.
    expect(dues.when(0.9999995)).toBeCloseTo(1.7, 5);
    expect(dues.until(2)).toBeCloseTo(2.7, 9);
    expect(dues.when(2.5)).toBeCloseTo(3.5, 9);
  });

  it("knows what the output lost on the way to its silences", () => {
    const silences = [
      { at: 1, from: 1.7, to: 2 },
      { at: 2, from: 3, to: 3.5 },
    ];
    expect(new Dues(0.2, silences).lost).toBeCloseTo(0.5, 9);
    expect(new Dues(0.7, silences).lost).toBeCloseTo(0, 9);
  });

  it("knows how much has sounded by a moment, a silence adding nothing", () => {
    const dues = new Dues(0.2, [{ at: 1, from: 1.2, to: 1.7 }]);
    const played = [0, 0.2, 0.7, 1.2, 1.5, 1.7, 2].map((at) => dues.played(at));
    for (const [i, wanted] of [0, 0, 0.5, 1, 1, 1, 1.3].entries()) {
      expect(played[i]).toBeCloseTo(wanted, 9);
    }
  });
});

describe("a take played on paper", () => {
  it("begins with the first chunk and waits when it is dry, as Python's playout does", () => {
    const paper = new Paper();
    for (const row of came([0.1, 0.15, 0.5, 0.55])) paper.add(row);
    expect(paper.dues?.first).toBe(0.1);
    expect(paper.dues?.silences).toHaveLength(1);
    expect(paper.dues?.silences[0]).toMatchObject({ at: 0.2, to: 0.5 });
    expect(paper.dues?.silences[0]?.from).toBeCloseTo(0.3, 9);
    expect(paper.least).toBeCloseTo(-0.2, 9);
  });

  it("takes the kernel's moment where the page's is not known", () => {
    const paper = new Paper();
    for (const row of came([1, 1.05])) paper.add({ ...row, arrived: null });
    expect(paper.dues?.first).toBeCloseTo(0.99, 9);
  });

  it("is not dry for what is within a wake-up's jitter", () => {
    const paper = new Paper();
    for (const row of came([0.1, 0.2009, 0.3])) paper.add(row);
    expect(paper.dues?.silences).toEqual([]);
  });
});

describe("the least that was in hand", () => {
  it("leaves the first chunk out, and begins anew when what it hangs on changes", () => {
    const rows = came([0.1, 0.15, 0.25, 0.26]);
    const get = (i: number) => rows[i];
    const least = new Least();
    expect(least.follow(new Dues(0.2), 3, get, "a")).toBeCloseTo(0.15, 9);
    expect(least.follow(new Dues(0.2), 4, get, "a")).toBeCloseTo(0.15, 9);
    expect(least.follow(new Dues(0.15), 4, get, "b")).toBeCloseTo(0.1, 9);
  });
});

describe("what was in hand over time", () => {
  it("is what has come less what has sounded, counted chunk by chunk", () => {
    for (let seed = 0; seed < 50; seed++) {
      const next = random(seed);
      let at = 0.1;
      const rows = came(
        Array.from({ length: 200 }, () => (at += next() < 0.1 ? 0.5 : next() * 0.1)),
      );
      const paper = new Paper();
      for (const row of rows) paper.add(row);
      const { dues } = paper;
      if (dues === null) throw new Error("no dues");
      const step = 0.05;
      const hand = inHand((i) => rows[i], dues, step, 300);
      expect(hand).toHaveLength(300);
      for (const [column, one] of hand.entries()) {
        const moment = column * step;
        const seconds = rows.filter((row) => (row.arrived ?? 0) <= moment).length * 0.1;
        expect(one).toBeCloseTo(Math.max(0, seconds - dues.played(moment)), 9);
      }
    }
  });

  it("is told up to where a person took over", () => {
    const rows = came([0.1, 0.2, 0.3]);
    expect(inHand((i) => rows[i], new Dues(0.1), 0.1, 50, 1)).toHaveLength(11);
  });

  it("costs a few looks a column, however many chunks there are", () => {
    let looks = 0;
    const get = (i: number): Row | undefined => {
      looks++;
      if (i >= 270_000) return undefined;
      return { start: i * 0.04, duration: 0.04, received: i * 0.01, arrived: i * 0.01 };
    };
    inHand(get, new Dues(0.1), 20, 700);
    expect(looks).toBeLessThan(700 * 40);
  });
});
