import { describe, expect, it } from "vitest";
import { Renderer, type Report } from "../../src/output/renderer";
import { random, samples } from "../random";

const RATE = 8000;
const RAMP = 40;
const BLOCK = 128;

/** The audio thread, driven by hand. */
class Thread {
  readonly out: number[] = [];
  readonly reports: Report[] = [];
  readonly renderer: Renderer;
  alive = true;

  constructor(middle = false) {
    this.renderer = new Renderer(RATE, middle, (report) => this.reports.push(report));
  }
  push(part: Float32Array<ArrayBuffer>): void {
    this.renderer.handle({ type: "push", samples: part }, this.out.length);
  }
  tell(type: "go" | "hold" | "end" | "close"): void {
    this.renderer.handle({ type }, this.out.length);
  }
  cue(type: "go" | "close", frame: number, fade = 0.02): void {
    this.renderer.handle({ type, cue: { frame, fade } }, this.out.length);
  }
  run(blocks: number): void {
    for (let i = 0; i < blocks && this.alive; i++) {
      const block = new Float32Array(BLOCK);
      this.alive = this.renderer.process(block, this.out.length);
      this.out.push(...block);
    }
  }
  events(): string[] {
    return this.reports.map((report) => report.event).filter((event) => event !== "tick");
  }
}

describe("the renderer", () => {
  it("puts out pieces of random sizes bit for bit, whenever they come", () => {
    const next = random(11);
    const wanted = samples(20_000, 1);
    const thread = new Thread();
    for (let at = 0; at < wanted.length; ) {
      const count = Math.floor(next() ** 3 * 4000) + 1;
      thread.push(wanted.slice(at, at + count));
      at += count;
      thread.tell("go");
      // Never so many that it runs dry.
      thread.run(Math.floor(Math.max(0, Math.min(at, wanted.length) - thread.out.length) / BLOCK));
    }
    thread.tell("end");
    thread.run(400);
    expect(Float32Array.from(thread.out.slice(0, wanted.length))).toEqual(wanted);
    expect(thread.out.slice(wanted.length).every((sample) => sample === 0)).toBe(true);
    expect(thread.events()).toEqual(["playing", "ended"]);
    expect(thread.alive).toBe(false);
  });

  it.each([1, 2, 127, 128, 129, 300])("plays a stream of %i samples to its last", (count) => {
    const wanted = samples(count, count);
    const thread = new Thread();
    thread.push(wanted.slice());
    thread.tell("end");
    thread.tell("go");
    thread.run(10);
    expect(Float32Array.from(thread.out.slice(0, count))).toEqual(wanted);
    expect(thread.events()).toEqual(["playing", "ended"]);
    expect(thread.reports.at(-1)).toMatchObject({ frame: count, position: count, queued: 0 });
  });

  it("runs dry without ending, waits to be told, then loses and alters nothing", () => {
    const wanted = samples(1000, 5);
    const thread = new Thread();
    thread.push(wanted.slice(0, 500));
    thread.tell("go");
    thread.run(8);
    expect(thread.events()).toEqual(["playing", "dry"]);
    expect(thread.alive).toBe(true);
    thread.push(wanted.slice(500));
    const before = thread.out.length;
    thread.run(3);
    expect(thread.out.slice(before).every((sample) => sample === 0)).toBe(true);
    const again = thread.out.length;
    thread.tell("go");
    thread.tell("end");
    thread.run(10);
    expect(thread.events()).toEqual(["playing", "dry", "playing", "ended"]);
    expect(Float32Array.from(thread.out.slice(0, 500))).toEqual(wanted.slice(0, 500));
    const start = again + RAMP;
    expect(Float32Array.from(thread.out.slice(start, start + 500))).toEqual(wanted.slice(500));
  });

  it("leads to silence after a dry spell and from silence before it goes on", () => {
    const thread = new Thread();
    thread.push(new Float32Array(200).fill(1));
    thread.tell("go");
    thread.run(4);
    const steps = thread.out.slice(1).map((sample, i) => Math.abs(sample - (thread.out[i] ?? 0)));
    expect(Math.max(...steps)).toBeLessThan(0.1);
    thread.push(new Float32Array(200).fill(1));
    const from = thread.out.length;
    thread.tell("go");
    thread.run(1);
    const rise = thread.out
      .slice(from)
      .map((sample, i) => sample - (thread.out[from + i - 1] ?? 0));
    expect(Math.max(...rise)).toBeLessThan(0.1);
  });

  it("holds in the next block and goes on with the next sample", () => {
    const wanted = samples(2000, 9);
    const thread = new Thread();
    thread.push(wanted.slice());
    thread.tell("go");
    thread.run(3);
    thread.tell("hold");
    thread.run(5);
    expect(thread.reports.at(-1)).toMatchObject({ event: "still", position: 384 });
    thread.tell("go");
    thread.run(20);
    const start = 8 * BLOCK + RAMP;
    expect(Float32Array.from(thread.out.slice(start, start + 1616))).toEqual(wanted.slice(384));
  });

  it("begins in the middle of a take with a ramp before the first sample", () => {
    const thread = new Thread(true);
    thread.push(new Float32Array(300).fill(0.5));
    thread.tell("go");
    thread.run(1);
    expect(thread.out[0]).toBeLessThan(0.01);
    expect(thread.out.slice(RAMP).every((sample) => sample === 0.5)).toBe(true);
    expect(thread.reports[0]).toMatchObject({ event: "playing", frame: RAMP, position: 0 });
  });

  it("is let go after a close, also one that comes while it is still", () => {
    const playing = new Thread();
    playing.push(new Float32Array(3000).fill(0.5));
    playing.tell("go");
    playing.run(2);
    playing.tell("close");
    playing.run(9);
    expect(playing.alive).toBe(false);
    expect(playing.out.at(-1)).toBe(0);
    const still = new Thread();
    still.tell("close");
    still.run(1);
    expect(still.alive).toBe(false);
    expect(still.events()).toEqual(["closed"]);
  });

  it("says that it plays only once it does", () => {
    const thread = new Thread();
    thread.push(samples(300, 1));
    thread.tell("go");
    expect(thread.reports).toEqual([]);
    thread.run(1);
    expect(thread.events()).toEqual(["playing"]);
  });
});
