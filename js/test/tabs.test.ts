/** Two pages of one browser that show one kernel's Speaker, each with a hub of its own. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HUB, type Hub, hub } from "../src/hub";
import type { Output, StreamOptions } from "../src/output/output";
import { Outputs } from "../src/output/outputs";
import type { Rendition } from "../src/rendition";
import speaker from "../src/speaker";
import { Looks } from "../src/view/looks";
import { FakeModel } from "./model";

const { shown } = vi.hoisted(() => ({ shown: [] as unknown[] }));
vi.mock("../src/view/view", () => ({
  showTake: (rendition: unknown) => shown.push(rendition),
}));
vi.mock("../src/still", () => ({ hideStill: () => {} }));

/** As much of the browser's as is used; messages arrive at once, but not within a call. */
class FakeChannel {
  static open: FakeChannel[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  constructor(readonly name: string) {
    FakeChannel.open.push(this);
  }
  postMessage(data: unknown): void {
    const others = FakeChannel.open.filter((one) => one !== this && one.name === this.name);
    queueMicrotask(() => {
      for (const one of others) one.onmessage?.({ data: structuredClone(data) });
    });
  }
  close(): void {
    FakeChannel.open = FakeChannel.open.filter((one) => one !== this);
  }
}

const heard = { samples: 0 };

/** An output that plays from "go" on, and whose end is far. */
const output = {
  kind: "worklet",
  context: { sampleRate: 8000 },
  open: ({ onReport }: StreamOptions) => ({
    push: () => {},
    go: () => onReport({ event: "playing", frame: 0, position: 0, queued: 9 }),
    hold: () => {},
    end: () => {},
    close: () => {},
    audible: () => heard.samples,
    when: () => 0,
    rendered: 0,
  }),
} as unknown as Output;

class Page {
  readonly model = new FakeModel();
  readonly hub: Hub;
  readonly #gone = new AbortController();

