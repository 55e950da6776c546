/**
 * From one sample rate to another, for a browser that refuses the stream's: one for each stream, with
 * its state, so that what comes in pieces is what would have come in one, bit for bit.
 *
 * Band-limited interpolation (J. O. Smith, "Digital Audio Resampling"): each output sample is a sum
 * over the input around it, weighted by a sinc under a Kaiser window. Output sample n stands for the
 * time n / to, so nothing is delayed; what lies before the first sample and after the last is zero.
 */

/** Zero crossings of the sinc on either side. */
const CROSSINGS = 32;
/** Where the pass band ends, as a share of the lower of the two Nyquist rates. */
const ROLLOFF = 0.945;
/** The window's shape: about 120 dB of stop band (Kaiser's formula, 0.1102 (A - 8.7)). */
const BETA = 12.3;

export class Resampler {
  readonly #step: number;
  readonly #phases: number;
  /** Input samples on either side of an output sample that matter to it. */
  readonly #half: number;
  readonly #cutoff: number;
  readonly #tables = new Map<number, Float64Array>();
  /** Input from sample `#first` on. */
  #held: Float32Array;
  #first: number;
  /** Samples that have come. */
  #received = 0;
  /** Where the next output sample lies: at input sample `#at`, and `#phase` / `#phases` after it. */
  #at = 0;
  #phase = 0;
  #over = false;

  /** Rates in Hz, whole numbers. */
  constructor(from: number, to: number) {
    const common = divisor(from, to);
    this.#step = from / common;
    this.#phases = to / common;
    this.#cutoff = ROLLOFF * Math.min(1, to / from);
    this.#half = Math.ceil(CROSSINGS / this.#cutoff);
    this.#held = new Float32Array(this.#half);
    this.#first = -this.#half;
  }

  /** Take the next samples; what can be said of the output is returned. */
  push(samples: Float32Array): Float32Array<ArrayBuffer> {
    if (this.#over) return new Float32Array(0);
    const held = new Float32Array(this.#held.length + samples.length);
    held.set(this.#held);
    held.set(samples, this.#held.length);
    this.#held = held;
    this.#received += samples.length;
    return this.#run(this.#received - this.#half);
  }

  /** There is no more: the rest of the output. */
  end(): Float32Array<ArrayBuffer> {
    if (this.#over) return new Float32Array(0);
    const held = new Float32Array(this.#held.length + this.#half);
    held.set(this.#held);
    this.#held = held;
    this.#over = true;
    return this.#run(this.#received);
  }

  /** The output samples that lie before input sample `until`. */
  #run(until: number): Float32Array<ArrayBuffer> {
    const { length, at, phase } = this.#count(until);
    const out = new Float32Array(length);
    for (let n = 0; n < length; n++) {
      const table = this.#table(this.#phase);
      const from = this.#at - this.#half + 1 - this.#first;
      let sum = 0;
      for (let k = 0; k < table.length; k++) sum += (table[k] ?? 0) * (this.#held[from + k] ?? 0);
      out[n] = sum;
      this.#phase += this.#step;
      this.#at += Math.floor(this.#phase / this.#phases);
      this.#phase %= this.#phases;
    }
    this.#at = at;
    this.#phase = phase;
    const keep = Math.max(0, this.#at - this.#half - this.#first);
    this.#held = this.#held.slice(keep);
    this.#first += keep;
    return out;
  }

  #count(until: number): { length: number; at: number; phase: number } {
    const left = (until - this.#at) * this.#phases - this.#phase;
    const length = Math.max(0, Math.ceil(left / this.#step));
    const moved = this.#phase + length * this.#step;
    return {
      length,
      at: this.#at + Math.floor(moved / this.#phases),
      phase: moved % this.#phases,
    };
  }

  /** The weights of the input samples from `#half - 1` before to `#half` after. */
  #table(phase: number): Float64Array {
    let table = this.#tables.get(phase);
    if (table === undefined) {
      const offset = phase / this.#phases;
      table = new Float64Array(2 * this.#half);
      for (let k = 0; k < table.length; k++) {
        const distance = k - this.#half + 1 - offset;
        table[k] = this.#cutoff * sinc(this.#cutoff * distance) * kaiser(distance / this.#half);
      }
      // A constant stays what it is in every phase.
      const gain = table.reduce((sum, weight) => sum + weight, 0);
      for (let k = 0; k < table.length; k++) table[k] = (table[k] ?? 0) / gain;
      this.#tables.set(phase, table);
    }
    return table;
  }
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  return Math.abs(x) > 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA);
}

/** The modified Bessel function of the first kind and order zero. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
