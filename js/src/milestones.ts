/**
 * How far something had got, and when: rows of an end and a moment of the page's clock, each saying
 * when all from the end before it up to its own was there. Rows that were taken are kept no longer.
 */

/** `null`: all up to here is there, but when it came says nothing. */
export type Milestone = readonly [end: number, at: number | null];

export class Milestones {
  #rows: Milestone[] = [];
  #end = 0;
  /** Up to `#end` something came of which there is no row yet. */
  #untold = false;

  /** How many rows there are to take. */
  get length(): number {
    return this.#rows.length;
  }

  /**
   * All of `[from, end)` is there, since `at`; null: the moment says nothing. What comes again, or
   * lies before what has come, is passed over: the first time counts.
   */
  reached(from: number, end: number, at: number | null): void {
    if (end <= Math.max(from, this.#end)) return;
    if (from > this.#end) {
      this.#end = from;
      this.#untold = true;
    }
    if (at !== null) {
      // Only here is it of use: nothing hangs on where what is unknown ends, if nothing follows.
      if (this.#untold) this.#rows.push([this.#end, null]);
      this.#rows.push([end, at]);
    }
    this.#untold = at === null;
    this.#end = end;
  }

  /** Take the next rows away, at most so many. */
  take(most: number): Milestone[] {
    return this.#rows.splice(0, most);
  }
}
