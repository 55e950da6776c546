import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Looped, Looper } from "../../src/view/looper";

/** As much of a rendition as a looper uses; it plays on the fake clock. */
class Rendition {
  phase = "idle";
  #from = 0;
  #since = 0;
  readonly seeks: number[] = [];
  readonly #listeners: (() => void)[] = [];
  readonly take = {
    total: 80_000,
    rate: 8000,
    seconds: 10,
    onChange: (listener: () => void) => this.#listeners.push(listener),
    changed: () => {
      for (const listener of this.#listeners) listener();
    },
  };
  readonly playback = ((self: Rendition) => ({
    get phase() {
      return self.phase;
    },
    get position() {
      return self.phase === "playing"
        ? self.#from + (performance.now() - self.#since) / 1000
        : self.#from;
    },
  }))(this);

  seek(seconds: number): void {
    this.seeks.push(seconds);
    this.goTo(seconds);
  }
  play(): void {
    this.phase = "playing";
    this.goTo(this.#from);
  }
  goTo(seconds: number): void {
    this.#from = seconds;
    this.#since = performance.now();
    this.take.changed();
  }
}

let rendition: Rendition;
let looper: Looper;

beforeEach(() => {
  vi.useFakeTimers();
  rendition = new Rendition();
  looper = new Looper(rendition as unknown as Looped);
});

afterEach(() => vi.useRealTimers());

const choose = (from: number, to: number) =>
  looper.change((loop, _, length) => loop.select(from, to, length));

describe("a take that loops", () => {
  it("goes back each time it comes to the region's end", () => {
    choose(2, 3);
    looper.play();
    expect(rendition.seeks).toEqual([2]);
    vi.advanceTimersByTime(3500);
    expect(rendition.seeks).toEqual([2, 2, 2, 2]);
  });

  it("does so however often it hears of news meanwhile, and when it comes late", () => {
    choose(2, 3);
    looper.play();
    for (let i = 0; i < 96; i++) {
      vi.advanceTimersByTime(10);
      rendition.take.changed();
    }
    // The page stood still while the end went by.
    vi.setSystemTime(Date.now() + 500);
    const before = rendition.seeks.length;
    vi.advanceTimersByTime(20);
    expect(rendition.seeks.length).toBe(before + 1);
  });

  it("plays on where a person has sent it behind the region", () => {
    choose(2, 3);
    looper.play();
    vi.advanceTimersByTime(500);
    rendition.goTo(6);
    vi.advanceTimersByTime(3000);
    expect(rendition.seeks).toEqual([2]);
  });

  it("goes nowhere while it is paused, nor when looping is off", () => {
    choose(2, 3);
    looper.play();
    rendition.phase = "paused";
    rendition.take.changed();
    vi.advanceTimersByTime(5000);
    rendition.phase = "playing";
    looper.change((loop, at, length) => loop.toggle(at, length));
    vi.advanceTimersByTime(5000);
    expect(rendition.seeks).toEqual([2]);
  });
});
