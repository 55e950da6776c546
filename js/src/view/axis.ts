/** The one time axis of a player: which second lies where, and how it makes room. Pure. */

import type { Take } from "../take/take";

/** Characters a second, to leave about the right room for what is still being spoken. */
const READING = 15;
const LEAST_SECONDS = 1.5;
/** Of the way to where it is going, in one frame. */
const PACE = 0.18;
/** Nearer than this share of it counts as there. */
const NEAR = 0.004;

type Growing = Pick<Take, "live" | "text" | "total" | "rate" | "seconds">;

export class Axis {
  /** CSS pixels from the left edge to the right one. */
  width = 0;
  #span = LEAST_SECONDS;
  #begun = false;

  /** Seconds from the left edge to the right one. */
  get span(): number {
    return this.#span;
  }

  /** CSS pixels from the left edge. */
  x(seconds: number): number {
    return (seconds / this.#span) * this.width;
  }

  seconds(x: number): number {
    return this.width === 0 ? 0 : (x / this.width) * this.#span;
  }

  /** Go one frame's way to the scale that `take` needs, or all of it; true while under way. */
  follow(take: Growing, atOnce: boolean): boolean {
    const wanted = spanFor(take);
    const near = Math.abs(this.#span - wanted) < wanted * NEAR;
    if (!this.#begun || near || atOnce) {
      this.#begun = true;
      this.#span = wanted;
      return false;
    }
    this.#span += (wanted - this.#span) * PACE;
    return true;
  }
}

/** While the length is unknown, room for about what the text will need. */
export function spanFor(take: Growing): number {
  const guess = take.live ? Math.max(LEAST_SECONDS, take.text.length / READING) : 0;
  const total = take.total === null || take.rate === 0 ? 0 : take.total / take.rate;
  return Math.max(total, take.seconds, guess) || LEAST_SECONDS;
}
