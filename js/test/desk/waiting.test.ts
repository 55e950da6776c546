import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EVERY, PATIENCE, Waiting } from "../../src/desk/waiting";

let pings: number[];
let shown: boolean[];
let waiting: Waiting;

beforeEach(() => {
  vi.useFakeTimers();
  pings = [];
  shown = [];
  waiting = new Waiting({ ping: (n) => pings.push(n), show: (waits) => shown.push(waits) });
});

afterEach(() => vi.useRealTimers());

const answer = () => waiting.answered(pings.at(-1));

describe("what a person did", () => {
  it("is not said to wait where the kernel answers at once", () => {
    waiting.acted();
    vi.advanceTimersByTime(PATIENCE - 1);
    answer();
    vi.advanceTimersByTime(10 * PATIENCE);
    expect(shown).toEqual([false]);
    expect(pings).toHaveLength(1);
  });

  it("is said to wait until the kernel answers, and no longer", () => {
    waiting.acted();
    vi.advanceTimersByTime(PATIENCE);
    expect(shown).toEqual([true]);
    answer();
    expect(shown).toEqual([true, false]);
  });

  it("waits until an answer to its own ping, not to another page's", () => {
    waiting.acted();
    vi.advanceTimersByTime(PATIENCE);
    for (const other of [Number(pings[0]) + 1, "1", undefined, null]) waiting.answered(other);
    expect(shown).toEqual([true]);
  });

  it("costs two pings a second at most, however fast a slider moves", () => {
    for (let ms = 0; ms < 2000; ms += 10) {
      waiting.acted();
      answer();
      vi.advanceTimersByTime(10);
    }
    expect(pings.length).toBeLessThanOrEqual(2000 / EVERY + 1);
    expect(pings.length).toBeGreaterThan(2);
  });

  it("is asked for again when it came while an answer was due, for that answer is older", () => {
    waiting.acted();
    vi.advanceTimersByTime(3000);
    waiting.acted();
    waiting.acted();
    expect(pings).toHaveLength(1);
    answer();
    expect(pings).toHaveLength(2);
    vi.advanceTimersByTime(PATIENCE);
    expect(shown).toEqual([true, false, true]);
    answer();
    expect(shown.at(-1)).toBe(false);
    vi.advanceTimersByTime(10 * EVERY);
    expect(pings).toHaveLength(2);
  });

  it("is never followed by a ping or a word once nothing is waited for", () => {
    waiting.acted();
    waiting.acted();
    waiting.end();
    vi.advanceTimersByTime(10 * PATIENCE);
    answer();
    expect(pings).toHaveLength(1);
    expect(shown).toEqual([false]);
  });
});
