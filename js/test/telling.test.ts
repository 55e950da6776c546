import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HUB, hub } from "../src/hub";
import { clock, Link } from "../src/link";
import { Listening } from "../src/listening";
import type { Heard } from "../src/messages";
import type { Output } from "../src/output/output";
import { Outputs } from "../src/output/outputs";
import type { Playback } from "../src/playback";
import { Rendition } from "../src/rendition";
import { Telling } from "../src/telling";
import { FakeModel, open } from "./model";
import { LATENCY, Player, RATE } from "./played";

/** Bytes in a second of 16 bits. */
const SECOND = 2 * RATE;
const CHUNK = 0.04;

let model: FakeModel;
let link: Link;
let rendition: Rendition;
let bytes: number;
/** As the browser tells it. */
let latency: number;

beforeEach(() => {
  vi.useFakeTimers();
  vi.advanceTimersByTime(1000);
  const { output } = new Player(() => latency);
  vi.spyOn(Outputs.prototype, "get").mockImplementation(async () => output);
  model = new FakeModel();
  link = new Link(model, "page");
  rendition = new Rendition("s1", "t1", hub(), link);
  rendition.take.accept({ ...open, sample_rate: RATE });
  bytes = 0;
  latency = LATENCY;
});

afterEach(() => {
  rendition.release();
  delete (globalThis as { [HUB]?: unknown })[HUB];
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const heard = () => model.sent.filter((message): message is Heard => message.type === "heard");

/** Audio in chunks as it comes from the kernel. */
function audio(seconds: number, live = true): void {
  for (let left = seconds; left > 1e-9; left -= CHUNK) {
    const pcm = new Uint8Array(Math.round(CHUNK * RATE) * 2);
    rendition.take.accept({ type: "audio", take: "t1", sent: 1, offset: bytes, pcm, live });
    bytes += pcm.length;
  }
}

function end(): void {
  const { take } = open;
  const rest = { words: 0, phonemes: 0, chunks: 0, text: "", error: null } as const;
  rendition.take.accept({ type: "end", take, sent: 1, state: "done", bytes, ...rest });
}

/** Let time pass, with a tick of the Speaker's every 200 ms. */
async function pass(seconds: number, meanwhile = () => {}): Promise<void> {
  for (let time = 0; time < seconds - 1e-9; time += 0.2) {
    meanwhile();
    await vi.advanceTimersByTimeAsync(200);
    rendition.tick(clock());
  }
}

describe("what the kernel is told of a listening", () => {
  it("knows how far off the first sound may be from what the output was like as it was heard", async () => {
    const { playback } = rendition;
    expect(playback.soundError).toBeNull();
    rendition.play();
    audio(3);
    await pass(1);
    const error = playback.soundError;
    expect(error).toBeGreaterThan(0);
    // What becomes of the output later is told of what sounds then.
    Object.assign(playback.output?.context ?? {}, { baseLatency: 0.5 });
    await pass(1);
    expect(heard().at(-1)?.output?.error).toBeGreaterThan(0.5);
    expect(playback.soundError).toBe(error);
  });

  it("does not know it where the browser told of its latency only after the first sound", async () => {
    const { playback } = rendition;
    latency = 0;
    rendition.play();
    audio(3);
    await pass(0.2);
    latency = LATENCY;
    await pass(1);
    expect(heard().at(-1)?.output?.error).toBeGreaterThan(0);
    expect(playback.soundError).toBeNull();
  });

  it("knows it of a take that is shorter than it takes to see", async () => {
    const { playback } = rendition;
    rendition.play();
    audio(0.12);
    end();
    await pass(1);
    const error = playback.soundError;
    Object.assign(playback.output?.context ?? {}, { baseLatency: 0.5 });
    expect(error).toBeGreaterThan(0);
    expect(playback.soundError).toBe(error);
  });

  it("is nothing before its first sound, then all that led to it", async () => {
    audio(0.2);
    await pass(1);
    expect(heard()).toEqual([]);
    const asked = clock();
    rendition.said(false);
    await vi.advanceTimersByTimeAsync(60);
    expect(heard()).toHaveLength(1);
    const [first] = heard();
    expect(first).toMatchObject({
      listening: 1,
      asked,
      by_person: false,
      disturbed: null,
      playing: true,
      output: { kind: "worklet", rate: RATE, latency: LATENCY },
    });
    // Five chunks came in one moment, a second ago; they were handed over in one go.
    expect(first?.arrivals.map(([to]) => to)).toEqual([640, 1280, 1920, 2560, 3200]);
    expect(first?.arrivals[0]?.[1]).toBeCloseTo(asked - 1, 6);
    expect(first?.decoded).toEqual([[0.2 * RATE, asked]]);
    const [sample, count, audible] = first?.spans[0] ?? [];
    expect([sample, count]).toEqual([0, 1]);
    expect(audible).toBeCloseTo(asked + 0.05 + LATENCY, 6);
  });

  it("tells who wanted it: its turn, or a person, each time it begins", async () => {
    audio(0.4);
    end();
    rendition.said(false);
    await pass(2);
    rendition.play();
    await pass(2);
    const who = new Map(heard().map(({ listening, by_person }) => [listening, by_person]));
    expect([...who]).toEqual([
      [1, false],
      [2, true],
    ]);
    for (const listening of [1, 2]) {
      const of = heard().filter((one) => one.listening === listening);
      const count = Math.max(...of.flatMap(({ spans }) => spans.map((span) => span[1])));
      expect(count).toBe(0.4 * RATE);
      expect(of.at(-1)?.ended).toBe(true);
    }
    // It came once.
    expect(heard().flatMap(({ arrivals }) => arrivals)).toHaveLength(10);
    expect(heard().filter(({ listening }) => listening === 2)[0]?.arrivals).toEqual([]);
  });

  it("has a dry spell when it begins and when it is over, and plays meanwhile", async () => {
    audio(0.4);
    rendition.said(false);
    await pass(2);
    const during = heard().at(-1);
    expect(during).toMatchObject({ playing: true, ended: false });
    expect(during?.dry[0]?.[0]).toBe(0.4);
    expect(during?.dry[0]?.[2]).toBeNull();
    const count = heard().length;
    await pass(2);
    expect(heard()).toHaveLength(count);
    audio(1);
    await pass(0.6);
    const rows = heard().flatMap(({ dry }) => dry);
    expect(rows).toHaveLength(2);
    expect(rows[1]?.slice(0, 2)).toEqual(rows[0]?.slice(0, 2));
    expect((rows[1]?.[2] ?? 0) - (rows[1]?.[1] ?? 0)).toBeGreaterThan(2);
  });

  it("of one that rests: nothing more until it has ended, and then what came meanwhile", async () => {
    audio(1);
    rendition.said(false);
    await pass(0.4);
    rendition.pause();
    await pass(1);
    const count = heard().length;
    expect(heard().at(-1)).toMatchObject({ playing: false });
    expect(heard().at(-1)?.disturbed).not.toBeNull();
    await pass(1, () => audio(0.2));
    expect(heard()).toHaveLength(count);
    end();
    await pass(1);
    expect(heard()).toHaveLength(count + 1);
    const arrived = heard().flatMap(({ arrivals }) => arrivals);
    expect(arrived.at(-1)?.[0]).toBe(bytes);
  });

  it("of one that was ended by a person and played again at once is not lost", async () => {
    audio(3);
    rendition.said(false);
    await pass(1.1);
    rendition.stop(false);
    rendition.play();
    await pass(1);
    const [first] = new Set(heard().map(({ listening }) => listening));
    expect(first).toBe(1);
    const last = heard()
      .filter(({ listening }) => listening === 1)
      .at(-1);
    expect(last?.disturbed).not.toBeNull();
    expect(heard().at(-1)).toMatchObject({ listening: 2, by_person: true, disturbed: null });
  });

  it("is of another one when somebody goes back into a take that was heard to its end", async () => {
    audio(1);
    end();
    rendition.said(false);
    await pass(2);
    expect(heard().at(-1)).toMatchObject({ listening: 1, ended: true, disturbed: null });
    rendition.seek(0.5);
    rendition.play();
    await pass(1);
    expect(heard().at(-1)).toMatchObject({ listening: 2, by_person: true, ended: true });
    const again = heard().filter(({ listening }) => listening === 2);
    expect(again.flatMap(({ spans }) => spans)[0]?.[0]).toBe(RATE / 2);
  });

  it("leaves out as unknown what had to be asked for", async () => {
    audio(0.4);
    audio(0.4, false);
    audio(0.4);
    rendition.said(false);
    await pass(0.2);
    const rows = heard().flatMap(({ arrivals }) => arrivals);
    const at = (seconds: number) => seconds * SECOND;
    const [known, unknown, then] = [rows[9], rows[10], rows[11]];
    expect([known?.[0], unknown, then?.[0]]).toEqual([at(0.4), [at(0.8), null], at(0.84)]);
  });

  it("has no arrival of what lies behind a gap, before the gap is filled", async () => {
    audio(0.4);
    bytes += 640;
    audio(0.2);
    rendition.said(false);
    await pass(0.2);
    const told = () => heard().flatMap(({ arrivals }) => arrivals.map(([to]) => to));
    expect(told().at(-1)).toBe(0.4 * SECOND);
    const pcm = new Uint8Array(640);
    rendition.take.accept({ type: "audio", take: "t1", sent: 1, offset: 6400, pcm, live: true });
    await pass(1);
    expect(told().at(-1)).toBe(bytes);
  });

  it("is nothing of one that the browser holds back, whatever comes", async () => {
    vi.mocked(Outputs.prototype.get).mockImplementation(() => new Promise(() => {}));
    rendition.said(false);
    await pass(2, () => audio(0.2));
    expect(rendition.playback.phase).toBe("waiting");
    expect(heard()).toEqual([]);
  });

  it("counts from the click that the browser waited for, not from its turn before", async () => {
    const released = vi.spyOn(Outputs.prototype, "released", "get").mockReturnValue(null);
    let ready: (output: Output) => void = () => {};
    const { output } = new Player(() => latency);
    vi.mocked(Outputs.prototype.get).mockReturnValue(new Promise((done) => (ready = done)));
    rendition.said(false);
    audio(2);
    await pass(3);
    const clicked = clock();
    released.mockReturnValue(clicked);
    // Whoever listens hears of any change.
    hub().outputs.volume = 0.5;
    ready(output);
    await pass(1);
    expect(heard()[0]).toMatchObject({ asked: clicked, by_person: true, listening: 1 });
    released.mockReturnValue(clock());
    hub().outputs.volume = 0.6;
    await pass(1);
    expect(heard().at(-1)?.asked).toBe(clicked);
  });

  it("brings the quickest message down since the last report", async () => {
    audio(2);
    link.arrived(100, 1.5);
    link.arrived(101, 2.2);
    link.arrived(102, 3.6);
    rendition.said(false);
    await pass(0.2);
    expect(heard()[0]?.down).toEqual({ sent: 101, arrived: 2.2 });
    await pass(0.6);
    expect(heard().at(-1)?.down).toBeNull();
  });

  it("takes few bytes, at most twice a second, for ten minutes, and is whole", async () => {
    rendition.said(false);
    const minutes = 10;
    // Cartesia is ahead of the ear at first, and 40 ms chunks come until eight seconds before the end.
    audio(8);
    await pass(60 * minutes - 8, () => audio(0.2));
    end();
    await pass(20);
    expect(rendition.playback.phase).toBe("ended");
    const all = heard();
    // Two more: its first sound and its end are told at once.
    expect(all.length).toBeLessThanOrEqual(2 * 60 * minutes + 4);
    const sizes = all.map((message) => JSON.stringify(message).length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(Math.max(...sizes)).toBeLessThan(4000);
    // 783 bytes on average, 2400 in the largest, when this was written.
    expect(total / all.length).toBeLessThan(1500);
    expect(all.flatMap(({ arrivals }) => arrivals)).toHaveLength(60 * minutes * 25);
    expect(all.flatMap(({ decoded }) => decoded).at(-1)?.[0]).toBe(60 * minutes * RATE);
    const spans = new Map(all.flatMap(({ spans }) => spans.map((span) => [span[0], span])));
    let sample = 0;
    for (const [from, count, audible] of [...spans.values()].sort((a, b) => a[0] - b[0])) {
      expect(from).toBe(sample);
      expect(audible - (spans.get(0)?.[2] ?? 0)).toBeCloseTo(from / RATE, 5);
      sample += count;
    }
    expect(sample).toBe(60 * minutes * RATE);
    expect(spans.size).toBe(60 * minutes);
  }, 60_000);
});

describe("what is told at a moment that matters", () => {
  it("has all that is left of a former listening first, which did not end with the current one", () => {
    const standing = { phase: "ended", position: 1, sounded: true, active: false, output: null };
    const playback = { ...standing, prebuffer: { seconds: 0.04 } } as unknown as Playback;
    const telling = new Telling(rendition.take, playback, link);
    for (const number of [1, 2]) {
      const listening = new Listening();
      listening.begin(number, number, false);
      telling.follow(listening);
      listening.sounds(0, number + 0.5);
    }
    telling.tell(true);
    expect(heard()).toMatchObject([
      { listening: 1, ended: false, spans: [[0, 1, 1.5]] },
      { listening: 2, ended: true, spans: [[0, 1, 2.5]] },
    ]);
  });
});
