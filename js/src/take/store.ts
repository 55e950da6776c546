/**
 * The bytes of one take, by offset.
 *
 * Messages may overlap, repeat, come in any order and be split anywhere, also inside a sample. A
 * byte that is here never changes: what was heard, what is drawn and what is saved are the same.
 * Bytes lie in blocks, so that a take grows without copying and an hour's take can be let go in
 * parts. What is here is kept as a short sorted list of ranges.
 */

/** A whole number of samples in every encoding: no sample lies across two blocks. */
export const BLOCK_BYTES = 1 << 16;

export type Range = readonly [from: number, to: number];

export class Store {
  readonly #blocks = new Map<number, Uint8Array<ArrayBuffer>>();
  /** Sorted, apart from each other, none empty. */
  #ranges: Range[] = [];

  /** How many bytes are here. */
  get size(): number {
    return this.#ranges.reduce((sum, [from, to]) => sum + to - from, 0);
  }

  /** One past the last byte that is here. */
  get end(): number {
    return this.#ranges.at(-1)?.[1] ?? 0;
  }

  /** The ranges that are here: sorted, apart from each other, none empty. */
  get ranges(): readonly Range[] {
    return this.#ranges;
  }

  /** Keep those of the bytes that are not here yet; true when there were some. */
  write(offset: number, bytes: Uint8Array): boolean {
    const wanted = this.missing(offset, offset + bytes.length);
    for (const [from, to] of wanted) {
      this.#copy(from, bytes.subarray(from - offset, to - offset));
      this.#add(from, to);
    }
    return wanted.length > 0;
  }

  /** Whether some of the bytes are here already, and are others. */
  contradicts(offset: number, bytes: Uint8Array): boolean {
    for (const [a, b] of this.#ranges) {
      const from = Math.max(a, offset);
      const to = Math.min(b, offset + bytes.length);
      if (from >= to) continue;
      const here = this.read(from, to);
      if (here.some((byte, i) => byte !== bytes[from - offset + i])) return true;
    }
    return false;
  }

  /** Let go of everything from `end` on. */
  cut(end: number): void {
    this.#ranges = this.#ranges
      .filter(([from]) => from < end)
      .map(([from, to]) => [from, Math.min(to, end)]);
    for (const index of [...this.#blocks.keys()]) {
      if (index * BLOCK_BYTES >= end) this.#blocks.delete(index);
    }
  }

  /** How far the bytes go on without a gap from `from`; `from` itself if that one is not here. */
  contiguous(from: number): number {
    const range = this.#ranges.find(([a, b]) => a <= from && from < b);
    return range === undefined ? from : range[1];
  }

  /** What is not here of `[from, to)`. */
  missing(from: number, to: number): Range[] {
    const gaps: Range[] = [];
    let at = from;
    for (const [a, b] of this.#ranges) {
      if (a >= to) break;
      if (a > at) gaps.push([at, a]);
      at = Math.max(at, b);
    }
    if (at < to) gaps.push([at, to]);
    return gaps;
  }

  /** A copy of `[from, to)`, all of which must be here. */
  read(from: number, to: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(to - from);
    for (let at = from; at < to; ) {
      const within = at % BLOCK_BYTES;
      const count = Math.min(to - at, BLOCK_BYTES - within);
      const block = this.#block(Math.floor(at / BLOCK_BYTES));
      bytes.set(block.subarray(within, within + count), at - from);
      at += count;
    }
    return bytes;
  }

  #copy(offset: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const at = offset + done;
      const within = at % BLOCK_BYTES;
      const count = Math.min(bytes.length - done, BLOCK_BYTES - within);
      this.#block(Math.floor(at / BLOCK_BYTES)).set(bytes.subarray(done, done + count), within);
      done += count;
    }
  }

  #block(index: number): Uint8Array<ArrayBuffer> {
    let block = this.#blocks.get(index);
    if (block === undefined) {
      block = new Uint8Array(BLOCK_BYTES);
      this.#blocks.set(index, block);
    }
    return block;
  }

  #add(from: number, to: number): void {
    const merged: Range[] = [];
    let a = from;
    let b = to;
    let placed = false;
    for (const range of this.#ranges) {
      if (range[1] < a) merged.push(range);
      else if (range[0] > b) {
        if (!placed) merged.push([a, b]);
        placed = true;
        merged.push(range);
      } else {
        a = Math.min(a, range[0]);
        b = Math.max(b, range[1]);
      }
    }
    if (!placed) merged.push([a, b]);
    this.#ranges = merged;
  }
}
