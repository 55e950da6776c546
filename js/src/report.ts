/**
 * What of the listenings to a take the kernel has been told, and what is next to tell: each row once,
 * again only if it has changed, and nothing of a listening lost because another has begun. Pure.
 */

import type { DrySpell, Listening, Span } from "./listening";
import type { Milestone, Milestones } from "./milestones";

/** Rows of each kind in one report. */
export const MOST_ROWS = 500;

/** The facts of one listening that are new since the last report; times on the page's clock. */
export interface Facts {
  /** Which listening of this page, from 1; 0: none has begun yet. */
  readonly listening: number;
  readonly asked: number | null;
  readonly by_person: boolean;
  readonly disturbed: number | null;
  /** Up to which byte live audio had come, without a gap, and when. */
  readonly arrivals: readonly Milestone[];
  /** Up to which sample it was handed to the output, and when. */
  readonly decoded: readonly Milestone[];
  /** First sample, samples, and when the first is audible; replaces one with the same first sample. */
  readonly spans: readonly (readonly [sample: number, count: number, audible: number])[];
  /** Second of the take, when the silence began, and when it ended; replaces one of the same two. */
  readonly dry: readonly (readonly [at: number, began: number, ended: number | null])[];
}

const NOTHING: Facts = {
  listening: 0,
  asked: null,
  by_person: false,
  disturbed: null,
  arrivals: [],
  decoded: [],
  spans: [],
  dry: [],
};

export class Reports {
  readonly #arrivals: Milestones;
  /** The current one last; those before it as long as there is something to tell of them. */
  readonly #followed: Untold[] = [];

  constructor(arrivals: Milestones) {
    this.#arrivals = arrivals;
  }

  /** A listening has begun. */
  follow(listening: Listening): void {
    this.#followed.push(new Untold(listening));
  }

  /** Something of a listening is untold. */
  get pending(): boolean {
    return this.#followed.some(({ any }) => any);
  }

  /** Something of a listening that was followed by another is untold. */
  get pendingBefore(): boolean {
    return this.#followed.slice(0, -1).some(({ any }) => any);
  }

  /** Audio came of which nothing was told; it is told as soon as a listening has begun. */
  get arrivals(): boolean {
    return this.#arrivals.length > 0;
  }

  /** The next report: of the oldest listening of which something is untold, else the current. */
  next(): Facts {
    while (this.#followed.length > 1 && this.#followed[0]?.any === false) this.#followed.shift();
    const facts = this.#followed[0]?.take();
    if (facts === undefined) return NOTHING;
    return { ...facts, arrivals: this.#arrivals.take(MOST_ROWS).map(rounded) };
  }
}

/** What of one listening is untold. */
class Untold {
  readonly #listening: Listening;
  #disturbed: number | null = null;
  /** All spans before this one were told for good, and of it so many samples. */
  #span = 0;
  #count = 0;
  /** The dry spells as they were told. */
  #dry: readonly DrySpell[] = [];

  constructor(listening: Listening) {
    this.#listening = listening;
  }

  get any(): boolean {
    const { decoded, disturbed, dry, spans } = this.#listening;
    return (
      decoded.length > 0 ||
      disturbed !== this.#disturbed ||
      dry !== this.#dry ||
      spans.slice(this.#span).some((span, i) => this.#isNew(span, this.#span + i))
    );
  }

  take(): Omit<Facts, "arrivals"> {
    const { number, asked, byPerson, disturbed, decoded } = this.#listening;
    this.#disturbed = disturbed;
    return {
      listening: number,
      asked: asked === null ? null : micro(asked),
      by_person: byPerson,
      disturbed: disturbed === null ? null : micro(disturbed),
      decoded: decoded.take(MOST_ROWS).map(rounded),
      spans: this.#spans().map(({ sample, count, audible }) => [sample, count, micro(audible)]),
      dry: this.#spells().map(({ at, from, to }) => [
        micro(at),
        micro(from),
        to === null ? null : micro(to),
      ]),
    };
  }

  #isNew({ count }: Span, index: number): boolean {
    return count > (index === this.#span ? this.#count : 0);
  }

  #spans(): Span[] {
    const { spans } = this.#listening;
    const first = this.#span;
    const news = spans.slice(first, first + MOST_ROWS);
    const told = news.filter((span, i) => this.#isNew(span, first + i));
    // The last of them may still grow.
    const last = first + news.length - 1;
    if (last >= first) {
      this.#span = last;
      this.#count = spans[last]?.count ?? 0;
    }
    return told;
  }

  #spells(): DrySpell[] {
    const { dry } = this.#listening;
    const before = this.#dry;
    const changed: DrySpell[] = [];
    let i = 0;
    for (; i < dry.length && changed.length < MOST_ROWS; i++) {
      const spell = dry[i];
      if (spell !== undefined && spell !== before[i]) changed.push(spell);
    }
    // One that turned out to be the end was none: it is told as no longer than nothing.
    const none = before.slice(dry.length).map((spell) => ({ ...spell, to: spell.from }));
    this.#dry = i === dry.length ? dry : dry.slice(0, i);
    return [...changed, ...none];
  }
}

function rounded([end, at]: Milestone): Milestone {
  return [end, at === null ? null : micro(at)];
}

/** To the microsecond: finer than any of these clocks, and shorter to write. */
function micro(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
