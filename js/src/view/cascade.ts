/** Draws the waterfall's picture: rows of chunks over seconds, silences, and what was in hand. */

import type { Course, Told } from "./course";
import { here, type Silence } from "./dues";
import { span } from "./figures";
import { inHand } from "./hand";
import { merged, niceSpan, pool, ticks } from "./rows";

/** In em: the room left of the axis and right of it, of the rows, between, of the buffer, below. */
const LEFT = 2.7;
const RIGHT = 0.7;
const TOP = 1.3;
const ROWS = 11;
const GAP = 0.5;
const BUFFER = 3;
const BELOW = 1.7;
const BOTTOM = TOP + ROWS + GAP + BUFFER;
/** Of all of it, and of the part above the axis's labels. */
export const HEIGHT = { all: BOTTOM + BELOW, from: TOP, axis: BOTTOM - TOP } as const;
/** The least height of a row in CSS pixels, and the most in em. */
const THIN = 2.5;
const THICK = 2;
/** Silences nearer to each other than this many pixels are one, and narrower ones have no stripes. */
const NEAR = 3;

const COLOURS = ["fg", "muted", "line", "rest", "bar", "accent", "soft", "alert", "bg"] as const;
export type Palette = Readonly<Record<(typeof COLOURS)[number], string>>;

export function paletteAt(style: CSSStyleDeclaration): Palette {
  const read = (name: string) => [name, style.getPropertyValue(`--${name}`).trim()];
  return Object.fromEntries(COLOURS.map(read)) as Palette;
}

/** Where things lie. */
export interface Plan {
  readonly em: number;
  readonly left: number;
  readonly width: number;
  readonly seconds: number;
  /** Chunks in one row, how many rows, and how high each is. */
  readonly perRow: number;
  readonly rows: number;
  readonly rowHeight: number;
}

export function planOf(course: Course, told: Told, em: number, width: number): Plan {
  const { count } = course;
  const perRow = pool(count, (ROWS * em) / THIN);
  const rows = Math.ceil(count / perRow);
  const end = course.end(told);
  return {
    em,
    left: LEFT * em,
    width: Math.max(1, width - (LEFT + RIGHT) * em),
    // An axis that grew with each chunk would never stand still.
    seconds: course.growing ? niceSpan(end) : Math.max(end * 1.02, 0.05),
    perRow,
    rows,
    rowHeight: Math.min(THICK * em, (ROWS * em) / Math.max(1, rows)),
  };
}

/** The chunk at `y` pixels from the top of the picture, or null. */
export function chunkAt({ em, rowHeight, rows, perRow }: Plan, y: number): number | null {
  const row = (y - TOP * em) / rowHeight;
  return row >= 0 && row < rows ? Math.floor(row * perRow) : null;
}

export class Cascade {
  readonly #pen: CanvasRenderingContext2D;
  readonly #course: Course;
  readonly #plan: Plan;
  readonly #told: Told;
  readonly #colours: Palette;
  readonly #font: string;

  constructor(
    pen: CanvasRenderingContext2D,
    course: Course,
    plan: Plan,
    told: Told,
    colours: Palette,
    family: string,
  ) {
    this.#pen = pen;
    this.#course = course;
    this.#plan = plan;
    this.#told = told;
    this.#colours = colours;
    this.#font = `${0.86 * plan.em}px ${family}`;
  }

  /** `now`: as far as it has sounded; null for all of it. `picked`: a chunk that is pointed at. */
  draw(now: number | null, picked: number | null): void {
    this.#grid();
    this.#buffer();
    for (let row = 0; row < this.#plan.rows; row++) this.#row(row, now);
    this.#numbers();
    this.#silences();
    if (picked !== null) this.#pick(picked);
  }

  #x(moment: number): number {
    return this.#plan.left + (moment / this.#plan.seconds) * this.#plan.width;
  }

