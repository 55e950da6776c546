import { describe, expect, it } from "vitest";
import { BLOCK_BYTES, Store } from "../../src/take/store";
import { bytes, random } from "../random";

describe("a store", () => {
  it("gives back what came in any order, overlapping, repeated, split anywhere", () => {
    const next = random(7);
    const whole = bytes(3 * BLOCK_BYTES + 17, 1);
    const store = new Store();
    const cuts = new Set([0, whole.length]);
    while (cuts.size < 60) cuts.add(Math.floor(next() * whole.length));
    const sorted = [...cuts].sort((a, b) => a - b);
    const pieces = sorted.slice(0, -1).map((from, i) => {
      const to = sorted[i + 1] ?? whole.length;
      return [Math.max(0, from - 9), Math.min(whole.length, to + 9)] as const;
    });
    pieces.sort(() => next() - 0.5);
    for (const [from, to] of [...pieces, ...pieces.slice(0, 9)]) {
      store.write(from, whole.subarray(from, to));
    }
    expect(store.missing(0, whole.length)).toEqual([]);
    expect(store.size).toBe(whole.length);
    expect(store.read(0, whole.length)).toEqual(whole);
    expect(store.read(77, 78)).toEqual(whole.slice(77, 78));
    expect(store.read(BLOCK_BYTES - 3, BLOCK_BYTES + 5)).toEqual(
      whole.slice(BLOCK_BYTES - 3, BLOCK_BYTES + 5),
    );
  });

  it("names its gaps, the one before the first byte and after the last too", () => {
    const store = new Store();
    store.write(10, bytes(10, 1));
    store.write(30, bytes(5, 2));
    expect(store.missing(0, 50)).toEqual([
      [0, 10],
      [20, 30],
      [35, 50],
    ]);
    expect(store.missing(12, 18)).toEqual([]);
    expect(store.contiguous(0)).toBe(0);
    expect(store.contiguous(10)).toBe(20);
    expect(store.contiguous(19)).toBe(20);
    expect(store.contiguous(20)).toBe(20);
    expect(store.end).toBe(35);
  });

  it("says whether bytes were new", () => {
    const store = new Store();
    expect(store.write(0, bytes(10, 1))).toBe(true);
    expect(store.write(2, bytes(5, 1))).toBe(false);
    expect(store.write(5, bytes(6, 1))).toBe(true);
    expect(store.write(99, new Uint8Array(0))).toBe(false);
    expect(store.size).toBe(11);
  });
});
