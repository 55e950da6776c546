/** The page's end of the Speaker's comm: signs what it sends, remembers when it last heard. */

import { sign, type ToKernel, type Unsigned } from "./messages";

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
  /** When the kernel's last message was sent (its clock) and when it arrived here (the page's). */
  latency: { readonly received: number; readonly arrived: number } | null = null;

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

  arrived(sent: number): void {
    this.latency = { received: sent, arrived: clock() };
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
