import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeSeeker, type SeekActions } from "../../src/view/seeker";

/** As much of an element as a slider uses; it is 200 pixels wide and begins at 100, 50. */
class FakeElement {
  className = "";
  readonly #listeners = new Map<string, (event: unknown) => void>();
  setAttribute(): void {}
  setPointerCapture(): void {}
  getBoundingClientRect() {
    return { left: 100, top: 50, width: 200 };
  }
  addEventListener(name: string, listener: (event: unknown) => void): void {
    this.#listeners.set(name, listener);
  }
  fire(name: string, event: Record<string, unknown> = {}): void {
    this.#listeners.get(name)?.({ button: 0, pointerId: 1, pointerType: "mouse", ...event });
  }
}

const shared = globalThis as { document?: unknown };
let el: FakeElement;
let said: unknown[][];

beforeEach(() => {
  shared.document = { createElement: () => new FakeElement() };
  said = [];
  const names = ["to", "preview", "choose", "by", "toStart", "toEnd", "toggle"] as const;
  const actions = Object.fromEntries(
    names.map((name) => [name, (...args: unknown[]) => said.push([name, ...args])]),
  );
  const point = () => {};
  el = makeSeeker({ ...actions, point } as unknown as SeekActions) as unknown as FakeElement;
});

afterEach(() => {
  delete shared.document;
});

describe("the slider over the axis", () => {
  it("shows where it is dragged to, and goes there when let go", () => {
    el.fire("pointerdown", { clientX: 120, clientY: 60 });
    el.fire("pointermove", { clientX: 160, clientY: 60 });
    el.fire("pointerup", { clientX: 900, clientY: 60 });
    expect(said).toEqual([
      ["preview", 20],
      ["preview", 60],
      ["preview", null],
      ["to", 200],
    ]);
  });

  it("chooses a region with Shift, and goes nowhere", () => {
    el.fire("pointerdown", { clientX: 120, clientY: 60, shiftKey: true });
    el.fire("pointermove", { clientX: 160, clientY: 60 });
    el.fire("pointerup", { clientX: 170, clientY: 60 });
    expect(said).toEqual([
      ["choose", 20, 60, false],
      ["preview", null],
      ["choose", 20, 70, true],
    ]);
  });

  it("a drag that the system ends goes nowhere and chooses nothing", () => {
    el.fire("pointerdown", { clientX: 120, clientY: 60, shiftKey: true });
    el.fire("pointermove", { clientX: 160, clientY: 60 });
    said.length = 0;
    el.fire("pointercancel");
    el.fire("pointermove", { clientX: 180, clientY: 60 });
    expect(said).toEqual([
      ["choose", 20, 20, true],
      ["preview", null],
    ]);
  });

  it("takes the keys of a slider, and none with Ctrl, Meta or Alt", () => {
    const press = (key: string, held = {}) => {
      const preventDefault = vi.fn();
      el.fire("keydown", { key, preventDefault, stopPropagation: preventDefault, ...held });
      return preventDefault.mock.calls.length;
    };
    const keys = ["ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End", " "];
    for (const key of keys) expect(press(key)).toBe(2);
    expect(said).toEqual([
      ["by", -1],
      ["by", 1],
      ["by", 5],
      ["by", -5],
      ["toStart"],
      ["toEnd"],
      ["toggle"],
    ]);
    for (const held of ["ctrlKey", "metaKey", "altKey"]) {
      for (const key of keys) expect(press(key, { [held]: true })).toBe(0);
    }
    for (const key of ["a", "Tab", "Enter"]) expect(press(key)).toBe(0);
  });
});
