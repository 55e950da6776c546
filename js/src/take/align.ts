/**
 * Where each spoken word stands in the text, found from left to right as words come.
 *
 * Cartesia's words may lack some of the text ("2 + 2 = 4"), come by character (Chinese, Japanese),
 * or not stand in the text at all; what stands between two words is kept, so that the text reads as
 * it was written.
 */

/** A word that is not found within so many characters is taken to be missing from the text. */
const REACH = 80;

export class Aligner {
  #text = "";
  #cursor = 0;
  #missed = false;

  /**
   * Take a text; false when all words must be placed anew: it does not go on from the one before,
   * or a word was not found in that one and may stand in this (words can come before their text).
   */
  follow(text: string): boolean {
    const goesOn = text.startsWith(this.#text.slice(0, this.#cursor));
    const settled = goesOn && !(this.#missed && text !== this.#text);
    this.#text = text;
    if (!settled) this.#cursor = 0;
    if (!settled) this.#missed = false;
    return settled;
  }

  /** What to write before `word`, and the word as the text has it. */
  next(word: string): { readonly before: string; readonly word: string } {
    const from = this.#cursor;
    const near = this.#text.slice(from, from + REACH + word.length);
    const at = word === "" ? -1 : near.toLowerCase().indexOf(word.toLowerCase());
    if (at < 0) {
      this.#missed = true;
      const spaced = from === 0 || /\s$/.test(this.#text.slice(0, from));
      return { before: spaced ? "" : " ", word };
    }
    this.#cursor = from + at + word.length;
    return { before: near.slice(0, at), word: near.slice(at, at + word.length) };
  }

  /** The text after the last word found. */
  get rest(): string {
    return this.#text.slice(this.#cursor);
  }
}
