import { describe, expect, it } from "vitest";
import { Listening } from "../src/listening";
import { random } from "./random";

const RATE = 1000;

/** One whose samples are audible 50 ms after their frame; `frame` follows the reports. */
function heard() {
  const listening = new Listening();
  const report = (
    event: "playing" | "tick" | "dry" | "still" | "ended",
    sample: number,
    at: number,
  ) => listening.reported(event, sample, RATE, () => at);
  return { listening, report };
}

describe("the spans of a listening", () => {
  it("begin with a sound, grow with what was rendered for certain, end with the silence", () => {
    const { listening, report } = heard();
    expect(listening.sound).toBeNull();
    report("playing", 0, 5);
    expect(listening.spans).toEqual([{ sample: 0, count: 1, audible: 5 }]);
    report("tick", 50, 5.05);
    expect(listening.spans).toEqual([{ sample: 0, count: 50, audible: 5 }]);
    report("dry", 80, 5.08);
    expect(listening.spans).toEqual([{ sample: 0, count: 80, audible: 5 }]);
    expect(listening.dry).toEqual([{ at: 0.08, from: 5.08, to: null }]);
    // Told to go on, and not yet at its first sample.
    report("tick", 80, 6);
    report("playing", 80, 6.1);
    report("ended", 100, 6.12);
    expect(listening.spans).toEqual([
      { sample: 0, count: 80, audible: 5 },
      { sample: 80, count: 20, audible: 6.1 },
    ]);
    expect(listening.dry).toEqual([{ at: 0.08, from: 5.08, to: 6.1 }]);
    expect(listening.sound).toBe(5);
  });

  it("begin anew with each second of sound, as the clocks say then", () => {
    const { listening, report } = heard();
    report("playing", 0, 5);
    // The sound card is 1 ms a second slow.
    for (let sample = 50; sample <= 2500; sample += 50)
      report("tick", sample, 5 + sample * 1.001e-3);
    report("ended", 2520, 8);
    const rounded = listening.spans.map(({ audible, ...rest }) => ({
      ...rest,
      audible: Number(audible.toFixed(6)),
    }));
    expect(rounded).toEqual([
      { sample: 0, count: 1000, audible: 5 },
      { sample: 1000, count: 1000, audible: 6.001 },
      { sample: 2000, count: 520, audible: 7.002 },
    ]);
  });

  it("begin anew where the output stood still, as on a machine that is short of time", () => {
    const { listening, report } = heard();
    report("playing", 0, 5);
    for (let sample = 50; sample <= 400; sample += 50) {
      report("tick", sample, 5 + sample / RATE + (sample > 200 ? 0.15 : 0));
    }
    expect(listening.spans).toMatchObject([
      { sample: 0, count: 250, audible: 5 },
      { sample: 250, count: 150, audible: 5.4 },
    ]);
  });

  it("are none of a second that did not sound any more", () => {
    const { listening, report } = heard();
    report("playing", 0, 5);
    report("tick", 1000, 6);
    report("dry", 1000, 6);
    expect(listening.spans).toEqual([{ sample: 0, count: 1000, audible: 5 }]);
  });

  it("end with what was told last where a stream was closed at once", () => {
    const { listening, report } = heard();
    report("playing", 0, 5);
    report("tick", 150, 5.15);
    listening.disturb(5.2);
    listening.breaks();
    // A new stream, on its way up to its first sample.
    report("tick", 700, 5.3);
    report("playing", 700, 5.4);
    report("still", 800, 5.5);
    report("tick", 900, 9);
    expect(listening.spans).toEqual([
      { sample: 0, count: 150, audible: 5 },
      { sample: 700, count: 100, audible: 5.4 },
    ]);
    expect(listening.disturbed).toBe(5.2);
  });

  it("have the first time of what is heard again, and then go on", () => {
    const { listening, report } = heard();
    report("playing", 0, 5);
    report("tick", 300, 5.3);
    listening.breaks();
    report("playing", 100, 7);
    report("tick", 250, 7.15);
    expect(listening.spans).toHaveLength(1);
    report("tick", 350, 7.25);
    report("tick", 400, 7.3);
    const [, again] = listening.spans;
    expect(again).toMatchObject({ sample: 300, count: 100 });
    // 150 ms before the sample that is audible at 7.25 s was passed.
    expect(again?.audible).toBeCloseTo(7.2, 9);
  });

  it("never overlap nor go back, whatever a person does", () => {
    for (let seed = 0; seed < 200; seed++) {
      const next = random(seed);
      const { listening, report } = heard();
      let sample = 0;
      for (let now = 0; now < 200; now++) {
        const what = next();
        if (what < 0.1) {
          sample = Math.floor(next() * 4000);
          listening.breaks();
        } else if (what < 0.25) report("playing", sample, now);
        else {
          sample += Math.floor(next() * 200);
          report(what < 0.9 ? "tick" : what < 0.95 ? "dry" : "still", sample, now);
        }
      }
      let end = 0;
      for (const { sample: from, count } of listening.spans) {
        expect(from).toBeGreaterThanOrEqual(end);
        expect(count).toBeGreaterThanOrEqual(0);
        end = from + count;
      }
    }
  });
});

describe("the dry spells of a listening", () => {
  it("are of no length where somebody paused before the silence was audible, and never of less", () => {
    const { listening, report } = heard();
    report("playing", 0, 5);
    report("dry", 100, 5.1);
    listening.disturb(5.06);
    expect(listening.dry).toEqual([{ at: 0.1, from: 5.1, to: 5.1 }]);
  });
});

describe("a listening that was heard to its end", () => {
  it("is disturbed by nothing that comes afterwards", () => {
    const { listening, report } = heard();
    report("playing", 0, 5);
    report("ended", 100, 5.1);
    listening.ended();
    listening.disturb(9);
    expect([listening.isOver, listening.disturbed]).toEqual([true, null]);
  });
});
