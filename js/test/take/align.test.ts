import { describe, expect, it } from "vitest";
import { Aligner } from "../../src/take/align";

function read(text: string, words: readonly string[]): string {
  const aligner = new Aligner();
  aligner.follow(text);
  const parts = words.map((word) => {
    const next = aligner.next(word);
    return `${next.before}[${next.word}]`;
  });
  return parts.join("") + aligner.rest;
}

describe("words in their text", () => {
  it("keep what stands between them as it was written", () => {
    expect(read("Hello,  world — again!", ["Hello,", "world", "again"])).toBe(
      "[Hello,]  [world] — [again]!",
    );
  });
  it("may be missing", () => {
    expect(read("2 + 2 = 4, you see", ["you", "see"])).toBe("2 + 2 = 4, [you] [see]");
  });
  it("may come by character", () => {
    expect(read("你好吗?", ["你", "好", "吗"])).toBe("[你][好][吗]?");
  });
  it("may come before their text, and are placed anew when it comes", () => {
    const aligner = new Aligner();
    aligner.follow("A ");
    aligner.next("A");
    aligner.next("word");
    expect(aligner.follow("A word.")).toBe(false);
    aligner.next("A");
    aligner.next("word");
    expect(aligner.rest).toBe(".");
    expect(aligner.follow("A word. More")).toBe(true);
  });
  it("may not stand in the text", () => {
    expect(read("costs $5 now", ["costs", "five", "dollars", "now"])).toBe(
      "[costs] [five] [dollars] $5 [now]",
    );
  });
  it("may differ in case", () => {
    expect(read("HELLO there", ["Hello", "there"])).toBe("[HELLO] [there]");
  });
  it("go on where they were when the text grows, and begin anew when it changes", () => {
    const aligner = new Aligner();
    aligner.follow("one two");
    aligner.next("one");
    expect(aligner.follow("one two three")).toBe(true);
    expect(aligner.rest).toBe(" two three");
    expect(aligner.follow("1 two three")).toBe(false);
    expect(aligner.rest).toBe("1 two three");
  });
});
