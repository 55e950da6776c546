import { describe, expect, it } from "vitest";
import { type Box, fitting, inside, meet } from "../../src/view/fit";
import { random } from "../random";

const row = (count: number, apart: number, width: number): Box[] =>
  Array.from({ length: count }, (_, i) => ({ x: i * apart, width }));

describe("labels on an axis", () => {
  it("are all there, where they begin, if they fit", () => {
    expect([...fitting(row(3, 30, 20), 100, 5)]).toEqual([
      [0, 0],
      [1, 30],
      [2, 60],
    ]);
  });

  it("give way to the one before, and stay inside at the right edge", () => {
    expect([...fitting([...row(3, 20, 18), { x: 90, width: 20 }], 100, 5)]).toEqual([
      [0, 0],
      [2, 40],
      [3, 80],
    ]);
  });

  it("are none where most would be missing", () => {
    expect(fitting(row(400, 1.5, 30), 600, 5).size).toBe(0);
  });

  it("never meet, whatever they are", () => {
    const next = random(7);
    for (let round = 0; round < 300; round++) {
      const boxes = Array.from({ length: 20 }, () => ({
        x: next() * 600,
        width: next() * 60,
      })).sort((a, b) => a.x - b.x);
      const placed = [...fitting(boxes, 600, 4)].map(([i, x]) => ({
        x,
        width: boxes[i]?.width ?? 0,
      }));
      placed.forEach((box, i) => {
        expect(box.x + box.width).toBeLessThanOrEqual(600);
        const after = placed[i + 1];
        if (after !== undefined) expect(after.x - box.x - box.width).toBeGreaterThanOrEqual(4);
      });
    }
  });

  it("that must be shown are inside, and know whom they cover", () => {
    expect(inside({ x: 95, width: 20 }, 100)).toBe(80);
    expect(inside({ x: 50, width: 200 }, 100)).toBe(0);
    expect(meet({ x: 0, width: 10 }, { x: 12, width: 5 }, 3)).toBe(true);
    expect(meet({ x: 0, width: 10 }, { x: 14, width: 5 }, 3)).toBe(false);
  });
});
