/** Where an axis has ticks, and what they say. Pure. */

import type { Scale } from "../spectro/mel";
import { clockText } from "./text";

/** Seconds from label to label, and into how many parts that is divided. */
const STEPS = [
  [0.1, 5],
  [0.2, 4],
  [0.5, 5],
  [1, 5],
  [2, 4],
  [5, 5],
  [10, 5],
  [15, 3],
  [30, 3],
  [60, 6],
  [120, 4],
  [300, 5],
  [600, 5],
  [900, 3],
  [1800, 3],
  [3600, 6],
  [7200, 4],
  [14400, 4],
] as const;

export interface Tick {
  readonly seconds: number;
  /** Empty for one between two labels. */
  readonly text: string;
}

/** The ticks of `span` seconds on `width` pixels: labels at least `room` apart, ticks `gap`. */
export function timeTicks(span: number, width: number, room: number, gap: number): Tick[] {
  if (!(span > 0 && width > 0)) return [];
  const perSecond = width / span;
  const [step, parts] = STEPS.find(([one]) => one * perSecond >= room) ?? [86_400, 4];
  const fine = (step / parts) * perSecond >= gap ? parts : 1;
  const count = Math.floor((span / step) * fine + 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => {
    const seconds = (i * step) / fine;
    return { seconds, text: i % fine === 0 ? timeText(seconds, step, span) : "" };
  });
}

function timeText(seconds: number, step: number, span: number): string {
  if (span >= 60) return clockText(seconds, step < 1);
  if (seconds === 0) return "0 s";
  return step < 1 ? seconds.toFixed(1) : String(Math.round(seconds));
}

/** In Hz: on a mel axis octaves, the ones to have first; on a linear one even steps. */
const OCTAVES = [0, 8000, 4000, 2000, 1000, 500, 250, 16_000];
const EVEN = [250, 500, 1000, 2000, 4000, 8000];

/** Frequencies in Hz to label up to `top`, of which `place` says the pixel; `room` apart. */
export function frequencyTicks(
  scale: Scale,
  top: number,
  place: (frequency: number) => number,
  room: number,
): number[] {
  const apart = (a: number, b: number) => Math.abs(place(a) - place(b)) >= room;
  if (scale === "linear") {
    const step = EVEN.find((one) => apart(0, one)) ?? top;
    return Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => i * step);
  }
  const taken: number[] = [];
  for (const frequency of OCTAVES) {
    if (frequency <= top && taken.every((other) => apart(other, frequency))) taken.push(frequency);
  }
  return taken.sort((a, b) => a - b);
}

/** As kHz: 0.5, 1, 8. */
export function kilohertz(frequency: number): string {
  return String(Math.round(frequency / 10) / 100);
}
