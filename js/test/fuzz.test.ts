/** Whatever comes from the kernel, the page goes on, counts what it refuses, and plays the rest. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HUB, type Hub, type SpeakerExports } from "../src/hub";
import { parse } from "../src/messages";
import type { Output, Stream, StreamOptions } from "../src/output/output";
import { Outputs } from "../src/output/outputs";
import speaker from "../src/speaker";
import { decode } from "../src/take/decode";
import { broken, formed, pick, type Sent } from "./junk";
import { FakeModel } from "./model";
import { bytes, random } from "./random";

/** An output that plays at once, and keeps what it played: one list for each stream. */
class Loudspeaker {
  readonly streams: { samples: number[]; ended: boolean }[] = [];

  open({ onReport }: StreamOptions): Stream {
    const kept = { samples: [] as number[], ended: false };
    this.streams.push(kept);
    let going = false;
    let final = false;
    let closed = false;
    let rendered = 0;
    const play = () => {
      if (!going || closed) return;
      if (rendered < kept.samples.length) this.#say(onReport, "playing", kept.samples.length);
      else if (final && !kept.ended) {
        kept.ended = true;
        this.#say(onReport, "ended", rendered);
      }
      rendered = kept.samples.length;
    };
    const soon = () => setTimeout(play, 1);
    return {
      push: (samples) => {
        for (const sample of samples) kept.samples.push(sample);
        soon();
      },
      go: () => {
        going = true;
        soon();
      },
      hold: () => {
        going = false;
      },
      end: () => {
        final = true;
        soon();
        setTimeout(play, 2);
      },
      close: () => {
        closed = true;
      },
      audible: () => rendered,
      when: (frame) => frame,
      ready: Promise.resolve(),
      due: () => rendered,
      get rendered() {
        return rendered;
      },
    };
  }

  #say(report: StreamOptions["onReport"], event: "playing" | "ended", position: number): void {
    report({ event, frame: position, position, queued: 0 });
  }
}

const openOf = (take: string, rate: number) => ({
  type: "open",
  take,
  sent: 1,
  text: "hello",
  backend: { name: "engine", label: "built-in engine" },
  voice: "v",
  encoding: "pcm_s16le",
  sample_rate: rate,
  play: true,
  interrupt: true,
  heard: null,
  state: "speaking",
  bytes: 0,
  words: 0,
});
const endOf = (take: string, count: number) => ({
  type: "end",
  take,
  sent: 2,
  state: "done",
  bytes: count,
  words: 0,
  phonemes: 0,
  chunks: 0,
  text: "hello",
  error: null,
});
const audioOf = (take: string, offset: number, pcm: Uint8Array): Sent => [
  { type: "audio", take, sent: 1, offset },
  [new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength)],
];

/** What a take holds, said the plainest way: a byte stays as it came first; the end cuts. */
class Reference {
  held: (number | undefined)[] = [];
  total: number | null = null;

  audio(offset: number, pcm: Uint8Array): void {
    if (this.total !== null && offset + pcm.length > this.total) return;
    pcm.forEach((byte, i) => {
      this.held[offset + i] ??= byte;
    });
  }
  end(count: number): void {
    let whole = 0;
    while (this.held[whole] !== undefined) whole++;
    this.total = Math.max(whole, count);
    this.held.length = this.total;
  }
}

let model: FakeModel;
let closed: AbortController;
let exported: SpeakerExports;
let speakers: Map<number, Loudspeaker>;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  finish();
  vi.useRealTimers();
});

function begin(): void {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
  speakers = new Map();
  vi.spyOn(Outputs.prototype, "get").mockImplementation(async (rate) => {
    const played = speakers.get(rate) ?? new Loudspeaker();
    speakers.set(rate, played);
    const open = (options: StreamOptions) => played.open(options);
    return { kind: "worklet", context: { sampleRate: rate }, open } as unknown as Output;
  });
  model = new FakeModel();
  closed = new AbortController();
  exported = speaker.initialize({ model, signal: closed.signal });
}

function finish(): void {
  closed.abort();
  delete (globalThis as { [HUB]?: unknown })[HUB];
  vi.clearAllTimers();
  vi.restoreAllMocks();
}

const say = ([content, buffers]: Sent) => model.emit("msg:custom", content, buffers);

/** Nothing of ours failed inside: all that was refused was refused on purpose. */
function expectCalm(least: number): void {
  const shared = (globalThis as { [HUB]?: Hub })[HUB];
  const { refused } = exported.stats();
  expect(refused).toBeGreaterThanOrEqual(least);
  expect(shared?.refused).toBe(refused);
  const warned = vi.mocked(console.warn).mock.calls.map(([text]) => String(text));
  expect(warned.filter((text) => text.includes("could not be used"))).toEqual([]);
  expect(warned.length).toBe(Math.min(refused, 20));
  expect(console.error).not.toHaveBeenCalled();
}

