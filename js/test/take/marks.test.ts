import { describe, expect, it } from "vitest";
import { MarkList } from "../../src/take/marks";

const mark = (text: string, start: number) => ({ text, start, end: start + 0.2 });

describe("marks", () => {
  it("come in any order and count as whole up to the first gap", () => {
    const marks = new MarkList();
    marks.put(2, [mark("c", 2)]);
    expect(marks.missing(3)).toBe(0);
    marks.put(0, [mark("a", 0)]);
    expect(marks.missing(3)).toBe(1);
    marks.put(1, [mark("b", 1), mark("c", 2)]);
    expect(marks.missing(3)).toBeNull();
    expect(marks.whole).toBe(3);
  });

  it("name the one that sounds", () => {
    const marks = new MarkList();
    marks.put(0, [mark("a", 0.5), mark("b", 1), mark("c", 2)]);
    expect([0, 0.5, 0.99, 1, 1.9, 2, 99].map((time) => marks.at(time))).toEqual([
      -1, 0, 0, 1, 1, 2, 2,
    ]);
  });
});
