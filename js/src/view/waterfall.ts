/**
 * The waterfall of a take's chunks: a row for each, from when the kernel received it to when it had
 * sounded, over the seconds since the request; below it what was in hand.
 *
 * Only the canvas is drawn anew, and only when something of it has changed; the line of now moves
 * above it.
 */

import { clock } from "../link";
import type { Rendition } from "../rendition";
import type { Course, Told } from "./course";
import { here } from "./dues";
import { make, put, write } from "./elements";
import { chunkSentence, span, summarySentence } from "./figures";
import { niceSpan, pool, ticks } from "./rows";

/** In em: the room left of the axis and right of it, of the rows, between, of the buffer, below. */
const LEFT = 2.7;
const RIGHT = 0.7;
const TOP = 1.3;
const ROWS = 11;
const GAP = 0.5;
const BUFFER = 3;
const BELOW = 1.7;
/** The least height of a row in CSS pixels, and the most in em. */
const THIN = 2.5;
const THICK = 1.5;

const COLOURS = ["fg", "muted", "line", "rest", "bar", "accent", "soft", "alert", "bg"] as const;
type Colours = Record<(typeof COLOURS)[number], string>;

/** Where things lie, as of the last drawing. */
interface Plan {
  readonly em: number;
  readonly left: number;
  readonly width: number;
  readonly perRow: number;
  readonly rowHeight: number;
  readonly rows: number;
  readonly seconds: number;
}

