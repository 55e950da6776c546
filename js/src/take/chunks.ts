/**
 * When the chunks of a take were received by the kernel and when they arrived in this page, in order,
 * with gaps where rows are still to come.
 *
 * One axis for both clocks: seconds of the kernel's since the request.
 */

import type { Chunks, Tie } from "../messages";
import { KernelClock } from "./kernelclock";
import type { Take } from "./take";

/** Rows in one block, so that a row far from the others makes no room for all between. */
const BLOCK = 1024;
/** Numbers in one row: start, duration, received. */
const WIDTH = 3;

/** One chunk; times are seconds. */
export interface ChunkFact {
  /** In the take. */
  readonly start: number;
  readonly duration: number;
  /** Since the request; since the first chunk if the request was not seen. */
  readonly received: number;
  /**
   * When the page had all of it, on the same axis; null if it is not here, or came because it was
   * asked for (a repair, a reload), which says nothing about the stream.
   */
  readonly arrived: number | null;
  /** How far off that may be, either way; null: unknown, or only that it may be too early. */
  readonly error: number | null;
}

export class ChunkList {
  /** How many, counted from the first, are known without a gap. */
  length = 0;
  /** Grows with each change, so that a view sees at a glance that it has nothing to do. */
  version = 0;
  /** When the first text was sent, on the kernel's clock; null if that was not seen, or not yet. */
  requested: number | null = null;
  readonly #take: Pick<Take, "rate" | "sampleBytes">;
  readonly #blocks = new Map<number, Float64Array>();
  readonly #spans: Span[] = [];
  readonly clock = new KernelClock();

  constructor(take: Pick<Take, "rate" | "sampleBytes">) {
    this.#take = take;
  }

  /** `tie`: how the clocks relate, as the kernel told `now`, on the page's clock. */
  put(
    { index, requested, rows }: Pick<Chunks, "index" | "requested" | "rows">,
    tie?: Tie,
    now = 0,
  ): void {
    if (tie !== undefined) this.clock.told(now, tie);
    if (requested !== null) this.requested = requested;
    rows.forEach(({ start, duration, received }, i) => {
      const at = index + i;
      let block = this.#blocks.get(Math.floor(at / BLOCK));
      if (block === undefined) {
        block = new Float64Array(BLOCK * WIDTH).fill(Number.NaN);
        this.#blocks.set(Math.floor(at / BLOCK), block);
      }
      block.set([start, duration, received], (at % BLOCK) * WIDTH);
    });
    while (this.#has(this.length)) this.length++;
    this.version++;
  }

  /** A message of the kernel's that was sent at `sent` (its clock) came at `now` (the page's). */
  heard(sent: number, now: number): void {
    if (this.clock.heard(sent, now)) this.version++;
  }

  /**
   * The bytes `[from, to)` came at `now`, the page's clock; null: because they were asked for. Of
   * bytes that come again the first time counts.
   */
  arrived(from: number, to: number, now: number | null): void {
    const at = now ?? Number.NaN;
    const last = this.#spans.at(-1);
    this.version++;
    if (last === undefined || from >= last.to) {
      // An hour that was asked for is one span.
      if (last !== undefined && from === last.to && now === null && Number.isNaN(last.at)) {
        last.to = to;
      } else this.#spans.push({ from, to, at });
      return;
    }
    let i = this.#first(from);
    for (let free = from; free < to; i++) {
      const next = this.#spans[i];
      const until = Math.min(to, next?.from ?? to);
      if (free < until) this.#spans.splice(i++, 0, { from: free, to: until, at });
      free = next?.to ?? to;
    }
  }

  get(index: number): ChunkFact | undefined {
    const block = this.#blocks.get(Math.floor(index / BLOCK));
    const at = (index % BLOCK) * WIDTH;
    const start = block?.[at] ?? Number.NaN;
    const duration = block?.[at + 1] ?? Number.NaN;
    const received = block?.[at + 2] ?? Number.NaN;
    if (Number.isNaN(start)) return undefined;
    const zero = this.zero;
    if (zero === null) return undefined;
    const here = this.#here(start, duration);
    const placed = here === null ? null : this.clock.place(here);
    const arrived = placed === null ? null : placed.moment - zero;
    const error = placed?.error ?? null;
    return { start, duration, received: received - zero, arrived, error };
  }

  /** What the axis counts from, on the kernel's clock: the request, else the first chunk. */
  get zero(): number | null {
    if (this.requested !== null) return this.requested;
    const first = this.#blocks.get(0)?.[2];
    return first === undefined || Number.isNaN(first) ? null : first;
  }

  /** A moment of the page's clock on this axis; null while no message has told how they relate. */
  place(moment: number): number | null {
    const { zero } = this;
    const placed = zero === null ? null : this.clock.place(moment);
    return placed === null || zero === null ? null : placed.moment - zero;
  }

  /** The first index that is missing of `expected`, or null when all are here. */
  missing(expected: number): number | null {
    return this.length < expected ? this.length : null;
  }

  #has(index: number): boolean {
    const start = this.#blocks.get(Math.floor(index / BLOCK))?.[(index % BLOCK) * WIDTH];
    return start !== undefined && !Number.isNaN(start);
  }

  /** When the last of a chunk's bytes came, on the page's clock. */
  #here(start: number, duration: number): number | null {
    const { rate, sampleBytes } = this.#take;
    if (rate === 0) return null;
    const from = Math.round(start * rate) * sampleBytes;
    const to = Math.round((start + duration) * rate) * sampleBytes;
    let last = Number.NEGATIVE_INFINITY;
    let at = from;
    for (let i = this.#first(from); at < to; i++) {
      const span = this.#spans[i];
      if (span === undefined || span.from > at || Number.isNaN(span.at)) return null;
      last = Math.max(last, span.at);
      at = span.to;
    }
    return Number.isFinite(last) ? last : null;
  }

  /** The first span that ends after `byte`. */
  #first(byte: number): number {
    let low = 0;
    let high = this.#spans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#spans[middle]?.to ?? 0) <= byte) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Bytes of the take that came at one moment of the page's clock; `NaN`: because asked for. */
interface Span {
  readonly from: number;
  to: number;
  readonly at: number;
}
