/** What presses make of a deck: one that keeps what it is told. */

import { beforeEach, describe, expect, it } from "vitest";
import { hear, lengthOf, placesOf, sounding, toggle } from "../../src/comparing/moves";
import { countText, keysText, saidOf } from "../../src/comparing/says";
import { type Compared, comparedOf } from "../../src/comparing/stimuli";
import type { Deck, Place } from "../../src/deck";

const STIMULI = ["a", "b", "c"].map((take) => ({ take, name: take.toUpperCase() }));
const PLACES = [
  [0, 1, 2],
  [0, 2, 4],
  [0, 0.5, 1],
];
const from = (more: Record<string, unknown>): Compared =>
  comparedOf((name) => ({ stimuli: STIMULI, places: PLACES, ...more })[name]);

interface Told {
  readonly take: string | undefined;
  /** The place that was told, for one that is left at 1.5 s. */
  readonly to: number | undefined;
}

let told: (Told | "pause")[];
let compared: Compared;

/** As much of a deck as presses use; it stands as `stands` says. */
function deck(stands: Partial<Deck>): Deck {
  return {
    takes: ["a", "b", "c"],
    current: "a",
    awaited: null,
    phase: "idle",
    active: false,
    blocked: false,
    take: () => ({ known: 7 }),
    play: (take?: string, to?: Place) =>
      told.push({ take, to: typeof to === "function" ? to(1.5) : to }),
    pause: () => told.push("pause"),
    ...stands,
  } as Deck;
}

const playing = { phase: "playing", active: true } as const;

beforeEach(() => {
  told = [];
  compared = from({});
});

describe("a stimulus that is pressed", () => {
  it("is heard from the place that corresponds to the moment the other is left", () => {
    hear(deck(playing), compared, 1);
    hear(deck(playing), compared, 2);
    expect(told).toEqual([
      { take: "b", to: 3 },
      { take: "c", to: 0.75 },
    ]);
  });

  it("is heard from the same second where nobody knows its places", () => {
    for (const places of [[], [[0, 1], [0], [0, 1]], "junk"]) {
      hear(deck(playing), from({ places }), 1);
    }
    expect(told).toEqual(Array.from({ length: 3 }, () => ({ take: "b", to: 1.5 })));
  });

  it("pauses where it is the one that sounds, and goes on where it stands", () => {
    hear(deck(playing), compared, 0);
    hear(deck({ phase: "paused" }), compared, 0);
    expect(told).toEqual(["pause", { take: "a", to: undefined }]);
  });

  it("begins anew after the end, and so does another", () => {
    hear(deck({ phase: "ended" }), compared, 0);
    hear(deck({ phase: "ended" }), compared, 1);
    expect(told).toEqual([
      { take: "a", to: 0 },
      { take: "b", to: 0 },
    ]);
  });

  it("that is waited for is given up; the one that still sounds is stayed with", () => {
    const waits = { ...playing, awaited: "b" };
    hear(deck(waits), compared, 1);
    hear(deck(waits), compared, 0);
    expect(told).toEqual(["pause", { take: "a", to: 1.5 }]);
  });

  it("plays where the browser waits for a click, which this is", () => {
    const blocked = deck({ phase: "waiting", active: true, blocked: true });
    expect(sounding(blocked)).toBe(false);
    hear(blocked, compared, 0);
    toggle(blocked);
    expect(told).toEqual([
      { take: "a", to: undefined },
      { take: "a", to: undefined },
    ]);
  });

  it("that is not there any more does nothing", () => {
    hear(deck(playing), from({ stimuli: STIMULI.slice(0, 2), places: PLACES.slice(0, 2) }), 2);
    expect(told).toEqual([]);
  });
});

describe("the whole", () => {
  it("is played and paused, and begun anew after its end", () => {
    toggle(deck(playing));
    toggle(deck({ phase: "paused" }));
    toggle(deck({ phase: "ended" }));
    expect(told).toEqual(["pause", { take: "a", to: undefined }, { take: "a", to: 0 }]);
  });

  it("is as long as the one that is heard, also where only the sound itself tells", () => {
    expect(lengthOf(null, compared)).toBe(2);
    expect(lengthOf(deck({ current: "b" }), compared)).toBe(4);
    expect(lengthOf(deck({}), from({ places: [] }))).toBe(7);
    expect(lengthOf(null, from({ stimuli: [], places: [] }))).toBe(0);
    expect(placesOf(compared, "nobody")).toEqual([]);
  });
});

describe("what is said", () => {
  it("is which trial it is, until all are answered", () => {
    expect(countText(from({ trial: 0 }))).toBe("");
    expect(countText(from({ trial: 2, trials: 16 }))).toBe("Trial 2 of 16");
    expect(countText(from({ trials: 16, phase: "done" }))).toBe("All 16 trials are answered.");
  });

  it("are the keys that do something", () => {
    const way = "Space: play, pause · ← →: a second back, on";
    expect(keysText(from({}))).toBe(`1 to 3: the same word of another · ${way}`);
    expect(keysText(from({ stimuli: STIMULI.slice(0, 1) }))).toBe(way);
    const blind = from({ mode: "ab", choices: ["A", "B"] });
    expect(keysText(blind)).toContain("a, b: choose · Enter: confirm");
  });

  it("is that a sound is waited for, and what a player would say", () => {
    const status = { text: "Speaking", tone: "busy" } as const;
    expect(saidOf(deck({ awaited: "b" }), status)).toBe("Waiting for its sound");
    expect(saidOf(deck(playing), status)).toBe("Speaking");
    expect(saidOf(deck({}), { text: "Done", tone: "quiet" })).toBe("Ready");
    expect(saidOf(null, status)).toBe("Speaking");
  });
});
