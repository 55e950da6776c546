/** Words or phonemes with their times, by index; they may come repeated and in any order. */

import type { Mark } from "../messages";

export class MarkList {
  readonly #marks = new Map<number, Mark>();
  /** How many of them, counted from the first, are here without a gap. */
  whole = 0;
  /** Grows with each change, so that a view sees at a glance that it has nothing to do. */
  version = 0;

  put(index: number, marks: readonly Mark[]): void {
    marks.forEach((mark, i) => {
      this.#marks.set(index + i, mark);
    });
    while (this.#marks.has(this.whole)) this.whole++;
    this.version++;
  }

  get(index: number): Mark | undefined {
    return this.#marks.get(index);
  }

  /** The mark that sounds at `time`: the last of `[0, whole)` that starts by then, or -1. */
  at(time: number): number {
    let low = 0;
    let high = this.whole;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#marks.get(middle)?.start ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The first index that is missing of `expected`, or null when all are here. */
  missing(expected: number): number | null {
    return this.whole < expected ? this.whole : null;
  }
}
