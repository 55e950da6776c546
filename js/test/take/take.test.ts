import { describe, expect, it } from "vitest";
import type { End, Open } from "../../src/messages";
import { Take } from "../../src/take/take";
import { random, samples } from "../random";

const open: Open = {
  type: "open",
  take: "t",
  sent: 0,
  text: "hello there",
  backend: { name: "engine", label: "built-in engine" },
  voice: "v",
  encoding: "pcm_f32le",
  sample_rate: 8000,
  play: true,
  interrupt: false,
  heard: null,
  state: "connecting",
  bytes: 0,
  words: 0,
};
const end = (bytes: number): End => ({
  type: "end",
  take: "t",
  sent: 1,
  state: "done",
  bytes,
  words: 0,
  phonemes: 0,
  chunks: 0,
  text: "",
  error: null,
});
const audio = (offset: number, pcm: Uint8Array<ArrayBuffer>) =>
  ({ type: "audio", take: "t", sent: 0, offset, pcm }) as const;

describe("a take", () => {
  it("gives the samples of pieces split inside samples, and outlines them alike", () => {
    const wanted = samples(5000, 4);
    const raw = new Uint8Array(wanted.buffer);
    const whole = new Take("t");
    whole.accept(open);
    whole.accept(audio(0, raw));
    const split = new Take("t");
    split.accept(open);
    const next = random(5);
    const pieces: [number, number][] = [];
    for (let at = 0; at < raw.length; ) {
      const to = Math.min(raw.length, at + 1 + Math.floor(next() * 700));
      pieces.push([at, to]);
      at = to;
    }
    pieces.sort(() => next() - 0.5);
    for (const [from, to] of pieces) split.accept(audio(from, raw.slice(from, to)));
    expect(split.samples(0, split.received)).toEqual(wanted);
    expect(split.peaks.length).toBe(63);
    for (let i = 0; i < 63; i++) {
      expect(split.peaks.peak(i, i + 1)).toBe(whole.peaks.peak(i, i + 1));
      expect(split.peaks.rms(i, i + 1)).toBe(whole.peaks.rms(i, i + 1));
    }
  });

  it("knows its length only from the end, and a lost tail from it", () => {
    const take = new Take("t");
    take.accept(open);
    take.accept(audio(0, new Uint8Array(400)));
    expect(take.total).toBeNull();
    expect(take.state).toBe("speaking");
    take.accept(end(1000));
    expect(take.total).toBe(250);
    expect(take.reach(0)).toBe(100);
  });

  it("is what is here once no kernel can send more", () => {
    const take = new Take("t");
    take.accept(open);
    take.accept(audio(0, new Uint8Array(400)));
    take.accept(audio(800, new Uint8Array(400)));
    take.cutOff();
    expect(take.total).toBe(300);
    expect(take.live).toBe(false);
    expect(take.reach(50)).toBe(100);
    expect(take.resumes(100)).toBe(200);
  });

  it("is not brought back to life by a message that comes late", () => {
    const take = new Take("t");
    take.accept(open);
    take.accept({ ...end(0), state: "failed", error: "why" });
    take.accept({ ...end(0), type: "progress", state: "speaking", detail: null });
    expect(take.state).toBe("failed");
    expect(take.error).toBe("why");
    expect(take.live).toBe(false);
  });

  it("keeps audio and words that came before it was opened", () => {
    const take = new Take("t");
    take.accept(audio(0, new Uint8Array(samples(800, 2).buffer)));
    take.accept({
      type: "words",
      take: "t",
      sent: 0,
      index: 1,
      marks: [{ text: "there", start: 0.5, end: 1 }],
    });
    take.accept(open);
    expect(take.seconds).toBe(0.1);
    expect(take.peaks.length).toBe(10);
    expect(take.words.missing(2)).toBe(0);
  });
});
