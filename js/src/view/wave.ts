/** The outline of a take as it grows: bars heard in the accent, the rest in grey. */

import { BUCKETS_PER_SECOND } from "../take/peaks";
import type { Take } from "../take/take";
import type { Axis } from "./axis";
import { make } from "./elements";
import { Changed, type Colours, Sheet } from "./sheet";

/** CSS pixels of one bar, and of a bar with the space after it; at size 1. */
const BAR = 3;
const STEP = 5;

export class WavePart {
  readonly el = make("div", "wave");
  readonly #take: Take;
  readonly #sheet = new Sheet();
  /** The same bars in the accent; of it only what was heard shows, without drawing anything. */
  readonly #heard = new Sheet();
  readonly #cover = make("div", "heard");
  readonly #changed = new Changed();
  #size = 1;
  #colours: Colours | null = null;

  constructor(take: Take) {
    this.#take = take;
    this.#cover.append(this.#heard.el);
    this.el.append(this.#sheet.el, this.#cover);
  }

  fit(size: number): void {
    this.#size = size;
    this.#sheet.fit();
    this.#heard.fit();
    this.#changed.forget();
  }

  recolour(colours: Colours): void {
    this.#colours = colours;
    this.#changed.forget();
  }

  draw(axis: Axis): void {
    const { received, peaks } = this.#take;
    if (this.#changed.since(axis.span, axis.width, received, peaks.length)) this.#bars(axis);
  }

  /** What moves with the voice: a cover and the picture under it, against each other. */
  get moved(): { el: HTMLElement; left: (x: number) => number }[] {
    return [
      { el: this.#cover, left: (x) => x - this.#sheet.width },
      { el: this.#heard.el, left: (x) => this.#sheet.width - x },
    ];
  }

  /** The loudest sample of the 10 ms at a second, 0 to 1; null where nothing has come. */
  level(seconds: number): number | null {
    const bucket = Math.floor(seconds * BUCKETS_PER_SECOND);
    if (bucket >= this.#take.peaks.length) return null;
    return this.#take.peaks.peak(bucket, bucket + 1);
  }

  #bars(axis: Axis): void {
    const pen = this.#sheet.clean();
    if (pen === null || this.#colours === null) return;
    const { width, height } = this.#sheet;
    const thick = BAR * this.#size;
    const between = (STEP - BAR) * this.#size;
    const end = this.#take.seconds;
    const { peaks } = this.#take;
    const bars = Math.max(1, Math.floor((width + between) / (thick + between)));
    // The last one ends where the axis does.
    const step = (width + between) / bars;
    const heights: number[] = [];
    for (let i = 0; i < bars; i++) {
      const a = Math.floor(axis.seconds(i * step) * BUCKETS_PER_SECOND);
      const b = Math.max(a + 1, Math.floor(axis.seconds((i + 1) * step) * BUCKETS_PER_SECOND));
      const size = loudness(peaks.peak(a, b), peaks.rms(a, b));
      heights.push(Math.max(thick, size * (height - 4)));
    }
    const here = Math.min(bars, Math.ceil(axis.x(end) / step));
    fill(pen, heights, 0, here, thick, step, height, this.#colours.bar);
    const heard = this.#heard.clean();
    if (heard !== null) fill(heard, heights, 0, here, thick, step, height, this.#colours.accent);
    fill(pen, heights, here, bars, thick, step, height, this.#colours.rest);
  }
}

/** How tall: a fixed scale, so that a louder take looks louder; quiet speech still shows. */
function loudness(peak: number, rms: number): number {
  return Math.min(1, (0.8 * peak + 0.9 * rms) ** 0.6);
}

function fill(
  pen: CanvasRenderingContext2D,
  heights: readonly number[],
  from: number,
  to: number,
  thick: number,
  step: number,
  room: number,
  colour: string,
): void {
  pen.fillStyle = colour;
  pen.beginPath();
  for (let i = from; i < to; i++) {
    const tall = heights[i] ?? 0;
    pen.roundRect(i * step, (room - tall) / 2, thick, tall, thick / 2);
  }
  pen.fill();
}
