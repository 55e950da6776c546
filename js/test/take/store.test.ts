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

  it("says which bytes had never been received", () => {
    const store = new Store();
    expect(store.write(0, bytes(10, 1))).toEqual([[0, 10]]);
    expect(store.write(2, bytes(5, 1))).toEqual([]);
    expect(store.write(5, bytes(6, 1))).toEqual([[10, 11]]);
    expect(store.write(99, new Uint8Array(0))).toEqual([]);
    expect(store.size).toBe(11);
  });

  it("lets go of whole blocks, from either end, and still counts them as received", () => {
    const whole = bytes(6 * BLOCK_BYTES + 5, 3);
    const store = new Store();
    store.write(0, whole);
    expect(store.held).toBe(7 * BLOCK_BYTES);
    // Two of the blocks 1 to 4 from the start of them, then one from their end.
    expect(store.letGo(1, 5 * BLOCK_BYTES + 1, BLOCK_BYTES + 1)).toBe(2 * BLOCK_BYTES);
    expect(store.letGo(1, 5 * BLOCK_BYTES + 1, 1, true)).toBe(BLOCK_BYTES);
    expect(store.held).toBe(4 * BLOCK_BYTES);
    expect(store.away).toBe(3 * BLOCK_BYTES);
    expect([store.end, store.unbroken(0)]).toEqual([whole.length, whole.length]);
    expect(store.missing(0, whole.length)).toEqual([]);
    expect(store.contiguous(0)).toBe(BLOCK_BYTES);
    expect(store.gone(0, 99 * BLOCK_BYTES)).toEqual([
      [BLOCK_BYTES, 3 * BLOCK_BYTES],
      [4 * BLOCK_BYTES, 5 * BLOCK_BYTES],
    ]);
    expect(store.read(3 * BLOCK_BYTES, 4 * BLOCK_BYTES)).toEqual(
      whole.slice(3 * BLOCK_BYTES, 4 * BLOCK_BYTES),
    );
    // What is gone already frees nothing again; of the last block all that there is, is gone.
    expect(store.letGo(BLOCK_BYTES, 3 * BLOCK_BYTES, 99)).toBe(0);
    expect(store.letGo(6 * BLOCK_BYTES, whole.length - 1, 99)).toBe(0);
    expect(store.letGo(6 * BLOCK_BYTES, whole.length, 99)).toBe(BLOCK_BYTES);
    expect([store.end, store.away]).toEqual([whole.length, 3 * BLOCK_BYTES + 5]);
    // It comes again, a byte at a block's edge first.
    expect(store.write(3 * BLOCK_BYTES - 1, whole.subarray(3 * BLOCK_BYTES - 1))).toEqual([]);
    expect(store.write(5, whole.subarray(5, 3 * BLOCK_BYTES))).toEqual([]);
    expect(store.away).toBe(0);
    expect(store.read(0, whole.length)).toEqual(whole);
  });

  it("finds no fault with bytes that come for others which were let go", () => {
    const store = new Store();
    store.write(0, new Uint8Array(3 * BLOCK_BYTES).fill(1));
    store.letGo(0, BLOCK_BYTES, 1);
    expect(store.contradicts(0, new Uint8Array(BLOCK_BYTES).fill(2))).toBe(false);
    expect(store.contradicts(0, new Uint8Array(BLOCK_BYTES + 1).fill(2))).toBe(true);
  });
});
