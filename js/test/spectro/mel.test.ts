import { describe, expect, it } from "vitest";
import { gridOf } from "../../src/spectro/grid";
import { hzToMel, melToHz, Rows } from "../../src/spectro/mel";
import { samples } from "../random";
import { apart, caseOf, cases } from "./fixtures";

const each = cases.flatMap((one) =>
  one.mel.map((mel) => [`${mel.rows} rows, ${one.name}`, one, mel] as const),
);

describe("mel rows", () => {
  it.each(each)("are Python's: %s", (_name, one, mel) => {
    const rows = new Rows(gridOf(one.rate), "mel", mel.rows, mel.frequency);
    expect(rows.bins).toBe(one.bins);
    const brought = new Float32Array(one.frames * mel.rows);
    for (let frame = 0; frame < one.frames; frame++) {
      rows.bring(
        one.power.subarray(frame * one.bins, (frame + 1) * one.bins),
        brought.subarray(frame * mel.rows, (frame + 1) * mel.rows),
      );
    }
    expect(apart(brought, mel.power)).toBeLessThan(1e-6);
  });

  it("there and back", () => {
    expect(hzToMel(1000)).toBeCloseTo(1000, 1);
    for (const hertz of [0, 55, 440, 8000, 24000])
      expect(melToHz(hzToMel(hertz))).toBeCloseTo(hertz);
  });
});

describe("linear rows", () => {
  const grid = gridOf(8000);

  it("as many as there are bins are the bins", () => {
    const power = caseOf("8 kHz").power.subarray(0, 129);
    const out = new Float32Array(129);
    new Rows(grid, "linear", 129, 4000).bring(power, out);
    expect(apart(out, power)).toBeLessThan(1e-6);
  });

  it("fewer than bins are the loudest of each row's", () => {
    const power = samples(129, 5).map(Math.abs);
    const out = new Float32Array(11);
    new Rows(grid, "linear", 11, 4000).bring(power, out);
    const wanted = Array.from(out, (_, row) =>
      Math.max(...power.filter((_value, bin) => Math.abs(bin - row * 12.8) <= 6.4)),
    );
    expect(apart(out, wanted)).toBeLessThan(1e-6);
  });

  it("more than bins lie on the line between two", () => {
    const power = Float32Array.from({ length: 129 }, (_, bin) => bin);
    const out = new Float32Array(1001);
    new Rows(grid, "linear", 1001, 4000).bring(power, out);
    expect(
      apart(
        out,
        Array.from(out, (_, row) => row * 0.128),
      ),
    ).toBeLessThan(0.51 / 128);
  });
});

describe.each(["mel", "linear"] as const)("rows on the %s scale", (scale) => {
  const grid = gridOf(24000);

  it("end at the frequency that was asked for, or at half the rate", () => {
    const rows = new Rows(grid, scale, 100, 5000);
    expect(rows.frequency(0)).toBe(0);
    expect(rows.frequency(99)).toBeCloseTo(5000);
    expect(new Rows(grid, scale, 100, 1e6).top).toBe(12000);
    expect(new Rows(grid, scale, 100, 1e6).bins).toBe(513);
  });

  it("know the row of a frequency and the frequency of a row", () => {
    const rows = new Rows(grid, scale, 77, 8000);
    for (let row = 0; row < 77; row++) expect(rows.at(rows.frequency(row))).toBeCloseTo(row);
  });

  it("keep a tone's level and place", () => {
    const rows = new Rows(grid, scale, 60, 8000);
    for (const bin of [0, 40, 120, 300]) {
      const power = new Float32Array(rows.bins);
      power[bin] = 0.7;
      const out = new Float32Array(60);
      rows.bring(power, out);
      const loudest = out.indexOf(Math.max(...out));
      expect(Math.abs(loudest - rows.at((bin * 24000) / 1024))).toBeLessThanOrEqual(1);
      expect(Math.max(...out)).toBeGreaterThan(0.35);
    }
  });

  it("are refused where there could be none", () => {
    expect(() => new Rows(grid, scale, 1, 8000)).toThrow(RangeError);
    expect(() => new Rows(grid, scale, 10, 0)).toThrow(RangeError);
    expect(() => new Rows(grid, scale, Number.NaN, Number.NaN)).toThrow(RangeError);
  });
});
