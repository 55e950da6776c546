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

  /** Take a text; false when it does not go on from the one before and all must begin anew. */
  follow(text: string): boolean {
    const goesOn = text.startsWith(this.#text.slice(0, this.#cursor));
    this.#text = text;
    if (!goesOn) this.#cursor = 0;
    return goesOn;
  }

  /** What to write before `word`, and the word as the text has it. */
  next(word: string): { readonly before: string; readonly word: string } {
    const from = this.#cursor;
    const near = this.#text.slice(from, from + REACH + word.length);
    const at = word === "" ? -1 : near.toLowerCase().indexOf(word.toLowerCase());
    if (at < 0) {
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
