import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Listening } from "../../src/listening";
import type { Stream } from "../../src/output/output";
import type { Report } from "../../src/output/renderer";
import { scheduledOutput } from "../../src/output/scheduled";
import { samples } from "../random";

const RATE = 8000;

/** A context whose clock is the test's; what is started is put on a tape as Web Audio would. */
class FakeContext {
  readonly sampleRate = RATE;
  readonly state = "running";
  readonly outputLatency = 0;
  readonly started: { readonly at: number; readonly samples: Float32Array }[] = [];
  get currentTime(): number {
    return performance.now() / 1000;
  }
  /** What every gain was told: its value and the second. */
  readonly gains: (readonly [number, number])[][] = [];
  createGain() {
    const told: (readonly [number, number])[] = [];
    this.gains.push(told);
    const note = (value: number, at: number) => told.push([value, at]);
    const gain = { value: 1, setValueAtTime: note, linearRampToValueAtTime: note };
    return { gain, connect() {}, disconnect() {} };
  }
  createBuffer(_channels: number, length: number) {
    const data = new Float32Array(length);
    return {
      data,
      copyToChannel: (part: Float32Array, _of: number, at: number) => data.set(part, at),
    };
  }
  createBufferSource() {
    const source = {
      buffer: null as { data: Float32Array } | null,
      connect() {},
      start: (when: number) => {
        // What is started late begins at once, and ends so much later.
        const at = Math.round(Math.max(when, this.currentTime) * RATE);
        this.started.push({ at, samples: source.buffer?.data ?? new Float32Array(0) });
      },
    };
    return source;
  }
  /** All that sounded, added up as the browser adds it. */
  get tape(): Float32Array {
    const end = Math.max(0, ...this.started.map(({ at, samples: part }) => at + part.length));
    const tape = new Float32Array(end);
    for (const { at, samples: part } of this.started) {
      part.forEach((sample, i) => {
        tape[at + i] = (tape[at + i] ?? 0) + sample;
      });
    }
    return tape;
  }
}

let context: FakeContext;
let stream: Stream;
let reports: Report[];

beforeEach(() => {
  vi.useFakeTimers();
  context = new FakeContext();
  reports = [];
  const output = scheduledOutput(context as unknown as AudioContext, {} as AudioNode);
  stream = output.open({ middle: false, onReport: (report) => reports.push(report) });
});

afterEach(() => vi.useRealTimers());

const find = (tape: Float32Array, wanted: Float32Array) =>
  tape.findIndex((_, at) => wanted.every((sample, i) => tape[at + i] === sample));
const events = () => reports.map(({ event }) => event).filter((event) => event !== "tick");

describe("the scheduled output", () => {
  it("plays what is pushed in pieces without a gap, and ends", () => {
    const wanted = samples(RATE, 1);
    stream.push(wanted.slice(0, 3000));
    stream.go();
    vi.advanceTimersByTime(200);
    stream.push(wanted.slice(3000));
    stream.end();
    vi.advanceTimersByTime(2000);
    expect(events()).toEqual(["playing", "ended"]);
    expect(find(context.tape, wanted)).toBe(0.12 * RATE);
    expect(stream.rendered).toBe(RATE);
  });

  it("that was a little late is dry, though no timer has seen it yet: nothing sounds at once with what follows", () => {
    const wanted = samples(RATE, 2);
    stream.push(wanted.slice(0, 800));
    stream.go();
    // It ends at 220 ms; the timer looks at 200 and at 240.
    vi.advanceTimersByTime(225);
    stream.push(wanted.slice(800, 1600));
    stream.push(wanted.slice(1600, 2400));
    expect(events()).toEqual(["playing"]);
    vi.advanceTimersByTime(40);
    expect(events()).toEqual(["playing", "dry"]);
    const dry = reports.at(-1);
    expect([dry?.position, dry?.frame]).toEqual([800, 0.22 * RATE]);
    stream.go();
    stream.push(wanted.slice(2400));
    stream.end();
    vi.advanceTimersByTime(3000);
    expect(events()).toEqual(["playing", "dry", "playing", "ended"]);
    const { tape } = context;
    expect(find(tape, wanted.slice(0, 800))).toBe(0.12 * RATE);
    expect(find(tape, wanted.slice(800))).toBeGreaterThan(0.22 * RATE);
  });

  it("begins on its cue, to the frame, fades in from it, and out on another", () => {
    const wanted = samples(4 * RATE, 4);
    stream.push(wanted.slice());
    vi.advanceTimersByTime(500);
    stream.go({ frame: 0.6 * RATE, fade: 0.02 });
    vi.advanceTimersByTime(1000);
    expect(find(context.tape, wanted.slice(0, RATE))).toBe(0.6 * RATE);
    expect(stream.due(2 * RATE)).toBe(1.4 * RATE);
    stream.close({ frame: 1.55 * RATE, fade: 0.02 });
    vi.advanceTimersByTime(500);
    expect(context.gains).toEqual([
      [
        [0, 0.6],
        [1, 0.62],
        [1, 1.55],
        [0, 1.57],
      ],
    ]);
    expect(stream.rendered).toBe(Math.round(0.97 * RATE));
  });

  it("tells by its reports when which sample sounds, to the frame, and none that does not", () => {
    const wanted = samples(3 * RATE, 3);
    stream.push(wanted.slice(0, 2 * RATE));
    stream.go();
    vi.advanceTimersByTime(2500);
    stream.push(wanted.slice(2 * RATE));
    stream.go();
    vi.advanceTimersByTime(400);
    stream.hold();
    // Until what was scheduled is over: the tape has it still, whose gain is down.
    vi.advanceTimersByTime(2000);
    stream.go();
    stream.end();
    vi.advanceTimersByTime(3000);
    expect(events()).toEqual(["playing", "dry", "playing", "still", "playing", "ended"]);
    const listening = new Listening();
    for (const { event, position, frame } of reports) {
      listening.reported(event, position, RATE, () => frame / RATE);
    }
    const { tape } = context;
    expect(listening.spans).toHaveLength(4);
    let sample = 0;
    for (const { sample: from, count, audible } of listening.spans) {
      expect(from).toBe(sample);
      const at = Math.round(audible * RATE);
      expect(tape.slice(at, at + count)).toEqual(wanted.slice(from, from + count));
      sample += count;
    }
    expect(sample).toBe(3 * RATE);
  });
});
