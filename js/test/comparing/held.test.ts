import { describe, expect, it } from "vitest";
import { type Act, actFor, type Focus } from "../../src/comparing/keys";

const plain = { ctrlKey: false, metaKey: false, altKey: false };
const act = (key: string, focus: Focus, held: object = {}): Act["act"] | null =>
  actFor({ key, ...plain, ...held }, 3, ["A", "B"], focus)?.act ?? null;
const HELD = { repeat: true };

describe("a key that is held down", () => {
  it.each(["Enter", " ", "2", "a", "m", "Home"])("acts once: %s", (key) => {
    expect(act(key, "card")).not.toBe("nothing");
    expect(act(key, "card", HELD)).toBe("nothing");
  });

  it("goes on through the sound", () => {
    expect(act("ArrowLeft", "card", HELD)).toBe("by");
  });

  it("does not press its button again and again", () => {
    expect(act("Enter", "button", HELD)).toBe("nothing");
    expect(act("Enter", "chosen", HELD)).toBe("nothing");
  });

  it("is nobody's where it means nothing here: the browser has it", () => {
    expect(act("Tab", "card", HELD)).toBeNull();
    expect(act("9", "card", HELD)).toBeNull();
  });
});

describe("a key where the focus is", () => {
  it("on a button presses it: nothing is confirmed from a stimulus or from Mute", () => {
    expect(act("Enter", "button")).toBeNull();
    expect(act(" ", "button")).toBeNull();
    expect(act("2", "button")).toBe("hear");
    expect(act("a", "button")).toBe("choose");
  });

  it("on the answer that is chosen already confirms it", () => {
    expect(act("Enter", "chosen")).toBe("confirm");
    expect(act(" ", "chosen")).toBeNull();
  });

  it("on the volume moves that, as a slider's do", () => {
    for (const key of ["ArrowLeft", "ArrowRight", "Home", "End"]) {
      expect(act(key, "volume")).toBeNull();
    }
    expect(act(" ", "volume")).toBe("toggle");
    expect(act("Enter", "volume")).toBe("confirm");
  });

  it("is not meant where it runs a cell by habit, or writes a letter with others", () => {
    expect(act("Enter", "card", { shiftKey: true })).toBe("nothing");
    expect(act("Enter", "chosen", { shiftKey: true })).toBe("nothing");
    expect(act("a", "card", { isComposing: true })).toBeNull();
    expect(act("Process", "card")).toBeNull();
    // Some keyboards have their digits behind Shift.
    expect(act("1", "card", { shiftKey: true })).toBe("hear");
  });
});
