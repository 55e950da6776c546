import { describe, expect, it, vi } from "vitest";
import { askedBy, listenToKeys } from "../../src/view/keys";

const free = { ctrlKey: false, metaKey: false, altKey: false, isComposing: false };

/** As much of an element and of an event as keys need. */
function press(key: string, { stoppable = true, repeat = false, defaultPrevented = false } = {}) {
  let heard: (event: unknown) => void = () => {};
  const el = {
    addEventListener: (_: string, listener: typeof heard) => {
      heard = listener;
    },
  };
  const actions = { stop: vi.fn(() => stoppable), mute: vi.fn() };
  listenToKeys(el as unknown as HTMLElement, actions);
  const event = {
    ...free,
    key,
    repeat,
    defaultPrevented,
    preventDefault: vi.fn(),
    stopPropagation: vi.fn(),
  };
  heard(event);
  const taken = event.preventDefault.mock.calls.length > 0;
  expect(event.stopPropagation.mock.calls.length > 0).toBe(taken);
  return { stops: actions.stop.mock.calls.length, mutes: actions.mute.mock.calls.length, taken };
}

describe("the player's keys", () => {
  it("Escape stops and M silences, and nobody else gets to see them", () => {
    expect(press("Escape")).toEqual({ stops: 1, mutes: 0, taken: true });
    expect(press("m")).toEqual({ stops: 0, mutes: 1, taken: true });
    expect(press("M")).toEqual({ stops: 0, mutes: 1, taken: true });
  });

  it("an Escape that ends nothing is left to the notebook", () => {
    expect(press("Escape", { stoppable: false }).taken).toBe(false);
  });

  it("an M held down silences once, and stays away from the notebook", () => {
    expect(press("m", { repeat: true })).toEqual({ stops: 0, mutes: 0, taken: true });
  });

  it("what another control has used is not used again", () => {
    expect(press("m", { defaultPrevented: true })).toEqual({ stops: 0, mutes: 0, taken: false });
  });

  it("no other key is taken, nor one of the browser's or of an input method", () => {
    for (const key of ["a", "b", "j", "k", "Enter", "Tab", " ", "ArrowUp", "Mu"]) {
      expect(press(key).taken).toBe(false);
    }
    for (const held of ["ctrlKey", "metaKey", "altKey", "isComposing"]) {
      expect(askedBy({ ...free, key: "m", [held]: true })).toBeNull();
    }
  });
});
