import { describe, expect, it } from "vitest";
import {
  FIRST_WAIT,
  LONGEST_WAIT,
  type Missing,
  MOST_RANGES,
  MOST_TAIL,
  Repair,
} from "../../src/take/repair";

const nothing: Missing = {
  open: false,
  holes: [],
  tail: null,
  words: null,
  phonemes: null,
  chunks: null,
};

describe("repair", () => {
  it("asks for a hole that stays for 400 ms, not before", () => {
    const repair = new Repair();
    const missing: Missing = { ...nothing, holes: [[100, 200]] };
    expect(repair.due(10, missing)).toBeNull();
    expect(repair.due(10.39, missing)).toBeNull();
    expect(repair.due(10.41, missing)).toEqual({
      ranges: [[100, 200]],
      words: null,
      phonemes: null,
      chunks: null,
    });
  });

  it("asks again with growing pauses, bounded, for as long as nothing comes", () => {
    const repair = new Repair();
    const missing: Missing = { ...nothing, holes: [[100, 200]] };
    const asked: number[] = [];
    for (let ms = 0; ms < 60_000; ms += 10) {
      if (repair.due(ms / 1000, missing) !== null) asked.push(ms / 1000);
    }
    const pauses = asked.slice(1).map((at, i) => at - (asked[i] ?? 0));
    expect(asked[0]).toBeCloseTo(FIRST_WAIT, 1);
    expect(pauses[0]).toBeCloseTo(2 * FIRST_WAIT, 1);
    expect(pauses.at(-1)).toBeCloseTo(LONGEST_WAIT, 1);
  });

  it("does not ask for a tail that is on its way", () => {
    const repair = new Repair();
    for (let i = 0; i < 50; i++) {
      expect(repair.due(i * 0.3, { ...nothing, tail: [i * 1000, 99_999] })).toBeNull();
    }
    expect(repair.due(50 * 0.3 + 0.5, { ...nothing, tail: [49_000, 99_999] })?.ranges).toEqual([
      [49_000, 99_999],
    ]);
  });

  it("asks for words, phonemes and rows of chunks from the first that is missing", () => {
    const repair = new Repair();
    const missing: Missing = { ...nothing, words: 3, phonemes: 0, chunks: 9 };
    repair.due(0, missing);
    expect(repair.due(1, missing)).toEqual({ ranges: [], words: 3, phonemes: 0, chunks: 9 });
  });

  it("asks for all of a take it knows nothing about, at once when somebody looks", () => {
    const repair = new Repair();
    repair.hurry(true);
    expect(repair.due(0, { ...nothing, open: true })).toEqual({
      ranges: [[0, null]],
      words: 0,
      phonemes: 0,
      chunks: 0,
    });
    expect(repair.due(0.1, { ...nothing, open: true })).toBeNull();
  });

  it("asks at once for what an ended take lacks when somebody looks, and later waits again", () => {
    const repair = new Repair();
    repair.hurry(false);
    expect(repair.due(0, { ...nothing, tail: [0, 500] })?.ranges).toEqual([[0, 500]]);
    expect(repair.due(0.1, { ...nothing, tail: [100, 500] })).toBeNull();
  });

  it("asks for nothing when nothing is missing, and for a bounded number of holes", () => {
    const repair = new Repair();
    expect(repair.due(100, nothing)).toBeNull();
    const holes = Array.from({ length: 500 }, (_, i) => [i * 10, i * 10 + 5] as const);
    repair.due(101, { ...nothing, holes });
    expect(repair.due(102, { ...nothing, holes })?.ranges).toHaveLength(MOST_RANGES);
  });

  it("asks for a long tail in parts, each when the one before has come", () => {
    const repair = new Repair();
    const all = 100 * MOST_TAIL;
    const first: Missing = { ...nothing, tail: [5000, all] };
    repair.due(0, first);
    expect(repair.due(1, first)?.ranges).toEqual([[5000, 5000 + MOST_TAIL]]);
    const next: Missing = { ...nothing, tail: [5000 + MOST_TAIL, all] };
    repair.due(2, next);
    expect(repair.due(3, next)?.ranges).toEqual([[5000 + MOST_TAIL, 5000 + 2 * MOST_TAIL]]);
  });
});
