/** Sends a take back to the beginning of its loop; one for a take, whoever looks at it. */

import type { Rendition } from "../rendition";
import { Loop } from "./loop";

/** Seconds by which a timer may be early. */
const EARLY = 0.005;

const loopers = new WeakMap<Rendition, Looper>();

/** The looper of a rendition; made when first asked for. */
export function looperOf(rendition: Rendition): Looper {
  let looper = loopers.get(rendition);
  if (looper === undefined) {
    looper = new Looper(rendition);
    loopers.set(rendition, looper);
  }
  return looper;
}

/** As much of a rendition as is needed. */
export type Looped = Pick<Rendition, "take" | "playback" | "seek" | "play">;

export class Looper {
  readonly loop = new Loop();
  readonly #rendition: Looped;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When it is to go back, in milliseconds of the page's clock. */
  #due = Number.POSITIVE_INFINITY;

  constructor(rendition: Looped) {
    this.#rendition = rendition;
    rendition.take.onChange(() => this.#arm());
  }

  /** Seconds that a loop can reach to. */
  get length(): number {
    const { total, rate, seconds } = this.#rendition.take;
    return total === null || rate === 0 ? seconds : total / rate;
  }

  /** Do something with the loop, and let all who look at the take see it. */
  change(how: (loop: Loop, position: number, length: number) => void): void {
    how(this.loop, this.#rendition.playback.position, this.length);
    this.#due = Number.POSITIVE_INFINITY;
    this.#rendition.take.changed();
  }

  /** Play, from the loop's beginning if it stands outside. */
  play(): void {
    const { playback } = this.#rendition;
    const position = playback.phase === "ended" ? this.length : playback.position;
    const start = this.loop.start(position, this.length);
    if (start !== null) this.#rendition.seek(start);
    this.#rendition.play();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const overdue = performance.now() >= this.#due;
    this.#due = Number.POSITIVE_INFINITY;
    const { playback } = this.#rendition;
    const { region } = this.loop;
    if (playback.phase !== "playing" || region === null) return;
    const left = this.loop.left(playback.position, this.length);
    if (overdue && (left === null || left <= EARLY)) {
      this.#rendition.seek(region.from);
      return;
    }
    if (left === null) return;
    this.#due = performance.now() + 1000 * (left - EARLY);
    // A timer, not a frame: it goes on where nobody looks.
    this.#timer = setTimeout(() => this.#arm(), 1000 * left);
  }
}
