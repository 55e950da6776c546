/** One stream takes over from another: two Renderers, each with a cue. */

import { describe, expect, it } from "vitest";
import { Renderer, type Report } from "../../src/output/renderer";

const RATE = 8000;
const BLOCK = 128;
const FADE = 0.02;
/** Frames of a fade. */
const FADED = FADE * RATE;

/** The audio thread with two streams in it, driven by hand. */
class Pair {
  readonly out: number[] = [];
  readonly reports: [string, Report][] = [];
  readonly left = new Renderer(RATE, false, (report) => this.reports.push(["left", report]));
  readonly next = new Renderer(RATE, true, (report) => this.reports.push(["next", report]));
  alive = { left: true, next: true };

  run(blocks: number): void {
    for (let i = 0; i < blocks; i++) {
      const frame = this.out.length;
      const sum = new Float32Array(BLOCK);
      for (const name of ["left", "next"] as const) {
        if (!this.alive[name]) continue;
        const block = new Float32Array(BLOCK);
        this.alive[name] = this[name].process(block, frame);
        block.forEach((sample, at) => {
          sum[at] = (sum[at] ?? 0) + sample;
        });
      }
      this.out.push(...sum);
    }
  }
  /** Both get their cue now. */
  cross(frame: number, late = frame): void {
    const now = this.out.length;
    this.next.handle({ type: "go", cue: { frame: late, fade: FADE } }, now);
    this.left.handle({ type: "close", cue: { frame, fade: FADE } }, now);
  }
  play(samples: Float32Array<ArrayBuffer>, next: Float32Array<ArrayBuffer>): void {
    this.left.handle({ type: "push", samples }, 0);
    this.left.handle({ type: "go" }, 0);
    this.next.handle({ type: "push", samples: next }, 0);
  }
  events(of: string): string[] {
    return this.reports
      .filter(([name, { event }]) => name === of && event !== "tick")
      .map(([, { event }]) => event);
  }
}

function tone(count: number, hertz: number, from = 0, height = 0.5): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    { length: count },
    (_, i) => height * Math.sin((2 * Math.PI * hertz * (from + i)) / RATE),
  );
}

const steps = (samples: readonly number[]) =>
  samples.slice(1).map((sample, i) => Math.abs(sample - (samples[i] ?? 0)));
/** The largest step from sample to sample that a tone itself has. */
const stepOf = (hertz: number, height = 0.5) => 2 * height * Math.sin((Math.PI * hertz) / RATE);

describe("a hand-over from one stream to another", () => {
  it.each([500, 512, 700])(
    "of the same sound at the same place leaves no trace (frame %i)",
    (at) => {
      const pair = new Pair();
      const whole = tone(4000, 440);
      pair.play(whole.slice(), whole.slice(at));
      pair.run(3);
      pair.cross(at);
      pair.run(20);
      const off = pair.out.slice(0, 2900).map((sample, i) => Math.abs(sample - (whole[i] ?? 0)));
      expect(Math.max(...off)).toBeLessThan(1e-6);
      // Before the cue and after the fade they are the samples as they were received.
      const exact = (from: number, to: number) =>
        expect(Float32Array.from(pair.out.slice(from, to))).toEqual(whole.slice(from, to));
      exact(0, at);
      exact(at + FADED, 2900);
    },
  );

  it("of different sounds has no step larger than theirs, and never falls silent", () => {
    const pair = new Pair();
    pair.play(tone(4000, 440), tone(4000, 660, 37));
    pair.run(3);
    pair.cross(600);
    pair.run(20);
    expect(Math.max(...steps(pair.out))).toBeLessThan(1.1 * stepOf(660));
    const quiet = Array.from({ length: 200 }, (_, i) =>
      Math.max(...pair.out.slice(500 + 2 * i, 524 + 2 * i).map(Math.abs)),
    );
    expect(Math.min(...quiet)).toBeGreaterThan(0.1);
  });

  it("lets go of the one that is left, and tells where the other begins", () => {
    const pair = new Pair();
    pair.play(tone(4000, 440), tone(4000, 660));
    pair.run(3);
    pair.cross(600);
    pair.run(10);
    expect(pair.alive).toEqual({ left: false, next: true });
    expect(pair.events("left")).toEqual(["playing", "still", "closed"]);
    expect(pair.events("next")).toEqual(["playing"]);
    const began = pair.reports.find(([name]) => name === "next")?.[1];
    expect(began).toMatchObject({ frame: 600, position: 0 });
  });

  it("whose cue comes late is made at once, from the first sample on", () => {
    const pair = new Pair();
    const next = tone(4000, 660);
    pair.play(tone(4000, 440), next.slice());
    pair.run(8);
    pair.cross(600);
    pair.run(8);
    expect(pair.reports.find(([name]) => name === "next")?.[1]).toMatchObject({ frame: 1024 });
    expect(Math.max(...steps(pair.out))).toBeLessThan(1.1 * stepOf(660));
    expect(Float32Array.from(pair.out.slice(1024 + FADED, 2000))).toEqual(
      next.slice(FADED, 2000 - 1024),
    );
  });

  it("from one that has nothing left breaks off without a step, and lets go of it", () => {
    const pair = new Pair();
    pair.play(tone(680, 440), tone(4000, 660));
    pair.run(3);
    pair.cross(600);
    pair.run(10);
    expect(pair.alive.left).toBe(false);
    expect(Math.max(...steps(pair.out))).toBeLessThan(1.1 * stepOf(660));
  });

  it("that is taken back before its moment changes nothing", () => {
    const pair = new Pair();
    const whole = tone(4000, 440);
    pair.play(whole.slice(), tone(4000, 660));
    pair.run(3);
    pair.next.handle({ type: "go", cue: { frame: 600, fade: FADE } }, pair.out.length);
    pair.next.handle({ type: "close" }, pair.out.length);
    pair.run(10);
    expect(pair.alive).toEqual({ left: true, next: false });
    expect(Float32Array.from(pair.out.slice(0, 1600))).toEqual(whole.slice(0, 1600));
  });

  it("that is held before its moment does not begin by itself", () => {
    const pair = new Pair();
    pair.play(tone(4000, 440), tone(4000, 660));
    pair.run(3);
    pair.cross(600);
    pair.next.handle({ type: "hold" }, pair.out.length);
    pair.run(10);
    expect(pair.events("next")).toEqual([]);
    expect(Math.max(...pair.out.slice(600 + FADED).map(Math.abs))).toBe(0);
  });

  it("is followed by the usual ramps: a pause and a going on after it", () => {
    const pair = new Pair();
    const next = tone(4000, 660);
    pair.play(tone(4000, 440), next.slice());
    pair.run(3);
    pair.cross(600);
    // Held in the middle of its fade.
    pair.run(3);
    pair.next.handle({ type: "hold" }, pair.out.length);
    pair.run(4);
    pair.next.handle({ type: "go" }, pair.out.length);
    const again = pair.out.length;
    pair.run(8);
    expect(Math.max(...steps(pair.out))).toBeLessThan(1.1 * stepOf(660));
    const ramp = 0.005 * RATE;
    const at = 768 - 600;
    expect(Float32Array.from(pair.out.slice(again + ramp, again + 900))).toEqual(
      next.slice(at, at + 900 - ramp),
    );
  });
});
