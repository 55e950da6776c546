/** The text, its words lighting up as they are heard; a click on one goes there. */

import { Aligner } from "../take/align";
import type { Take } from "../take/take";

export class Words {
  readonly el = document.createElement("div");
  readonly #take: Take;
  #aligner = new Aligner();
  #spans: HTMLElement[] = [];
  readonly #rest = document.createTextNode("");
  #now = -1;
  #version = -1;
  #text = "";

  constructor(take: Take, seek: (seconds: number) => void) {
    this.#take = take;
    this.el.className = "words";
    // Not a live region: a screen reader would talk over the voice.
    this.el.append(this.#rest);
    this.el.addEventListener("click", (event) => {
      const index = event.target instanceof HTMLElement ? event.target.dataset.index : undefined;
      const word = index === undefined ? undefined : take.words.get(Number(index));
      if (word !== undefined) seek(word.start);
    });
  }

  /** `position`: seconds audible now, or null when nothing of it is being read. */
  draw(position: number | null): void {
    this.#write();
    this.el.hidden = this.#text === "" && this.#spans.length === 0;
    this.el.toggleAttribute("data-reading", position !== null && this.#spans.length > 0);
    const now = position === null ? -1 : this.#take.words.at(position);
    if (now === this.#now) return;
    const from = Math.min(now, this.#now);
    const to = Math.max(now, this.#now);
    for (let i = Math.max(0, from); i <= to; i++) {
      this.#spans[i]?.classList.toggle("said", i < now);
      this.#spans[i]?.classList.toggle("now", i === now);
    }
    this.#now = now;
    this.#follow();
  }

  #write(): void {
    const { text, words } = this.#take;
    if (words.version === this.#version && text === this.#text) return;
    this.#version = words.version;
    this.#text = text;
    if (!this.#aligner.follow(text)) {
      this.#spans = [];
      this.#now = -1;
      this.el.replaceChildren(this.#rest);
    }
    for (let i = this.#spans.length; i < words.whole; i++) {
      const { before, word } = this.#aligner.next(words.get(i)?.text ?? "");
      const span = document.createElement("span");
      span.className = "word";
      span.dataset.index = String(i);
      span.textContent = word;
      this.#rest.before(before, span);
      this.#spans.push(span);
    }
    this.#rest.data = this.#aligner.rest;
  }

  /** Keep the word that sounds in sight, without moving the page. */
  #follow(): void {
    const span = this.#spans[this.#now];
    if (span === undefined || this.el.scrollHeight <= this.el.clientHeight) return;
    const top = span.offsetTop;
    const { scrollTop, clientHeight } = this.el;
    if (top < scrollTop || top + span.offsetHeight > scrollTop + clientHeight) {
      this.el.scrollTop = top - clientHeight / 3;
    }
  }
}
