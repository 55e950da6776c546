/**
 * The waterfall of a take's chunks: a row for each, from when the kernel received it to when it had
 * sounded, over the seconds since the request; below it what was in hand.
 *
 * Only the canvas is drawn anew, and only when something of it has changed; the line of now moves
 * above it. The picture in words stands below, and tells of one chunk when that is pointed at.
 */

import { clock } from "../link";
import type { Rendition } from "../rendition";
import { Cascade, chunkAt, HEIGHT, type Palette, type Plan, paletteAt, planOf } from "./cascade";
import type { Course, Told } from "./course";
import { here } from "./dues";
import { make, put, write } from "./elements";
import { chunkSentence, summarySentence } from "./figures";
import { Changed, Sheet } from "./sheet";

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
  readonly #sheet = new Sheet();
  readonly #now = make("div", "now-line", { "aria-hidden": "true" });
  readonly #said = make("p", "chunk-said");
  readonly #legend = make("ul", "legend", { "aria-hidden": "true" });
  readonly #changed = new Changed();
  #plan: Plan | null = null;
  #palette: Palette | null = null;
  #picked: number | null = null;

  constructor(rendition: Rendition, course: Course) {
    this.#rendition = rendition;
    this.#course = course;
    this.#plot.style.height = `${HEIGHT.all}em`;
    this.#now.style.top = `${HEIGHT.from}em`;
    this.#now.style.height = `${HEIGHT.axis}em`;
    this.#plot.append(this.#sheet.el, this.#now);
    this.el.append(this.#legend, this.#plot, this.#said);
    this.#listen();
    new ResizeObserver(() => {
      this.#sheet.fit();
      this.#changed.forget();
      this.draw();
    }).observe(this.#plot);
  }

  recolour(): void {
    this.#palette = null;
    this.#changed.forget();
  }

  /** Move the line of now: cheap enough for every frame. */
  tick(): void {
    const { take, playback } = this.#rendition;
    const plan = this.#plan;
    const at = playback.phase === "playing" ? take.chunks.place(clock()) : null;
    const shown = plan !== null && at !== null && at <= plan.seconds && this.#plays;
    this.#now.hidden = !shown;
    if (!shown) return;
    const x = plan.left + (at / plan.seconds) * plan.width;
    this.#now.style.transform = `translateX(${x.toFixed(1)}px)`;
  }

  /** Its first listening goes on, undisturbed. */
  get #plays(): boolean {
    const { first, active } = this.#rendition.playback;
    return (
      active && first !== null && first.disturbed === null && this.#course.told.how === "heard"
    );
  }

  /** Draw what has changed. */
  draw(): void {
    const { chunks, ended, live } = this.#rendition.take;
    const told = this.#course.told;
    const now = this.#plays ? (chunks.place(clock()) ?? 0) : null;
    const silent = told.dues?.silences.length;
    const of = [chunks.version, told.how, silent, told.until, ended, live] as const;
    if (!this.#changed.since(...of, this.#picked, now?.toFixed(1))) return;
    const pen = this.#sheet.clean();
    if (pen === null) return;
    const style = getComputedStyle(this.#plot);
    const em = Number.parseFloat(style.fontSize);
    // A host may take the output out of the page for a while: there it has no size and no colour.
    if (Number.isNaN(em)) {
      this.#changed.forget();
      return;
    }
    this.#palette ??= paletteAt(style);
    this.#plan = planOf(this.#course, told, em, this.#sheet.width);
    new Cascade(pen, this.#course, this.#plan, told, this.#palette, style.fontFamily).draw(
      now,
      this.#picked,
    );
    this.#explain(told, this.#plan.perRow);
    this.#say(told, this.#plan.perRow);
  }

  /** The legend, of what there is to see. */
  #explain({ how, dues }: Told, perRow: number): void {
    const kinds: [string, string][] = [["received", "received by the kernel"]];
    const arrived = this.#course.chunk(0)?.arrived ?? null;
    if (arrived !== null) kinds.push(["way", "on its way to this page"]);
    if (dues !== null) kinds.push(["waiting", "waiting its turn"]);
    if (how === "heard") kinds.push(["sounding", "sounding"]);
    if (how === "heard" && this.#plays) kinds.push(["due", "due to sound"]);
    if (how === "paper") kinds.push(["due", "would sound, played as it came"]);
    if (dues !== null && dues.silences.length > 0) {
      kinds.push(["dry", how === "paper" ? "would run dry" : "dry spell"]);
    }
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

  #say(told: Told, perRow: number): void {
    const { take } = this.#rendition;
    const { count } = this.#course;
    const index = this.#picked ?? 0;
    const chunk = this.#course.chunk(index);
    const summary = summarySentence(this.#course.summary(told, perRow));
    let sentence = summary;
    if (chunk !== undefined) {
      const late = told.until !== null && here(chunk) > told.until;
      sentence = chunkSentence({
        ...chunk,
        number: index + 1,
        of: take.live ? null : count,
        bytes: Math.round(chunk.duration * take.rate) * take.sampleBytes,
        due: told.dues === null || late ? null : told.dues.until(chunk.start),
        requested: this.#course.requested,
      });
    }
    write(this.#said, this.#picked === null ? summary : sentence);
    put(this.#plot, "aria-valuemax", String(Math.max(1, count)));
    put(this.#plot, "aria-valuenow", String(index + 1));
    put(this.#plot, "aria-valuetext", sentence);
  }

  #pick(index: number | null): void {
    const most = this.#course.count - 1;
    this.#picked = index === null || most < 0 ? null : Math.min(most, Math.max(0, index));
    this.draw();
  }

  #listen(): void {
    this.#plot.addEventListener("pointermove", (event) => {
      const y = event.clientY - this.#plot.getBoundingClientRect().top;
      this.#pick(this.#plan === null ? null : chunkAt(this.#plan, y));
    });
    this.#plot.addEventListener("pointerleave", () => this.#pick(null));
    this.#plot.addEventListener("focus", () => {
      if (this.#picked === null && this.#plot.matches(":focus-visible")) this.#pick(0);
    });
    this.#plot.addEventListener("blur", () => this.#pick(null));
    this.#plot.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const to = ledTo(event.key, this.#picked ?? -1, this.#plan?.perRow ?? 1, this.#course.count);
      if (to === null) return;
      // Here they go from chunk to chunk, not through the sound.
      event.preventDefault();
      event.stopPropagation();
      this.#pick(to);
    });
  }
}

/** Which chunk a key leads to; null if the key is none of ours. */
function ledTo(key: string, from: number, perRow: number, count: number): number | null {
  switch (key) {
    case "ArrowDown":
    case "ArrowRight":
      return from + 1;
    case "ArrowUp":
    case "ArrowLeft":
      return from - 1;
    case "PageDown":
      return from + 10 * perRow;
    case "PageUp":
      return from - 10 * perRow;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}
