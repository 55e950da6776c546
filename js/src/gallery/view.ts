/** A gallery in the page: a bar to turn pages and choose by, cells to click and hear. */

import type { Deck } from "../deck";
import { type DeskModel, room } from "../desk/room";
import type { SpeakerExports } from "../hub";
import { insteadOfStill } from "../still";
import { make, put, write } from "../view/elements";
import type { Theme } from "../view/theme";
import { Asking, type Wish } from "./asking";
import { Bar } from "./bar";
import { CellView } from "./cell";
import { columnsOf, moveFor } from "./moves";
import { type Page, parse } from "./page";
import { GALLERY_STYLES } from "./styles";

const BUSY = "The kernel is busy with a cell: the page comes when it is done.";
const GONE = "The kernel of this gallery has ended: run the cell again.";

export class GalleryView {
  readonly #model: DeskModel;
  readonly #signal: AbortSignal;
  readonly #host: HTMLElement;
  readonly #bar: Bar;
  readonly #cells = make("div", "cells", { role: "group", "aria-label": "Takes" });
  readonly #foot = make("div", "foot", { role: "status" });
  readonly #asking: Asking;
  readonly #judge: () => void;
  readonly #label: string;
  #speaker: SpeakerExports | null = null;
  #page: Page | null = null;
  #views: CellView[] = [];
  /** The cell that Tab leads to. */
  #at = 0;
  #deck: Deck | null = null;
  #shown = new AbortController();
  /** What stands in for the deck's own words. */
  #notice = "";
  #frame = 0;
  #waits = false;
  /** The kernel is gone. */
  #over = false;
  /** There is no Speaker to hear anything by. */
  #silent = false;

