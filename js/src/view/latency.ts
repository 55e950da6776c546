/** The latency line: figures of how a take came and sounded, a button that opens their waterfall. */

import type { Rendition } from "../rendition";
import { Course } from "./course";
import { make, put, write } from "./elements";
import { DASH, type Figure, figures } from "./figures";
import { Waterfall } from "./waterfall";

/** Milliseconds between two updates of what only moves; events are shown at once. */
const EVERY = 200;

export class LatencyPart {
  readonly el = make("div", "latency");
  readonly #rendition: Rendition;
  readonly #course: Course;
  readonly #button = make("button", "latency-line", {
    type: "button",
    "aria-expanded": "false",
    "aria-controls": "chunks",
  });
  readonly #panel = make("div", "latency-panel", { id: "chunks" });
  readonly #waterfall: Waterfall;
  /** What the titles say, for those who cannot point. */
  readonly #told = make("dl", "unseen");
  readonly #figures = new Map<Figure["id"], Shown>();
  #drawnAt = Number.NEGATIVE_INFINITY;
  #events = "";
  #drawn = -1;
  #listens = false;

  constructor(rendition: Rendition, signal: AbortSignal) {
    this.#rendition = rendition;
    this.#course = new Course(rendition, signal);
    this.#waterfall = new Waterfall(rendition, this.#course);
    const name = make("span", "unseen");
    write(name, "Latency: ");
    this.#button.append(make("span", "fold", { "aria-hidden": "true" }), name);
    this.#panel.hidden = true;
    this.#panel.append(this.#told, this.#waterfall.el);
    this.el.append(this.#button, this.#panel);
    this.#button.addEventListener("click", () => this.#toggle());
  }

  /** Draw what has changed; true while there is more to come without an event of the take. */
  draw(): boolean {
    const { take, playback } = this.#rendition;
    const now = performance.now();
    const events = [
      take.state,
      take.ended,
      take.chunks.length > 0,
      playback.phase,
      playback.firstSound,
      playback.first?.dry.length,
      playback.prebuffer.seconds,
      playback.prebuffer.fixed,
    ].join();
    if (this.#open) this.#waterfall.tick();
    // A dry spell grows; before the first sound nothing moves by itself.
    const dries = playback.phase === "waiting" && playback.sounded;
    const moving = playback.phase === "playing" || dries;
    if (events === this.#events && now - this.#drawnAt < EVERY) return moving || this.#behind;
    this.#events = events;
    this.#drawnAt = now;
    this.#listens = this.#course.listen();
    this.#drawn = take.chunks.version;
    this.#course.watch();
    for (const figure of figures(this.#course.facts())) this.#show(figure);
    if (this.#open) this.#waterfall.draw();
    return moving || this.#listens;
  }

  recolour(): void {
    this.#waterfall.recolour();
    if (this.#open) this.#waterfall.draw();
  }

  /** Something came since the last drawing, or is still to be looked through. */
  get #behind(): boolean {
    return this.#listens || this.#rendition.take.chunks.version !== this.#drawn;
  }

  get #open(): boolean {
    return !this.#panel.hidden;
  }

  #toggle(): void {
    this.#panel.hidden = this.#open;
    put(this.#button, "aria-expanded", String(this.#open));
    if (this.#open) this.#waterfall.draw();
  }

  #show({ id, name, value, means, alert }: Figure): void {
    const shown = this.#figures.get(id) ?? this.#make(id);
    const before = `${name} `;
    if (shown.name.data !== before) shown.name.data = before;
    write(shown.value, value ?? DASH);
    write(shown.term, name);
    write(shown.told, value === null ? means : `${value}. ${means}`);
    put(shown.el, "title", means);
    shown.el.toggleAttribute("data-alert", alert === true);
    shown.el.toggleAttribute("data-known", value !== null);
  }

  #make(id: Figure["id"]): Shown {
    const shown: Shown = {
      el: make("span", `figure ${id}`),
      name: document.createTextNode(""),
      value: make("span", "value"),
      term: make("dt", ""),
      told: make("dd", ""),
    };
    shown.el.append(shown.name, shown.value, " ");
    // It moves all the time: the button's name leaves it out.
    if (id === "ahead") shown.el.setAttribute("aria-hidden", "true");
    this.#button.append(shown.el);
    this.#told.append(shown.term, shown.told);
    this.#figures.set(id, shown);
    return shown;
  }
}

/** A figure's elements: in the line, and in the list that says what it means. */
interface Shown {
  readonly el: HTMLElement;
  readonly name: Text;
  readonly value: HTMLElement;
  readonly term: HTMLElement;
  readonly told: HTMLElement;
}
