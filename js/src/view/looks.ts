/** What of a player is shown and how large, as its model says; it may change at any time. */

/** The parts of a player, from top to bottom. */
export const PARTS = ["wave", "spectrogram", "words", "latency"] as const;
export type Part = (typeof PARTS)[number];

export interface Look {
  readonly show: readonly Part[];
  /** A factor on every length. */
  readonly size: number;
}

const SMALLEST = 0.75;
const LARGEST = 3;

/** The part of anywidget's model that is used here. */
export interface LookModel {
  get(name: string): unknown;
  on(name: string, callback: () => void): void;
  off(name: string, callback: () => void): void;
}

export class Looks {
  #now: Look = { show: PARTS, size: 1 };
  readonly #listeners = new Set<() => void>();

  /** Follows `model`, if there is one, until `signal` is aborted. */
  constructor(model?: LookModel, signal?: AbortSignal) {
    if (model === undefined) return;
    const read = () => {
      this.#now = { show: partsOf(model.get("show")), size: sizeOf(model.get("size")) };
      for (const listener of [...this.#listeners]) listener();
    };
    read();
    for (const name of ["change:show", "change:size"]) {
      model.on(name, read);
      signal?.addEventListener("abort", () => model.off(name, read));
    }
  }

  get now(): Look {
    return this.#now;
  }

  onChange(listener: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener));
  }
}

/** What is known of a list, in the parts' order; everything where there is no list. */
function partsOf(value: unknown): readonly Part[] {
  return Array.isArray(value) ? PARTS.filter((part) => value.includes(part)) : PARTS;
}

function sizeOf(value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) return 1;
  return Math.min(LARGEST, Math.max(SMALLEST, value));
}
