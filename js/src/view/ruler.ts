/** The thin ruler under a player's axis, in seconds. */

import type { Axis } from "./axis";
import { Changed, type Colours, Sheet } from "./sheet";
import { timeTicks } from "./ticks";

/** CSS pixels from label to label and from tick to tick, at least; at size 1. */
const ROOM = 52;
const GAP = 7;

export class Ruler {
  readonly #sheet = new Sheet("ruler");
  readonly #changed = new Changed();
  #size = 1;
  #font = "";
  #colours: Colours | null = null;

  get el(): HTMLElement {
    return this.#sheet.el;
  }

  fit(size: number): void {
    this.#size = size;
    this.#sheet.fit();
    const { fontSize, fontFamily } = getComputedStyle(this.el);
    this.#font = `${fontSize} ${fontFamily}`;
    this.#changed.forget();
  }

  recolour(colours: Colours): void {
    this.#colours = colours;
    this.#changed.forget();
  }

  draw(axis: Axis): void {
    if (!this.#changed.since(axis.span, axis.width)) return;
    const pen = this.#sheet.clean();
    if (pen === null || this.#colours === null) return;
    const size = this.#size;
    const { width, height } = this.#sheet;
    pen.font = this.#font;
    pen.textBaseline = "alphabetic";
    for (const { seconds, text } of timeTicks(axis.span, width, ROOM * size, GAP * size)) {
      const x = axis.x(seconds);
      pen.fillStyle = text === "" ? this.#colours.line : this.#colours.bar;
      pen.fillRect(Math.min(width - size, x - size / 2), 0, size, (text === "" ? 3 : 5) * size);
      if (text === "") continue;
      const wide = pen.measureText(text).width;
      const left = seconds === 0 ? 0 : x - wide / 2;
      if (left + wide > width) continue;
      pen.fillStyle = this.#colours.muted;
      pen.fillText(text, left, height - 2 * size);
    }
  }
}
