/** Words or phonemes under the axis, each where it begins; the one that sounds is always there. */

import type { MarkList } from "../take/marks";
import type { Axis } from "./axis";
import { make, write } from "./elements";
import { type Box, fitting, inside, meet } from "./fit";
import { Changed } from "./sheet";

/** CSS pixels between two labels, at size 1. */
const GAP = 5;

export class Lane {
  readonly el: HTMLElement;
  readonly #marks: MarkList;
  readonly #changed = new Changed();
  readonly #widths = new Map<string, number>();
  /** Elements are used again: a label more or less is rare, a new scale is not. */
  readonly #spare: HTMLElement[] = [];
  #shown = new Map<number, { el: HTMLElement; box: Box }>();
  readonly #now = make("span", "tag now");
  #at = -1;
  #gap = GAP;
  #pen: CanvasRenderingContext2D | null = null;

  /** `expected`: room is kept for labels that may still come. */
  constructor(
    className: string,
    marks: MarkList,
    private readonly expected: () => boolean,
  ) {
    this.#marks = marks;
    this.el = make("div", `lane ${className}`, { "aria-hidden": "true" });
    this.#now.hidden = true;
    this.el.append(this.#now);
  }

  fit(size: number): void {
    this.#gap = GAP * size;
    const { fontSize, fontFamily, fontWeight } = getComputedStyle(this.el);
    this.#pen ??= document.createElement("canvas").getContext("2d");
    if (this.#pen !== null) this.#pen.font = `${fontWeight} ${fontSize} ${fontFamily}`;
    this.#widths.clear();
    this.#changed.forget();
  }

  /** `position`: seconds that are audible, or null when nothing of it is being heard. */
  draw(axis: Axis, position: number | null): void {
    const empty = this.#marks.whole === 0 && !this.expected();
    if (this.el.hidden !== empty) this.el.hidden = empty;
    const anew = this.#changed.since(axis.span, axis.width, this.#marks.version);
    if (anew) this.#place(axis);
    const mark = position === null ? undefined : this.#marks.get(this.#marks.at(position));
    // A pause after a word is nobody's.
    const at =
      position === null || mark === undefined || position > mark.end + 0.25
        ? -1
        : this.#marks.at(position);
    if (at !== this.#at || anew) this.#light(axis, at);
  }

  #place(axis: Axis): void {
    const boxes = Array.from({ length: this.#marks.whole }, (_, i) => this.#box(axis, i));
    const places = fitting(boxes, axis.width, this.#gap);
    const before = [...this.#shown.values()];
    this.#shown = new Map();
    for (const [index, x] of places) {
      const el = before.pop()?.el ?? this.#spare.pop() ?? make("span", "tag");
      write(el, this.#marks.get(index)?.text ?? "");
      el.style.transform = `translateX(${x.toFixed(1)}px)`;
      el.hidden = false;
      if (el.parentNode === null) this.el.append(el);
      this.#shown.set(index, { el, box: { x, width: boxes[index]?.width ?? 0 } });
    }
    for (const { el } of before) {
      el.hidden = true;
      this.#spare.push(el);
    }
  }

  #light(axis: Axis, at: number): void {
    this.#at = at;
    this.#now.hidden = at < 0;
    const box = this.#box(axis, at);
    const here: Box = { x: inside(box, axis.width), width: box.width };
    if (at >= 0) {
      write(this.#now, this.#marks.get(at)?.text ?? "");
      this.#now.style.transform = `translateX(${here.x.toFixed(1)}px)`;
    }
    for (const [index, { el, box: other }] of this.#shown) {
      const covered = at >= 0 && (index === at || meet(here, other, this.#gap / 2));
      if (el.hidden !== covered) el.hidden = covered;
    }
  }

  #box(axis: Axis, index: number): Box {
    const mark = this.#marks.get(index);
    if (mark === undefined) return { x: 0, width: 0 };
    let width = this.#widths.get(mark.text);
    if (width === undefined) {
      width = this.#pen?.measureText(mark.text).width ?? 0;
      this.#widths.set(mark.text, width);
    }
    return { x: axis.x(mark.start), width };
  }
}
