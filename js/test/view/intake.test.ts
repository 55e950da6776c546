import { beforeEach, describe, expect, it } from "vitest";
import { Spectrogram } from "../../src/spectro/spectrogram";
import { BLOCK_BYTES } from "../../src/take/store";
import { Take } from "../../src/take/take";
import { Intake, RANGE, ROWS } from "../../src/view/intake";
import { samples } from "../random";

const RATE = 8000;
const SECONDS = 6;
const wave = samples(RATE * SECONDS, 3);
const pcm = new Uint8Array(wave.buffer);

let take: Take;
let intake: Intake;

function receive(from: number, to: number): void {
  const part = pcm.slice(4 * RATE * from, 4 * RATE * to);
  take.accept({ type: "audio", take: "t", sent: 0, offset: 4 * RATE * from, pcm: part });
}

/** A clock that goes on by `step` milliseconds each time it is looked at. */
function ticking(step: number): () => number {
  let now = 0;
  return () => {
    now += step;
    return now;
  };
}

/** Until nothing is left to take in; how many steps that took. */
function drain(step = 1): number {
  const clock = ticking(step);
  let steps = 1;
  while (intake.step(clock)) steps++;
  return steps;
}

function whole(scale: "mel" | "linear", sound = wave): Uint8Array {
  const spectrogram = new Spectrogram(RATE, { scale, frequency: 8000, rows: ROWS, range: RANGE });
  spectrogram.push(sound);
  spectrogram.finish();
  return levels(spectrogram);
}

function levels(spectrogram: Spectrogram | null): Uint8Array {
  const { levels: all } = spectrogram ?? new Spectrogram(RATE);
  return Uint8Array.from(Array.from({ length: all.columns }, (_, i) => [...all.column(i)]).flat());
}

function end(): void {
  const totals = { state: "done", bytes: pcm.length, words: 0, phonemes: 0, chunks: 0 } as const;
  take.accept({ type: "end", take: "t", sent: 0, ...totals, text: "", error: null });
}

beforeEach(() => {
  take = new Take("t");
  take.format = { encoding: "pcm_f32le", rate: RATE };
  intake = new Intake(take);
});

describe("taking a take in", () => {
  it("gives what all of it at once gives, however it comes", () => {
    for (let at = 0; at < SECONDS; at += 1.5) {
      receive(at, at + 1.5);
      drain();
    }
    end();
    drain();
    expect(levels(intake.shown)).toEqual(whole("mel"));
  });

  it("stops when its time in the frame is over, and goes on in the next", () => {
    receive(0, SECONDS);
    const clock = ticking(1);
    expect(intake.step(clock)).toBe(true);
    // Three milliseconds, a portion of 100 ms for each.
    expect(intake.shown?.received).toBe(0.3 * RATE);
    expect(drain()).toBe(20);
    expect(intake.shown?.received).toBe(SECONDS * RATE);
    expect(intake.step(clock)).toBe(false);
  });

  it("waits at a gap that may still be filled", () => {
    receive(0, 2);
    receive(4, 6);
    drain();
    expect(intake.shown?.received).toBe(2 * RATE);
    receive(2, 4);
    drain();
    expect(intake.shown?.received).toBe(6 * RATE);
  });

  it("goes on behind a gap that nobody can fill any more", () => {
    receive(0, 2);
    receive(4, SECONDS);
    take.cutOff();
    drain();
    expect(levels(intake.shown)).toEqual(whole("mel", wave.slice().fill(0, 2 * RATE, 4 * RATE)));
  });

  it("keeps showing one scale until the other has caught up", () => {
    receive(0, SECONDS);
    end();
    drain();
    const mel = intake.shown;
    intake.scale = "linear";
    const clock = ticking(1);
    while (intake.step(clock)) expect(intake.shown).toBe(mel);
    expect(levels(intake.shown)).toEqual(whole("linear"));
    intake.scale = "mel";
    drain();
    expect(levels(intake.shown)).toEqual(whole("mel"));
  });

  it("shows what lies behind sound that was let go, and all once that is here again", () => {
    receive(0, SECONDS);
    end();
    take.store.letGo(0, 2 * BLOCK_BYTES, 2, false);
    expect(take.away).toBe(true);
    drain();
    const [[from, to] = [0, 0]] = take.store.gone(0, take.store.end);
    expect(to - from).toBeGreaterThan(BLOCK_BYTES - 1);
    const silent = wave.slice().fill(0, from / 4, to / 4);
    expect(levels(intake.shown)).toEqual(whole("mel", silent));
    receive(0, SECONDS);
    expect(take.away).toBe(false);
    drain();
    expect(levels(intake.shown)).toEqual(whole("mel"));
  });

  it("is nothing before the take's rate is known", () => {
    take.format = null;
    expect(intake.step(ticking(1))).toBe(false);
    expect(intake.shown).toBeNull();
    intake.scale = "linear";
    take.format = { encoding: "pcm_f32le", rate: RATE };
    receive(0, SECONDS);
    end();
    drain();
    expect(levels(intake.shown)).toEqual(whole("linear"));
  });
});
