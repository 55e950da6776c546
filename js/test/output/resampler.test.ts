import { describe, expect, it } from "vitest";
import { Resampler } from "../../src/output/resampler";
import { random, samples } from "../random";

function whole(from: number, to: number, input: Float32Array): Float32Array {
  const resampler = new Resampler(from, to);
  const first = resampler.push(input);
  const last = resampler.end();
  const out = new Float32Array(first.length + last.length);
  out.set(first);
  out.set(last, first.length);
  return out;
}

const sine = (rate: number, hertz: number, count: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin((2 * Math.PI * hertz * i) / rate));

/** The worst difference from the same sine at the other rate, in dB, away from the two ends. */
function worst(from: number, to: number, hertz: number): number {
  const out = whole(from, to, sine(from, hertz, from / 2));
  const wanted = sine(to, hertz, out.length);
  const edge = Math.ceil(0.1 * to);
  let most = 0;
  for (let i = edge; i < out.length - edge; i++) {
    most = Math.max(most, Math.abs((out[i] ?? 0) - (wanted[i] ?? 0)));
  }
  return 20 * Math.log10(most);
}

const RATES = [
  [8000, 48_000],
  [8000, 44_100],
  [16_000, 48_000],
  [22_050, 48_000],
  [24_000, 44_100],
  [44_100, 48_000],
  [48_000, 44_100],
] as const;

describe("a resampler", () => {
  it.each(RATES)("from %i to %i Hz leaves a sine what it is, within -110 dB", (from, to) => {
    const nyquist = Math.min(from, to) / 2;
    for (const hertz of [100, 1000, 0.5 * nyquist, 0.8 * nyquist]) {
      expect(worst(from, to, Math.round(hertz)), `${hertz} Hz`).toBeLessThan(-110);
    }
  });

  it("leaves out what the lower rate cannot hold, below -100 dB", () => {
    const out = whole(48_000, 8000, sine(48_000, 5000, 24_000));
    const middle = out.slice(400, -400);
    expect(20 * Math.log10(Math.max(...middle.map(Math.abs)))).toBeLessThan(-100);
  });

  it("makes the same bits of pieces of any size as of the whole", () => {
    const next = random(3);
    for (const [from, to] of RATES) {
      const input = samples(3000 + Math.floor(next() * 3000), from + to);
      const resampler = new Resampler(from, to);
      const parts: number[] = [];
      for (let at = 0; at < input.length; ) {
        const count = Math.floor(next() ** 3 * 500);
        parts.push(...resampler.push(input.subarray(at, at + count)));
        at += count;
      }
      parts.push(...resampler.end());
      expect(Float32Array.from(parts)).toEqual(whole(from, to, input));
    }
  });

  it("keeps the length in time, from one sample on, and a constant what it is", () => {
    for (const [from, to] of RATES) {
      for (const count of [1, 2, 31, 1000]) {
        expect(whole(from, to, new Float32Array(count)).length).toBe(
          Math.ceil((count * to) / from),
        );
      }
      const out = whole(from, to, new Float32Array(2000).fill(0.5));
      for (const sample of out.slice(300, -300)) expect(sample).toBeCloseTo(0.5, 6);
    }
  });

  it("has nothing to say after its end", () => {
    const resampler = new Resampler(8000, 48_000);
    resampler.end();
    expect(resampler.push(new Float32Array(10)).length + resampler.end().length).toBe(0);
  });
});
