/** As much of anywidget's model as the Speaker and a Link use; what is sent is kept. */

import type { Model } from "../src/link";
import type { Open, ToKernel } from "../src/messages";

export class FakeModel implements Model {
  readonly sent: ToKernel[] = [];
  readonly #state: Record<string, unknown> = { speaker_id: "s1", volume: 1, prebuffer: null };
  readonly #listeners: [string, (...args: unknown[]) => void][] = [];

  get(name: string): unknown {
    return this.#state[name];
  }
  set(name: string, value: unknown): void {
    this.#state[name] = value;
  }
  save_changes(): void {}
  send(message: ToKernel): void {
    this.sent.push(message);
  }
  on(name: string, callback: (...args: never[]) => void): void {
    this.#listeners.push([name, callback as (...args: unknown[]) => void]);
  }
  emit(name: string, ...args: unknown[]): void {
    for (const [of, listener] of this.#listeners) if (of === name) listener(...args);
  }
}

/** How the kernel opens a take of which nothing has come yet. */
export const open: Open = {
  type: "open",
  take: "t1",
  sent: 1,
  text: "hello",
  backend: { name: "engine", label: "built-in engine" },
  voice: "v",
  encoding: "pcm_s16le",
  sample_rate: 8000,
  play: false,
  interrupt: false,
  heard: null,
  state: "speaking",
  bytes: 0,
  words: 0,
};
