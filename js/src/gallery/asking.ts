/** Asking the kernel for a page, and saying that it waits where no answer comes. */

/** Milliseconds without an answer after which it is said. */
export const PATIENCE = 500;
/** Milliseconds between two looks for what has come since. */
export const AGAIN = 2000;

export type Where = Readonly<Record<string, number>>;

export interface Wish {
  readonly page: number;
  readonly where: Where;
}

export interface Ends {
  send(message: object): void;
  /** A person waits for the kernel, or no longer. */
  waits(waits: boolean): void;
  /** Whether it is no time to look again: nobody looks, or something is heard. */
  away(): boolean;
}

export class Asking {
  readonly #ends: Ends;
  /** Of the last asking; those of other views have other numbers. */
  #ask = Math.floor(Math.random() * 2 ** 40);
  #open = false;
  #wish: Wish = { page: 1, where: {} };
  #patience: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(ends: Ends) {
    this.#ends = ends;
  }

  /** What was asked for last. */
  get wish(): Wish {
    return this.#wish;
  }

  /** A person wants to see a page. */
  ask(wish: Wish): void {
    this.#wish = wish;
    this.#send("");
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#ends.waits(true), PATIENCE);
  }

  /** An answer came; false if something else was asked for since. */
  answered(ask: number, grows: boolean, known: string, shown: Wish): boolean {
    if (this.#open && ask !== this.#ask) return false;
    if (this.#open) this.#ends.waits(false);
    clearTimeout(this.#patience);
    this.#open = false;
    this.#wish = shown;
    clearTimeout(this.#again);
    if (grows) this.#again = setTimeout(() => this.#look(known), AGAIN);
    return true;
  }

  /** No answer comes any more. */
  end(): void {
    clearTimeout(this.#patience);
    clearTimeout(this.#again);
    if (this.#open) this.#ends.waits(false);
    this.#open = false;
  }

  #look(known: string): void {
    if (!this.#ends.away() && !this.#open) this.#send(known);
    else this.#again = setTimeout(() => this.#look(known), AGAIN);
  }

  #send(known: string): void {
    clearTimeout(this.#again);
    this.#open = true;
    this.#ask++;
    this.#ends.send({ type: "show", ask: this.#ask, ...this.#wish, known });
  }
}
