/** Comparing takes in one page: real takes, playbacks and floor, an audio thread driven by hand. */

import { setMaxListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Deck, FADE_SECONDS, LEAD_SECONDS } from "../src/deck";
import { HUB, hub } from "../src/hub";
import type { ToKernel } from "../src/messages";
import { Outputs } from "../src/output/outputs";
import speaker from "../src/speaker";
import { Bench, BLOCK, RATE } from "./bench";
import { FakeModel, open } from "./model";

/** Frames of a fade. */
const FADED = FADE_SECONDS * RATE;
const SECONDS = 4;

let model: FakeModel;
let bench: Bench;
let deck: Deck;
let closed: AbortController;
let viewed: AbortController;

/** A tone, its phase that of its place in the take. */
function tone(hertz: number, seconds = SECONDS): Int16Array<ArrayBuffer> {
  return Int16Array.from({ length: seconds * RATE }, (_, i) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * hertz * i) / RATE)),
  );
}

const heights = (pcm: Int16Array): Float32Array => Float32Array.from(pcm, (one) => one / 32_768);

function say(take: string, message: object, pcm?: Int16Array<ArrayBuffer>): void {
  const buffers = pcm === undefined ? [] : [new DataView(pcm.buffer)];
  model.emit("msg:custom", { sent: 1, ...message, take }, buffers);
}

function announce(take: string, bytes: number, more: object = {}): void {
  say(take, { ...open, state: "done", bytes, ...more });
}

/** All of a take, as the kernel sends it. */
function carry(take: string, pcm: Int16Array<ArrayBuffer>): void {
  const bytes = pcm.byteLength;
  announce(take, bytes);
  say(take, { type: "audio", offset: 0 }, pcm);
  const totals = { state: "done", bytes, words: 0, phonemes: 0, chunks: 0, text: "" };
  say(take, { type: "end", ...totals, error: null });
}

/** Let promises settle and the audio thread go on by so many blocks. */
async function run(blocks: number): Promise<void> {
  await new Promise((done) => setTimeout(done));
  for (let i = 0; i < blocks; i++) {
    bench.run(1);
    await Promise.resolve();
  }
}

const step = (samples: readonly number[]) =>
  Math.max(...samples.slice(1).map((sample, i) => Math.abs(sample - (samples[i] ?? 0))));
const stepOf = (hertz: number) => 2 * (10_000 / 32_768) * Math.sin((Math.PI * hertz) / RATE);
const phase = (take: string) => hub().stage.playback(`s1/${take}`)?.phase;
const told = (type: ToKernel["type"]) => model.sent.filter((message) => message.type === type);

beforeEach(() => {
  bench = new Bench(RATE);
  vi.spyOn(Outputs.prototype, "get").mockImplementation(async () => bench);
  model = new FakeModel();
  closed = new AbortController();
  viewed = new AbortController();
  setMaxListeners(50, viewed.signal);
  const exported = speaker.initialize({ model, signal: closed.signal });
  deck = exported.deck(["a", "b", "c"], viewed.signal);
});

afterEach(() => {
  viewed.abort();
  closed.abort();
  delete (globalThis as { [HUB]?: unknown })[HUB];
  vi.restoreAllMocks();
});

