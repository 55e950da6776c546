import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HUB, type Hub, type SpeakerExports } from "../src/hub";
import type { ToKernel } from "../src/messages";
import speaker from "../src/speaker";
import { open } from "./model";

/** As much of anywidget's model as the Speaker uses; notes in which order things are done. */
class FakeModel {
  readonly done: string[] = [];
  readonly sent: ToKernel[] = [];
  readonly #state: Record<string, unknown> = { speaker_id: "s1", volume: 0.5 };
  readonly #listeners = new Map<string, ((...args: unknown[]) => void)[]>();

  get(name: string): unknown {
    return this.#state[name];
  }
  set(name: string, value: unknown): void {
    this.#state[name] = value;
  }
  save_changes(): void {}
  send(message: ToKernel): void {
    this.done.push(`send ${message.type}`);
    this.sent.push(message);
  }
  on(name: string, callback: (...args: never[]) => void): void {
    this.done.push(`on ${name}`);
    const listeners = this.#listeners.get(name) ?? [];
    this.#listeners.set(name, [...listeners, callback as (...args: unknown[]) => void]);
  }
  emit(name: string, ...args: unknown[]): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(...args);
  }
  of(type: string): ToKernel[] {
    return this.sent.filter((message) => message.type === type);
  }
}

const audio = (offset: number, count: number) =>
  [{ type: "audio", take: "t1", sent: 1, offset }, [new DataView(new ArrayBuffer(count))]] as const;

let model: FakeModel;
let closed: AbortController;
let exported: SpeakerExports;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "warn").mockImplementation(() => {});
  model = new FakeModel();
  closed = new AbortController();
  exported = speaker.initialize({ model, signal: closed.signal });
});

afterEach(() => {
  closed.abort();
  delete (globalThis as { [HUB]?: unknown })[HUB];
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("the Speaker", () => {
  it("listens before it says hello, and says hello at once", () => {
    expect(model.done[0]).toBe("on msg:custom");
    expect(model.sent).toMatchObject([{ type: "hello", output: "none" }]);
    expect(model.sent[0]?.page).toMatch(/\w{8,}/);
  });

  it("is found by its id, and signs all it sends with one page's name", () => {
    const hub = (globalThis as { [HUB]?: { page: string; speakers: Map<string, unknown> } })[HUB];
    expect(hub?.speakers.get("s1")).toBe(exported);
    expect(hub?.page).toBe(model.sent[0]?.page);
  });

  it("asks for what was lost, and stops asking when it has come", () => {
    model.emit("msg:custom", open, []);
    model.emit("msg:custom", ...audio(0, 100));
    model.emit("msg:custom", ...audio(150, 100));
    vi.advanceTimersByTime(1000);
    expect(model.of("need")[0]).toMatchObject({ take: "t1", ranges: [[100, 150]] });
    const asked = model.of("need").length;
    model.emit("msg:custom", ...audio(100, 50));
    vi.advanceTimersByTime(20_000);
    expect(model.of("need")).toHaveLength(asked);
  });

  it("asks for a tail that only the end has spoken of, for as long as it is wanted", () => {
    model.emit("msg:custom", { ...open, play: true }, []);
    model.emit("msg:custom", ...audio(0, 100));
    model.emit("msg:custom", { ...open, type: "progress", bytes: 300, phonemes: 0, chunks: 0 }, []);
    vi.advanceTimersByTime(1000);
    expect(model.of("need")[0]).toMatchObject({ ranges: [[100, 300]] });
  });

  it("refuses what it cannot use, says why, and goes on", () => {
    model.emit("msg:custom", { type: "surprise", take: "t1", sent: 1 }, []);
    model.emit("msg:custom", null);
    model.emit("msg:custom", { ...open, type: "audio", offset: 1e99 }, []);
    model.emit("msg:custom", open, []);
    expect(exported.stats()).toMatchObject({ messages: 4, refused: 3 });
    expect(console.warn).toHaveBeenCalledWith(expect.stringContaining("surprise"));
  });

  it("follows the prebuffer that is asked for, and makes nothing of one that is none", () => {
    const seconds = () => {
      model.emit("msg:custom", open, []);
      const shared = (globalThis as { [HUB]?: Hub })[HUB];
      return shared?.stage.playback("s1/t1")?.prebuffer;
    };
    expect(seconds()).toMatchObject({ seconds: 0.04, fixed: false });
    for (const [wished, used] of [
      [0.2, 0.2],
      [0, 0],
      ["long", 0.04],
      [Number.NaN, 0.04],
      [99, 0.04],
      [5, 5],
      [null, 0.04],
    ] as const) {
      model.set("prebuffer", wished);
      model.emit("change:prebuffer");
      expect(seconds()).toMatchObject({ seconds: used, fixed: used !== 0.04 });
    }
  });

  it("asks at once for an end that is said to have been and has not come", () => {
    model.emit("msg:custom", { ...open, play: true, state: "done", bytes: 100 }, []);
    model.emit("msg:custom", ...audio(0, 100));
    vi.advanceTimersByTime(1000);
    expect(model.of("need")[0]).toMatchObject({ take: "t1", ranges: [[100, null]] });
  });

  it("lets go of takes that nobody opened and nobody shows, however many are made up", () => {
    const held = () => (globalThis as { [HUB]?: Hub })[HUB]?.budget.held ?? 0;
    model.emit("msg:custom", open, []);
    for (let i = 0; i < 5000; i++) {
      const pcm = new DataView(new ArrayBuffer(100));
      model.emit("msg:custom", { type: "audio", take: `junk${i}`, sent: 1, offset: 0 }, [pcm]);
      model.emit("msg:custom", { type: "command", take: `no${i}`, sent: 1, command: "pause" }, []);
    }
    expect(held()).toBeLessThan(100 * 65_536);
    vi.advanceTimersByTime(70_000);
    expect(held()).toBe(0);
    // The one that was opened is still there.
    model.emit("msg:custom", ...audio(0, 100));
    expect(held()).toBeGreaterThan(0);
  });

  it("sends nothing any more once its kernel is gone", () => {
    model.emit("msg:custom", open, []);
    model.emit("msg:custom", ...audio(150, 100));
    model.emit("comm_live_update");
    const before = model.sent.length;
    vi.advanceTimersByTime(20_000);
    expect(model.sent).toHaveLength(before);
  });
});
