import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AGAIN, Asking, PATIENCE, type Wish } from "../../src/gallery/asking";

interface Sent extends Wish {
  readonly type: string;
  readonly ask: number;
  readonly known: string;
}

const first: Wish = { page: 1, where: {} };
const second: Wish = { page: 2, where: { speed: 1 } };

let sent: Sent[];
let waits: boolean[];
let away: boolean;
let asking: Asking;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  waits = [];
  away = false;
  asking = new Asking({
    send: (message) => sent.push(message as Sent),
    waits: (now) => waits.push(now),
    away: () => away,
  });
});

afterEach(() => vi.useRealTimers());

const last = () => sent.at(-1)?.ask ?? Number.NaN;

describe("asking for a page", () => {
  it("sends what is wished for, all of it, whatever is known", () => {
    asking.ask(second);
    expect(sent).toEqual([{ type: "show", ask: last(), ...second, known: "" }]);
    expect(asking.wish).toEqual(second);
  });

  it("is not said to wait where the kernel answers at once", () => {
    asking.ask(first);
    vi.advanceTimersByTime(PATIENCE - 1);
    expect(asking.answered(last(), false, "k", first)).toBe(true);
    vi.advanceTimersByTime(10 * PATIENCE);
    expect(waits).toEqual([false]);
  });

  it("is said to wait after half a second, until the answer comes", () => {
    asking.ask(first);
    vi.advanceTimersByTime(PATIENCE);
    expect(waits).toEqual([true]);
    asking.answered(last(), false, "k", first);
    expect(waits).toEqual([true, false]);
  });

  it("shows nothing of an answer after which something else was asked for", () => {
    asking.ask(first);
    const before = last();
    asking.ask(second);
    expect(asking.answered(before, false, "k", first)).toBe(false);
    expect(asking.wish).toEqual(second);
    expect(asking.answered(last(), false, "k", second)).toBe(true);
  });

  it("shows what another view was answered, as the kernel holds one page alone", () => {
    asking.ask(first);
    asking.answered(last(), false, "k", first);
    expect(asking.answered(last() + 12345, false, "k2", second)).toBe(true);
    expect(asking.wish).toEqual(second);
  });

  it("goes on with the page that there is, if there are fewer than was thought", () => {
    asking.ask({ page: 9, where: {} });
    asking.answered(last(), false, "k", second);
    expect(asking.wish).toEqual(second);
  });
});

describe("a page that grows", () => {
  it("is looked at again, saying what is known, and nobody is told to wait for that", () => {
    asking.ask(first);
    asking.answered(last(), true, "k", first);
    waits = [];
    vi.advanceTimersByTime(AGAIN);
    expect(sent.at(-1)).toMatchObject({ page: 1, known: "k" });
    vi.advanceTimersByTime(10 * AGAIN);
    expect(sent).toHaveLength(2);
    expect(waits).toEqual([]);
    asking.answered(last(), false, "k2", first);
    vi.advanceTimersByTime(10 * AGAIN);
    expect(sent).toHaveLength(2);
  });

  it("is left alone while something is heard or nobody looks, and looked at afterwards", () => {
    asking.ask(first);
    asking.answered(last(), true, "k", first);
    away = true;
    vi.advanceTimersByTime(5 * AGAIN);
    expect(sent).toHaveLength(1);
    away = false;
    vi.advanceTimersByTime(AGAIN);
    expect(sent).toHaveLength(2);
  });

  it("is looked at no more once the gallery is gone", () => {
    asking.ask(first);
    asking.answered(last(), true, "k", first);
    asking.end();
    vi.advanceTimersByTime(5 * AGAIN);
    expect(sent).toHaveLength(1);
  });
});

it("waits for nothing when the kernel is gone", () => {
  asking.ask(first);
  vi.advanceTimersByTime(PATIENCE);
  asking.end();
  expect(waits).toEqual([true, false]);
});
