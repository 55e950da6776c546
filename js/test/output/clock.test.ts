import { afterEach, describe, expect, it, vi } from "vitest";
import {
  audibleAt,
  audibleFrame,
  outputError,
  outputLatency,
  Playhead,
} from "../../src/output/clock";
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
    const stamp = { contextTime: 9.9, performanceTime: 0 };
    const frame = audibleFrame(context({ getOutputTimestamp: () => stamp, baseLatency: 0.01 }), 99);
    expect(frame).toBeCloseTo(9990);
  });
});

describe("in Firefox, where asking for the latency may hang the page", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("it is never asked for on Linux: the playhead goes by a usual one, and figures are unknown", () => {
    vi.stubGlobal("navigator", {
      userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
    });
    const context = {
      state: "running",
      sampleRate: 1000,
      currentTime: 10,
      baseLatency: 0,
      get outputLatency() {
        throw new Error("asked for the latency");
      },
      getOutputTimestamp() {
        throw new Error("asked for the time stamp");
      },
    } as unknown as AudioContext;
    expect(audibleFrame(context, 1000)).toBeCloseTo(9965);
    expect(outputLatency(context)).toBeNull();
    expect(outputError(context)).toBeNull();
  });

  it("elsewhere it is asked for rarely, sooner while it is not known, and never by the time stamp", () => {
    vi.stubGlobal("navigator", {
      userAgent: "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/153.0",
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
    expect(audibleAt(stamped, 10_000, 5900)).toBeCloseTo(5.1);
    const plain = context({ outputLatency: 0.03 });
    expect(audibleAt(plain, 10_000, 7000)).toBeCloseTo(7.03);
  });
});

describe("a time stamp that is not to be believed", () => {
  it("is one of before a rest: then the latency that was told before it goes on", () => {
    let [contextTime, performanceTime, currentTime, outputLatency] = [9.9, 5000, 9.95, 0.032];
    const context = {
      state: "running",
      sampleRate: 48_000,
      getOutputTimestamp: () => ({ contextTime, performanceTime }),
      get currentTime() {
        return currentTime;
      },
      get outputLatency() {
        return outputLatency;
      },
    } as unknown as AudioContext;
    expect(audibleAt(context, 48_000 * 9.95, 5010)).toBeCloseTo(5.05, 6);
    // A minute's rest; the context goes on where it was, and the device has not yet asked.
    outputLatency = 0;
    expect(audibleAt(context, 48_000 * 9.95, 65_000)).toBeCloseTo(65.032, 6);
    [contextTime, performanceTime, currentTime] = [9.96, 0, 9.96];
    expect(audibleAt(context, 48_000 * 9.95, 65_010)).toBeCloseTo(65.032, 6);
    [contextTime, performanceTime, currentTime] = [9.94, 65_020, 9.98];
    expect(audibleAt(context, 48_000 * 9.95, 65_020)).toBeCloseTo(65.03, 6);
  });

  it("is one of a context's very start, bounded at zero", () => {
    const context = {
      state: "running",
      sampleRate: 48_000,
      currentTime: 0.03,
      outputLatency: 0.032,
      getOutputTimestamp: () => ({ contextTime: 0.001, performanceTime: 5000 }),
    } as unknown as AudioContext;
    expect(audibleAt(context, 0.03 * 48_000, 5005)).toBeCloseTo(5.037, 6);
  });
});

describe("at another rate than the device's, where the browser's resampler keeps sound back", () => {
  const stamped = (sampleRate: number, frames: number) =>
    ({
      state: "running",
      sampleRate,
      currentTime: 9.95,
      baseLatency: frames / sampleRate,
      getOutputTimestamp: () => ({ contextTime: 9.9, performanceTime: 5000 }),
    }) as unknown as AudioContext;
  const late = (sampleRate: number, frames: number) =>
    audibleAt(stamped(sampleRate, frames), 9.9 * sampleRate, 5000) - 5;

  it("half a buffer and the filter are added, also to what is audible now", () => {
    expect(late(48_000, 558)).toBeCloseTo((279 + 32) / 48_000, 6);
    expect(late(44_100, 471)).toBeCloseTo((235.5 + 32) / 44_100, 6);
    expect(late(22_050, 256)).toBeCloseTo((128 + 32) / 22_050, 6);
    const frame = audibleFrame(stamped(22_050, 256), 5000);
    expect(frame).toBeCloseTo(9.9 * 22_050 - 160, 3);
  });

  it("nothing is where the buffer shows the device's own rate, or is not known", () => {
    expect(late(44_100, 512)).toBeCloseTo(0, 6);
    expect(late(48_000, 512)).toBeCloseTo(0, 6);
    expect(late(22_050, 0)).toBeCloseTo(0, 6);
  });
});

describe("how far off it may be", () => {
  const context = (over: object) =>
    ({ state: "running", sampleRate: 48_000, currentTime: 10, ...over }) as unknown as AudioContext;

  it("is half a buffer by time stamps, and stays known while the context rests", () => {
    const live = {
      state: "running",
      sampleRate: 48_000,
      currentTime: 10,
      baseLatency: 0.01,
      getOutputTimestamp: () => ({ contextTime: 9.9, performanceTime: performance.now() }),
    };
    const stamped = live as unknown as AudioContext;
    expect(outputError(stamped)).toBeCloseTo(0.008);
    live.state = "suspended";
    expect(outputError(stamped)).toBeCloseTo(0.008);
  });

  it("is so much more for a while as what was on its way has slipped", () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      let behind = 0.03;
      const slipping = {
        state: "running",
        sampleRate: 48_000,
        currentTime: 10,
        baseLatency: 512 / 48_000,
        getOutputTimestamp: () => ({
          contextTime: performance.now() / 1000 - behind,
          performanceTime: performance.now(),
        }),
      } as unknown as AudioContext;
      const steady = 256 / 48_000 + 0.003;
      vi.advanceTimersByTime(10_000);
      for (let tick = 0; tick < 20; tick++) {
        audibleAt(slipping, 0, performance.now());
        behind += 0.0001;
        vi.advanceTimersByTime(50);
      }
      // Clocks that drift apart do not slip.
      expect(outputError(slipping)).toBeCloseTo(steady, 6);
      behind += 0.04;
      // The audio thread stood still meanwhile, and nobody asked.
      vi.advanceTimersByTime(400);
      audibleAt(slipping, 0, performance.now());
      expect(outputError(slipping)).toBeCloseTo(steady + 0.0401, 3);
      vi.advanceTimersByTime(1500);
      expect(outputError(slipping)).toBeCloseTo(steady + 0.0401, 3);
      vi.advanceTimersByTime(1000);
      expect(outputError(slipping)).toBeCloseTo(steady, 6);
      behind += 0.04;
      audibleAt(slipping, 0, performance.now());
      (slipping as unknown as { state: string }).state = "suspended";
      expect(outputError(slipping)).toBeCloseTo(steady + 0.04, 3);
      vi.advanceTimersByTime(3000);
      expect(outputError(slipping)).toBeCloseTo(steady, 6);
      (slipping as unknown as { state: string }).state = "running";
      audibleAt(slipping, 0, performance.now());
      // A rest is no slip.
      (slipping as unknown as { state: string }).state = "suspended";
      audibleAt(slipping, 0, performance.now());
      behind += 0.5;
      (slipping as unknown as { state: string }).state = "running";
      vi.advanceTimersByTime(500);
      expect(outputError(slipping)).toBeCloseTo(steady, 6);
      // Nor one during which nobody asked.
      behind += 60;
      vi.advanceTimersByTime(60_000);
      expect(outputError(slipping)).toBeCloseTo(steady, 6);
    } finally {
      vi.useRealTimers();
    }
  });

  it("is not more where a resampler's buffers shake the stamps", () => {
    let contextTime = 9.9;
    const shaken = {
      state: "running",
      sampleRate: 48_000,
      currentTime: 10,
      baseLatency: 558 / 48_000,
      getOutputTimestamp: () => ({ contextTime, performanceTime: performance.now() }),
    } as unknown as AudioContext;
    audibleAt(shaken, 0, performance.now());
    contextTime += 0.0116;
    expect(outputError(shaken)).toBeCloseTo(279 / 48_000 + 0.003, 6);
  });

  it("is a whole buffer by latency alone", () => {
    expect(outputError(context({ outputLatency: 0.03, baseLatency: 0.02 }))).toBeCloseTo(0.023);
    expect(outputError(context({ outputLatency: 0.03, baseLatency: 0 }))).toBeCloseTo(0.013);
  });

  it("is unknown where the browser tells neither", () => {
    expect(outputError(context({ baseLatency: 0.01 }))).toBeNull();
    expect(outputError(context({}))).toBeNull();
    const early = { contextTime: 0, performanceTime: 0 };
    expect(outputError(context({ getOutputTimestamp: () => early }))).toBeNull();
  });
});
