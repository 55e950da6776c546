/** A set of bytes as few ranges: sorted, apart from each other, none empty. Found by halving. */

export type Range = readonly [from: number, to: number];

export class Ranges {
  #list: Range[] = [];
  #size = 0;

  get list(): readonly Range[] {
    return this.#list;
  }

  /** How many bytes are in it. */
  get size(): number {
    return this.#size;
  }

  /** One past the last byte in it. */
  get end(): number {
    return this.#list.at(-1)?.[1] ?? 0;
  }

  add(from: number, to: number): void {
    if (from >= to) return;
    // Those that touch or overlap become one.
    const first = this.#firstEnding(from);
    let last = first;
    let a = from;
    let b = to;
    for (let range = this.#list[last]; range !== undefined && range[0] <= to; ) {
      a = Math.min(a, range[0]);
      b = Math.max(b, range[1]);
      range = this.#list[++last];
    }
    this.#put(first, last, [[a, b]]);
  }

  remove(from: number, to: number): void {
    if (from >= to) return;
    const first = this.#firstEnding(from + 1);
    let last = first;
    const kept: Range[] = [];
    for (let range = this.#list[last]; range !== undefined && range[0] < to; ) {
      if (range[0] < from) kept.push([range[0], from]);
      if (range[1] > to) kept.push([to, range[1]]);
      range = this.#list[++last];
    }
    this.#put(first, last, kept);
  }

  /** How far the bytes go on without a gap from `from`; `from` itself if that one is not in it. */
  contiguous(from: number): number {
    const range = this.#list[this.#firstEnding(from + 1)];
    return range === undefined || range[0] > from ? from : range[1];
  }

  /** The ranges of `[from, to)` that are not in it. */
  missing(from: number, to: number): Range[] {
    const gaps: Range[] = [];
    let at = from;
    for (let i = this.#firstEnding(from + 1); at < to; i++) {
      const range = this.#list[i];
      const next = Math.min(range?.[0] ?? to, to);
      if (next > at) gaps.push([at, next]);
      at = range?.[1] ?? to;
    }
    return gaps;
  }

  /** The ranges of `[from, to)` that are in it. */
  within(from: number, to: number): Range[] {
    const found: Range[] = [];
    for (let i = this.#firstEnding(from + 1); ; i++) {
      const range = this.#list[i];
      if (range === undefined || range[0] >= to) return found;
      found.push([Math.max(from, range[0]), Math.min(to, range[1])]);
    }
  }

  /** The index of the first range that ends at `at` or later. */
  #firstEnding(at: number): number {
    let low = 0;
    let high = this.#list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#list[middle]?.[1] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #put(first: number, last: number, ranges: readonly Range[]): void {
    const old = this.#list.splice(first, last - first, ...ranges);
    this.#size += length(ranges) - length(old);
  }
}

function length(ranges: readonly Range[]): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from, 0);
}
