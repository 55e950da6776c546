/** One take's place in the page's memory: what of it may be let go, and what is wanted back. */

import type { Playback } from "./playback";
import { AHEAD_SECONDS, BEHIND_SECONDS, type Tenant } from "./take/budget";
import type { Range } from "./take/ranges";
import { BLOCK_BYTES } from "./take/store";
import type { Take } from "./take/take";

/** Seconds before the playhead reaches what was let go at which it is asked for again. */
const FETCH_SECONDS = 30;

export class Residence implements Tenant {
  readonly #take: Take;
  readonly #playback: Playback;
  readonly #queued: () => boolean;
  /** Whether what is compared may be had whole. */
  readonly #roomy: () => boolean;
  /** In how many comparisons it stands. */
  #compared = 0;
  /** A person has gone to a place in it that is wanted though it does not sound. */
  #sought = false;
  heardAt: number | null = null;

  constructor(
    take: Take,
    playback: Playback,
    queued: () => boolean,
    roomy: () => boolean = () => true,
  ) {
    this.#take = take;
    this.#playback = playback;
    this.#queued = queued;
    this.#roomy = roomy;
  }

  /** It is compared with others, until `signal` is aborted: all of it is to be at hand. */
  compare(signal: AbortSignal): void {
    this.#compared++;
    signal.addEventListener("abort", () => {
      this.#compared--;
    });
  }

  get kept(): number {
    return this.#compared > 0 ? Math.max(this.#take.promised.bytes, this.#take.store.end) : 0;
  }

  get held(): number {
    return this.#take.store.held;
  }

  get wanted(): boolean {
    return this.#playback.active || this.#queued();
  }

  get window(): Range {
    return [this.#at(-BEHIND_SECONDS), this.#at(AHEAD_SECONDS)];
  }

  letGo(from: number, to: number, count: number, backwards: boolean): number {
    const { store, ended } = this.#take;
    // What comes next of a live take joins what came last: its outline needs both.
    const last = ended ? store.end : store.end - 2 * BLOCK_BYTES;
    const freed = store.letGo(from, Math.min(to, last), count, backwards);
    if (freed > 0) this.#take.changed();
    return freed;
  }

  /** A person went to a place in it. */
  sought(): void {
    this.#sought = true;
  }

  /** What was let go and is to be heard soon; empty unless it is wanted now. */
  get missed(): Range[] {
    const { store } = this.#take;
    // All of it is here, and so is what was sought: let go of later, it is wanted no more.
    if (store.away === 0) this.#sought = false;
    if (store.away > 0 && this.kept > 0 && this.#roomy()) return store.gone(0, store.end);
    if (store.away === 0 || !(this.wanted || this.#sought)) return [];
    const gone = store.gone(this.#at(0), this.#at(AHEAD_SECONDS));
    if (gone.length === 0) this.#sought = false;
    const soon = gone[0] !== undefined && gone[0][0] < this.#at(FETCH_SECONDS);
    return soon ? gone : [];
  }

  /** The byte so many seconds from what is audible. */
  #at(seconds: number): number {
    const { rate, sampleBytes } = this.#take;
    return Math.max(0, (this.#playback.sample + Math.round(seconds * rate)) * sampleBytes);
  }
}
