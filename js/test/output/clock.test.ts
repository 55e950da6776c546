import { afterEach, describe, expect, it, vi } from "vitest";
import { audibleAt, audibleFrame, Playhead } from "../../src/output/clock";
import type { Report } from "../../src/output/renderer";

const report = (event: Report["event"], frame: number, position: number): Report => ({
  event,
  frame,
  position,
  queued: 0,
});

describe("the playhead", () => {
  it("moves with the clock while it plays and stands while it is dry", () => {
    const playhead = new Playhead();
    playhead.note(report("playing", 1000, 0));
    playhead.note(report("dry", 1500, 500));
    expect(playhead.at(9000)).toBe(500);
    playhead.note(report("playing", 4000, 500));
    expect(playhead.at(900)).toBe(0);
    expect(playhead.at(1200)).toBe(200);
    expect(playhead.at(1500)).toBe(500);
    expect(playhead.at(3000)).toBe(500);
    expect(playhead.at(4100)).toBe(600);
  });

  it("never runs past a report that came later", () => {
    const playhead = new Playhead();
    playhead.note(report("playing", 0, 0));
    playhead.note(report("tick", 1000, 900));
    expect(playhead.at(950)).toBe(900);
  });
});

describe("what is audible now", () => {
  const context = (over: Partial<Record<keyof AudioContext, unknown>>) =>
    ({ state: "running", sampleRate: 1000, currentTime: 10, ...over }) as unknown as AudioContext;

  it("follows the output's time stamp", () => {
    const stamp = { contextTime: 9.9, performanceTime: 5000 };
    const frame = audibleFrame(context({ getOutputTimestamp: () => stamp }), 5020);
    expect(frame).toBeCloseTo(9920);
  });

  it("falls back to the latency, and to none", () => {
    expect(audibleFrame(context({ outputLatency: 0.03 }), 0)).toBeCloseTo(9970);
    expect(audibleFrame(context({ outputLatency: 0, baseLatency: 0.01 }), 0)).toBeCloseTo(9990);
    expect(audibleFrame(context({}), 0)).toBeCloseTo(10_000);
  });

  it("does not believe a stamp without a time", () => {
    const stamp = { contextTime: 0, performanceTime: 0 };
    const frame = audibleFrame(context({ getOutputTimestamp: () => stamp, baseLatency: 0.01 }), 99);
    expect(frame).toBeCloseTo(9990);
  });
});

describe("in Firefox, where asking for the latency may hang the page", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("it is asked for rarely, sooner while it is not known, and never by the time stamp", () => {
    vi.stubGlobal("navigator", {
      userAgent: "Mozilla/5.0 (X11; Linux) Gecko/20100101 Firefox/153.0",
    });
    let asked = 0;
    let latency = 0;
    const context = {
      state: "running",
      sampleRate: 1000,
      currentTime: 10,
      get outputLatency() {
        asked++;
        return latency;
      },
      getOutputTimestamp() {
        throw new Error("asked for the time stamp");
      },
    } as unknown as AudioContext;
    for (let now = 0; now < 1000; now += 16) audibleFrame(context, now);
    expect(asked).toBe(2);
    latency = 0.04;
    expect(audibleFrame(context, 1100)).toBeCloseTo(9960);
    for (let now = 1100; now < 11_000; now += 16) audibleFrame(context, now);
    expect(asked).toBe(3);
    latency = 0.2;
    expect(audibleFrame(context, 11_200)).toBeCloseTo(9800);
    expect(asked).toBe(4);
  });
});

describe("when a frame is audible", () => {
  const context = (over: object) =>
    ({ state: "running", sampleRate: 1000, currentTime: 10, ...over }) as unknown as AudioContext;

  it("is the time at which that frame is the one audible, what has just been rendered a little ahead", () => {
    const stamp = { contextTime: 9.9, performanceTime: 5000 };
    const stamped = context({ getOutputTimestamp: () => stamp });
    expect(audibleAt(stamped, 9900, 5020)).toBeCloseTo(5);
    expect(audibleAt(stamped, 10_000, 5020)).toBeCloseTo(5.1);
    // However late it is asked.
    expect(audibleAt(stamped, 10_000, 9000)).toBeCloseTo(5.1);
    const plain = context({ outputLatency: 0.03 });
    expect(audibleAt(plain, 10_000, 7000)).toBeCloseTo(7.03);
  });
});
