/** An hour's take, larger than the page's budget by itself, from start to end and again. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HUB, type Hub } from "../src/hub";
import type { Need } from "../src/messages";
import { Outputs } from "../src/output/outputs";
import type { Rendition } from "../src/rendition";
import speaker from "../src/speaker";
import { BUDGET_BYTES } from "../src/take/budget";
import { Looks } from "../src/view/looks";
import { LongKernel, LongOutput } from "./hour";
import { FakeModel } from "./model";
import { random } from "./random";

const { shown } = vi.hoisted(() => ({ shown: [] as unknown[] }));
vi.mock("../src/view/view", () => ({ showTake: (rendition: unknown) => shown.push(rendition) }));
vi.mock("../src/still", () => ({ hideStill: () => {} }));

const RATE = 44_100;
const HOUR = 3600;
/** Still more than the budget, and quicker. */
const HALF = 1800;
const STEP = 0.2;

let model: FakeModel;
let gone: AbortController;
let output: LongOutput;
let sent: number;

beforeEach(() => {
  vi.useFakeTimers();
  shown.length = 0;
  sent = 0;
  model = new FakeModel();
  gone = new AbortController();
  output = new LongOutput(RATE);
  vi.spyOn(Outputs.prototype, "get").mockImplementation(async () => output.output);
  speaker.initialize({ model, signal: gone.signal });
});