export class Waterfall {
  readonly el = make("div", "waterfall");
  readonly #rendition: Rendition;
  readonly #course: Course;
  readonly #plot = make("div", "plot", {
    role: "slider",
    tabindex: "0",
    "aria-label": "Chunk",
    "aria-orientation": "vertical",
    "aria-valuemin": "1",
  });
  readonly #canvas = make("canvas", "", { "aria-hidden": "true" });
  readonly #now = make("div", "now-line", { "aria-hidden": "true" });
  readonly #said = make("p", "chunk-said");
  readonly #legend = make("ul", "legend", { "aria-hidden": "true" });
  #plan: Plan | null = null;
  #colours: Colours | null = null;
  #font = "";
  #picked: number | null = null;
  #drawnOf = "";

  constructor(rendition: Rendition, course: Course) {
    this.#rendition = rendition;
    this.#course = course;
    this.#plot.style.height = `${TOP + ROWS + GAP + BUFFER + BELOW}em`;
    this.#now.style.top = `${TOP}em`;
    this.#now.style.height = `${ROWS + GAP + BUFFER}em`;
    this.#plot.append(this.#canvas, this.#now);
    this.el.append(this.#legend, this.#plot, this.#said);
    this.#listen();
    new ResizeObserver(() => {
      this.#drawnOf = "";
      this.draw();
    }).observe(this.#plot);
  }

  recolour(): void {
    this.#colours = null;
    this.#drawnOf = "";
  }

  /** Move the line of now: cheap enough for every frame. */
  tick(): void {
    const { take, playback } = this.#rendition;
    const plan = this.#plan;
    const at = playback.phase === "playing" ? take.chunks.place(clock()) : null;
    const seen =
      plan !== null && at !== null && at <= plan.seconds && this.#course.told.how === "heard";
    this.#now.hidden = !seen;
    if (!seen) return;
    this.#now.style.transform = `translateX(${(plan.left + (at / plan.seconds) * plan.width).toFixed(1)}px)`;
  }

  /** Draw what has changed. */
  draw(): void {
    const { chunks } = this.#rendition.take;
    const told = this.#course.told;
    const { clientWidth: width, clientHeight: height } = this.#plot;
    if (width === 0) return;
    const lasts = told.how === "heard" && told.until === null && told.dues !== null;
    const now = lasts && this.#rendition.playback.active ? (chunks.place(clock()) ?? 0) : 0;
    const silent = told.dues?.silences.length;
    const { version } = chunks;
    const until = told.until ?? "";
    const of = `${version} ${told.how} ${silent} ${until} ${this.#picked} ${now.toFixed(1)} ${width} ${height}`;
    if (of === this.#drawnOf) return;
    this.#drawnOf = of;
    this.#paint(told, width, height, now);
    this.#say(told);
  }

  #paint(told: Told, width: number, height: number, now: number): void {
    const style = getComputedStyle(this.#plot);
    const em = Number.parseFloat(style.fontSize);
    this.#colours ??= readColours(style);
    this.#font = `${0.86 * em}px ${style.fontFamily}`;
    const pen = sharp(this.#canvas, width, height);
    if (pen === null) return;
    const count = this.#course.count;
    const perRow = pool(count, (ROWS * em) / THIN);
    const rows = Math.ceil(count / perRow);
    const end = this.#course.end(told);
    const seconds = this.#rendition.take.ended ? Math.max(end * 1.02, 0.05) : niceSpan(end);
    const left = LEFT * em;
    const plan: Plan = {
      em,
      left,
      width: Math.max(1, width - left - RIGHT * em),
      perRow,
      rowHeight: Math.min(THICK * em, (ROWS * em) / Math.max(1, rows)),
      rows,
      seconds,
    };
    this.#plan = plan;
    const x = (moment: number) => left + (moment / seconds) * plan.width;
    this.#grid(pen, plan, x);
    this.#buffer(pen, plan, told, x);
    this.#rows(pen, plan, told, x, now);
    this.#silences(pen, plan, told, x);
    this.#pick(pen, plan, told, x);
    this.#tell(told, plan);
  }

  #grid(
    pen: CanvasRenderingContext2D,
    { em, seconds, width, left }: Plan,
    x: (t: number) => number,
  ) {
    const colours = this.#colours as Colours;
    const bottom = (TOP + ROWS + GAP + BUFFER) * em;
    pen.font = this.#font;
    pen.textBaseline = "top";
    const unit =
      this.#rendition.take.chunks.requested === null ? "s since first chunk" : "s since request";
    const unitWidth = pen.measureText(unit).width;
    pen.textAlign = "right";
    pen.fillStyle = colours.muted;
    pen.fillText(unit, left + width, bottom + 0.45 * em);
    const free = left + width - unitWidth - 0.6 * em;
    for (const { at, text } of ticks(seconds, width, 4.2 * em)) {
      pen.fillStyle = colours.line;
      pen.fillRect(Math.round(x(at)), TOP * em, 1, bottom - TOP * em);
      const half = pen.measureText(text).width / 2;
      if (x(at) + half > free) continue;
      pen.fillStyle = colours.muted;
      pen.textAlign = "center";
      pen.fillText(text, x(at), bottom + 0.45 * em);
    }
    pen.fillStyle = colours.bar;
    pen.fillRect(left, bottom, width, 1);
    pen.fillRect(left, (TOP + ROWS + GAP) * em - 0.25 * em, width, 1);
  }

  #rows(
    pen: CanvasRenderingContext2D,
    plan: Plan,
    { dues, how, until }: Told,
    x: (t: number) => number,
    now: number,
  ): void {
    const colours = this.#colours as Colours;
    const { em, perRow, rowHeight, rows } = plan;
    const count = this.#course.count;
    const tall = rowHeight > 4 ? rowHeight * 0.72 : rowHeight;
    const line = Math.max(1, em / 12);
    const labelled = Math.max(1, Math.ceil((1.25 * em) / rowHeight));
    pen.font = this.#font;
    for (let row = 0; row < rows; row++) {
      const first = this.#course.chunk(row * perRow);
      const last = this.#course.chunk(Math.min(count, (row + 1) * perRow) - 1);
      if (first === undefined || last === undefined) continue;
      const y = TOP * em + row * rowHeight;
      const middle = y + tall / 2;
      const came = here(last);
      const told = dues !== null && (until === null || came <= until);
      if (told) {
        const begins = dues.when(first.start);
        const ends = dues.until(last.start + last.duration);
        if (begins > came) {
          pen.fillStyle = colours.rest;
          const thin = Math.max(line, tall * 0.4);
          pen.fillRect(x(came), middle - thin / 2, x(begins) - x(came), thin);
        }
        this.#sounding(pen, x(begins), x(ends), y, tall, how === "paper", x(now));
      }
      if (last.arrived !== null) {
        pen.fillStyle = colours.fg;
        const w = Math.max(0, x(came) - x(first.received));
        pen.fillRect(x(first.received), middle - line / 2, w, line);
      }
      pen.fillStyle = colours.fg;
      pen.fillRect(x(first.received) - line, y, 2 * line, tall);
      if (row % labelled === 0) {
        pen.fillStyle = colours.muted;
        pen.textAlign = "right";
        pen.textBaseline = "middle";
        pen.fillText(label(row * perRow + 1), plan.left - 0.5 * em, Math.max(middle, y + 0.4 * em));
      }
    }
  }

  /** Filled where it has sounded, in outline where it is to sound or would have. */
  #sounding(
    pen: CanvasRenderingContext2D,
    from: number,
    to: number,
    y: number,
    tall: number,
    paper: boolean,
    now: number,
  ): void {
    const { accent, soft } = this.#colours as Colours;
    const wide = Math.max(1.5, to - from);
    const going = this.#rendition.playback.active && !paper;
    const done = paper ? 0 : going ? Math.min(wide, Math.max(0, now - from)) : wide;
    if (done < wide) {
      pen.fillStyle = soft;
      pen.fillRect(from, y, wide, tall);
      pen.strokeStyle = accent;
      pen.lineWidth = 1;
      if (tall > 4) pen.strokeRect(from + 0.5, y + 0.5, Math.max(1, wide - 1), tall - 1);
      else {
        pen.fillStyle = accent;
        pen.fillRect(from, y + tall / 2 - 0.5, wide, 1);
      }
    }
    pen.fillStyle = accent;
    pen.fillRect(from, y, done, tall);
  }

  #silences(pen: CanvasRenderingContext2D, plan: Plan, { dues }: Told, x: (t: number) => number) {
    const { alert, bg } = this.#colours as Colours;
    const { em } = plan;
    const top = TOP * em;
    const height = (ROWS + GAP + BUFFER) * em;
    let free = 0;
    pen.font = `600 ${this.#font}`;
    pen.textBaseline = "top";
    for (const { from, to } of dues?.silences ?? []) {
      const left = x(from);
      const wide = Math.max(2, x(to) - left);
      pen.save();
      pen.beginPath();
      pen.rect(left, top, wide, height);
      pen.clip();
      pen.fillStyle = alert;
      pen.globalAlpha = 0.14;
      pen.fillRect(left, top, wide, height);
      pen.globalAlpha = 0.75;
      pen.strokeStyle = alert;
      pen.lineWidth = Math.max(1, em / 12);
      for (let at = -height; at < wide; at += 0.5 * em) {
        pen.beginPath();
        pen.moveTo(left + at, top + height);
        pen.lineTo(left + at + height, top);
        pen.stroke();
      }
      pen.restore();
      pen.fillStyle = alert;
      pen.fillRect(left, top, 1, height);
      pen.fillRect(left + wide - 1, top, 1, height);
      const text = `dry ${span(to - from)}`;
      const room = pen.measureText(text).width;
      const at = Math.max(left, plan.left);
      const begin = Math.min(at, plan.left + plan.width - room);
      if (begin < free) continue;
      free = begin + room + 0.5 * em;
      pen.fillStyle = bg;
      pen.fillRect(begin, 0, room, 1.1 * em);
      pen.fillStyle = alert;
      pen.textAlign = "left";
      pen.fillText(text, begin, 0.1 * em);
    }
  }

  /** What had come and not sounded yet, over time. */
  #buffer(
    pen: CanvasRenderingContext2D,
    plan: Plan,
    { dues, until }: Told,
    x: (t: number) => number,
  ) {
    const colours = this.#colours as Colours;
    const { em, width, left, seconds } = plan;
    const top = (TOP + ROWS + GAP) * em;
    const bottom = top + BUFFER * em;
    const count = this.#course.count;
    if (dues === null || count === 0) return;
    const columns = Math.ceil(width);
    const hand = new Float64Array(columns + 1);
    let most = 0;
    let next = 0;
    let come = 0;
    const stop = until ?? Number.POSITIVE_INFINITY;
    let filled = 0;
    for (let column = 0; column <= columns; column++) {
      const moment = (column / width) * seconds;
      if (moment > stop) break;
      // Chunks come in order: those of this column are found by growing steps, however many.
      next = this.#cameBy(next, moment);
      const last = next === 0 ? undefined : this.#course.chunk(next - 1);
      if (last !== undefined) come = last.start + last.duration;
      hand[column] = Math.max(0, come - dues.played(moment));
      most = Math.max(most, hand[column] ?? 0);
      filled = column;
    }
    const scale = (BUFFER * em * 0.62) / (most || 1);
    pen.beginPath();
    pen.moveTo(left, bottom);
    for (let column = 0; column <= filled; column++) {
      pen.lineTo(left + column, bottom - (hand[column] ?? 0) * scale);
    }
    pen.lineTo(left + filled, bottom);
    pen.fillStyle = colours.rest;
    pen.fill();
    pen.strokeStyle = colours.muted;
    pen.lineWidth = 1;
    pen.stroke();
    pen.font = this.#font;
    pen.textBaseline = "top";
    pen.textAlign = "left";
    pen.fillStyle = colours.muted;
    pen.fillText(`buffer ahead, up to ${span(most)}`, x(0) + 0.3 * em, top + 0.05 * em);
  }

  /** How many chunks had come by `moment`, known that `from` had. */
  #cameBy(from: number, moment: number): number {
    const came = (index: number) => {
      const chunk = this.#course.chunk(index);
      return chunk !== undefined && here(chunk) <= moment;
    };
    let step = 1;
    let at = from;
    while (came(at + step - 1)) {
      at += step;
      step *= 2;
    }
    for (; step >= 1; step /= 2) if (came(at + step - 1)) at += step;
    return at;
  }

  #pick(pen: CanvasRenderingContext2D, plan: Plan, { dues }: Told, x: (t: number) => number): void {
    const { em, left, width, rowHeight, perRow } = plan;
    const chunk = this.#picked === null ? undefined : this.#course.chunk(this.#picked);
    if (this.#picked === null || chunk === undefined) return;
    const colours = this.#colours as Colours;
    const y = TOP * em + Math.floor(this.#picked / perRow) * rowHeight;
    const tall = Math.max(rowHeight, 3);
    pen.strokeStyle = colours.fg;
    pen.lineWidth = 1;
    pen.strokeRect(left - 0.5, y - 1.5, width + 1, tall + 2);
    pen.setLineDash([3, 3]);
    for (const moment of [here(chunk), dues?.when(chunk.start)]) {
      if (moment === undefined) continue;
      pen.beginPath();
      pen.moveTo(x(moment), y + tall);
      pen.lineTo(x(moment), (TOP + ROWS + GAP + BUFFER) * em);
      pen.stroke();
    }
    pen.setLineDash([]);
  }

  #tell({ how, dues }: Told, { perRow }: Plan): void {
    const first = this.#course.chunk(0);
    const kinds: [string, string][] = [["received", "received by the kernel"]];
    if (first !== undefined && first.arrived !== null)
      kinds.push(["way", "on its way to this page"]);
    kinds.push(["waiting", "waiting its turn"]);
    kinds.push(how === "paper" ? ["due", "would sound"] : ["sounding", "sounding"]);
    if (how === "heard" && this.#rendition.playback.active) kinds.push(["due", "due to sound"]);
    if ((dues?.silences.length ?? 0) > 0) kinds.push(["dry", "dry spell"]);
    if (perRow > 1) kinds.push(["many", `a row is ${perRow.toLocaleString("en")} chunks`]);
    const key = kinds.join();
    if (this.#legend.dataset.of === key) return;
    this.#legend.dataset.of = key;
    this.#legend.replaceChildren(
      ...kinds.map(([kind, text]) => {
        const item = make("li", kind);
        write(item, text);
        return item;
      }),
    );
  }

  #say(told: Told): void {
    const { take } = this.#rendition;
    const count = this.#course.count;
    const index = this.#picked;
    const chunk = index === null ? undefined : this.#course.chunk(index);
    const summary = summarySentence(this.#course.summary(told, this.#plan?.perRow ?? 1));
    let text = summary;
    if (index !== null && chunk !== undefined) {
      const gone = told.until !== null && here(chunk) > told.until;
      text = chunkSentence({
        ...chunk,
        number: index + 1,
        of: count,
        bytes: Math.round(chunk.duration * take.rate) * take.sampleBytes,
        due: told.dues === null || gone ? null : told.dues.until(chunk.start),
        requested: take.chunks.requested !== null,
      });
    }
    write(this.#said, text);
    put(this.#plot, "aria-valuemax", String(Math.max(1, count)));
    put(this.#plot, "aria-valuenow", String(index === null ? 1 : index + 1));
    put(this.#plot, "aria-valuetext", text);
  }

  #listen(): void {
    const pick = (index: number | null) => {
      const most = this.#course.count - 1;
      this.#picked = index === null || most < 0 ? null : Math.min(most, Math.max(0, index));
      this.draw();
    };
    this.#plot.addEventListener("pointermove", (event) => {
      const plan = this.#plan;
      if (plan === null) return;
      const y = event.clientY - this.#plot.getBoundingClientRect().top - TOP * plan.em;
      const row = y / plan.rowHeight;
      const inside = row >= 0 && row < plan.rows;
      pick(inside ? Math.floor(row * plan.perRow) : null);
    });
    this.#plot.addEventListener("pointerleave", () => pick(null));
    this.#plot.addEventListener("blur", () => pick(null));
    this.#plot.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const to = target(event.key, this.#picked, this.#plan?.perRow ?? 1, this.#course.count);
      if (to === undefined) return;
      // Here they go from chunk to chunk, not through the sound.
      event.preventDefault();
      event.stopPropagation();
      pick(to);
    });
  }
}

