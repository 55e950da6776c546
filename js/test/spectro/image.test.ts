import { describe, expect, it } from "vitest";
import { cssOf, LENGTH, paletteOf } from "../../src/spectro/colours";
import type { Grid } from "../../src/spectro/grid";
import { Picture, rangeFor, TILE_COLUMNS } from "../../src/spectro/image";
import { Levels } from "../../src/spectro/levels";
import { random } from "../random";

/** A hundred frames a second. */
const grid: Grid = { rate: 1000, window: 20, hop: 10, nfft: 32 };
const ROWS = 3;
const FIXED = { low: -70, high: 0 };

function put(levels: Levels, count: number, db: (frame: number, row: number) => number): void {
  for (let i = 0; i < count; i++) {
    const frame = levels.frames;
    levels.put(Float32Array.from({ length: ROWS }, (_, row) => 10 ** (db(frame, row) / 10)));
  }
}

function colour(picture: Picture, column: number, row: number): string {
  const pixels = picture.pixels(Math.floor(column / TILE_COLUMNS));
  const at = 4 * ((ROWS - 1 - row) * TILE_COLUMNS + (column % TILE_COLUMNS));
  const [r, g, b, alpha] = pixels.subarray(at, at + 4);
  return alpha === 0 ? "nothing" : `rgb(${r} ${g} ${b})`;
}

const light = paletteOf("light");

describe("a picture", () => {
  it("shows each level in its colour, the highest row on top", () => {
    const levels = new Levels(ROWS);
    const picture = new Picture(levels, grid, light, FIXED);
    put(levels, 1, (_frame, row) => [-70, -35, 10][row] ?? 0);
    expect(picture.update()).toEqual([{ tile: 0, x: 0, width: 1 }]);
    expect(picture.pixels(0)).toHaveLength(4 * TILE_COLUMNS * ROWS);
    expect(colour(picture, 0, 0)).toBe(cssOf(light, 0));
    expect(colour(picture, 0, 1)).toBe(cssOf(light, 128));
    expect(colour(picture, 0, 2)).toBe(cssOf(light, LENGTH - 1));
    expect(colour(picture, 1, 0)).toBe("nothing");
    expect(() => picture.pixels(1)).toThrow(RangeError);
  });

  it("paints only new columns, into as many tiles as they reach", () => {
    const levels = new Levels(ROWS);
    const picture = new Picture(levels, grid, light, FIXED);
    expect(picture.update()).toEqual([]);
    put(levels, 10, () => -30);
    expect(picture.update()).toEqual([{ tile: 0, x: 0, width: 10 }]);
    expect(picture.update()).toEqual([]);
    put(levels, 2 * TILE_COLUMNS, () => -30);
    expect(picture.update()).toEqual([
      { tile: 0, x: 10, width: TILE_COLUMNS - 10 },
      { tile: 1, x: 0, width: TILE_COLUMNS },
      { tile: 2, x: 0, width: 10 },
    ]);
    expect(picture.tiles).toBe(3);
  });

  it("is painted anew when a louder sound moves the range, or the colours change", () => {
    const levels = new Levels(ROWS);
    const picture = new Picture(levels, grid, light);
    put(levels, 10, () => -40);
    picture.update();
    expect(picture.range).toEqual({ low: -106, high: -36 });
    put(levels, 1, () => -37);
    expect(picture.update()).toEqual([{ tile: 0, x: 10, width: 1 }]);
    put(levels, 1, () => -10);
    expect(picture.update()).toEqual([{ tile: 0, x: 0, width: 12 }]);
    expect(picture.range).toEqual({ low: -76, high: -6 });
    const dark = paletteOf("dark");
    picture.recolour(dark);
    expect(picture.update()).toEqual([{ tile: 0, x: 0, width: 12 }]);
    expect(colour(picture, 11, 0)).toBe(cssOf(dark, Math.round((66 / 70) * 255)));
  });

  it("shows the levels whenever it was last painted, also when columns are joined", () => {
    const next = random(7);
    const levels = new Levels(ROWS, 600);
    const picture = new Picture(levels, grid, light, FIXED);
    while (levels.frames < 1500) {
      put(levels, 1 + Math.floor(next() * 150), () => -70 * next());
      const patches = picture.update();
      expect(patches.length).toBeGreaterThan(0);
      const fresh = new Picture(levels, grid, light, FIXED);
      fresh.update();
      expect(picture.tiles).toBe(fresh.tiles);
      for (let tile = 0; tile < fresh.tiles; tile++) {
        expect(picture.pixels(tile)).toEqual(fresh.pixels(tile));
      }
    }
    expect(levels.pool).toBe(4);
  });

  it("is put in patches that leave a canvas as the pixels are", () => {
    const next = random(8);
    const levels = new Levels(ROWS, 600);
    const picture = new Picture(levels, grid, light);
    const canvases: Uint32Array[] = [];
    while (levels.frames < 2000) {
      put(levels, 1 + Math.floor(next() * 100), () => -70 * next());
      for (const { tile, x, width } of picture.update()) {
        const pixels = new Uint32Array(picture.pixels(tile).buffer);
        canvases[tile] ??= new Uint32Array(pixels.length);
        for (let y = 0; y < ROWS; y++) {
          const at = y * TILE_COLUMNS + x;
          canvases[tile].set(pixels.subarray(at, at + width), at);
        }
      }
      for (let column = 0; column < levels.columns; column++) {
        const tile = Math.floor(column / TILE_COLUMNS);
        const at = column % TILE_COLUMNS;
        expect(canvases[tile]?.[at]).toBe(new Uint32Array(picture.pixels(tile).buffer)[at]);
      }
    }
  });
});

