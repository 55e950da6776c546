/**
 * The power spectrum of real samples, for lengths that are a power of two.
 *
 * Two real samples make one complex number, so that a transform of half the length does. That one
 * is Stockham's, which needs no bit reversal, by steps of four and one of two where the length
 * asks for it. Source: C. Van Loan, "Computational Frameworks for the Fast Fourier Transform",
 * 1992, sections 1.7 and 4.3. Computed in float64.
 */

export class RealFft {
  /** Complex numbers, real part and imaginary part side by side. */
  #data: Float64Array;
  #spare: Float64Array;
  /** `cos` and `-sin` of `2πk / length`. */
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;

  constructor(readonly length: number) {
    if (!(length >= 2 && Number.isInteger(Math.log2(length)))) {
      throw new RangeError(`The length of a transform is ${length}; it must be a power of two.`);
    }
    this.#data = new Float64Array(length);
    this.#spare = new Float64Array(length);
    this.#cos = Float64Array.from({ length }, (_, k) => Math.cos((2 * Math.PI * k) / length));
    this.#sin = Float64Array.from({ length }, (_, k) => -Math.sin((2 * Math.PI * k) / length));
  }

  /** Where to write the samples before `power`, which leaves something else in it. */
  get input(): Float64Array {
    return this.#data;
  }

  /** `scale · |X[m]|²` of what is in `input`, for as many bins as `out` holds, from 0 Hz up. */
  power(out: Float32Array, scale: number): void {
    this.#transform();
    const half = this.length / 2;
    const data = this.#data;
    const bins = Math.min(out.length, half + 1);
    for (let k = 0; k < bins; k++) {
      const a = 2 * (k === half ? 0 : k);
      const b = 2 * (k === 0 ? 0 : half - k);
      const ar = data[a] as number;
      const ai = data[a + 1] as number;
      const br = data[b] as number;
      const bi = -(data[b + 1] as number);
      const c = this.#cos[k] as number;
      const s = this.#sin[k] as number;
      const dr = ar - br;
      const di = ai - bi;
      // -i · (c + is) · (dr + i·di)
      const real = ar + br + (c * di + s * dr);
      const imaginary = ai + bi - (c * dr - s * di);
      out[k] = (scale / 4) * (real * real + imaginary * imaginary);
    }
  }

  #transform(): void {
    let stride = 1;
    let n = this.length / 2;
    for (; n >= 4; n /= 4, stride *= 4) this.#byFour(n, stride);
    if (n === 2) this.#byTwo(stride);
  }

  #byFour(n: number, stride: number): void {
    const x = this.#data;
    const y = this.#spare;
    const quarter = n / 4;
    // Half the length of the real transform, hence twice the step in its table.
    const turn = 2 * stride;
    const apart = 2 * stride * quarter;
    for (let p = 0; p < quarter; p++) {
      const c1 = this.#cos[p * turn] as number;
      const s1 = this.#sin[p * turn] as number;
      const c2 = this.#cos[2 * p * turn] as number;
      const s2 = this.#sin[2 * p * turn] as number;
      const c3 = this.#cos[3 * p * turn] as number;
      const s3 = this.#sin[3 * p * turn] as number;
      let from = 2 * stride * p;
      let to = 8 * stride * p;
      for (let q = 0; q < stride; q++, from += 2, to += 2) {
        const ar = x[from] as number;
        const ai = x[from + 1] as number;
        const br = x[from + apart] as number;
        const bi = x[from + apart + 1] as number;
        const cr = x[from + 2 * apart] as number;
        const ci = x[from + 2 * apart + 1] as number;
        const dr = x[from + 3 * apart] as number;
        const di = x[from + 3 * apart + 1] as number;
        const sumR = ar + cr;
        const sumI = ai + ci;
        const lessR = ar - cr;
        const lessI = ai - ci;
        const otherR = br + dr;
        const otherI = bi + di;
        // i · (b - d)
        const turnedR = di - bi;
        const turnedI = br - dr;
        y[to] = sumR + otherR;
        y[to + 1] = sumI + otherI;
        const r1 = lessR - turnedR;
        const i1 = lessI - turnedI;
        y[to + 2 * stride] = c1 * r1 - s1 * i1;
        y[to + 2 * stride + 1] = c1 * i1 + s1 * r1;
        const r2 = sumR - otherR;
        const i2 = sumI - otherI;
        y[to + 4 * stride] = c2 * r2 - s2 * i2;
        y[to + 4 * stride + 1] = c2 * i2 + s2 * r2;
        const r3 = lessR + turnedR;
        const i3 = lessI + turnedI;
        y[to + 6 * stride] = c3 * r3 - s3 * i3;
        y[to + 6 * stride + 1] = c3 * i3 + s3 * r3;
      }
    }
    this.#swap();
  }

  #byTwo(stride: number): void {
    const x = this.#data;
    const y = this.#spare;
    const apart = 2 * stride;
    for (let i = 0; i < apart; i++) {
      const a = x[i] as number;
      const b = x[i + apart] as number;
      y[i] = a + b;
      y[i + apart] = a - b;
    }
    this.#swap();
  }

  #swap(): void {
    const data = this.#data;
    this.#data = this.#spare;
    this.#spare = data;
  }
}
