/**
 * What to ask the kernel for again, and when. Pure: the time is passed in, in seconds.
 *
 * Jupyter loses messages without a word, so the page watches five things: a hole before bytes that
 * are here, a tail that the kernel has spoken of, words, phonemes, and rows about chunks. Each is asked for when it
 * has not moved for 400 ms, and again with growing pauses for as long as it does not move: as
 * long as it moves, it is on its way. The end itself may be lost, and after it the kernel says
 * nothing more: a live take, which is heard of every second, is asked after when it has gone quiet.
 */

import type { ByteRange } from "../messages";
import type { Range } from "./ranges";
import type { Take } from "./take";

export const FIRST_WAIT = 0.4;
export const LONGEST_WAIT = 8;
/** Seconds of quiet in a live take: with somebody waiting for its sound, and without. */
export const QUIET_AWAITED = 3;
export const QUIET = 25;
/** Ranges in one request; what is beyond is asked for next. */
export const MOST_RANGES = 32;
/** Bytes of a tail asked for at once: one that was only late comes twice. */
export const MOST_TAIL = 16_000_000;

export interface Wanted {
  readonly ranges: readonly ByteRange[];
  readonly words: number | null;
  readonly phonemes: number | null;
  readonly chunks: number | null;
}

/** What of a take is missing; `open`: not even known what it is. */
export interface Missing {
  readonly open: boolean;
  readonly holes: readonly (readonly [number, number])[];
  /** Let go to save memory, and wanted again. */
  readonly away?: readonly Range[];
  /** Bytes from here on have been spoken of. */
  readonly tail: readonly [number, number] | null;
  readonly words: number | null;
  readonly phonemes: number | null;
  readonly chunks: number | null;
  /** Of a live take: how much has been heard of it, and what to ask for when that stays the same. */
  readonly live?: {
    readonly messages: number;
    readonly wanted: Wanted;
    /** It is over, and its end has not come. */
    readonly endless?: boolean;
  } | null;
}

/** `away`: what was let go to save memory and is wanted again. */
export function missingOf(take: Take, away: readonly Range[] = []): Missing {
  const { store, promised } = take;
  return {
    open: take.format === null,
    holes: take.gaps,
    away,
    tail: promised.bytes > store.end ? [store.end, promised.bytes] : null,
    words: take.words.missing(promised.words),
    phonemes: take.phonemes.missing(promised.phonemes),
    chunks: take.chunks.missing(promised.chunks),
    // Also one that is said to be over, for as long as its end has not said how much there is.
    live:
      !take.settled && !take.cut
        ? {
            messages: take.messages,
            endless: take.endless,
            wanted: {
              ranges: [[store.end, null]],
              words: take.words.whole,
              phonemes: take.phonemes.whole,
              chunks: take.chunks.length,
            },
          }
        : null,
  };
}

export class Repair {
  readonly #open = new Watch();
  readonly #holes = new Watch();
  readonly #away = new Watch();
  readonly #tail = new Watch();
  readonly #words = new Watch();
  readonly #phonemes = new Watch();
  readonly #chunks = new Watch();
  readonly #quiet = new Watch();

  /** What to ask for at `now`, or null; `awaited`: somebody waits for its sound. */
  due(now: number, missing: Missing, awaited = false): Wanted | null {
    const live = missing.live ?? null;
    const patience = live?.endless === true ? FIRST_WAIT : awaited ? QUIET_AWAITED : QUIET;
    const quiet = this.#quiet.due(now, live?.messages ?? null, patience);
    if (this.#open.due(now, missing.open ? 0 : null)) {
      return { ranges: [[0, null]], words: 0, phonemes: 0, chunks: 0 };
    }
    if (missing.open) return null;
    const ranges: ByteRange[] = [];
    if (this.#holes.due(now, missing.holes[0]?.[0] ?? null)) {
      ranges.push(...missing.holes.slice(0, MOST_RANGES));
    }
    const away = missing.away ?? [];
    if (this.#away.due(now, away[0]?.[0] ?? null)) ranges.push(...away.slice(0, MOST_RANGES));
    if (this.#tail.due(now, missing.tail?.[0] ?? null) && missing.tail !== null) {
      const [from, to] = missing.tail;
      ranges.push([from, Math.min(to, from + MOST_TAIL)]);
    }
    const words = this.#words.due(now, missing.words) ? missing.words : null;
    const phonemes = this.#phonemes.due(now, missing.phonemes) ? missing.phonemes : null;
    const chunks = this.#chunks.due(now, missing.chunks) ? missing.chunks : null;
    if (ranges.length === 0 && words === null && phonemes === null && chunks === null) {
      return quiet && live !== null ? live.wanted : null;
    }
    return { ranges, words, phonemes, chunks };
  }

  /** Do not wait for what was let go: somebody wants to hear it. */
  hurryBack(): void {
    this.#away.hurry();
  }

  /**
   * Do not wait at the next look: somebody has just asked to see this take. Of a `live` one what is
   * missing is most likely on its way, so only a take that is not known at all is asked for.
   */
  hurry(live: boolean): void {
    this.#open.hurry();
    if (live) return;
    for (const watch of [this.#holes, this.#tail, this.#words, this.#phonemes, this.#chunks])
      watch.hurry();
  }
}

/** One thing that is missing, known by where it begins. */
class Watch {
  #from: number | null = null;
  #since = 0;
  /** Null until it has been asked for. */
  #wait: number | null = null;
  #hurry = false;

  due(now: number, from: number | null, first = FIRST_WAIT): boolean {
    if (from !== this.#from) {
      this.#from = from;
      this.#since = now;
      this.#wait = null;
    }
    const wait = this.#wait ?? first;
    const hurried = this.#hurry;
    this.#hurry = false;
    if (from === null) return false;
    if (!hurried && now - this.#since < wait) return false;
    this.#since = now;
    this.#wait = Math.min(LONGEST_WAIT, wait * 2);
    return true;
  }

  hurry(): void {
    this.#hurry = true;
  }
}
