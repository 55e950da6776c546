import { describe, expect, it } from "vitest";
import { across, comparedOf, halfway, wordAt } from "../../src/comparing/stimuli";
import { random } from "../random";

const A = [0, 0.4, 1, 1.5, 2];
const B = [0, 0.2, 1.4, 1.5, 3];

describe("the places halfway between all", () => {
  it("are the same for each of them, so that no switch is seen on them", () => {
    const scale = halfway([A, B, A]);
    expect(scale.at(-1)).toBeCloseTo(7 / 3, 12);
    for (const seconds of [0.1, 0.4, 0.7, 1.2, 1.9]) {
      const shown = across(A, scale, seconds);
      expect(across(B, scale, across(A, B, seconds))).toBeCloseTo(shown, 12);
      expect(across(scale, A, shown)).toBeCloseTo(seconds, 12);
    }
    expect(halfway([])).toEqual([]);
  });
});

describe("the place that corresponds", () => {
  it("of an anchor is that anchor in the other, exactly", () => {
    A.forEach((seconds, i) => {
      expect(across(A, B, seconds)).toBeCloseTo(B[i] ?? Number.NaN, 12);
      expect(across(B, A, B[i] ?? 0)).toBeCloseTo(seconds, 12);
    });
  });

  it("within a word is the same share of it", () => {
    expect(across(A, B, 0.7)).toBeCloseTo(0.8, 12);
    expect(across(A, B, 1.75)).toBeCloseTo(2.25, 12);
  });

  it("there and back is where it was, whatever the anchors", () => {
    const next = random(5);
    const rising = () => {
      let at = 0;
      return [0, ...Array.from({ length: 40 }, () => (at += 0.01 + next()))];
    };
    for (let i = 0; i < 200; i++) {
      const [from, to] = [rising(), rising()];
      const at = next() * (from.at(-1) ?? 0);
      expect(across(to, from, across(from, to, at))).toBeCloseTo(at, 9);
    }
  });

  it("beyond the ends is the end, and without anchors the same second", () => {
    expect(across(A, B, 99)).toBe(3);
    expect(across(A, B, -1)).toBe(0);
    expect(across([], [], 1.25)).toBe(1.25);
    expect(across([0], [0], -1)).toBe(0);
  });
});

describe("the word that is heard", () => {
  const words = ["one", "two", "three"].map((text, i) => ({ text, anchor: i + 1 }));
  it("is the last one that has begun in the one that is heard", () => {
    expect(wordAt(words, A, 0)).toBe(-1);
    expect(wordAt(words, A, 0.4)).toBe(0);
    expect(wordAt(words, B, 1.45)).toBe(1);
    expect(wordAt(words, A, 9)).toBe(2);
  });
});

describe("what the kernel says is compared", () => {
  const traits: Record<string, unknown> = {
    mode: "abx",
    stimuli: [
      { take: "t1", name: "A" },
      { take: "t2", name: "B" },
    ],
    places: [A, B],
    words: [
      ["one", 1],
      ["beyond", 99],
    ],
    trial: 3,
    trials: 12,
    choices: ["A", "B"],
    phase: "asking",
  };
  const read = (more: Record<string, unknown> = {}) =>
    comparedOf((name) => ({ ...traits, ...more })[name]);

  it("is taken as it is", () => {
    expect(read()).toMatchObject({ mode: "abx", trial: 3, trials: 12, done: false });
    expect(read().places).toEqual([A, B]);
    expect(read().words).toEqual([{ text: "one", anchor: 1 }]);
  });

  it("is left out where it makes no sense, and nothing breaks", () => {
    expect(read({ mode: 7, stimuli: [null, { take: 1 }, { take: "t" }] })).toMatchObject({
      mode: "listen",
      stimuli: [{ take: "t", name: "" }],
    });
    expect(read({ places: [A, [0]] }).places).toEqual([[], []]);
    expect(read({ places: "x", words: 4, results: [1, "a"], trial: Number.NaN })).toMatchObject({
      places: [[], []],
      words: [],
      results: ["", "a"],
      trial: 0,
    });
  });
});
