/**
 * How much sound to have in hand before it starts, or starts again.
 *
 * Small at first, for the sake of the first sound; doubled after each dry spell, since a network
 * that ran dry once does so again. Of one stream; a pure policy.
 */

export const FIRST_SECONDS = 0.04;
export const MOST_SECONDS = 1;

export class Prebuffer {
  #seconds = FIRST_SECONDS;
  #dry = 0;

  /** Seconds wanted in hand. */
  get seconds(): number {
    return this.#seconds;
  }

  /** Dry spells so far. */
  get dry(): number {
    return this.#dry;
  }

  /** Whether to start with `ahead` seconds in hand; `complete`: nothing more will come. */
  ready(ahead: number, complete: boolean): boolean {
    return complete || (ahead > 0 && ahead >= this.#seconds);
  }

  ranDry(): void {
    this.#dry++;
    this.#seconds = Math.min(MOST_SECONDS, this.#seconds * 2);
  }
}
