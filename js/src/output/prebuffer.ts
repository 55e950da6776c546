/**
 * How much sound to have in hand before it starts, or starts again.
 *
 * Small at first, for the sake of the first sound; doubled after each dry spell, since a network
 * that ran dry once does so again. A fixed one, if a person asked for it, stays as it is. Of one
 * stream; a pure policy.
 */

export const FIRST_SECONDS = 0.04;
export const MOST_SECONDS = 1;
/** The largest that can be asked for: more than this would not fit in what is handed over ahead. */
export const MOST_FIXED = 5;

export class Prebuffer {
  readonly #wished: () => number | null;
  #seconds = FIRST_SECONDS;
  #before = FIRST_SECONDS;

  /** `wished`: the fixed one that is asked for now, in seconds; null for one that adapts. */
  constructor(wished: () => number | null = () => null) {
    this.#wished = wished;
  }

  /** Seconds wanted in hand. */
  get seconds(): number {
    return this.#wished() ?? this.#seconds;
  }

  get fixed(): boolean {
    return this.#wished() !== null;
  }

  /** Whether to start with `ahead` seconds in hand; `complete`: nothing more will come. */
  ready(ahead: number, complete: boolean): boolean {
    return complete || (ahead > 0 && ahead >= this.seconds);
  }

  ranDry(): void {
    this.#before = this.#seconds;
    this.#seconds = Math.min(MOST_SECONDS, this.#seconds * 2);
  }

  /** The last dry spell was the end, and says nothing about the network. */
  wasTheEnd(): void {
    this.#seconds = this.#before;
  }
}
