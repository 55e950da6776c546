import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasStill, hideStill } from "../src/still";
import type { Take } from "../src/take/take";

const shared = globalThis as { document?: unknown };

/** As much of a take as decides whether a player has anything to offer. */
class FakeTake {
  format: object | null = {};
  cut = false;
  received = 0;
  #listeners: (() => void)[] = [];
  onChange(listener: () => void, signal: AbortSignal): void {
    this.#listeners.push(listener);
    signal.addEventListener("abort", () => {
      this.#listeners = [];
    });
  }
  become(facts: { format?: object; cut?: boolean; received?: number }): void {
    Object.assign(this, facts);
    for (const listener of this.#listeners) listener();
  }
}

let styles: { id: string; textContent: string }[];
let marks: Set<string>;
const el = {
  toggleAttribute: (name: string, on: boolean) => (on ? marks.add(name) : marks.delete(name)),
  removeAttribute: (name: string) => marks.delete(name),
} as unknown as HTMLElement;

beforeEach(() => {
  styles = [];
  marks = new Set();
  shared.document = {
    getElementById: (id: string) => styles.find((style) => style.id === id) ?? null,
    createElement: () => ({ id: "", textContent: "" }),
    head: { append: (style: { id: string; textContent: string }) => styles.push(style) },
  };
});

afterEach(() => {
  delete shared.document;
});

function mount(take: FakeTake): AbortController {
  const view = new AbortController();
  hideStill(take as unknown as Take, el, view.signal);
  return view;
}

describe("the picture behind a player", () => {
  it("is hidden while the player is there, by one rule for all players", () => {
    const first = mount(new FakeTake());
    mount(new FakeTake());
    expect(styles).toHaveLength(1);
    expect(styles[0]?.textContent).toMatch(/:has\(\[data-[a-z-]+\]\) \+ .*display: none/);
    expect(marks.size).toBe(1);
    first.abort();
    expect(marks.size).toBe(0);
  });

  it("is seen until the player knows its take", () => {
    const take = new FakeTake();
    take.format = null;
    mount(take);
    expect(marks.size).toBe(0);
    take.become({ format: {} });
    expect(marks.size).toBe(1);
  });

  it("is there again when the kernel has lost the take and nothing of it had come", () => {
    const take = new FakeTake();
    mount(take);
    take.become({ cut: true });
    expect(marks.size).toBe(0);
  });

  it("stays hidden when the kernel is gone and the page can play on", () => {
    const take = new FakeTake();
    mount(take);
    take.become({ cut: true, received: 1000 });
    expect(marks.size).toBe(1);
  });
});

describe("looking for the picture", () => {
  const output = (behind: unknown) => ({ closest: () => ({ nextElementSibling: behind }) });
  const found = (at: unknown) => hasStill(at as Element);

  it("finds it in the next output alone", () => {
    expect(found(output({ matches: () => true, querySelector: () => ({}) }))).toBe(true);
    expect(found(output({ matches: () => true, querySelector: () => null }))).toBe(false);
    expect(found(output({ matches: () => false, querySelector: () => ({}) }))).toBe(false);
    expect(found(output(null))).toBe(false);
    expect(found({ closest: () => null })).toBe(false);
  });
});
