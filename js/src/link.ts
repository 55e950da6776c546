/** The page's end of the Speaker's comm: signs what it sends, remembers when it last heard. */

import { type Down, sign, type ToKernel, type Unsigned } from "./messages";

/** The part of anywidget's model that is used here. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: ToKernel): void;
  on(name: string, callback: (...args: never[]) => void): void;
}

export function clock(): number {
  return performance.now() / 1000;
}

export class Link {
  readonly #model: Model;
  readonly #page: string;
  #open = true;
  #down: Down | null = null;

  constructor(model: Model, page: string) {
    this.#model = model;
    this.#page = page;
  }

  get open(): boolean {
    return this.#open;
  }

  close(): void {
    this.#open = false;
  }

  /** A message that the kernel sent at `sent`, its clock, arrived at `arrived`, the page's. */
  arrived(sent: number, arrived: number): void {
    const down = this.#down;
    if (down === null || sent - arrived > down.sent - down.arrived) {
      this.#down = { sent, arrived };
    }
  }

  /** The quickest of the messages that have come since this was last asked; null: none has. */
  takeDown(): Down | null {
    const down = this.#down;
    this.#down = null;
    return down;
  }

  /** Send, if the kernel is still there; a failure is said in the console and nowhere thrown. */
  send(message: Unsigned): void {
    if (!this.#open) return;
    try {
      this.#model.send(sign(message, this.#page, clock()));
    } catch (error) {
      console.warn(`[cartesia_nb] could not send ${message.type}:`, error);
    }
  }
}