describe("a switch in mid-sentence", () => {
  it("to the same sound leaves no trace at all", async () => {
    const pcm = tone(440);
    carry("a", pcm.slice());
    carry("b", pcm.slice());
    deck.play("a");
    await run(30);
    deck.play("b", (left) => left);
    await run(30);
    deck.play("a", (left) => left);
    await run(30);
    expect(deck.current).toBe("a");
    const wanted = heights(pcm);
    const off = bench.heard.map((sample, i) => Math.abs(sample - (wanted[i] ?? 0)));
    expect(Math.max(...off)).toBeLessThan(1e-6);
  });

  it("goes on at the place that corresponds to the very sample that is left", async () => {
    carry("a", tone(440));
    const other = tone(300);
    carry("b", other.slice());
    deck.play("a");
    await run(30);
    let left = Number.NaN;
    deck.play("b", (seconds) => {
      left = seconds;
      return seconds / 2 + 1;
    });
    await run(30);
    // What was heard up to the hand-over is `a` from its first sample on.
    const at = Math.round(left * RATE);
    expect(at).toBeGreaterThanOrEqual(30 * BLOCK);
    expect(at).toBeLessThan(32 * BLOCK + LEAD_SECONDS * RATE);
    const wanted = heights(other);
    const from = Math.round((left / 2 + 1) * RATE);
    expect(Float32Array.from(bench.heard.slice(at + FADED, at + 2000))).toEqual(
      wanted.slice(from + FADED, from + 2000),
    );
    expect(step(bench.heard)).toBeLessThan(1.1 * stepOf(440));
  });

  it("leaves the other where it was, silent for good: it does not go on afterwards", async () => {
    carry("a", tone(440));
    carry("b", tone(300, 2));
    deck.play("a");
    await run(30);
    deck.play("b", 1);
    await run(1);
    expect(phase("a")).toBe("paused");
    expect(deck.position("a")).toBeGreaterThan(0.4);
    await run(140);
    await new Promise((done) => setTimeout(done, 20));
    expect(phase("b")).toBe("ended");
    expect(phase("a")).toBe("paused");
    const silence = bench.heard.slice(-20 * BLOCK);
    expect(Math.max(...silence.map(Math.abs))).toBe(0);
  });

  it("waits with the old one sounding until the other is here, then is made", async () => {
    carry("a", tone(440));
    const other = tone(300);
    announce("b", other.byteLength);
    deck.play("a");
    await run(30);
    deck.play("b", (left) => left);
    await run(30);
    expect(deck.awaited).toBe("b");
    expect(deck.current).toBe("a");
    carry("b", other);
    await run(30);
    expect(deck.awaited).toBeNull();
    expect(deck.current).toBe("b");
    expect(phase("b")).toBe("playing");
    expect(step(bench.heard)).toBeLessThan(1.1 * stepOf(440));
  });

  it("that is taken back by another one goes to that alone", async () => {
    carry("a", tone(440));
    carry("c", tone(500));
    announce("b", 2 * SECONDS * RATE);
    deck.play("a");
    await run(30);
    deck.play("b", 1);
    deck.play("c", 1);
    await run(30);
    carry("b", tone(300));
    await run(30);
    expect(deck.current).toBe("c");
    expect([phase("a"), phase("c")]).toEqual(["paused", "playing"]);
    expect(phase("b")).not.toBe("playing");
    expect(step(bench.heard)).toBeLessThan(1.1 * stepOf(500));
  });

  it("that is followed by another before its moment has come leaves no trace either", async () => {
    const pcm = tone(440);
    for (const take of ["a", "b", "c"]) carry(take, pcm.slice());
    deck.play("a");
    await run(30);
    deck.play("b", (left) => left);
    await vi.waitFor(() => expect(deck.current).toBe("b"));
    expect(phase("b")).toBe("waiting");
    deck.play("c", (left) => left);
    await run(40);
    expect(deck.current).toBe("c");
    expect(phase("c")).toBe("playing");
    const wanted = heights(pcm);
    const off = bench.heard.map((sample, i) => Math.abs(sample - (wanted[i] ?? 0)));
    expect(Math.max(...off)).toBeLessThan(1e-6);
  });

  it("many times within a moment ends at the last one, with one sounding and no step", async () => {
    for (const [take, hertz] of [
      ["a", 440],
      ["b", 300],
      ["c", 500],
    ] as const) {
      carry(take, tone(hertz));
    }
    deck.play("a");
    await run(30);
    for (let i = 0; i < 20; i++) {
      deck.play(["b", "c", "a"][i % 3], (left) => left);
      if (i % 4 === 0) await run(i % 7);
    }
    await run(40);
    expect(deck.current).toBe("c");
    expect(["a", "b", "c"].filter((take) => phase(take) === "playing")).toEqual(["c"]);
    expect(step(bench.heard)).toBeLessThan(1.1 * stepOf(500));
  });

  it("is told to the kernel as what it is: one paused, the other heard from that place on", async () => {
    carry("a", tone(440));
    carry("b", tone(300));
    deck.play("a");
    await run(30);
    deck.play("b", 1.5);
    await run(30);
    const last = (take: string) =>
      [...told("heard")].reverse().find((message) => "take" in message && message.take === take);
    expect(last("a")).toMatchObject({ playing: false, ended: false });
    // In the middle, because somebody wanted it: no figure of the stream's is taken from it.
    expect(last("b")).toMatchObject({ playing: true, by_person: true });
    expect((last("b") as { disturbed: number | null }).disturbed).not.toBeNull();
    const { position } = last("b") as { position: number };
    expect(position).toBeGreaterThanOrEqual(1.5);
  });

  it("near the end of the other begins it nowhere else", async () => {
    carry("a", tone(440));
    carry("b", tone(300, 2));
    deck.play("a");
    await run(30);
    deck.play("b", 99);
    await run(30);
    await new Promise((done) => setTimeout(done, 20));
    expect(deck.current).toBe("b");
    expect(phase("b")).toBe("ended");
    expect(step(bench.heard)).toBeLessThan(1.1 * stepOf(440));
  });
});

describe("a deck", () => {
  it("asks for all of every take at once, and again until it has come", async () => {
    await new Promise((done) => setTimeout(done, 10));
    const asked = new Set(told("need").map((message) => "take" in message && message.take));
    expect(asked).toEqual(new Set(["a", "b", "c"]));
    expect(deck.here("a")).toBeNull();
    carry("a", tone(440));
    expect(deck.here("a")).toBe(1);
  });

  it("that is silent changes over without a sound, and stands at the place", async () => {
    carry("a", tone(440));
    carry("b", tone(300));
    deck.switchTo("b", 1.25);
    await run(10);
    expect(deck.current).toBe("b");
    expect(deck.position()).toBe(1.25);
    expect(Math.max(...bench.heard.map(Math.abs))).toBe(0);
    deck.play();
    await run(10);
    expect(phase("b")).toBe("playing");
  });

  it("that is paused plays another from the place that corresponds", async () => {
    carry("a", tone(440));
    carry("b", tone(300));
    deck.play("a");
    await run(30);
    deck.pause();
    await run(3);
    const at = deck.position();
    deck.play("b", (left) => left + 1);
    await run(10);
    expect([phase("a"), phase("b")]).toEqual(["paused", "playing"]);
    expect(deck.position()).toBeGreaterThanOrEqual(at + 1);
    expect(step(bench.heard)).toBeLessThan(1.1 * stepOf(440));
  });

  it("says of one that cannot come any more what a player says, and is silent", async () => {
    carry("a", tone(440));
    deck.play("a");
    await run(30);
    model.emit("comm_live_update");
    deck.play("b", 1);
    await run(10);
    expect(deck.current).toBe("b");
    expect(deck.status.text).toContain("Run the cell again");
    expect(phase("a")).toBe("paused");
    // What is here is still heard.
    deck.play("a");
    await run(10);
    expect(phase("a")).toBe("playing");
  });

  it("lets nothing go on that was not begun when it is left", async () => {
    carry("a", tone(440));
    carry("b", tone(300));
    deck.play("a");
    await run(30);
    deck.play("b", 1);
    viewed.abort();
    await run(30);
    expect(phase("b")).not.toBe("playing");
    expect(phase("a")).toBe("playing");
  });
});