describe("pieces", () => {
  it("lie where the frames' times are, each frame as wide as its hop", () => {
    const levels = new Levels(ROWS);
    const picture = new Picture(levels, grid, light, FIXED);
    put(levels, 300, () => -30);
    picture.update();
    // Frame 0 is centred on second 0: only its later half shows.
    const [first, second, ...rest] = picture.pieces(0, 6, 600);
    expect(rest).toEqual([]);
    expect(first).toEqual({ tile: 0, sourceX: 0.5, sourceWidth: 255.5, x: 0, width: 255.5 });
    expect(second).toEqual({ tile: 1, sourceX: 0, sourceWidth: 44, x: 255.5, width: 44 });
  });

  it("of a part of the time are those that it needs", () => {
    const levels = new Levels(ROWS);
    const picture = new Picture(levels, grid, light, FIXED);
    put(levels, 600, () => -30);
    picture.update();
    const [only, ...rest] = picture.pieces(3, 4, 1000);
    expect(rest).toEqual([]);
    expect(only?.tile).toBe(1);
    expect(only?.sourceX).toBeCloseTo(300.5 - TILE_COLUMNS);
    expect(only?.sourceWidth).toBeCloseTo(100);
    expect(only?.x).toBeCloseTo(0);
    expect(only?.width).toBeCloseTo(1000);
    expect(picture.pieces(6, 7, 100)).toEqual([]);
    expect(new Picture(levels, grid, light).pieces(0, 1, 100)).toEqual([]);
  });

  it("keep their times when columns are joined, and end with the frames", () => {
    const levels = new Levels(ROWS, 256);
    const picture = new Picture(levels, grid, light, FIXED);
    put(levels, 701, () => -30);
    picture.update();
    expect(levels.pool).toBe(4);
    const pieces = picture.pieces(0, 10, 1000);
    expect(pieces[0]?.x).toBeCloseTo(0);
    expect(pieces[0]?.sourceX).toBeCloseTo(0.125);
    const last = pieces.at(-1);
    expect((last?.x ?? 0) + (last?.width ?? 0)).toBeCloseTo(700.5);
    expect(picture.columnAt(0)).toBe(0);
    expect(picture.columnAt(0.034)).toBe(0);
    expect(picture.columnAt(0.036)).toBe(1);
  });
});

it("a range reaches from the loudest down, and hiss alone stays dim", () => {
  expect(rangeFor(-0.5)).toEqual({ low: -70, high: 0 });
  expect(rangeFor(-30)).toEqual({ low: -100, high: -30 });
  expect(rangeFor(-29.5)).toEqual({ low: -94, high: -24 });
  expect(rangeFor(-95)).toEqual({ low: -130, high: -60 });
  expect(rangeFor(-0.5, 40)).toEqual({ low: -40, high: 0 });
});
