import { describe, expect, it } from "vitest";
import { columnsOf, type Move, moveFor } from "../../src/gallery/moves";

const plain = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
/** Eight cells in rows of three, from the fifth. */
const move = (key: string, at = 4): Move => moveFor({ key, ...plain }, at, 8, 3);

describe("keys among cells", () => {
  it.each([
    ["ArrowRight", 5],
    ["ArrowLeft", 3],
    ["ArrowUp", 1],
    ["ArrowDown", 7],
    ["Home", 0],
    ["End", 7],
    ["PageDown", "next"],
    ["PageUp", "previous"],
  ])("%s leads to %s", (key, to) => {
    expect(move(key)).toBe(to);
  });

  it("lead nowhere beyond an edge", () => {
    expect(move("ArrowRight", 7)).toBe(7);
    expect(move("ArrowLeft", 0)).toBe(0);
    expect(move("ArrowUp", 2)).toBe(2);
    expect(move("ArrowDown", 5)).toBe(5);
  });

  it.each(["m", "Enter", " ", "Tab", "Escape"])("%s is none of them", (key) => {
    expect(move(key)).toBeNull();
  });

  it.each(["ctrlKey", "metaKey", "altKey", "shiftKey"])("are the browser's with %s", (held) => {
    expect(moveFor({ key: "ArrowRight", ...plain, [held]: true }, 4, 8, 3)).toBeNull();
  });
});

it("a row ends where the next cell begins lower", () => {
  expect(columnsOf([10, 10.4, 10, 80, 80])).toBe(3);
  expect(columnsOf([10, 10])).toBe(2);
  expect(columnsOf([])).toBe(1);
});
