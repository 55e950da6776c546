import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HUB } from "../src/hub";
import player from "../src/player";
import type { Looks } from "../src/view/looks";

/** As much of an element as a Player uses. */
class FakeElement {
  readonly style = { cssText: "" };
  textContent = "";
  children: FakeElement[] = [];
  /** The output behind this one, in a notebook. */
  behind: object | null = null;
  closest(): object {
    return { nextElementSibling: this.behind };
  }
  replaceChildren(...children: FakeElement[]): void {
    this.children = children;
  }
  get text(): string {
    return this.children.map((child) => child.textContent).join("");
  }
}

const shared = globalThis as { [HUB]?: unknown; document?: unknown };
const traits: Record<string, unknown> = {
  speaker_id: "s1",
  speaker: "anywidget:m1",
  take: "t1",
  label: "Hello <b>there</b>",
  show: ["wave"],
  size: 2,
};
const model = { get: (name: string) => traits[name], on: () => {}, off: () => {} };

let el: FakeElement;
let mounted: string[];
let looks: Looks | undefined;
const speaker = {
  mount(take: string, _el: unknown, _signal: AbortSignal, look: Looks) {
    mounted.push(take);
    looks = look;
  },
};

beforeEach(() => {
  vi.useFakeTimers();
  shared.document = { createElement: () => new FakeElement() };
  el = new FakeElement();
  mounted = [];
});

afterEach(() => {
  vi.useRealTimers();
  delete shared[HUB];
  delete shared.document;
});

function show(host?: { getWidget(ref: string): Promise<{ exports: unknown }> }): () => void {
  const view = { model, el: el as unknown as HTMLElement };
  return player.render(host === undefined ? view : { ...view, host });
}

describe("a Player", () => {
  it("shows its take through the Speaker that is there", async () => {
    shared[HUB] = { speakers: new Map([["s1", speaker]]) };
    show();
    await vi.advanceTimersByTimeAsync(0);
    expect(mounted).toEqual(["t1"]);
    expect(looks?.now).toEqual({ show: ["wave"], size: 2 });
  });

  it("waits for a Speaker that comes later, and says meanwhile what it will show", async () => {
    show();
    expect(el.text).toBe("Hello <b>there</b>");
    await vi.advanceTimersByTimeAsync(300);
    shared[HUB] = { speakers: new Map([["s1", speaker]]) };
    await vi.advanceTimersByTimeAsync(100);
    expect(mounted).toEqual(["t1"]);
  });

  it("asks the host for the Speaker where widgets load only when shown", async () => {
    const asked: string[] = [];
    show({
      getWidget: async (ref) => {
        asked.push(ref);
        return { exports: speaker };
      },
    });
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toEqual(["anywidget:m1"]);
    expect(mounted).toEqual(["t1"]);
  });

  it("says so, within bounded time, where there is none", async () => {
    show({ getWidget: async () => Promise.reject(new Error("no such model")) });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(el.text).toContain("Run the cell again");
  });

  it("says little where the picture of its take tells the rest", async () => {
    el.behind = { matches: () => true, querySelector: () => ({ naturalWidth: 1520 }) };
    show();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(el.text).toBe("Run the cell again to hear it.");
  });

  it("that was removed meanwhile shows nothing", async () => {
    const remove = show();
    remove();
    shared[HUB] = { speakers: new Map([["s1", speaker]]) };
    await vi.advanceTimersByTimeAsync(10_000);
    expect(mounted).toEqual([]);
  });
});
