/**
 * How much sound to have in hand before it starts, or starts again.
 *
 * Small at first, for the sake of the first sound. After a dry spell, since a network that ran dry
 * once does so again, it is more than one chunk of common size, and twice as much after each
 * further one. A fixed one, if a person asked for it, stays as it is. Of one stream; a pure policy.
 */

export const FIRST_SECONDS = 0.04;
/**
 * After the first dry spell. Chunks are 40 to 100 ms: with no more than one in hand the next one
 * that is late would be heard again. Over 300 drawn networks this had a third fewer dry spells
 * than doubling from the start, for some 30 ms more of silence in all.
 */
export const DRY_SECONDS = 0.16;
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
    this.#seconds = Math.min(MOST_SECONDS, Math.max(DRY_SECONDS, this.#seconds * 2));
  }

  /** The last dry spell was the end, and says nothing about the network. */
  wasTheEnd(): void {
    this.#seconds = this.#before;
  }
}
