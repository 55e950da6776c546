import { describe, expect, it } from "vitest";
import { Ranges } from "../../src/take/ranges";
import { random } from "../random";

describe("ranges", () => {
  it("are what a list of flags would be, whatever is added and removed", () => {
    for (let seed = 0; seed < 200; seed++) {
      const next = random(seed);
      const ranges = new Ranges();
      const flags: boolean[] = new Array(60).fill(false);
      for (let i = 0; i < 40; i++) {
        const from = Math.floor(next() * 60);
        const to = Math.floor(next() * 61);
        const add = next() < 0.6;
        if (add) ranges.add(from, to);
        else ranges.remove(from, to);
        for (let at = from; at < to; at++) flags[at] = add;
        const listed: boolean[] = new Array(60).fill(false);
        let before = -1;
        for (const [a, b] of ranges.list) {
          expect(a).toBeGreaterThan(before);
          expect(b).toBeGreaterThan(a);
          listed.fill(true, a, b);
          before = b;
        }
        expect(listed).toEqual(flags);
        expect(ranges.size).toBe(flags.filter(Boolean).length);
        expect(ranges.end).toBe(flags.lastIndexOf(true) + 1);
        const far = flags.indexOf(false, from);
        expect(ranges.contiguous(from)).toBe(far < 0 ? 60 : far);
        const parts = (pairs: readonly (readonly [number, number])[], value: boolean) => {
          const part: boolean[] = new Array(60).fill(!value);
          for (const [a, b] of pairs) part.fill(value, a, b);
          return part.slice(from, to);
        };
        expect(parts(ranges.missing(from, to), false)).toEqual(flags.slice(from, to));
        expect(parts(ranges.within(from, to), true)).toEqual(flags.slice(from, to));
      }
    }
  });
});
