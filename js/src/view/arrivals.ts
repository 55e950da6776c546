/** The thin lane between wave and spectrogram: where each chunk begins, and where sound ran dry. */

import type { DrySpell } from "../listening";
import type { Axis } from "./axis";
import { chunkReading, dryReading } from "./readings";
import { Changed, type Colours, Sheet } from "./sheet";

/** As much of a chunk as is drawn and said. */
export interface Chunk {
  /** Seconds in the take. */
  readonly start: number;
  readonly duration: number;
  /** Seconds since the request, or since the first chunk where that is not known. */
  readonly received: number;
}

export interface Chunks {
  readonly length: number;
  readonly version: number;
  readonly requested: number | null;
  get(index: number): Chunk | undefined;
}

/** CSS pixels at size 1: a chunk's mark, a dry spell's, and how near the pointer must come. */
const MARK = 1.5;
const DRY = 5;
const REACH = 6;

export class ArrivalsPart {
  readonly #sheet = new Sheet("arrivals");
  readonly #changed = new Changed();
  readonly #chunks: Chunks;
  readonly #dry: () => readonly DrySpell[];
  #size = 1;
  #colours: Colours | null = null;

  constructor(chunks: Chunks, dry: () => readonly DrySpell[]) {
    this.#chunks = chunks;
    this.#dry = dry;
  }

  get el(): HTMLElement {
    return this.#sheet.el;
  }

  fit(size: number): void {
    this.#size = size;
    this.#sheet.fit();
    this.#changed.forget();
  }

  recolour(colours: Colours): void {
    this.#colours = colours;
    this.#changed.forget();
  }

  draw(axis: Axis): void {
    const dry = this.#dry();
    const { version } = this.#chunks;
    if (!this.#changed.since(axis.span, axis.width, version, dry)) return;
    const pen = this.#sheet.clean();
    if (pen === null || this.#colours === null) return;
    const { height } = this.#sheet;
    const wide = MARK * this.#size;
    pen.fillStyle = this.#colours.bar;
    for (const x of marks(this.#chunks, axis, 2 * wide)) {
      pen.fillRect(x, height * 0.2, wide, height * 0.6);
    }
    pen.fillStyle = this.#colours.alert;
    const thick = DRY * this.#size;
    for (const { at } of dry) {
      pen.beginPath();
      pen.roundRect(axis.x(at) - thick / 2, 0, thick, height, thick / 2);
      pen.fill();
    }
  }

  /** What is said of the mark nearest to `x`; null where there is none. `now`: the page's clock. */
  reading(axis: Axis, x: number, now: number): string | null {
    const reach = REACH * this.#size;
    for (const spell of this.#dry()) {
      if (Math.abs(axis.x(spell.at) - x) <= reach) return dryReading(spell, now);
    }
    const best = nearest(this.#chunks, axis, x, reach);
    const chunk = best === null ? undefined : this.#chunks.get(best);
    if (best === null || chunk === undefined) return null;
    return chunkReading(best + 1, chunk, this.#chunks.requested === null ? "first" : "request");
  }
}

/** Where marks go, in CSS pixels, at least `apart` from each other: nearer ones are one line anyway. */
export function marks(chunks: Chunks, axis: Axis, apart: number): number[] {
  const places: number[] = [];
  for (let i = 0; i < chunks.length; ) {
    const x = placeOf(chunks, axis, i);
    places.push(x);
    i = firstFrom(chunks, axis, x + apart, i + 1);
  }
  return places;
}

/** The chunk whose mark is nearest to `x`, and no further than `reach`; null: there is none. */
export function nearest(chunks: Chunks, axis: Axis, x: number, reach: number): number | null {
  const after = firstFrom(chunks, axis, x, 0);
  const away = (index: number) => Math.abs(placeOf(chunks, axis, index) - x);
  const best = away(after) < away(after - 1) ? after : after - 1;
  return away(best) <= reach ? best : null;
}

/** The first chunk from `low` on whose mark is at `x` or right of it, found by halving. */
function firstFrom(chunks: Chunks, axis: Axis, x: number, low: number): number {
  let from = low;
  let to = chunks.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (placeOf(chunks, axis, middle) < x) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Infinity where there is no such chunk. */
function placeOf(chunks: Chunks, axis: Axis, index: number): number {
  const chunk = chunks.get(index);
  return chunk === undefined ? Number.POSITIVE_INFINITY : axis.x(chunk.start);
}
