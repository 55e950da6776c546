/**
 * A frame's bins brought onto the rows of a picture, evenly spaced in mel or in Hz.
 *
 * The same as `cartesia_nb.analysis.mel.mel_rows`: where a row covers bins it is their maximum, and
 * where bins are wider than rows it lies on the line between two of them. So a tone reads the same
 * level on either scale. A change of axis for the eye, no filter bank that adds bins up.
 */

import { binsTo, type Grid } from "./grid";

export type Scale = "mel" | "linear";

/** `2595 log10(1 + f / 700)`: D. O'Shaughnessy, "Speech Communication", 1987; as in HTK. */
export function hzToMel(frequency: number): number {
  return 2595 * Math.log10(1 + frequency / 700);
}

/** The inverse of `hzToMel`. */
export function melToHz(mel: number): number {
  return 700 * (10 ** (mel / 2595) - 1);
}

const SAME = (value: number): number => value;
const ONTO = { mel: hzToMel, linear: SAME } as const;
const BACK = { mel: melToHz, linear: SAME } as const;

export class Rows {
  /** How many bins are looked at, from 0 Hz up. */
  readonly bins: number;
  /** The highest row's frequency: what was asked for, but no more than half the rate. */
  readonly top: number;
  /** By row: the bins of which it is the maximum, or the two it lies between. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #below: Int32Array;
  readonly #share: Float32Array;

  /** `count` rows, at least 2, the first centred on 0 Hz and the last on `frequency`. */
  constructor(
    grid: Grid,
    readonly scale: Scale,
    readonly count: number,
    frequency: number,
  ) {
    if (!(count >= 2 && frequency > 0)) {
      throw new RangeError(
        `${count} rows up to ${frequency} Hz: give 2 rows or more and a frequency above 0.`,
      );
    }
    this.top = Math.min(frequency, grid.rate / 2);
    this.bins = binsTo(grid, this.top);
    this.#first = new Int32Array(count);
    this.#last = new Int32Array(count);
    this.#below = new Int32Array(count);
    this.#share = new Float32Array(count);
    const step = grid.rate / grid.nfft;
    for (let row = 0; row < count; row++) {
      this.#first[row] = Math.max(0, Math.ceil(this.#hertz(row - 0.5) / step));
      this.#last[row] = Math.min(this.bins - 1, Math.floor(this.#hertz(row + 0.5) / step));
      const place = this.#hertz(row) / step;
      const below = Math.min(Math.floor(place), this.bins - 2);
      this.#below[row] = below;
      this.#share[row] = place - below;
    }
  }

  /** Hz at the centre of a row. */
  frequency(row: number): number {
    return Math.min(Math.max(this.#hertz(row), 0), this.top);
  }

  /** The row, with its fraction, on which a frequency lies: for ticks and the pointer. */
  at(frequency: number): number {
    const onto = ONTO[this.scale];
    return (onto(frequency) / onto(this.top)) * (this.count - 1);
  }

  /** The rows of a frame, lowest first, into `out`. */
  bring(power: Float32Array, out: Float32Array): void {
    for (let row = 0; row < this.count; row++) {
      const first = this.#first[row] as number;
      const last = this.#last[row] as number;
      if (first > last) {
        const below = this.#below[row] as number;
        const share = this.#share[row] as number;
        out[row] = (power[below] as number) * (1 - share) + (power[below + 1] as number) * share;
        continue;
      }
      let most = power[first] as number;
      for (let bin = first + 1; bin <= last; bin++) {
        const value = power[bin] as number;
        if (value > most) most = value;
      }
      out[row] = most;
    }
  }

  #hertz(row: number): number {
    return BACK[this.scale]((row / (this.count - 1)) * ONTO[this.scale](this.top));
  }
}