  constructor() {
    delete (globalThis as { [HUB]?: unknown })[HUB];
    speaker.initialize({ model: this.model, signal: this.#gone.signal });
    this.hub = hub();
  }
  close(): void {
    this.#gone.abort();
  }
  phase(take: string): string | undefined {
    return this.hub.stage.playback(`s1/${take}`)?.phase;
  }
  /** What a player of the take works with. */
  show(take: string): Rendition {
    shown.length = 0;
    this.hub.speakers.get("s1")?.mount(take, {} as HTMLElement, this.#gone.signal, new Looks());
    return shown[0] as Rendition;
  }
}

let pages: Page[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("BroadcastChannel", FakeChannel);
  vi.spyOn(Outputs.prototype, "get").mockImplementation(async () => output);
  pages = [];
  heard.samples = 0;
});

afterEach(() => {
  for (const page of pages) page.close();
  FakeChannel.open = [];
  delete (globalThis as { [HUB]?: unknown })[HUB];
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function join(): Promise<Page> {
  const page = new Page();
  pages.push(page);
  await pass(1);
  return page;
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

const open = (take: string) => ({
  type: "open",
  take,
  sent: 1,
  text: "hello",
  backend: { name: "engine", label: "built-in engine" },
  voice: "v",
  encoding: "pcm_s16le",
  sample_rate: 8000,
  play: true,
  interrupt: false,
  heard: null,
  state: "speaking",
  bytes: 0,
  words: 0,
});

/** The kernel tells every page, as Jupyter does. */
async function say(...takes: string[]): Promise<void> {
  for (const take of takes) {
    for (const { model } of pages) {
      model.emit("msg:custom", open(take), []);
      const pcm = new DataView(new ArrayBuffer(16_000));
      model.emit("msg:custom", { type: "audio", take, sent: 1, offset: 0 }, [pcm]);
    }
  }
  await pass(0.3);
}

async function command(name: string, take: string | null): Promise<void> {
  const message = { type: "command", take, sent: 1, command: name, position: null };
  for (const { model } of pages) model.emit("msg:custom", message, []);
  await pass(0.3);
}

describe("two pages of one browser", () => {
  it("sound once, and the other says so and offers to", async () => {
    const [first, second] = [await join(), await join()];
    await say("a");
    expect([first.phase("a"), second.phase("a")]).toEqual(["playing", "idle"]);
    expect(second.show("a").elsewhere).toBe(true);
    expect(first.show("a").elsewhere).toBe(false);
    second.show("a").play();
    await pass(0.1);
    expect([first.phase("a"), second.phase("a")]).toEqual(["paused", "playing"]);
    expect(first.show("a").elsewhere).toBe(true);
    expect(second.show("a").elsewhere).toBe(false);
  });

  it("go on where the other one stood, for a person who takes the sound there", async () => {
    const [first, second] = [await join(), await join()];
    await say("a");
    heard.samples = 4000;
    second.show("a").play();
    await pass(0.1);
    expect(second.phase("a")).toBe("playing");
    expect(second.hub.stage.playback("s1/a")?.position).toBe(0.5 + 0.5);
    expect(first.phase("a")).toBe("paused");
  });

  it("begin where a person has gone to here, unless it was begun in the other one since", async () => {
    const [first, second] = [await join(), await join()];
    await say("a");
    heard.samples = 4000;
    const [there, here] = [first.show("a"), second.show("a")];
    here.seek(0.25);
    here.play();
    await pass(0.2);
    expect(here.playback.position).toBe(0.25 + 0.5);
    there.seek(0);
    there.play();
    await pass(0.2);
    here.play();
    await pass(0.2);
    expect(here.playback.position).toBe(0.5 + 0.5);
  });

  it("begin soon where the other one does not say where it stood", async () => {
    const [first, second] = [await join(), await join()];
    await say("a");
    FakeChannel.open = FakeChannel.open.slice(1);
    first.show("a");
    second.show("a").play();
    await pass(0.3);
    expect(second.phase("a")).toBe("playing");
  });

  it("play what is queued in order, also when a person takes the sound to the other", async () => {
    const [first, second] = [await join(), await join()];
    await say("a", "b");
    expect(first.show("b").queued).toBe(true);
    expect(second.show("b").elsewhere).toBe(true);
    second.show("a").play();
    await pass(1);
    expect(first.show("b").queued).toBe(false);
    expect(second.show("b").queued).toBe(true);
    expect(first.show("b").elsewhere).toBe(true);
  });

  it("obey Python's play in one, and pause and stop in all", async () => {
    const [first, second] = [await join(), await join()];
    await say("a");
    await command("pause", "a");
    expect([first.phase("a"), second.phase("a")]).toEqual(["paused", "idle"]);
    await command("play", "a");
    await pass(5);
    expect([first.phase("a"), second.phase("a")]).toEqual(["playing", "idle"]);
    second.show("b").play();
    await say("b");
    expect([first.phase("a"), second.phase("b")]).toEqual(["paused", "playing"]);
    await command("stop", null);
    expect(first.hub.stage.sounding || second.hub.stage.sounding).toBe(false);
  });

  it("stop it in both when a person stops it in either", async () => {
    const [first, second] = [await join(), await join()];
    await say("a");
    second.show("a").stop(true);
    await pass(0.1);
    expect([first.phase("a"), second.phase("a")]).toEqual(["idle", "idle"]);
    await pass(5);
    expect(second.show("a").elsewhere).toBe(false);
  });

  it("go on in the second when the first is closed, with what was not begun", async () => {
    const [first, second] = [await join(), await join()];
    await say("a", "b");
    first.close();
    pages = [second];
    await pass(0.1);
    expect([second.phase("a"), second.phase("b")]).toEqual(["idle", "playing"]);
  });

  it("know how it stands in the other one when their kernel is gone", async () => {
    const [first, second] = [await join(), await join()];
    await say("a");
    const [here, there] = [first.show("a"), second.show("a")];
    for (const { model } of pages) model.emit("comm_live_update");
    await pass(1);
    expect(there.elsewhere).toBe(true);
    here.pause();
    await pass(1);
    expect(there.elsewhere).toBe(false);
  });

  it("have nothing to say to each other of a kernel that is gone, once nothing of it is left", async () => {
    const [first, second] = [await join(), await join()];
    await say("a");
    for (const { model } of pages) model.emit("comm_live_update");
    await pass(1);
    // What sounds has still to be told of.
    expect(FakeChannel.open).toHaveLength(1);
    first.hub.stage.stop("s1/a");
    await pass(1);
    expect(FakeChannel.open).toHaveLength(0);
    expect(second.show("a").elsewhere).toBe(false);
  });

  it("keep nobody waiting for a take that was let go while it was to be taken over", async () => {
    const [, second] = [await join(), await join()];
    await say("a");
    const { stage } = second.hub;
    second.show("a").play();
    second.close();
    await pass(0.3);
    stage.said("another", false);
    expect(stage.waiting("another")).toBe(false);
  });

  it("are each alone where there is no BroadcastChannel, and one alone never waits", async () => {
    vi.stubGlobal("BroadcastChannel", undefined);
    const [first, second] = [await join(), await join()];
    for (const { model } of pages) model.emit("msg:custom", open("a"), []);
    expect([first.phase("a"), second.phase("a")]).toEqual(["waiting", "waiting"]);
    expect(second.show("a").elsewhere).toBe(false);
  });
});
