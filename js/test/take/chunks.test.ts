import { describe, expect, it } from "vitest";
import { ChunkList } from "../../src/take/chunks";
import { random } from "../random";

/** 16-bit samples at 1000 Hz: a millisecond is two bytes. */
const list = () => new ChunkList({ rate: 1000, sampleBytes: 2 });
/** Chunks of 100 ms, received every 50 ms from `first` on. */
const rows = (count: number, first = 100, index = 0) =>
  Array.from({ length: count }, (_, i) => ({
    start: (index + i) * 0.1,
    duration: 0.1,
    received: first + (index + i) * 0.05,
  }));

describe("the chunks of a take", () => {
  it("count from the request, on the kernel's clock", () => {
    const chunks = list();
    chunks.put({ index: 0, requested: 99.75, rows: rows(2) });
    expect(chunks.length).toBe(2);
    expect(chunks.requested).toBe(99.75);
    expect(chunks.get(1)?.received).toBeCloseTo(0.3, 9);
    expect(chunks.get(1)).toMatchObject({ start: 0.1, duration: 0.1, arrived: null });
    expect(chunks.get(2)).toBeUndefined();
  });

  it("count from the first chunk where the request was not seen", () => {
    const chunks = list();
    chunks.put({ index: 1, requested: null, rows: rows(1, 100, 1) });
    expect(chunks.get(1)).toBeUndefined();
    chunks.put({ index: 0, requested: null, rows: rows(1) });
    expect(chunks.requested).toBeNull();
    expect(chunks.get(0)?.received).toBe(0);
    expect(chunks.get(1)?.received).toBeCloseTo(0.05, 9);
  });

  it("are put together in any order, and what is missing is known", () => {
    const chunks = list();
    chunks.put({ index: 3000, requested: 1, rows: rows(2, 100, 3000) });
    expect([chunks.length, chunks.missing(3002)]).toEqual([0, 0]);
    chunks.put({ index: 0, requested: 1, rows: rows(2999) });
    expect([chunks.length, chunks.missing(3002)]).toEqual([2999, 2999]);
    chunks.put({ index: 2990, requested: 1, rows: rows(20, 100, 2990) });
    expect([chunks.length, chunks.missing(3002)]).toEqual([3010, null]);
    expect(chunks.get(3001)?.start).toBeCloseTo(300.1, 9);
  });

  it("arrived when the page had the last of their bytes, the quickest message taken for instant", () => {
    const chunks = list();
    chunks.put({ index: 0, requested: 100, rows: rows(3) });
    // The page's clock is 90 behind; the second message, of 20 ms, is the quickest.
    chunks.heard(100.0, 10.05);
    chunks.arrived(0, 300, 10.05);
    chunks.heard(100.1, 10.12);
    chunks.arrived(300, 400, 10.12);
    chunks.heard(100.2, 10.45);
    chunks.arrived(400, 500, 10.45);
    expect(chunks.get(0)?.arrived).toBeCloseTo(0.03, 9);
    expect(chunks.get(1)?.arrived).toBeCloseTo(0.1, 9);
    // Half of it is here.
    expect(chunks.get(2)?.arrived).toBeNull();
    chunks.arrived(500, 600, 10.5);
    expect(chunks.get(2)?.arrived).toBeCloseTo(0.48, 9);
    expect(chunks.place(10.5)).toBeCloseTo(0.48, 9);
  });

  it("arrived when the kernel says the page's clock was so far, as soon as it says so", () => {
    const chunks = list();
    chunks.put({ index: 0, requested: 100, rows: rows(1) });
    chunks.heard(100, 10.05);
    chunks.arrived(0, 200, 10.05);
    expect(chunks.get(0)).toMatchObject({ error: null });
    expect(chunks.get(0)?.arrived).toBeCloseTo(0, 9);
    const { version } = chunks;
    chunks.put({ index: 0, requested: 100, rows: rows(1) }, { offset: 89.98, error: 0.004 }, 10.05);
    expect(chunks.version).toBeGreaterThan(version);
    expect(chunks.get(0)?.arrived).toBeCloseTo(0.03, 9);
    expect(chunks.get(0)?.error).toBeCloseTo(0.004, 9);
    expect(chunks.place(11.02)).toBeCloseTo(1, 9);
  });

  it("did not arrive as far as the stream is concerned when a byte of them had to be asked for", () => {
    const chunks = list();
    chunks.put({ index: 0, requested: 100, rows: rows(4) });
    chunks.heard(100, 10);
    chunks.arrived(0, 200, 10);
    chunks.arrived(398, 800, 11);
    chunks.arrived(200, 800, null);
    const seen = [0, 1, 2, 3].map((i) => chunks.get(i)?.arrived ?? null);
    expect(seen).toEqual([0, null, 1, 1]);
  });

  it("arrived at the first coming of each byte, whatever is repeated, overlaps or comes late", () => {
    for (let seed = 0; seed < 100; seed++) {
      const next = random(seed);
      const chunks = list();
      const count = 20;
      const first = new Array<number>(count * 200).fill(Number.NaN);
      const seen = new Array<boolean>(count * 200).fill(false);
      chunks.heard(100, 0);
      chunks.put({ index: 0, requested: 100, rows: rows(count) });
      for (let t = 1; t < 60; t++) {
        const from = Math.floor(next() * (first.length - 1));
        const to = Math.min(first.length, from + 1 + Math.floor(next() * 500));
        const asked = next() < 0.2;
        chunks.arrived(from, to, asked ? null : t);
        for (let at = from; at < to; at++) {
          if (seen[at]) continue;
          seen[at] = true;
          if (!asked) first[at] = t;
        }
      }
      for (let i = 0; i < count; i++) {
        const wanted = Math.max(...first.slice(i * 200, i * 200 + 200));
        const { arrived } = chunks.get(i) ?? { arrived: undefined };
        if (Number.isNaN(wanted)) expect(arrived).toBeNull();
        else expect(arrived).toBeCloseTo(wanted, 9);
      }
    }
  });

  it("of three hours take little time and room", () => {
    const chunks = list();
    const count = 270_000;
    for (let at = 0; at < count; at += 2000) {
      chunks.put({ index: at, requested: 1, rows: rows(2000, 100, at) });
    }
    chunks.heard(1, 1);
    for (let at = 0; at < count; at++) chunks.arrived(at * 200, at * 200 + 200, at);
    expect(chunks.length).toBe(count);
    expect(chunks.get(count - 1)?.arrived).toBeCloseTo(count - 2, 6);
  });
});