afterEach(() => {
  gone.abort();
  delete (globalThis as { [HUB]?: unknown })[HUB];
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const shared = () => (globalThis as { [HUB]?: Hub })[HUB] as Hub;

function show(take: string): Rendition {
  const el = {} as HTMLElement;
  shared().speakers.get("s1")?.mount(take, el, gone.signal, new Looks());
  return shown.at(-1) as Rendition;
}

/** Time passes for the kernels, the page and the ear, until something is so. */
async function pass(kernels: readonly LongKernel[], until: () => boolean, most: number) {
  let held = 0;
  for (let time = 0; time < most && !until(); time += STEP) {
    for (const kernel of kernels) {
      for (const [content, buffers] of kernel.pass(STEP)) {
        model.emit("msg:custom", content, buffers);
        held = Math.max(held, shared().budget.held);
      }
    }
    vi.advanceTimersByTime(STEP * 1000);
    for (const message of model.sent.slice(sent)) {
      if (message.type === "need") kernels[Number(message.take)]?.need((message as Need).ranges);
    }
    sent = model.sent.length;
    output.pass(STEP);
    await Promise.resolve();
  }
  expect(until()).toBe(true);
  expect(held).toBeLessThanOrEqual(BUDGET_BYTES);
  return held;
}

function begin(kernel: LongKernel, play = true): Rendition {
  model.emit("msg:custom", ...kernel.open(play));
  return show((kernel.open(play)[0] as { take: string }).take);
}

describe("an hour's take of 635 MB", () => {
  it("plays from start to end in 256 MB, with losses on the way, and again from the start", async () => {
    const next = random(5);
    // Faster than it plays: the kernel is far ahead of the ear, and the end of it is here first.
    const kernel = new LongKernel("0", RATE, HOUR, 3, () => next() < 0.01);
    const rendition = begin(kernel);
    const { take, playback } = rendition;
    const held = await pass([kernel], () => playback.phase === "ended", HOUR + 60);
    expect(held).toBeGreaterThan(0.9 * BUDGET_BYTES);
    expect(output.played).toHaveLength(1);
    expect(output.played[0]).toMatchObject({ first: 0, samples: RATE * HOUR });
    // Nothing that was asked for came too late.
    expect(playback.dry).toEqual([]);
    // All of it counts as received, and the outline is whole.
    expect([take.received, take.total, take.gaps]).toEqual([RATE * HOUR, RATE * HOUR, []]);
    expect(take.away).toBe(true);
    expect(take.peaks.length).toBe(100 * HOUR);
    const quiet = Array.from({ length: 100 * HOUR }, (_, i) => take.peaks.peak(i, i + 1));
    expect(quiet.filter((peak) => peak === 0)).toEqual([]);

    // What was let go is not asked for until somebody wants it.
    const asked = kernel.asked.length;
    for (let time = 0; time < 60; time += STEP) vi.advanceTimersByTime(STEP * 1000);
    expect(model.sent.slice(sent).filter(({ type }) => type === "need")).toEqual([]);
    rendition.play();
    await pass([kernel], () => playback.position > 90, 120);
    expect(kernel.asked.slice(asked)[0]).toEqual([0, 60 * RATE * 4]);
    expect(output.played[1]).toMatchObject({ first: 0, dry: 0 });
    const back = kernel.asked.slice(asked);
    const again = back.reduce((sum, [from, to]) => sum + to - from, 0);
    expect(again).toBeLessThan(170 * RATE * 4);
  }, 120_000);
});

describe("a take of 318 MB", () => {
  it("that nobody plays keeps its beginning, and a place is fetched when somebody goes there", async () => {
    const kernel = new LongKernel("0", RATE, HALF, 10);
    const rendition = begin(kernel, false);
    const { take, playback } = rendition;
    await pass([kernel], () => take.ended, HOUR);
    expect(take.away).toBe(true);
    expect(take.reach(0)).toBeGreaterThan(20 * 60 * RATE);
    expect(kernel.asked.length).toBeLessThan(3);
    const there = 25 * 60;
    expect(take.reach(there * RATE)).toBe(there * RATE);
    rendition.seek(there);
    // Paused there, so that a Play is heard at once.
    await pass([kernel], () => take.reach(there * RATE) >= (there + 60) * RATE, 30);
    expect(playback.phase).toBe("paused");
    rendition.play();
    await pass([kernel], () => playback.phase === "ended", 6 * 60);
    expect(output.played.at(-1)?.samples).toBe(5 * 60 * RATE);
  }, 120_000);

  it("is downloaded whole: what was let go is fetched for the file and let go again", async () => {
    const kernel = new LongKernel("0", RATE, HALF, 10);
    const rendition = begin(kernel, false);
    await pass([kernel], () => rendition.take.ended, HOUR);
    const asked = kernel.asked.length;
    // Only the pieces' sizes are looked at here: their bytes are compared in a smaller take.
    const file: { size: number | null } = { size: null };
    vi.stubGlobal(
      "Blob",
      class {
        readonly size: number;
        constructor([part]: readonly Uint8Array[]) {
          this.size = part?.length ?? 0;
        }
      },
    );
    void rendition.wav().then((parts) => {
      file.size = parts?.reduce((sum, part) => sum + ("size" in part ? part.size : 0), 0) ?? -1;
    });
    expect(rendition.saved).toBeLessThan(0.9);
    await pass([kernel], () => file.size !== null, HOUR);
    expect(file.size).toBe(58 + 4 * RATE * HALF);
    expect(rendition.saved).toBeNull();
    const fetched = kernel.asked.slice(asked).reduce((sum, [from, to]) => sum + to - from, 0);
    expect(fetched).toBeLessThan(1.2 * 4 * RATE * (HALF - 20 * 60));
    vi.unstubAllGlobals();
  }, 120_000);

  it("whose kernel no longer has it plays what is here, and says that some was let go", async () => {
    const kernel = new LongKernel("0", RATE, HALF, 10);
    const rendition = begin(kernel, false);
    const { take, playback } = rendition;
    await pass([kernel], () => take.ended, HOUR);
    kernel.forgot = true;
    const there = 25 * 60;
    rendition.seek(there);
    rendition.play();
    await pass([kernel], () => take.cut, 10);
    expect(take.away).toBe(true);
    rendition.seek(0);
    await pass([kernel], () => playback.position > 5, 20);
    expect(take.total).toBe(RATE * HALF);
  }, 120_000);
});

describe("several takes", () => {
  it("share one budget, and what was heard longest ago goes first", async () => {
    const kernels = ["0", "1", "2"].map((take) => new LongKernel(take, RATE, 20 * 60, 10));
    const all: Rendition[] = [];
    for (const kernel of kernels) {
      const rendition = begin(kernel, false);
      all.push(rendition);
      await pass(kernels.slice(0, all.length), () => rendition.take.ended, HOUR);
      rendition.play();
      await pass(kernels.slice(0, all.length), () => rendition.playback.position > 10, 30);
      rendition.pause();
    }
    const size = 20 * 60 * RATE * 4;
    const [first, second, third] = all.map(({ take }) => take.store.size);
    expect(first).toBe(0);
    expect(second).toBeLessThan(size);
    expect(third).toBe(size);
  }, 120_000);
});
