import { describe, expect, it } from "vitest";
import { actFor } from "../../src/comparing/keys";

const key = (key: string, held: object = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
});
const choices = ["A", "B"];

describe("a key among takes that are compared", () => {
  it("by number goes to that one, as far as there are any", () => {
    expect(actFor(key("1"), 3, [])).toEqual({ act: "hear", index: 0 });
    expect(actFor(key("3"), 3, [])).toEqual({ act: "hear", index: 2 });
    expect(actFor(key("4"), 3, [])).toBeNull();
    expect(actFor(key("0"), 9, [])).toBeNull();
  });

  it("plays, and goes back and on", () => {
    const acts = [" ", "ArrowLeft", "ArrowRight", "Home", "End"].map((name) =>
      actFor(key(name), 2, []),
    );
    expect(acts).toEqual([
      { act: "toggle" },
      { act: "by", seconds: -1 },
      { act: "by", seconds: 1 },
      { act: "start" },
      { act: "end" },
    ]);
  });

  it("by letter chooses where there is something to choose, and Enter confirms", () => {
    expect(actFor(key("a"), 2, choices)).toEqual({ act: "choose", choice: "A" });
    expect(actFor(key("B"), 2, choices)).toEqual({ act: "choose", choice: "B" });
    expect(actFor(key("Enter"), 2, choices)).toEqual({ act: "confirm" });
    expect(actFor(key("a"), 2, [])).toBeNull();
    expect(actFor(key("Enter"), 2, [])).toBeNull();
    expect(actFor(key("m"), 2, choices)).toEqual({ act: "mute" });
  });

  it("that is held with another is somebody else's", () => {
    for (const held of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }]) {
      expect(actFor(key("1", held), 2, choices)).toBeNull();
    }
  });
});
