import { describe, expect, it } from "vitest";
import { merged, niceSpan, pool, ticks } from "../../src/view/rows";

describe("the waterfall's rows and axis", () => {
  it("have one chunk to a row while there is room, then 2, 5, 10 and so on", () => {
    expect([0, 1, 5, 53].map((count) => pool(count, 53))).toEqual([1, 1, 1, 1]);
    expect([54, 106, 107, 3000, 270_000].map((count) => pool(count, 53))).toEqual([
      2, 2, 5, 100, 10_000,
    ]);
    for (const count of [1, 60, 999, 3000, 1_000_000]) {
      for (const most of [0.2, 1, 20, 53.7]) {
        expect(Math.ceil(count / pool(count, most))).toBeLessThanOrEqual(Math.max(1, most));
      }
    }
  });

  it("are one to a chunk where the room is unknown: outside a page no font has a size", () => {
    expect(pool(3000, Number.NaN)).toBe(1);
  });

  it("go on in steps, so that the axis stands still between them", () => {
    expect([0, 0.09, 1, 1.01, 2.2, 7, 59, 61].map(niceSpan)).toEqual([
      1, 0.1, 1, 1.2, 2.5, 8, 60, 80,
    ]);
    expect(niceSpan(Number.NaN)).toBe(1);
  });

  it("have ticks at round seconds with as many digits as they need, far enough apart", () => {
    expect(ticks(1, 500, 50).map(({ text }) => text)).toEqual(
      "0.0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1.0".split(" "),
    );
    expect(ticks(5, 300, 60).map(({ text }) => text)).toEqual("0 1 2 3 4 5".split(" "));
    expect(ticks(0.09, 300, 60).map(({ text }) => text)).toEqual(
      "0.00 0.02 0.04 0.06 0.08".split(" "),
    );
    expect(ticks(10_800, 300, 60)).toHaveLength(3);
    expect(ticks(0, 300, 60)).toEqual([]);
    expect(ticks(3, 20, 60)).toEqual([]);
    for (const span of [0.3, 1.02, 2.5, 13, 120, 7000]) {
      const [a, b] = ticks(span, 640, 55);
      expect((((b?.at ?? 0) - (a?.at ?? 0)) * 640) / span).toBeGreaterThanOrEqual(55 - 1e-9);
    }
  });

  it("join silences that no eye could tell apart, and add up what was silent", () => {
    const three = [
      { from: 1, to: 1.5 },
      { from: 1.52, to: 1.6 },
      { from: 3, to: 4 },
    ];
    expect(merged(three, 0.1).map(({ from, to }) => [from, to])).toEqual([
      [1, 1.6],
      [3, 4],
    ]);
    expect(merged(three, 0.1)[0]?.length).toBeCloseTo(0.58, 9);
    expect(merged(three, 0.01)).toHaveLength(3);
  });
});
