/**
 * Where speech begins in a take: `cartesia_nb/analysis/onset.py` in the page, on what comes piece by
 * piece. Right to within one block of 2.5 ms.
 */

/** Seconds in a block; nothing under this level in dBFS is speech; how far under the speech's own. */
const BLOCK_S = 0.0025;
const FLOOR_DB = -60;
const BELOW_SPEECH_DB = 30;
const GATE_DB = 10;
const SUSTAIN_BLOCKS = 8;
const SUSTAIN_SHARE = 0.5;
/** Seconds of a take that are looked through; half an hour is three megabytes of levels. */
export const LOOKED_THROUGH = 1800;
/** Seconds looked through at once: a few milliseconds' work. */
const PIECE = 10;

/** As much of a take as is looked at. */
export interface Sounding {
  readonly rate: number;
  readonly total: number | null;
  reach(from: number): number;
  samples(from: number, to: number): Float32Array;
}

export class Onset {
  readonly #take: Sounding;
  #powers = new Float32Array(1024);
  #count = 0;
  #found: number | null | undefined;

  constructor(take: Sounding) {
    this.#take = take;
  }

  /** Seconds of leading silence; null if there is no speech; undefined while that is not known. */
  get seconds(): number | null | undefined {
    return this.#found;
  }

  /** Look through some more of what is here; true if there is more to look through. */
  follow(): boolean {
    const { rate, total } = this.#take;
    if (rate === 0 || this.#found !== undefined) return false;
    const block = Math.max(1, Math.round(rate * BLOCK_S));
    const from = this.#count * block;
    if (from > LOOKED_THROUGH * rate) return false;
    const reach = Math.min(this.#take.reach(from), from + block * Math.ceil(PIECE / BLOCK_S));
    const whole = total !== null && reach >= total;
    const to = whole ? reach : from + Math.floor((reach - from) / block) * block;
    if (to > from) {
      const samples = this.#take.samples(from, to);
      for (let at = 0; at < samples.length; at += block) {
        this.#add(power(samples, at, Math.min(samples.length, at + block)));
      }
    }
    if (whole) {
      const index = begin(this.#powers.subarray(0, this.#count));
      this.#found = index === null ? null : (index * block) / rate;
    }
    return !whole && to > from;
  }

  #add(power: number): void {
    if (this.#count === this.#powers.length) {
      const more = new Float32Array(2 * this.#count);
      more.set(this.#powers);
      this.#powers = more;
    }
    this.#powers[this.#count++] = power;
  }
}

function power(samples: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += (samples[i] ?? 0) ** 2;
  const mean = sum / (to - from);
  // What is no number is no sound.
  return Number.isNaN(mean) ? 0 : Math.min(mean, 3.4e38);
}

/** The first block of the first sound that is no mere click; null if there is none. */
function begin(powers: Float32Array): number | null {
  const floor = 10 ** (FLOOR_DB / 10);
  const mean = meanFrom(powers, floor);
  if (mean === null) return null;
  const speech = meanFrom(powers, Math.max(floor, mean * 10 ** (-GATE_DB / 10))) ?? mean;
  const threshold = Math.max(floor, speech * 10 ** (-BELOW_SPEECH_DB / 10));
  for (let i = 0; i < powers.length; i++) {
    if ((powers[i] ?? 0) < threshold) continue;
    const stop = Math.min(i + SUSTAIN_BLOCKS, powers.length);
    let loud = 0;
    for (let j = i; j < stop; j++) if ((powers[j] ?? 0) >= threshold) loud++;
    if (loud >= SUSTAIN_SHARE * (stop - i)) return i;
  }
  return null;
}

/** The mean of those that are at least `least`; null if none is. */
function meanFrom(powers: Float32Array, least: number): number | null {
  let sum = 0;
  let count = 0;
  for (const one of powers) {
    if (one < least) continue;
    sum += one;
    count++;
  }
  return count === 0 ? null : sum / count;
}
