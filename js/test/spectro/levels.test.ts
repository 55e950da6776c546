import { describe, expect, it } from "vitest";
import { Levels } from "../../src/spectro/levels";
import { random } from "../random";

const power = (...db: number[]) => Float32Array.from(db, (value) => 10 ** (value / 10));

describe("levels", () => {
  it("are kept to a quarter of a decibel, within what a byte holds", () => {
    const levels = new Levels(4);
    levels.put(power(0, -33.3, -119.9, -500));
    levels.put(Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, 0, -1));
    expect(levels.at(0, 0)).toBe(0);
    expect(levels.at(0, 1)).toBe(-33.5);
    expect([levels.at(0, 2), levels.at(0, 3)]).toEqual([-120, -120]);
    expect([0, 1, 2, 3].map((row) => levels.at(1, row))).toEqual([-120, 7.5, -120, -120]);
    expect(levels.loudest).toBe(7.5);
  });

  it("are null where there are none", () => {
    const levels = new Levels(2);
    expect(levels.at(0, 0)).toBeNull();
    expect(levels.loudest).toBe(-120);
    levels.put(power(-10, -20));
    for (const [column, row] of [
      [1, 0],
      [-1, 0],
      [0, 2],
      [0, -1],
      [Number.NaN, 0],
    ] as const) {
      expect(levels.at(column, row)).toBeNull();
    }
  });

  it("stay as many as allowed, and the loudest of each neighbourhood stays", () => {
    const next = random(1);
    const levels = new Levels(3, 8);
    const put: number[][] = [];
    for (let frame = 0; frame < 100; frame++) {
      put.push([0, 1, 2].map(() => -1 - Math.floor(next() * 100)));
      levels.put(power(...(put.at(-1) ?? [])));
      expect(levels.frames).toBe(frame + 1);
      expect(levels.columns).toBeLessThanOrEqual(8);
      expect(levels.columns).toBe(Math.ceil((frame + 1) / levels.pool));
      for (let column = 0; column < levels.columns; column++) {
        const these = put.slice(column * levels.pool, (column + 1) * levels.pool);
        for (let row = 0; row < 3; row++) {
          const loudest = Math.max(...these.map((one) => one[row] ?? 0));
          expect(levels.at(column, row)).toBe(loudest);
        }
      }
    }
    expect(levels.pool).toBe(16);
  });

  it("are refused a limit that cannot be halved", () => {
    expect(() => new Levels(3, 7)).toThrow(RangeError);
    expect(() => new Levels(3, 0)).toThrow(RangeError);
  });
});
