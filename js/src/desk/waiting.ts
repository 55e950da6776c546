/**
 * Whether what a person did still waits for the kernel. A kernel takes messages in their order, so
 * the answer to a ping that was sent after a control's message says that this one was taken.
 */

/** Milliseconds without an answer after which it is said. */
export const PATIENCE = 500;
/** Milliseconds between two pings, at least: each costs the kernel three messages. */
export const EVERY = 500;

export interface Ends {
  /** Send a ping of that number. */
  ping(number: number): void;
  show(waits: boolean): void;
}

export class Waiting {
  readonly #ends: Ends;
  /** Of the last ping; those of other pages have other numbers. */
  #number = Math.floor(Math.random() * 2 ** 40);
  #asked = false;
  /** Something was done since. */
  #again = false;
  #resting = false;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(ends: Ends) {
    this.#ends = ends;
  }

  /** A person did something that the kernel is to know. */
  acted(): void {
    if (this.#asked || this.#resting) this.#again = true;
    else this.#ping();
  }

  /** The kernel answered a ping. */
  answered(number: unknown): void {
    if (!this.#asked || number !== this.#number) return;
    this.#asked = false;
    clearTimeout(this.#patience);
    this.#ends.show(false);
    if (this.#again && !this.#resting) this.#ping();
  }

  /** Nothing is waited for any more. */
  end(): void {
    clearTimeout(this.#patience);
    clearTimeout(this.#rest);
    this.#asked = false;
    this.#again = false;
    this.#resting = false;
    this.#ends.show(false);
  }

  #ping(): void {
    this.#asked = true;
    this.#again = false;
    this.#resting = true;
    this.#number++;
    this.#patience = setTimeout(() => this.#ends.show(true), PATIENCE);
    this.#rest = setTimeout(() => {
      this.#resting = false;
      if (this.#again && !this.#asked) this.#ping();
    }, EVERY);
    this.#ends.ping(this.#number);
  }
}
