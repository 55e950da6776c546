import { describe, expect, it, vi } from "vitest";
import { askedBy, listenToKeys } from "../../src/view/keys";

const free = { ctrlKey: false, metaKey: false, altKey: false, isComposing: false };

/** As much of an element and of an event as keys need. */
function press(
  key: string,
  { stoppable = true, repeat = false, defaultPrevented = false, shiftKey = false } = {},
) {
  let heard: (event: unknown) => void = () => {};
  const el = {
    addEventListener: (_: string, listener: typeof heard) => {
      heard = listener;
    },
  };
  const actions = {
    stop: vi.fn(() => stoppable),
    mute: vi.fn(),
    loop: vi.fn(),
    loopStart: vi.fn(),
    loopEnd: vi.fn(),
  };
  listenToKeys(el as unknown as HTMLElement, actions);
  const event = {
    ...free,
    key,
    shiftKey,
    repeat,
    defaultPrevented,
    preventDefault: vi.fn(),
    stopPropagation: vi.fn(),
  };
  heard(event);
  const taken = event.preventDefault.mock.calls.length > 0;
  const kept = event.stopPropagation.mock.calls.length > 0;
  const calls = Object.entries(actions).filter(([, action]) => action.mock.calls.length > 0);
  return { did: calls.map(([name]) => name).join(), taken, kept };
}

describe("the player's keys", () => {
  it.each([
    ["Escape", "stop"],
    ["m", "mute"],
    ["M", "mute"],
    ["l", "loop"],
    ["L", "loop"],
    ["[", "loopStart"],
    ["]", "loopEnd"],
  ])("%s does %s, and nobody else gets to see it", (key, did) => {
    expect(press(key)).toEqual({ did, taken: true, kept: true });
  });

  it("an Escape that ends nothing is left to the notebook", () => {
    expect(press("Escape", { stoppable: false }).taken).toBe(false);
  });

  it("a key held down acts once, and stays away from the notebook", () => {
    for (const key of ["m", "l", "["]) {
      expect(press(key, { repeat: true })).toEqual({ did: "", taken: true, kept: true });
    }
  });

  it("what another control has used is not used again", () => {
    expect(press("m", { defaultPrevented: true })).toEqual({ did: "", taken: false, kept: false });
  });

  it("no other key is taken, nor one of the browser's or of an input method", () => {
    for (const key of ["a", "b", "j", "k", "Tab", "Mu"]) {
      expect(press(key)).toEqual({ did: "", taken: false, kept: false });
    }
    for (const held of ["ctrlKey", "metaKey", "altKey", "isComposing"]) {
      for (const key of ["m", "["]) expect(askedBy({ ...free, key, [held]: true })).toBeNull();
    }
  });

  it("what a browser's own control does with a key it does, and the notebook sees none of it", () => {
    for (const key of ["Enter", " ", "ArrowUp", "ArrowLeft", "Home", "PageDown"]) {
      expect(press(key)).toEqual({ did: "", taken: false, kept: true });
    }
    // Runs the notebook's cell.
    expect(press("Enter", { shiftKey: true }).kept).toBe(false);
  });

  it("brackets are brackets where they are behind AltGr", () => {
    const getModifierState = (name: string) => name === "AltGraph";
    const held = { ...free, key: "[", ctrlKey: true, altKey: true };
    expect(askedBy({ ...held, getModifierState })).toBe("loopStart");
  });
});
