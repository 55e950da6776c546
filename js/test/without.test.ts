/** What a player does and says when its kernel is busy, has forgotten the take, or is gone. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HUB, type Hub } from "../src/hub";
import { Outputs } from "../src/output/outputs";
import type { Rendition } from "../src/rendition";
import speaker from "../src/speaker";
import { BLOCK_BYTES } from "../src/take/store";
import { wavFile } from "../src/take/wav";
import { Looks } from "../src/view/looks";
import { factsOf, statusOf } from "../src/view/text";
import { LongOutput, pattern } from "./hour";
import { FakeModel } from "./model";

const { shown } = vi.hoisted(() => ({ shown: [] as unknown[] }));
vi.mock("../src/view/view", () => ({ showTake: (rendition: unknown) => shown.push(rendition) }));
vi.mock("../src/still", () => ({ hideStill: () => {} }));

const RATE = 8000;
/** Seconds of a take here; so long that some of it can be let go. */
const LENGTH = 20;

let model: FakeModel;
let gone: AbortController;
let output: LongOutput;

beforeEach(() => {
  vi.useFakeTimers();
  shown.length = 0;
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

async function pass(seconds: number): Promise<void> {
  for (let time = 0; time < seconds; time += 0.1) {
    await vi.advanceTimersByTimeAsync(100);
    output.pass(0.1);
  }
}

function show(): Rendition {
  const hub = (globalThis as { [HUB]?: Hub })[HUB];
  hub?.speakers.get("s1")?.mount("t", {} as HTMLElement, gone.signal, new Looks());
  return shown.at(-1) as Rendition;
}

/** The kernel sends the first `seconds` of the take, and its end if that is all. */
function send(seconds: number): void {
  const totals = { take: "t", sent: 1, words: 0, phonemes: 0, chunks: 0, text: "hello" };
  const state = seconds < LENGTH ? "speaking" : "done";
  const bytes = seconds * RATE * 4;
  const open = {
    ...totals,
    type: "open",
    backend: { name: "engine", label: "built-in engine" },
    voice: "v",
    encoding: "pcm_f32le",
    sample_rate: RATE,
    play: false,
    interrupt: false,
    heard: null,
    requested: null,
    state,
    bytes: 0,
  };
  model.emit("msg:custom", open, []);
  if (bytes > 0) {
    const pcm = new DataView(pattern(0, seconds * RATE).buffer);
    const audio = { type: "audio", take: "t", sent: 1, offset: 0, live: false };
    model.emit("msg:custom", audio, [pcm]);
  }
  if (state === "done") {
    model.emit("msg:custom", { ...totals, type: "end", state, bytes, error: null }, []);
  }
}

const forgets = () =>
  model.emit("msg:custom", {
    type: "end",
    take: "t",
    sent: 1,
    state: "gone",
    bytes: 0,
    words: 0,
    phonemes: 0,
    chunks: 0,
    text: "",
    error: "gone",
  });
const dies = () => model.emit("comm_live_update");
const isBusy = () => {};

/** Some of it was let go, as the budget does. */
function letGo(rendition: Rendition): void {
  rendition.take.store.letGo(BLOCK_BYTES, 4 * BLOCK_BYTES, 3 * BLOCK_BYTES);
  expect(rendition.take.away).toBe(true);
}

const says = (rendition: Rendition, age = 9) => statusOf(factsOf(rendition, age)).text;

const CUT = "The kernel no longer has this take; what had arrived can be played";
const LOST = "The kernel no longer has this take. Run the cell again.";
const AWAY =
  "Part of this take was let go to save memory, and the kernel is gone: run the cell again.";
const BUSY = "Waiting for the kernel: it is busy, or no longer has this take";

describe("a player says", () => {
  it.each([
    ["nothing of a busy kernel, with all of the take here", isBusy, LENGTH, false, "Done"],
    ["nothing of a dead kernel, with all of the take here", dies, LENGTH, false, "Done"],
    ["that a dead kernel leaves what had arrived", dies, 2, false, CUT],
    ["that a forgotten take leaves what had arrived", forgets, 2, false, CUT],
    ["what to do about a dead kernel, with nothing here", dies, 0, false, LOST],
    ["what to do about a forgotten take, with nothing here", forgets, 0, false, LOST],
    ["that a dead kernel cannot bring back what was let go", dies, LENGTH, true, AWAY],
    ["that a forgotten take cannot be brought back", forgets, LENGTH, true, AWAY],
    ["nothing while what was let go can be brought back", isBusy, LENGTH, true, "Done"],
    ["that more is coming, as long as the kernel lives", isBusy, 2, false, "Receiving"],
    ["that a kernel which never answers may be busy", isBusy, null, false, BUSY],
    ["that a kernel which died before it answered is gone", dies, null, false, LOST],
  ] as const)("%s", (_what, happens, seconds, away, text) => {
    const rendition = show();
    if (seconds !== null) send(seconds);
    if (away) letGo(rendition);
    happens();
    expect(says(rendition)).toBe(text);
  });

  it("that it waits for the kernel where what was let go is to be heard", async () => {
    const rendition = show();
    send(LENGTH);
    letGo(rendition);
    rendition.seek(5);
    rendition.play();
    await pass(1);
    expect(says(rendition)).toBe("Waiting for sound from the kernel");
    expect(model.sent.some(({ type }) => type === "need")).toBe(true);
  });
});

describe.each([
  ["busy", isBusy],
  ["dead", dies],
])("with a %s kernel what the page holds", (_how, happens) => {
  it("plays, pauses, goes anywhere, stops and plays again, louder or softer, and is saved", async () => {
    const rendition = show();
    const { playback, take } = rendition;
    const hub = (globalThis as { [HUB]?: Hub })[HUB] as Hub;
    send(LENGTH);
    happens();
    const sent = model.sent.length;
    rendition.play();
    await pass(2);
    expect(playback.phase).toBe("playing");
    rendition.pause();
    expect(playback.phase).toBe("paused");
    rendition.seek(15);
    expect(playback.position).toBe(15);
    rendition.play();
    hub.outputs.volume = 0.3;
    expect(hub.outputs.volume).toBe(0.3);
    await pass(6);
    expect(playback.phase).toBe("ended");
    expect(output.played.at(-1)).toMatchObject({ first: 15 * RATE, samples: 5 * RATE, dry: 0 });
    rendition.play();
    await pass(1);
    expect(output.played.at(-1)?.first).toBe(0);
    rendition.stop(true);
    expect(playback.phase).toBe("idle");
    const pieces = wavFile(take.store, "pcm_f32le", RATE);
    expect(pieces.reduce((sum, piece) => sum + piece.length, 0)).toBe(58 + LENGTH * RATE * 4);
    expect(model.sent.slice(sent).filter(({ type }) => type === "need")).toEqual([]);
  });
});

describe("a take that was cut off mid-stream", () => {
  it("plays to where it goes, once", async () => {
    const rendition = show();
    send(2);
    rendition.play();
    await pass(1);
    dies();
    await pass(3);
    expect(rendition.playback.phase).toBe("ended");
    expect(output.played).toMatchObject([{ first: 0, samples: 2 * RATE }]);
  });
});

describe("what was let go and cannot come again", () => {
  it("is passed over: what is behind it is still heard", async () => {
    const rendition = show();
    send(LENGTH);
    letGo(rendition);
    dies();
    rendition.play();
    await pass(LENGTH);
    expect(rendition.playback.phase).toBe("ended");
    const there = (4 * BLOCK_BYTES) / 4;
    expect(output.played.map(({ first, samples }) => [first, samples])).toEqual([
      [0, BLOCK_BYTES / 4],
      [there, LENGTH * RATE - there],
    ]);
  });
});

describe("a file that is being put together", () => {
  it("is finished when the kernel dies, however much of it is still to come", async () => {
    const rendition = show();
    // More than is taken over at one time.
    send(600);
    letGo(rendition);
    let bytes = 0;
    void rendition.wav().then((parts) => {
      for (const part of parts ?? []) bytes += part instanceof Blob ? part.size : part.length;
    });
    await pass(1);
    dies();
    await pass(2);
    expect(rendition.saved).toBe(null);
    expect(bytes).toBe(58 + 600 * RATE * 4);
  });
});
