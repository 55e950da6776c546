import { describe, expect, it } from "vitest";
import { clockText, type Facts, fileName, positionText, statusOf } from "../../src/view/text";

const done: Facts = {
  state: "done",
  phase: "idle",
  known: true,
  live: false,
  cut: false,
  reachable: true,
  queued: false,
  blocked: false,
  elsewhere: false,
  away: false,
  bytes: 1000,
  error: null,
  detail: null,
  problem: null,
  age: 1,
};
const live: Facts = { ...done, state: "speaking", live: true };

describe("the status line", () => {
  it.each([
    ["an ended take", done, "Done", "quiet"],
    ["a take being heard", { ...done, phase: "playing" }, "Speaking", "busy"],
    ["one that connects", { ...live, state: "connecting" }, "Connecting", "busy"],
    ["what the kernel adds", { ...live, detail: "Retrying in 2 s" }, "Retrying in 2 s", "busy"],
    ["a dry spell", { ...live, phase: "waiting" }, "Waiting for more sound", "busy"],
    ["one still on its way, ended or not", live, "Receiving", "busy"],
    ["the same, paused", { ...live, phase: "paused" }, "Paused, still receiving", "quiet"],
    [
      "one behind others",
      { ...live, queued: true },
      "Waiting for its turn: another comes first",
      "busy",
    ],
    ["another tab's", { ...done, elsewhere: true }, "Playing in another tab", "quiet"],
    ["what is away", { ...done, away: true, reachable: false }, "let go to save memory", "alert"],
    [
      "what is away and forgotten",
      { ...done, state: "gone", cut: true, away: true, reachable: false },
      "let go to save memory",
      "alert",
    ],
    ["what comes back", { ...done, away: true }, "Done", "quiet"],
    ["a cancelled one", { ...done, state: "cancelled" }, "Cancelled", "quiet"],
    ["a browser that waits", { ...live, blocked: true }, "waits for a click", "alert"],
    ["a failure and why", { ...done, state: "failed", error: "Wrong key." }, "Wrong key.", "alert"],
    ["what was kept", { ...done, state: "failed", error: "x." }, "can be played", "alert"],
    ["a kernel that forgot it", { ...done, state: "gone", cut: true }, "no longer has", "quiet"],
    ["a kernel that died", { ...done, state: "speaking", cut: true }, "no longer has", "quiet"],
    ["an unknown take", { ...done, known: false }, "Looking for this take", "busy"],
    ["a silent kernel", { ...done, known: false, age: 9 }, "Waiting for the kernel", "busy"],
    ["a lost take", { ...done, known: false, reachable: false }, "Run the cell again", "alert"],
  ] as const)("says %s", (_what, facts, text, tone) => {
    const status = statusOf(facts);
    expect(status.text).toContain(text);
    expect(status.tone).toBe(tone);
  });
});

describe("times", () => {
  it("are written as clocks are", () => {
    expect([0, 7.9, 60, 750, 3723].map((seconds) => clockText(seconds))).toEqual([
      "0:00",
      "0:07",
      "1:00",
      "12:30",
      "1:02:03",
    ]);
    expect([0, 0.96, 7.3].map((seconds) => clockText(seconds, true))).toEqual([
      "0:00.0",
      "0:00.9",
      "0:07.3",
    ]);
  });

  it("are spoken in words", () => {
    expect(positionText(1.2, 65, true)).toBe("1 second of 1 minute 5 seconds");
    expect(positionText(0, 3, false)).toBe("0 seconds of 3 seconds received so far");
    expect(positionText(1, 9, true, { from: 0.5, to: 61.25 })).toBe(
      "1 second of 9 seconds, looping from 0.5 seconds to 1 minute 1.3 seconds",
    );
  });
});

describe("a file's name", () => {
  it("is what is said, and refused by no system", () => {
    expect(fileName("Hello, world!", "wav")).toBe("speech-Hello-world.wav");
    expect(fileName('../a\\b:c*"<d>|?\n\0 .', "wav")).toBe("speech-a-b-c-d.wav");
    expect(fileName("Ça va, 東京?", "wav")).toBe("speech-Ça-va-東京.wav");
    expect(fileName("...", "wav")).toBe("speech.wav");
    expect(fileName("CON", "wav")).toBe("speech-CON.wav");
  });

  it("is cut where a language has no spaces", () => {
    expect(fileName("𠮷".repeat(500), "wav")).toBe(`speech-${"𠮷".repeat(40)}.wav`);
  });

  it("ends with a whole word, however long the text is", () => {
    const long = fileName("seventeen words ".repeat(50), "wav");
    expect(long).toMatch(/^speech(-seventeen|-words){3,}\.wav$/);
    expect(long.length).toBeLessThan(60);
  });
});
