import { describe, expect, it } from "vitest";
import type { Playback } from "../src/playback";
import { Residence } from "../src/residence";
import { Budget } from "../src/take/budget";
import { Take } from "../src/take/take";

const RATE = 48_000;
const SIZE = 16_000_000;
const MESSAGE = 256 * 1024;

/** A take of a minute and a half that does not sound and stands at its beginning. */
function idle(id: string, budget: Budget) {
  const take = new Take(id);
  take.format = { encoding: "pcm_f32le", rate: RATE };
  const playback = { active: false, sample: 0 } as Playback;
  const residence = new Residence(
    take,
    playback,
    () => false,
    () => budget.roomy,
  );
  budget.add(residence);
  const give = (from: number) => {
    const pcm = new Uint8Array(Math.min(MESSAGE, SIZE - from));
    take.accept({ type: "audio", take: id, sent: 0, offset: from, pcm });
    budget.keep();
  };
  return { take, residence, give };
}

/** One that was heard first, and others that are more than there is room for. */
function bench(room = 32_000_000) {
  const budget = new Budget(room);
  const [one, ...others] = ["one", "two", "three"].map((id) => idle(id, budget));
  if (one === undefined) throw new Error("There is none.");
  const fill = (takes: readonly (typeof one)[]) => {
    for (const { give } of takes) for (let at = 0; at < SIZE; at += MESSAGE) give(at);
  };
  const hear = () => {
    for (const [i, { residence }] of [one, ...others].entries()) residence.heardAt = i;
  };
  hear();
  return { one, others, fill, hear };
}

describe("the place that a person went to in a take that does not sound", () => {
  it("comes back and stays, though others were heard later", () => {
    const { one, others, fill } = bench();
    fill([one, ...others]);
    expect(one.take.store.size).toBeLessThan(SIZE / 10);
    one.residence.sought();
    let fetched = 0;
    for (; fetched < 2 * SIZE; fetched += MESSAGE) {
      const first = one.residence.missed[0];
      if (first === undefined) break;
      one.give(first[0]);
    }
    expect(fetched).toBeLessThan(SIZE);
  });

  it("is not asked for again when it is let go after it was there", () => {
    const { one, others, fill, hear } = bench();
    fill([one]);
    one.residence.sought();
    expect(one.residence.missed).toEqual([]);
    hear();
    fill(others);
    expect(one.take.store.size).toBeLessThan(SIZE / 10);
    expect(one.residence.missed).toEqual([]);
  });
});

describe("takes that are compared", () => {
  const shown = new AbortController();

  it("stay whole while others come, and what was let go before comes back", () => {
    const { one, others, fill } = bench(64_000_000);
    fill([one, ...others, ...others]);
    one.take.store.letGo(0, SIZE, SIZE / 2, false);
    expect(one.residence.missed).toEqual([]);
    one.residence.compare(shown.signal);
    for (let i = 0; i < 2 * (SIZE / MESSAGE); i++) {
      const first = one.residence.missed[0];
      if (first === undefined) break;
      one.give(first[0]);
    }
    expect(one.take.store.size).toBe(SIZE);
    fill(others);
    expect(one.take.store.size).toBe(SIZE);
  });

  it("that are more than half of the room are kept as others are, and not fetched for ever", () => {
    const { one, others, fill } = bench();
    for (const { residence } of [one, ...others]) residence.compare(shown.signal);
    fill([one, ...others]);
    expect(one.take.store.away).toBeGreaterThan(0);
    expect(one.residence.missed).toEqual([]);
  });

  it("are kept no longer than that", () => {
    const { one, others, fill } = bench();
    const left = new AbortController();
    one.residence.compare(left.signal);
    fill([one, ...others]);
    expect(one.take.store.size).toBe(SIZE);
    left.abort();
    expect(one.residence.kept).toBe(0);
    fill(others);
    expect(one.take.store.size).toBeLessThan(SIZE / 10);
  });
});
