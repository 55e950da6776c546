/**
 * The short-time Fourier transform of one take's samples as they arrive, each frame once.
 *
 * Gives what `cartesia_nb.analysis.stft.power` gives of the whole: `|X|² / (Σw / 2)²`, so that a
 * full-scale sine on a bin reads 1.0, which is 0 dB. A frame comes as soon as the last sample under
 * its window is here; at the default window that is 12.5 ms after its centre.
 *
 * Work is done for the samples that are handed in and no others: whoever has a long take at once
 * hands it in by parts, to stay within a page's frame.
 */

import { RealFft } from "./fft";
import { framesOf, type Grid } from "./grid";

/** A frame's power by bin, from 0 Hz up; the array is used again for the next frame. */
export type Sink = (power: Float32Array, frame: number) => void;

/** What has no power at all is said to be this quiet. */
export const QUIETEST_DB = -120;
const QUIETEST = 10 ** (QUIETEST_DB / 10);

export class Stft {
  readonly #fft: RealFft;
  readonly #window: Float32Array;
  readonly #scale: number;
  readonly #power: Float32Array;
  /** The last samples, each at its number modulo the length, which holds two windows at least. */
  readonly #recent: Float32Array;
  #received = 0;
  #frames = 0;
  #finished = false;

  /** With `bins`, only so many from 0 Hz up. */
  constructor(
    readonly grid: Grid,
    bins = grid.nfft / 2 + 1,
  ) {
    this.#fft = new RealFft(grid.nfft);
    this.#window = hann(grid.window);
    this.#scale = (2 / this.#window.reduce((sum, value) => sum + value, 0)) ** 2;
    this.#power = new Float32Array(bins);
    this.#recent = new Float32Array(2 * grid.nfft);
  }

  /** Samples handed in so far. */
  get received(): number {
    return this.#received;
  }

  /** Frames given so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Hand in the samples that follow the last ones; throws when there were to be none. */
  push(samples: Float32Array, sink: Sink): void {
    if (this.#finished) throw new Error("The samples were said to be complete; none can follow.");
    // Never so many at once that a frame's first sample is written over before it is seen.
    const step = this.#recent.length - this.grid.window;
    for (let at = 0; at < samples.length; at += step) {
      this.#keep(samples.subarray(at, at + step));
      const ahead = this.grid.window - Math.floor(this.grid.window / 2);
      while (this.#frames * this.grid.hop + ahead <= this.#received) this.#next(sink);
    }
  }

  /** Say that no samples follow: the frames that reach over the end are given. */
  finish(sink: Sink): void {
    this.#finished = true;
    const total = framesOf(this.grid, this.#received);
    while (this.#frames < total) this.#next(sink);
  }

  #keep(samples: Float32Array): void {
    const place = this.#received % this.#recent.length;
    const fits = this.#recent.length - place;
    this.#recent.set(samples.subarray(0, fits), place);
    if (samples.length > fits) this.#recent.set(samples.subarray(fits), 0);
    this.#received += samples.length;
  }

  #next(sink: Sink): void {
    const { window, hop } = this.grid;
    const input = this.#fft.input;
    const mask = this.#recent.length - 1;
    const left = this.#frames * hop - Math.floor(window / 2);
    const from = Math.min(Math.max(0, -left), window);
    const to = Math.max(from, Math.min(window, this.#received - left));
    input.fill(0);
    for (let n = from; n < to; n++) {
      input[n] = (this.#window[n] as number) * (this.#recent[(left + n) & mask] as number);
    }
    this.#fft.power(this.#power, this.#scale);
    sink(this.#power, this.#frames);
    this.#frames++;
  }
}

/** Power as dB relative to a full-scale sine; silence, and what is no number, as `QUIETEST_DB`. */
export function decibels(power: number): number {
  return power > QUIETEST ? 10 * Math.log10(power) : QUIETEST_DB;
}

/** The periodic Hann window, in float32 as Python's. */
function hann(window: number): Float32Array {
  return Float32Array.from(
    { length: window },
    (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / window),
  );
}