/** Which chunk a key leads to; undefined if the key is none of ours. */
function target(key: string, picked: number | null, perRow: number, count: number) {
  const from = picked ?? -1;
  switch (key) {
    case "ArrowDown":
    case "ArrowRight":
      return from + 1;
    case "ArrowUp":
    case "ArrowLeft":
      return Math.max(0, from - 1);
    case "PageDown":
      return from + 10 * perRow;
    case "PageUp":
      return from - 10 * perRow;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}

function label(number: number): string {
  return number >= 10_000 ? `${Math.round(number / 1000)}k` : String(number);
}

function readColours(style: CSSStyleDeclaration): Colours {
  const read = (name: string) => [name, style.getPropertyValue(`--${name}`).trim()];
  return Object.fromEntries(COLOURS.map(read)) as Colours;
}

/** A clean pen whose unit is a CSS pixel, on a canvas as sharp as the screen. */
function sharp(canvas: HTMLCanvasElement, width: number, height: number) {
  const dots = globalThis.devicePixelRatio || 1;
  const w = Math.round(width * dots);
  const h = Math.round(height * dots);
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  const pen = canvas.getContext("2d");
  pen?.setTransform(dots, 0, 0, dots, 0, 0);
  pen?.clearRect(0, 0, width, height);
  return pen;
}
