/**
 * When each second of a take sounded, or would have: pieces in real time, with silences between. Pure.
 *
 * Times are seconds on the axis of the take's chunks, since the request.
 */

import type { ChunkFact } from "../take/chunks";

/** Later than this is a dry spell; less lies within the jitter of a thread's wake-up. */
export const LATE = 0.001;
/** Seconds in the take that are nearer than this are the same place: rows are rounded. */
const SAME = 1e-4;

/** Sound had got to `at`, a second of the take, and was silent from one moment to another. */
export interface Silence {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

export class Dues {
  /** `first`: when the first sample sounded; `silences` in order, of the take as of time. */
  constructor(
    readonly first: number,
    readonly silences: readonly Silence[] = [],
  ) {}

  /** When the sample at this second of the take begins to sound, after a silence before it. */
  when(seconds: number): number {
    const silence = last(this.silences, ({ at }) => at <= seconds + SAME);
    return silence === undefined ? this.first + seconds : silence.to + seconds - silence.at;
  }

  /** When all before this second of the take has sounded, before a silence that follows. */
  until(seconds: number): number {
    const silence = last(this.silences, ({ at }) => at < seconds - SAME);
    return silence === undefined ? this.first + seconds : silence.to + seconds - silence.at;
  }

  /** Seconds that passed before the silences without being in the sound: the output's own. */
  get lost(): number {
    let lost = 0;
    let at = 0;
    let since = this.first;
    for (const silence of this.silences) {
      lost += Math.max(0, silence.from - since - (silence.at - at));
      at = silence.at;
      since = silence.to;
    }
    return lost;
  }

  /** Seconds of the take that have sounded by `moment`. */
  played(moment: number): number {
    const silence = last(this.silences, ({ from }) => from <= moment);
    if (silence === undefined) return Math.max(0, moment - this.first);
    return silence.at + Math.max(0, moment - silence.to);
  }
}

/** The last that fits, where all before it do as well. */
function last<T>(list: readonly T[], fits: (one: T) => boolean): T | undefined {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const one = list[middle];
    if (one !== undefined && fits(one)) low = middle + 1;
    else high = middle;
  }
  return list[low - 1];
}

export interface Row extends Pick<ChunkFact, "start" | "duration" | "received" | "arrived"> {}

/** When it could be played at the earliest: where that is not known, when the kernel had it. */
export function here(row: Row): number {
  return row.arrived ?? row.received;
}

/**
 * The playing of chunks on paper: from the moment the first is here, without any prebuffer, waiting
 * whenever one is late. Fed one by one, so that a long take costs no more than what is new of it.
 */
export class Paper {
  #first: number | null = null;
  #end = 0;
  #silences: Silence[] = [];
  /** How many chunks it was fed. */
  count = 0;
  /** The least of what would have been in hand when a chunk came; the first is left out. */
  least: number | null = null;

  add(row: Row): void {
    const at = here(row);
    this.#first ??= at;
    const due = this.count === 0 ? at : this.#end;
    if (this.count > 0) this.least = Math.min(this.least ?? due - at, due - at);
    if (at - due > LATE) this.#silences.push({ at: row.start, from: due, to: at });
    this.#end = Math.max(due, at) + row.duration;
    this.count++;
  }

  /** Null while there is no chunk. */
  get dues(): Dues | null {
    return this.#first === null ? null : new Dues(this.#first, this.#silences);
  }
}

/** The least of what was in hand when a chunk came; the first is left out, as sound begins with it. */
export class Least {
  #next = 1;
  #value: number | null = null;
  #key: readonly unknown[] = [];

  /** Take in what is new of `count` rows; all anew when `key` differs. */
  follow(
    dues: Dues,
    count: number,
    get: (i: number) => Row | undefined,
    ...key: unknown[]
  ): number | null {
    if (key.length !== this.#key.length || key.some((one, i) => one !== this.#key[i])) {
      this.#key = key;
      this.#next = 1;
      this.#value = null;
    }
    for (; this.#next < count; this.#next++) {
      const row = get(this.#next);
      if (row === undefined) break;
      const ahead = dues.until(row.start) - here(row);
      if (this.#value === null || ahead < this.#value) this.#value = ahead;
    }
    return this.#value;
  }
}
