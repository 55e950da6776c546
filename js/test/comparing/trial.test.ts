import { describe, expect, it } from "vitest";
import { whyText } from "../../src/comparing/asking";
import { listed, Trial } from "../../src/comparing/trial";

function heardAll(): Trial {
  const trial = new Trial(3, ["A", "B", "X"], 1000);
  trial.sounds(0, 2000);
  trial.sounds(1, 3000);
  trial.sounds(2, 3500);
  trial.sounds(null, 5500);
  return trial;
}

describe("a trial", () => {
  it("is open once each stimulus was begun, not before, and says which are left", () => {
    const trial = new Trial(1, ["A", "B", "X"], 0);
    expect(whyText(trial, false, false)).toBe("Listen to A, B and X before you answer.");
    expect(trial.choose("A")).toBe(false);
    trial.sounds(0, 10);
    trial.sounds(1, 20);
    expect(whyText(trial, false, false)).toBe("Listen to X before you answer.");
    expect(trial.confirm(25)).toBeNull();
    trial.sounds(2, 30);
    expect(trial.open).toBe(true);
    expect(trial.choose("A")).toBe(true);
    expect(whyText(trial, false, false)).toContain("A is chosen. Press Enter");
  });

  it("is answered once, with what was heard of each and how often it was switched", () => {
    const trial = heardAll();
    trial.sounds(0, 6000);
    trial.choose("A");
    trial.choose("B");
    expect(trial.confirm(7000)).toEqual({
      type: "answer",
      trial: 3,
      choice: "B",
      seconds: 6,
      switches: 3,
      heard: [2, 0.5, 2],
    });
    expect(trial.confirm(7100)).toBeNull();
    expect(trial.choose("A")).toBe(false);
  });

  it("is not answered without a choice", () => {
    expect(heardAll().confirm(6000)).toBeNull();
  });

  it("says after half a second that the kernel is waited for", () => {
    const trial = heardAll();
    trial.choose("A");
    expect(trial.waits(9000)).toBe(false);
    trial.confirm(9000);
    expect(trial.waits(9400)).toBe(false);
    expect(trial.waits(9500)).toBe(true);
    expect(whyText(trial, true, false)).toContain("Waiting for the kernel");
    expect(whyText(trial, true, true)).toContain("The kernel has ended");
  });
});

it("names are put in a row as one says them", () => {
  expect([listed([]), listed(["A"]), listed(["A", "B"])]).toEqual(["", "A", "A and B"]);
});
