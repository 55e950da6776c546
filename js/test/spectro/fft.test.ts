import { describe, expect, it } from "vitest";
import { RealFft } from "../../src/spectro/fft";
import { samples } from "../random";
import { apart } from "./fixtures";

/** The sum as it is written in books. */
function slow(input: Float32Array, bin: number): number {
  let real = 0;
  let imaginary = 0;
  input.forEach((value, n) => {
    const angle = (2 * Math.PI * ((bin * n) % input.length)) / input.length;
    real += value * Math.cos(angle);
    imaginary -= value * Math.sin(angle);
  });
  return real ** 2 + imaginary ** 2;
}

describe("a transform", () => {
  it.each([2, 4, 8, 16, 32, 64, 128, 256, 512, 1024])("of %i equals the sum", (length) => {
    const input = samples(length, length);
    const fft = new RealFft(length);
    const power = new Float32Array(length / 2 + 1);
    // Twice: what the first one leaves behind must not show.
    for (const turn of [1, 2]) {
      fft.input.set(input);
      fft.power(power, 1);
      const wanted = Array.from(power, (_, bin) => slow(input, bin));
      expect(apart(power, wanted), `turn ${turn}`).toBeLessThan(1e-6);
    }
  });

  it("gives as many bins as there is room for, scaled", () => {
    const fft = new RealFft(64);
    fft.input.fill(0).fill(1, 0, 1);
    const power = new Float32Array(5);
    fft.power(power, 3);
    expect(apart(power, [3, 3, 3, 3, 3])).toBeLessThan(1e-6);
  });

  it.each([0, 1, 3, 100, 2.5, Number.NaN])("of a length of %d is refused", (length) => {
    expect(() => new RealFft(length)).toThrow(RangeError);
  });
});