  #write(text: string, x: number, y: number, align: CanvasTextAlign, colour: string): void {
    this.#pen.font = this.#font;
    this.#pen.textBaseline = "top";
    this.#pen.textAlign = align;
    this.#pen.fillStyle = colour;
    this.#pen.fillText(text, x, y);
  }

  #grid(): void {
    const pen = this.#pen;
    const { em, left, width, seconds } = this.#plan;
    const { muted, line, bar } = this.#colours;
    const below = (BOTTOM + 0.45) * em;
    const unit =
      this.#course.requested || this.#course.count === 0
        ? "s since request"
        : "s since first chunk";
    this.#write(unit, left + width, below, "right", muted);
    const free = left + width - pen.measureText(unit).width - 0.6 * em;
    for (const { at, text } of ticks(seconds, width, 4.2 * em)) {
      pen.fillStyle = line;
      pen.fillRect(Math.round(this.#x(at)), TOP * em, 1, (BOTTOM - TOP) * em);
      if (this.#x(at) + pen.measureText(text).width / 2 > free) continue;
      this.#write(text, this.#x(at), below, "center", muted);
    }
    pen.fillStyle = bar;
    pen.fillRect(left, BOTTOM * em, width, 1);
    pen.fillRect(left, (TOP + ROWS + GAP / 2) * em, width, 1);
  }

  #row(row: number, now: number | null): void {
    const pen = this.#pen;
    const { em, perRow, rowHeight } = this.#plan;
    const { fg, rest } = this.#colours;
    const first = this.#course.chunk(row * perRow);
    const last = this.#course.chunk(Math.min(this.#course.count, (row + 1) * perRow) - 1);
    if (first === undefined || last === undefined) return;
    const { dues, until } = this.#told;
    const y = TOP * em + row * rowHeight;
    const tall = rowHeight > 4 ? rowHeight * 0.72 : rowHeight;
    const line = Math.max(1, em / 12);
    const came = here(last);
    if (dues !== null && (until === null || came <= until)) {
      const begins = dues.when(first.start);
      const thin = Math.max(line, tall * 0.4);
      pen.fillStyle = rest;
      const wide = Math.max(0, this.#x(begins) - this.#x(came));
      pen.fillRect(this.#x(came), y + (tall - thin) / 2, wide, thin);
      this.#sounding(begins, dues.until(last.start + last.duration), y, tall, now);
    }
    pen.fillStyle = fg;
    const received = this.#x(first.received);
    if (last.arrived !== null) {
      pen.fillRect(received, y + (tall - line) / 2, Math.max(0, this.#x(came) - received), line);
    }
    pen.fillRect(received - line, y, 2 * line, tall);
  }

  /** Filled where it has sounded, in outline where it is to sound or would have. */
  #sounding(begins: number, ends: number, y: number, tall: number, now: number | null): void {
    const pen = this.#pen;
    const { accent, soft } = this.#colours;
    const from = this.#x(begins);
    const wide = Math.max(1.5, this.#x(ends) - from);
    const paper = this.#told.how === "paper";
    const heard = now === null ? wide : Math.min(wide, Math.max(0, this.#x(now) - from));
    const done = paper ? 0 : heard;
    if (done < wide) {
      pen.fillStyle = soft;
      pen.fillRect(from, y, wide, tall);
      pen.strokeStyle = pen.fillStyle = accent;
      pen.lineWidth = 1;
      if (tall > 4) pen.strokeRect(from + 0.5, y + 0.5, Math.max(1, wide - 1), tall - 1);
      else pen.fillRect(from, y + tall / 2 - 0.5, wide, 1);
    }
    pen.fillStyle = accent;
    pen.fillRect(from, y, done, tall);
  }

  #numbers(): void {
    const { em, left, perRow, rows, rowHeight } = this.#plan;
    const every = Math.max(1, Math.ceil((1.25 * em) / rowHeight));
    for (let row = 0; row < rows; row += every) {
      const y = TOP * em + row * rowHeight + Math.min(rowHeight, THICK * em) * 0.36 - 0.43 * em;
      const number = row * perRow + 1;
      const text = number < 10_000 ? String(number) : `${Math.round(number / 1000)}k`;
      this.#write(
        text,
        left - 0.5 * em,
        Math.max(TOP * em - 0.3 * em, y),
        "right",
        this.#colours.muted,
      );
    }
  }

  #silences(): void {
    const pen = this.#pen;
    const { em, left, width, seconds } = this.#plan;
    const { alert, bg } = this.#colours;
    const silences: readonly Silence[] = this.#told.dues?.silences ?? [];
    const top = TOP * em;
    const height = (BOTTOM - TOP) * em;
    let free = 0;
    for (const { from, to, length } of merged(silences, (NEAR * seconds) / width)) {
      const begin = this.#x(from);
      const wide = Math.max(2, this.#x(to) - begin);
      pen.fillStyle = pen.strokeStyle = alert;
      if (wide > NEAR) {
        pen.globalAlpha = 0.14;
        pen.fillRect(begin, top, wide, height);
        this.#stripes(begin, top, wide, height);
        pen.globalAlpha = 1;
      }
      pen.fillRect(begin, top, 1, height);
      pen.fillRect(begin + wide - 1, top, 1, height);
      pen.font = this.#font;
      const text = `dry ${span(length)}`;
      const room = pen.measureText(text).width;
      const at = Math.min(Math.max(begin, left), left + width - room);
      if (at < free) continue;
      free = at + room + 0.5 * em;
      pen.fillStyle = bg;
      pen.fillRect(at, 0, room, 1.1 * em);
      this.#write(text, at, 0.1 * em, "left", alert);
    }
  }

  #stripes(left: number, top: number, wide: number, height: number): void {
    const pen = this.#pen;
    const { em } = this.#plan;
    pen.save();
    pen.beginPath();
    pen.rect(left, top, wide, height);
    pen.clip();
    pen.globalAlpha = 0.75;
    pen.lineWidth = Math.max(1, em / 12);
    pen.beginPath();
    for (let at = -height; at < wide; at += 0.5 * em) {
      pen.moveTo(left + at, top + height);
      pen.lineTo(left + at + height, top);
    }
    pen.stroke();
    pen.restore();
  }

  #buffer(): void {
    const pen = this.#pen;
    const { em, left, width, seconds } = this.#plan;
    const { dues, until } = this.#told;
    if (dues === null) return;
    const columns = Math.ceil(width) + 1;
    const hand = inHand((i) => this.#course.chunk(i), dues, seconds / width, columns, until);
    const most = hand.reduce((a, b) => Math.max(a, b), 0);
    const scale = (BUFFER * em * 0.62) / (most || 1);
    const bottom = BOTTOM * em;
    pen.beginPath();
    pen.moveTo(left, bottom);
    hand.forEach((one, column) => {
      pen.lineTo(left + column, bottom - one * scale);
    });
    pen.lineTo(left + hand.length - 1, bottom);
    pen.fillStyle = this.#colours.rest;
    pen.fill();
    pen.strokeStyle = this.#colours.muted;
    pen.lineWidth = 1;
    pen.stroke();
    const text = `buffer ahead, up to ${span(most)}`;
    this.#write(text, left + 0.3 * em, bottom - (BUFFER - 0.05) * em, "left", this.#colours.muted);
  }

  #pick(picked: number): void {
    const pen = this.#pen;
    const { em, left, width, rowHeight, perRow } = this.#plan;
    const chunk = this.#course.chunk(picked);
    if (chunk === undefined) return;
    const y = TOP * em + Math.floor(picked / perRow) * rowHeight;
    const tall = Math.max(rowHeight, 3);
    pen.strokeStyle = this.#colours.fg;
    pen.lineWidth = 1;
    pen.strokeRect(left - 0.5, y - 1.5, width + 1, tall + 2);
    pen.setLineDash([3, 3]);
    for (const moment of [here(chunk), this.#told.dues?.when(chunk.start)]) {
      if (moment === undefined) continue;
      pen.beginPath();
      pen.moveTo(this.#x(moment), y + tall);
      pen.lineTo(this.#x(moment), BOTTOM * em);
      pen.stroke();
    }
    pen.setLineDash([]);
  }
}