  constructor(model: DeskModel, el: HTMLElement, signal: AbortSignal) {
    this.#model = model;
    this.#signal = signal;
    this.#label = String(model.get("label") ?? "");
    const root = room(el, signal);
    const style = make("style", "");
    style.textContent = GALLERY_STYLES;
    this.#host = root.host as HTMLElement;
    const whole = make("div", "gallery", { role: "group", "aria-label": this.#label });
    this.#bar = new Bar(
      (step) => this.#turn(step),
      (where) => this.#ask({ page: 1, where }),
    );
    whole.append(this.#bar.el, this.#cells, this.#foot);
    root.append(style, whole);
    this.#judge = insteadOfStill(el, signal, () => {
      const known = this.#page !== null;
      return { known, worth: known };
    });
    this.#asking = new Asking({
      send: (message) => this.#send(message),
      waits: (waits) => this.#wait(waits),
      away: () => document.visibilityState === "hidden" || this.#deck?.active === true,
    });
    whole.addEventListener("keydown", (event) => this.#key(event));
    this.#listen();
    this.#write();
    this.#asking.ask({ page: 1, where: {} });
    signal.addEventListener("abort", () => {
      this.#asking.end();
      this.#leave();
    });
  }

  /** The Speaker was found; null: it is not there. */
  found(speaker: SpeakerExports | null): void {
    this.#speaker = speaker;
    this.#silent = speaker === null;
    this.#stand();
    this.#write();
  }

  #listen(): void {
    const heard = (content: unknown, buffers: unknown) => this.#received(content, buffers);
    const ended = () => this.#end();
    this.#model.on("msg:custom", heard);
    // Jupyter's widget manager says so when the kernel restarts or dies.
    this.#model.on("comm_live_update", ended);
    const recolour = new MutationObserver(() => {
      for (const view of this.#views) view.recolour();
    });
    recolour.observe(this.#host, { attributes: true, attributeFilter: ["data-theme"] });
    this.#signal.addEventListener("abort", () => {
      this.#model.off("msg:custom", heard);
      this.#model.off("comm_live_update", ended);
      recolour.disconnect();
    });
  }

  #send(message: object): void {
    try {
      this.#model.send(message);
    } catch {
      // Its comm is closed.
      this.#end();
    }
  }

  #end(): void {
    this.#over = true;
    this.#asking.end();
    this.#bar.end();
    this.#cells.removeAttribute("data-old");
    this.#write();
  }

  #ask(wish: Wish): void {
    put(this.#cells, "data-old", "");
    this.#asking.ask(wish);
  }

  /** From the page that was asked for last, be it here or not. */
  #turn(step: number): void {
    const { wish } = this.#asking;
    const page = wish.page + step;
    if (this.#over || page < 1 || page > (this.#page?.pages ?? 1)) return;
    this.#ask({ ...wish, page });
  }

  #wait(waits: boolean): void {
    this.#waits = waits;
    this.#write();
  }

  #received(content: unknown, buffers: unknown): void {
    const answer = parse(content, buffers);
    if (answer === null) return;
    const page = answer.type === "page" ? answer : this.#page;
    const shown = page === null ? { page: 1, where: {} } : wishOf(page);
    const grows = answer.type !== "problem" && answer.grows;
    if (!this.#asking.answered(answer.ask, grows, page?.known ?? "", shown)) return;
    this.#cells.removeAttribute("data-old");
    this.#notice = answer.type === "problem" ? answer.text : "";
    if (answer.type === "page") this.#show(answer);
    this.#write();
  }

  #show(page: Page): void {
    const same = this.#page?.page === page.page;
    const focused = this.#focused >= 0;
    this.#leave();
    this.#page = page;
    this.#judge();
    this.#bar.show(page);
    const theme = (): Theme => (this.#host.dataset.theme === "dark" ? "dark" : "light");
    this.#views = page.cells.map((cell) => new CellView(cell, page.seconds, theme));
    this.#views.forEach((view, index) => {
      view.el.addEventListener("click", () => this.#press(index));
    });
    this.#cells.replaceChildren(...this.#views.map((view) => view.el));
    this.#rove(same ? Math.min(this.#at, this.#views.length - 1) : 0, focused);
    this.#stand();
  }

  /** Get the page's takes ready to be heard. */
  #stand(): void {
    const takes = this.#views.flatMap(({ cell }) => (cell.take === null ? [] : [cell.take]));
    if (this.#speaker === null || takes.length === 0 || this.#deck !== null) return;
    this.#shown = new AbortController();
    this.#deck = this.#speaker.deck(takes, this.#shown.signal);
    this.#deck.onChange(() => this.#follow(), this.#shown.signal);
  }

  /** Let go of the page that is shown. */
  #leave(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#deck?.active === true) this.#deck.pause();
    this.#shown.abort();
    this.#deck = null;
  }

  #press(index: number): void {
    this.#rove(index, false);
    const take = this.#views[index]?.cell.take ?? null;
    const deck = this.#deck;
    if (take === null || deck === null) return;
    const mine = (deck.awaited ?? deck.current) === take;
    if (mine && deck.active) deck.pause();
    else if (mine && deck.phase === "paused") deck.play();
    else deck.play(take, 0);
    this.#follow();
  }

  #follow(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#move());
  }

  #move(): void {
    this.#frame = 0;
    const deck = this.#deck;
    if (deck === null) return;
    for (const view of this.#views) {
      const { take } = view.cell;
      if (take === null) continue;
      if (take === deck.awaited) view.show("waiting", 0);
      else if (take !== deck.current) view.show("idle", 0);
      else if (deck.phase === "paused") view.show("paused", deck.position());
      else if (!deck.active) view.show("idle", 0);
      else view.show(deck.phase === "playing" ? "playing" : "waiting", deck.position());
    }
    this.#write();
    if (deck.active) this.#follow();
  }

  #write(): void {
    const status = this.#deck?.status;
    const trouble = status?.tone === "alert" ? status.text : "";
    const axis = this.#page === null ? "" : axisText(this.#page);
    const gone = this.#over || this.#silent ? GONE : "";
    const said = this.#waits ? BUSY : gone || this.#notice || trouble || axis || this.#label;
    write(this.#foot, said);
    const wrong = said !== "" && [gone, this.#notice, trouble].includes(said);
    put(this.#foot, "data-tone", wrong ? "alert" : "quiet");
  }

  get #focused(): number {
    const root = this.#host.shadowRoot;
    return this.#views.findIndex(({ el }) => el === root?.activeElement);
  }

  /** Tab leads to one cell, arrows to the others. */
  #rove(index: number, focus: boolean): void {
    this.#at = Math.max(0, index);
    this.#views.forEach(({ el }, i) => {
      put(el, "tabindex", i === this.#at ? "0" : "-1");
    });
    if (focus) this.#views[this.#at]?.el.focus();
  }

  #key(event: KeyboardEvent): void {
    const focused = this.#focused;
    const page = this.#page;
    const inBar = event.composedPath()[0] instanceof HTMLSelectElement;
    const columns = columnsOf(this.#views.map(({ el }) => el.offsetTop));
    const move = moveFor(event, Math.max(0, focused), this.#views.length, columns);
    // Enter and Space are the buttons' own; a notebook would run the cell or scroll.
    if (event.key === "Enter" || event.key === " ") event.stopPropagation();
    if (move === null || page === null || inBar) return;
    if (typeof move === "number") {
      if (focused < 0) return;
      this.#rove(move, true);
    } else this.#turn(move === "next" ? 1 : -1);
    event.preventDefault();
    event.stopPropagation();
  }
}

function wishOf(page: Page): Wish {
  const chosen = page.filters.flatMap(({ name, chosen }) =>
    chosen === null ? [] : [[name, chosen] as const],
  );
  return { page: page.page, where: Object.fromEntries(chosen) };
}

function axisText({ seconds, cells }: Page): string {
  if (cells.length === 0) return "No take is like that.";
  if (seconds === 0) return "Nothing to hear on this page yet.";
  return `Every picture: 0 to ${seconds.toFixed(1)} s, 0 to 8 kHz, one range of levels.`;
}
