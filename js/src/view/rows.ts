/** How many chunks one row of the waterfall stands for, and how far its axes go. Pure. */

const NICE = [1, 2, 5] as const;
const SPANS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10] as const;

/** Chunks to a row, so that `count` of them have room in `most` rows; 1, 2, 5, 10, 20 and so on. */
export function pool(count: number, most: number): number {
  for (let power = 1; ; power *= 10) {
    for (const one of NICE) {
      // Asked this way round it ends even where the room is no number.
      if (!(Math.ceil(count / (one * power)) > Math.max(1, most))) return one * power;
    }
  }
}

/** At least `wanted`, in steps: an axis that grew with each chunk would never stand still. */
export function niceSpan(wanted: number): number {
  if (!(wanted > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = SPANS.find((one) => one * power >= wanted) ?? 10;
  return step * power;
}

export interface Tick {
  readonly at: number;
  readonly text: string;
}

/** Ticks of an axis in seconds, at least `room` pixels apart. */
export function ticks(span: number, width: number, room: number): Tick[] {
  if (!(span > 0 && width > room)) return [];
  const least = (span * room) / width;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = ([1, 2, 5, 10].find((one) => one * power >= least) ?? 10) * power;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const count = Math.floor(span / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => ({
    at: i * step,
    text: (i * step).toFixed(digits),
  }));
}

/** Silences that lie at least `near` seconds apart; nearer ones are one. `length`: of silence alone. */
export function merged(
  silences: readonly { readonly from: number; readonly to: number }[],
  near: number,
): { readonly from: number; readonly to: number; readonly length: number }[] {
  const bands: { from: number; to: number; length: number }[] = [];
  for (const { from, to } of silences) {
    const before = bands.at(-1);
    if (before !== undefined && from - before.to < near) {
      before.to = to;
      before.length += to - from;
    } else bands.push({ from, to, length: to - from });
  }
  return bands;
}
