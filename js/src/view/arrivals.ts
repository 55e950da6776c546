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
    const { version, length } = this.#chunks;
    if (!this.#changed.since(axis.span, axis.width, version, dry)) return;
    const pen = this.#sheet.clean();
    if (pen === null || this.#colours === null) return;
    const { height } = this.#sheet;
    const wide = MARK * this.#size;
    pen.fillStyle = this.#colours.bar;
    let last = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < length; i++) {
      const chunk = this.#chunks.get(i);
      if (chunk === undefined) continue;
      const x = axis.x(chunk.start);
      // Marks as near as this are one line anyway.
      if (x - last < 2 * wide) continue;
      last = x;
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
    const near = (seconds: number) => Math.abs(axis.x(seconds) - x);
    const reach = REACH * this.#size;
    for (const spell of this.#dry()) if (near(spell.at) <= reach) return dryReading(spell, now);
    let best: number | null = null;
    let least = reach;
    for (let i = 0; i < this.#chunks.length; i++) {
      const chunk = this.#chunks.get(i);
      if (chunk === undefined || near(chunk.start) > least) continue;
      least = near(chunk.start);
      best = i;
    }
    const chunk = best === null ? undefined : this.#chunks.get(best);
    if (best === null || chunk === undefined) return null;
    return chunkReading(best + 1, chunk, this.#chunks.requested === null ? "first" : "request");
  }
}
