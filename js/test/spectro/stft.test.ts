import { describe, expect, it } from "vitest";
import { binsTo, framesOf, gridOf } from "../../src/spectro/grid";
import { decibels, QUIETEST_DB, Stft } from "../../src/spectro/stft";
import { random } from "../random";
import { apart, type Case, caseOf, cases } from "./fixtures";

/** All frames of samples that come in parts of the sizes that `size` gives. */
function transformed(one: Case, size: () => number): number[] {
  const stft = new Stft(gridOf(one.rate), one.bins);
  const all: number[] = [];
  let next = 0;
  const sink = (power: Float32Array, frame: number) => {
    expect(frame).toBe(next++);
    all.push(...power);
  };
  for (let at = 0; at < one.samples.length; ) {
    const count = size();
    stft.push(one.samples.subarray(at, at + count), sink);
    at += count;
  }
  stft.finish(sink);
  return all;
}

const named = cases.map((one) => [one.name, one] as const);

describe("a grid", () => {
  it.each(named)("at %s is Python's", (_name, one) => {
    const grid = gridOf(one.rate);
    expect(grid).toEqual({ rate: one.rate, ...one.grid });
    expect(framesOf(grid, one.samples.length)).toBe(one.frames);
  });

  it.each([
    [1000, 0.001, 0.001],
    [1000, 0.02, 0.03],
    [1000, 0.02, 0],
    [1000, Number.NaN, 0.01],
    [1000, Number.POSITIVE_INFINITY, 0.01],
    [1000, 0.02, Number.NaN],
    [1e12, 0.02, 0.01],
  ])("at %d Hz of %d and %d s is refused", (rate, window, hop) => {
    expect(() => gridOf(rate, window, hop)).toThrow(RangeError);
  });

  it("says how many bins reach a frequency", () => {
    const grid = gridOf(8000);
    expect(binsTo(grid, 31.25 * 7)).toBe(8);
    expect(binsTo(grid, 31.25 * 7 + 1)).toBe(9);
    expect(binsTo(grid, 4000)).toBe(129);
    expect(binsTo(grid, 1e9)).toBe(129);
    expect(binsTo(grid, 0)).toBe(2);
  });
});

describe("frames", () => {
  it.each(named)("of %s are numpy's, in whatever parts the samples come", (_name, one) => {
    const next = random(one.rate);
    const sizes: (() => number)[] = [
      () => Math.max(1, one.samples.length),
      () => 441,
      () => 1 + Math.floor(next() * 900),
      () => 1,
    ];
    for (const size of sizes) {
      const power = transformed(one, size);
      expect(apart(power, one.power)).toBeLessThan(1e-6);
      // In dB, as far down as numpy's float32 carries so many digits.
      const loudest = one.power.reduce((most, value) => Math.max(most, value), 0);
      const heard = [...one.power.keys()].filter((i) => (one.power[i] ?? 0) > 1e-4 * loudest);
      const off = heard.map((i) =>
        Math.abs(decibels(power[i] ?? 0) - 10 * Math.log10(one.power[i] ?? 0)),
      );
      expect(Math.max(0, ...off)).toBeLessThan(1e-4);
    }
  });

  it("come as soon as their last sample is here, and only once", () => {
    const one = caseOf("8 kHz");
    const stft = new Stft(gridOf(8000));
    const frames: number[] = [];
    const sink = (_power: Float32Array, frame: number) => frames.push(frame);
    stft.push(one.samples.subarray(0, 99), sink);
    expect(frames).toEqual([]);
    stft.push(one.samples.subarray(99, 100), sink);
    expect(frames).toEqual([0]);
    stft.push(one.samples.subarray(100, 180), sink);
    expect(frames).toEqual([0, 1]);
    stft.finish(sink);
    stft.finish(sink);
    expect(frames).toEqual([0, 1, 2]);
    expect(stft.received).toBe(180);
    expect(() => stft.push(one.samples, sink)).toThrow("complete");
  });

  it("of a full-scale tone on a bin read 0 dB", () => {
    const grid = gridOf(16000);
    const tone = Float32Array.from({ length: 4000 }, (_, n) => Math.sin((2 * Math.PI * n) / 16));
    const stft = new Stft(grid);
    const levels: number[] = [];
    stft.push(tone, (power) => levels.push(decibels(power[grid.nfft / 16] ?? 0)));
    expect(levels.slice(2).every((level) => Math.abs(level) < 1e-4)).toBe(true);
  });

  it("with a sample that is no number are silent, and those after it are not", () => {
    const tone = Float32Array.from({ length: 4000 }, (_, n) => Math.sin(n));
    tone[1000] = Number.NaN;
    tone[1001] = Number.POSITIVE_INFINITY;
    const loud: boolean[] = [];
    const stft = new Stft(gridOf(8000));
    stft.push(tone, (power) => loud.push(power.some((value) => decibels(value) > -20)));
    expect(loud.flatMap((is, frame) => (is ? [] : [frame]))).toEqual([12, 13]);
  });
});

it.each([0, -1, 1e-13, Number.NaN])("a power of %d is as quiet as can be", (power) => {
  expect(decibels(power)).toBe(QUIETEST_DB);
});