describe("a flood of broken messages", () => {
  it("leaves a take that comes after it whole, whatever was in the flood", async () => {
    for (let seed = 0; seed < 120; seed++) {
      begin();
      const next = random(seed);
      const takes = ["t1", "t2", "", "__proto__", "after"];
      let refused = 0;
      for (let i = 0; i < 60; i++) {
        const one = (next() < 0.6 ? broken : formed)(next, pick(next, takes.slice(0, 4)));
        if (!parse(...one).ok) refused++;
        say(one);
        if (next() < 0.2) await vi.advanceTimersByTimeAsync(next() * 1000);
      }
      const pcm = bytes(2 + 2 * Math.floor(next() * 4000), seed);
      say([openOf("after", 11_025), []]);
      for (let at = 0; at < pcm.length; at += 999) {
        say(audioOf("after", at, pcm.slice(at, at + 999)));
        say(broken(next, pick(next, ["", "t3"])));
      }
      say([endOf("after", pcm.length), []]);
      // What was played stays; a last broken play of another take must not have come between.
      say([{ type: "command", take: "after", sent: 1, command: "play", position: 0 }, []]);
      await vi.advanceTimersByTimeAsync(2000);
      const heard = speakers.get(11_025)?.streams.at(-1);
      expect(heard?.ended).toBe(true);
      expect(Float32Array.from(heard?.samples ?? [])).toEqual(decode(pcm, "pcm_s16le"));
      expectCalm(refused);
      finish();
    }
  }, 60_000);

  it("in the midst of a take, with audio that overlaps and contradicts, alters no byte that is here", async () => {
    for (let seed = 1000; seed < 1120; seed++) {
      begin();
      const next = random(seed);
      const reference = new Reference();
      const pcm = bytes(2 * Math.floor(1 + next() * 4000), seed);
      let refused = 0;
      const hear = (one: Sent) => {
        const parsed = parse(...one);
        if (!parsed.ok) refused++;
        else if (parsed.message.type === "audio" && parsed.message.take === "t1") {
          reference.audio(parsed.message.offset, parsed.message.pcm);
        }
        say(one);
      };
      const pieces: [number, number][] = [];
      for (let at = 0; at < pcm.length; ) {
        const to = Math.min(pcm.length, at + 1 + Math.floor(next() ** 2 * 900));
        pieces.push([Math.max(0, at - Math.floor(next() * 50)), to]);
        at = to;
      }
      pieces.sort(() => next() - 0.5);
      hear([openOf("t1", 11_025), []]);
      for (const [from, to] of [...pieces, ...pieces.slice(0, 5)]) {
        hear(audioOf("t1", from, pcm.slice(from, to)));
        if (next() < 0.1) {
          // Other bytes than those that belong there, and here and there beyond the end.
          const other = bytes(1 + Math.floor(next() * 300), seed + 1);
          hear(audioOf("t1", Math.floor(next() * pcm.length * 1.2), other));
        }
        const junk = broken(next, pick(next, ["t1", "t2"]));
        if (!parse(...junk).ok) hear(junk);
        if (next() < 0.1) await vi.advanceTimersByTimeAsync(300);
      }
      hear([endOf("t1", pcm.length), []]);
      reference.end(pcm.length);
      hear(audioOf("t1", pcm.length - 1, bytes(9000, 1)));
      hear(audioOf("t1", 0, pcm));
      await vi.advanceTimersByTimeAsync(2000);
      hear([{ type: "command", take: "t1", sent: 1, command: "play", position: 0 }, []]);
      await vi.advanceTimersByTimeAsync(2000);
      expect(reference.held.every((byte) => byte !== undefined)).toBe(true);
      const wanted = decode(Uint8Array.from(reference.held as number[]), "pcm_s16le");
      const heard = speakers.get(11_025)?.streams.at(-1);
      expect(heard?.ended).toBe(true);
      expect(Float32Array.from(heard?.samples ?? [])).toEqual(wanted);
      expectCalm(refused);
      finish();
    }
  }, 60_000);

  it("is read without an exception, and each refusal has its reason", () => {
    begin();
    const next = random(77);
    for (let i = 0; i < 20_000; i++) {
      const parsed = parse(...broken(next, pick(next, ["t1", ""])));
      if (!parsed.ok) expect(parsed.reason.length).toBeGreaterThan(5);
    }
  }, 60_000);
});
