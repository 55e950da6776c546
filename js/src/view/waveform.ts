/** Draws the outline of a take as it grows: bars heard in the accent, the rest in grey. */

import { BUCKETS_PER_SECOND } from "../take/peaks";
import type { Take } from "../take/take";

/** CSS pixels of one bar, and of a bar with the space after it. */
const BAR = 3;
const STEP = 5;
/** Characters a second, to leave about the right room for what is still being spoken. */
const READING = 15;
const LEAST_SECONDS = 1.5;

export class Waveform {
  readonly canvas = document.createElement("canvas");
  #span = 0;
  #colours = { accent: "", bar: "", rest: "" };

  constructor() {
    this.canvas.setAttribute("aria-hidden", "true");
  }

  /** Seconds from the left edge to the right one. */
  get span(): number {
    return this.#span;
  }

  recolour(): void {
    const style = getComputedStyle(this.canvas);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    this.#colours = { accent: colour("--accent"), bar: colour("--bar"), rest: colour("--rest") };
  }

  /** Draw; true while it is still moving to its final scale. */
  draw(take: Take, position: number, calm: boolean): boolean {
    const moving = this.#scale(take, calm);
    const { width, height } = this.#fit();
    const pen = this.canvas.getContext("2d");
    if (pen === null || width === 0) return false;
    pen.clearRect(0, 0, width, height);
    const bars = Math.max(1, Math.floor((width + STEP - BAR) / STEP));
    const secondsPerBar = this.#span / bars;
    const middle = height / 2;
    const end = take.seconds;
    for (let i = 0; i < bars; i++) {
      const from = i * secondsPerBar;
      const to = from + secondsPerBar;
      const here = from < end;
      const a = Math.floor(from * BUCKETS_PER_SECOND);
      const b = Math.max(a + 1, Math.floor(to * BUCKETS_PER_SECOND));
      const size = here ? loudness(take.peaks.peak(a, b), take.peaks.rms(a, b)) : 0;
      const tall = Math.max(BAR, size * (height - 4));
      const x = i * STEP;
      const heard = Math.min(1, Math.max(0, (position - from) / secondsPerBar));
      pen.fillStyle = here ? this.#colours.bar : this.#colours.rest;
      bar(pen, x, middle, tall);
      if (here && heard > 0) {
        pen.globalAlpha = heard;
        pen.fillStyle = this.#colours.accent;
        bar(pen, x, middle, tall);
        pen.globalAlpha = 1;
      }
    }
    if (position > 0 && position < end) {
      const x = Math.round((position / this.#span) * width * 2) / 2;
      pen.fillStyle = this.#colours.accent;
      pen.fillRect(Math.min(width - 1.5, x), 0, 1.5, height);
    }
    return moving;
  }

  /** While the length is unknown, leave room for about what the text will need. */
  #scale(take: Take, calm: boolean): boolean {
    const guess = take.live ? Math.max(LEAST_SECONDS, take.text.length / READING) : 0;
    const total = take.total === null || take.rate === 0 ? 0 : take.total / take.rate;
    const wanted = Math.max(total, take.seconds, guess) || LEAST_SECONDS;
    const near = Math.abs(this.#span - wanted) < wanted * 0.004;
    if (this.#span === 0 || near || calm) {
      this.#span = wanted;
      return false;
    }
    this.#span += (wanted - this.#span) * 0.18;
    return true;
  }

  #fit(): { width: number; height: number } {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const dots = globalThis.devicePixelRatio || 1;
    const w = Math.round(width * dots);
    const h = Math.round(height * dots);
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
    }
    this.canvas.getContext("2d")?.setTransform(dots, 0, 0, dots, 0, 0);
    return { width, height };
  }
}

/** How tall: a fixed scale, so that a louder take looks louder; quiet speech still shows. */
function loudness(peak: number, rms: number): number {
  return Math.min(1, (0.8 * peak + 0.9 * rms) ** 0.6);
}

function bar(pen: CanvasRenderingContext2D, x: number, middle: number, tall: number): void {
  pen.beginPath();
  pen.roundRect(x, middle - tall / 2, BAR, tall, BAR / 2);
  pen.fill();
}
