import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HUB, hub } from "../src/hub";
import { clock, Link } from "../src/link";
import type { ToKernel } from "../src/messages";
import { Rendition } from "../src/rendition";
import { FakeModel, open } from "./model";

let sent: ToKernel[];
let rendition: Rendition;

beforeEach(() => {
  vi.useFakeTimers();
  // Past the moment from which on a report may be sent.
  vi.advanceTimersByTime(1000);
  sent = [];
  const model = {
    get: () => undefined,
    set: () => {},
    save_changes: () => {},
    on: () => {},
    send: (message: ToKernel) => sent.push(message),
  };
  rendition = new Rendition("s1", "t1", hub(), new Link(model, "page"));
  rendition.take.accept(open);
  const pcm = new Uint8Array(2 * 8000 * 3);
  rendition.take.accept({ type: "audio", take: "t1", sent: 1, offset: 0, pcm });
});

afterEach(() => {
  delete (globalThis as { [HUB]?: unknown })[HUB];
  vi.useRealTimers();
});

function told(): number[] {
  return sent.flatMap((message) => (message.type === "heard" ? [message.position] : []));
}

function later(): void {
  for (let tick = 0; tick < 10; tick++) {
    vi.advanceTimersByTime(200);
    rendition.tick(clock());
  }
}

describe("what the kernel is told of a take that does not play", () => {
  it("where it was sent to, the last place for certain and no more than twice a second", () => {
    for (const place of [0.5, 1, 1.5, 2]) rendition.seek(place);
    expect(told()).toEqual([0.5]);
    later();
    expect(told()).toEqual([0.5, 2]);
  });

  it("that it was stopped", () => {
    rendition.seek(1);
    later();
    rendition.stop(false);
    later();
    expect(told()).toEqual([1, 0]);
  });

  it("nothing of a stop that ended nothing", () => {
    rendition.stop(false);
    later();
    expect(told()).toEqual([]);
  });
});

describe("where one stands that some page has heard before", () => {
  /** A page that was just loaded: it knows of two seconds, and has none of them yet. */
  function loaded(more: { state?: "speaking" | "done" } = {}): Rendition {
    const model = { get: () => undefined, set() {}, save_changes() {}, on() {}, send() {} };
    const fresh = new Rendition("s2", "t2", hub(), new Link(model, "page"));
    fresh.take.accept({ ...open, take: "t2", bytes: 2 * 16_000, ...more });
    return fresh;
  }

  it("is where that page left off, before a sample of it has come, and silent", () => {
    const fresh = loaded();
    fresh.standAt(1.5);
    expect(fresh.playback.position).toBe(1.5);
    expect(fresh.playback.phase).toBe("paused");
  });

  it("is the beginning if all of it was heard", () => {
    const fresh = loaded({ state: "done" });
    fresh.standAt(1.96);
    expect(fresh.playback.position).toBe(0);
    expect(fresh.playback.phase).toBe("idle");
  });

  it("is not told twice: later news of other pages move nothing", () => {
    const fresh = loaded();
    fresh.standAt(0.5);
    fresh.standAt(1.5);
    expect(fresh.playback.position).toBe(0.5);
  });
});

describe("a cell that is run again while it speaks", () => {
  function another(): Rendition {
    const model = { get: () => undefined, set() {}, save_changes() {}, on() {}, send() {} };
    const next = new Rendition("s1", "t2", hub(), new Link(model, "page"));
    next.take.accept({ ...open, take: "t2" });
    return next;
  }

  it("is heard at once: what has lost its player gives way", () => {
    const view = new AbortController();
    rendition.watched(view.signal);
    rendition.said(false);
    view.abort();
    const next = another();
    next.said(false);
    expect(rendition.playback.phase).toBe("idle");
    expect(next.queued).toBe(false);
    expect(next.playback.active).toBe(true);
  });

  it("waits its turn behind what is shown still, or was never shown", () => {
    rendition.said(false);
    const next = another();
    next.said(false);
    expect(next.queued).toBe(true);
    expect(rendition.playback.active).toBe(true);
    const views = [new AbortController(), new AbortController()];
    for (const view of views) rendition.watched(view.signal);
    views[0]?.abort();
    const third = new Rendition("s1", "t3", hub(), new Link(new FakeModel(), "page"));
    third.said(false);
    expect(rendition.playback.active).toBe(true);
    expect(third.queued).toBe(true);
  });
});
