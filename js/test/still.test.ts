import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
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
/** The width of the picture behind, if there is one. */
let picture: number | null;
const el = {
  closest: () => ({ nextElementSibling: behind(picture) }),
  toggleAttribute: (name: string, on: boolean) => (on ? marks.add(name) : marks.delete(name)),
  removeAttribute: (name: string) => marks.delete(name),
} as unknown as HTMLElement;

function behind(width: number | null): object | null {
  if (width === null) return null;
  return { matches: () => true, querySelector: () => ({ naturalWidth: width }) };
}

beforeEach(() => {
  vi.useFakeTimers();
  styles = [];
  marks = new Set();
  picture = 1520;
  shared.document = {
    getElementById: (id: string) => styles.find((style) => style.id === id) ?? null,
    createElement: () => ({ id: "", textContent: "" }),
    head: { append: (style: { id: string; textContent: string }) => styles.push(style) },
  };
});

afterEach(() => {
  vi.useRealTimers();
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

describe("a player that knows nothing", () => {
  const lost = "data-cartesia-nb-lost";
  const unknown = () => {
    const take = new FakeTake();
    take.format = null;
    return take;
  };

  it("makes way for the picture after a while, until it knows its take", () => {
    const take = unknown();
    mount(take);
    vi.advanceTimersByTime(2900);
    expect(marks.has(lost)).toBe(false);
    vi.advanceTimersByTime(200);
    expect(marks.has(lost)).toBe(true);
    take.become({ format: {} });
    expect(marks.has(lost)).toBe(false);
  });

  it.each([null, 1])("stays where there is no picture yet: %s", (width) => {
    picture = width;
    mount(unknown());
    vi.advanceTimersByTime(10_000);
    expect(marks.has(lost)).toBe(false);
  });

  it("leaves nothing behind when it goes", () => {
    const view = mount(unknown());
    view.abort();
    vi.advanceTimersByTime(10_000);
    expect(marks.size).toBe(0);
  });
});

describe("looking for the picture", () => {
  const found = (next: unknown) =>
    hasStill({ closest: () => ({ nextElementSibling: next }) } as unknown as Element);

  it("finds it in the next output alone, and takes what keeps its place for none", () => {
    expect(found(behind(1520))).toBe(true);
    expect(found(behind(1))).toBe(false);
    expect(found({ matches: () => true, querySelector: () => null })).toBe(false);
    expect(found({ matches: () => false, querySelector: () => ({ naturalWidth: 9 }) })).toBe(false);
    expect(found(null)).toBe(false);
    expect(hasStill({ closest: () => null } as unknown as Element)).toBe(false);
  });
});
