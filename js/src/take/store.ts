/**
 * The bytes of one take, by offset.
 *
 * Messages may overlap, repeat, come in any order and be split anywhere, also inside a sample. A
 * byte that is here never changes: what was heard, what is drawn and what is saved are the same.
 * Bytes lie in blocks, so that a take grows without copying and parts of it can be let go.
 *
 * What has been received and what is here are two things: bytes that were let go on purpose still
 * count as received, nothing is missing, and they can come again.
 */

import { type Range, Ranges } from "./ranges";

export type { Range } from "./ranges";

/** A whole number of samples in every encoding: no sample lies across two blocks. */
export const BLOCK_BYTES = 1 << 16;

export class Store {
  readonly #blocks = new Map<number, Uint8Array<ArrayBuffer>>();
  readonly #received = new Ranges();
  readonly #here = new Ranges();

  /** How many bytes are here. */
  get size(): number {
    return this.#here.size;
  }

  /** How many bytes of memory they take. */
  get held(): number {
    return this.#blocks.size * BLOCK_BYTES;
  }

  /** How many bytes were let go and have not come again. */
  get away(): number {
    return this.#received.size - this.#here.size;
  }

  /** One past the last byte that was received. */
  get end(): number {
    return this.#received.end;
  }

  /** The ranges that were received: sorted, apart from each other, none empty. */
  get ranges(): readonly Range[] {
    return this.#received.list;
  }

  /** Keep those of the bytes that are not here; the ranges that had never been received are returned. */
  write(offset: number, bytes: Uint8Array): Range[] {
    const to = offset + bytes.length;
    for (const [a, b] of this.#here.missing(offset, to)) {
      this.#copy(a, bytes.subarray(a - offset, b - offset));
    }
    this.#here.add(offset, to);
    const news = this.#received.missing(offset, to);
    this.#received.add(offset, to);
    return news;
  }

  /** Whether some of the bytes are here already, and are others. */
  contradicts(offset: number, bytes: Uint8Array): boolean {
    return this.#here.within(offset, offset + bytes.length).some(([from, to]) => {
      const here = this.read(from, to);
      return here.some((byte, i) => byte !== bytes[from - offset + i]);
    });
  }

  /** There is nothing from `end` on: forget what is. */
  cut(end: number): void {
    if (end < this.end) {
      this.#here.remove(end, this.end);
      this.#received.remove(end, this.end);
    }
    for (const index of [...this.#blocks.keys()]) {
      if (index * BLOCK_BYTES >= end) this.#blocks.delete(index);
    }
  }

  /**
   * Let go of whole blocks within `[from, to)`, `backwards` from its end on, until `count` bytes of
   * memory are free; returns how many are.
   */
  letGo(from: number, to: number, count: number, backwards = false): number {
    const first = Math.ceil(Math.max(0, from) / BLOCK_BYTES);
    // The last block may be a part of one.
    const last = to >= this.end ? Math.ceil(this.end / BLOCK_BYTES) : Math.floor(to / BLOCK_BYTES);
    let freed = 0;
    for (let i = 0; i < last - first && freed < count; i++) {
      const index = backwards ? last - 1 - i : first + i;
      if (!this.#blocks.delete(index)) continue;
      this.#here.remove(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES);
      freed += BLOCK_BYTES;
    }
    return freed;
  }

  /** How far the bytes that are here go on without a gap from `from`; `from` itself if it is not. */
  contiguous(from: number): number {
    return this.#here.contiguous(from);
  }

  /** How far all was received from `from` on, let go since or not. */
  unbroken(from: number): number {
    return this.#received.contiguous(from);
  }

  /** What of `[from, to)` was never received. */
  missing(from: number, to: number): Range[] {
    return this.#received.missing(from, to);
  }

  /** What of `[from, to)` is not here, let go or never received. */
  absent(from: number, to: number): Range[] {
    return this.#here.missing(from, to);
  }

  /** What of `[from, to)` was let go and has not come again. */
  gone(from: number, to: number): Range[] {
    return this.absent(from, to).flatMap(([a, b]) => this.#received.within(a, b));
  }

  /** A copy of `[from, to)`, all of which must be here. */
  read(from: number, to: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(to - from);
    for (let at = from; at < to; ) {
      const within = at % BLOCK_BYTES;
      const count = Math.min(to - at, BLOCK_BYTES - within);
      const block = this.#blocks.get(Math.floor(at / BLOCK_BYTES));
      if (block !== undefined) bytes.set(block.subarray(within, within + count), at - from);
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
}
