/**
 * The text, its words lighting up as they are heard; a click on one goes there.
 *
 * A long text stands in paragraphs: the browser then lays out those in sight alone, which for an
 * hour's words, all in one, took it 27 ms for each word that is heard.
 */

import { Aligner } from "../take/align";
import type { Take } from "../take/take";

/** Words written at once: some milliseconds' worth. */
const AT_ONCE = 400;
/** Words after which the next end of a sentence ends the paragraph, and any word does. */
const LONG = 120;
const LONGEST = 400;
const SENTENCE_ENDS = /[.!?…。！？]["'”’)]*$/u;

export class Words {
  readonly el = document.createElement("div");
  readonly #take: Take;
  #aligner = new Aligner();
  #spans: HTMLElement[] = [];
  readonly #rest = document.createTextNode("");
  /** Index of the last paragraph's first word. */
  #first = 0;
  #now = -1;
  #version = -1;
  #text = "";

  constructor(take: Take, seek: (seconds: number) => void) {
    this.#take = take;
    this.el.className = "words";
    // Not a live region: a screen reader would talk over the voice.
    this.#clear();
    this.el.addEventListener("click", (event) => {
      const index = event.target instanceof HTMLElement ? event.target.dataset.index : undefined;
      const word = index === undefined ? undefined : take.words.get(Number(index));
      if (word !== undefined) seek(word.start);
    });
  }

  /**
   * `position`: seconds audible now, or null when nothing of it is being read. True while there
   * are more words to write.
   */
  draw(position: number | null): boolean {
    this.#write();
    this.#light(position);
    return this.#spans.length < this.#take.words.whole;
  }

  #light(position: number | null): void {
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
    const whole = this.#spans.length === words.whole;
    if (whole && words.version === this.#version && text === this.#text) return;
    this.#version = words.version;
    this.#text = text;
    if (!this.#aligner.follow(text)) {
      this.#clear();
    }
    const end = Math.min(words.whole, this.#spans.length + AT_ONCE);
    for (let i = this.#spans.length; i < end; i++) {
      const { before, word } = this.#aligner.next(words.get(i)?.text ?? "");
      const span = document.createElement("span");
      span.className = "word";
      span.dataset.index = String(i);
      span.textContent = word;
      // The space that a break stands for would push the paragraph's first line in.
      this.#rest.before(this.#first === i && i > 0 ? before.trimStart() : before, span);
      this.#spans.push(span);
      const long = i + 1 - this.#first;
      if (long >= LONGEST || (long >= LONG && SENTENCE_ENDS.test(word))) this.#begin();
    }
    this.#rest.data = this.#aligner.rest;
  }

  #clear(): void {
    this.#spans = [];
    this.#now = -1;
    this.el.replaceChildren();
    this.#begin();
  }

  #begin(): void {
    const paragraph = document.createElement("div");
    paragraph.className = "paragraph";
    this.#first = this.#spans.length;
    paragraph.append(this.#rest);
    this.el.append(paragraph);
  }

  /** Keep the word that sounds in sight, without moving the page. */
  #follow(): void {
    const span = this.#spans[this.#now];
    if (span === undefined || this.el.scrollHeight <= this.el.clientHeight) return;
    const box = this.el.getBoundingClientRect();
    const word = span.getBoundingClientRect();
    if (word.top < box.top || word.bottom > box.bottom) {
      this.el.scrollTop += word.top - box.top - box.height / 3;
    }
  }
}
