/**
 * Where the frames of a short-time Fourier transform lie, as in `cartesia_nb.analysis.stft`.
 *
 * Frame `k` is centred on sample `k * hop`; what it would read before the first sample or after the
 * last is zero. Lengths are in samples.
 */

export interface Grid {
  /** In Hz. */
  readonly rate: number;
  /** Samples under the Hann window. */
  readonly window: number;
  /** Samples from one frame's centre to the next one's. */
  readonly hop: number;
  /** Length of the transform, a power of two. */
  readonly nfft: number;
}

export const DEFAULT_WINDOW_S = 0.025;
export const DEFAULT_HOP_S = 0.01;

/** A grid from lengths in seconds; throws a RangeError for those that do not fit together. */
export function gridOf(rate: number, window = DEFAULT_WINDOW_S, hop = DEFAULT_HOP_S): Grid {
  const grid = { rate, window: nearest(window * rate), hop: nearest(hop * rate) };
  if (!(grid.window >= 2 && grid.window <= 1 << 20)) {
    throw new RangeError(
      `A window of ${window} s at ${rate} Hz is ${grid.window} samples; give 2 to ${1 << 20}.`,
    );
  }
  if (!(grid.hop >= 1 && grid.hop <= grid.window)) {
    throw new RangeError(
      `A hop of ${hop} s at ${rate} Hz is ${grid.hop} samples; give 1 to the window's ${grid.window}.`,
    );
  }
  return { ...grid, nfft: 1 << (32 - Math.clz32(grid.window - 1)) };
}

/** How many frames `count` samples have: those whose centre lies on a sample. */
export function framesOf(grid: Grid, count: number): number {
  return Math.ceil(count / grid.hop);
}

/** How many bins, from 0 Hz up, reach `frequency`: it lies on the last one or below it. */
export function binsTo(grid: Grid, frequency: number): number {
  // Exact for a frequency on a bin, as the length is a power of two.
  const last = Math.ceil((frequency * grid.nfft) / grid.rate);
  return Math.min(Math.max(last + 1, 2), grid.nfft / 2 + 1);
}

/** To the nearest whole number, halves to the even one, as Python rounds: 25 ms at 44.1 kHz. */
function nearest(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
