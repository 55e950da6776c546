/** The kernel's side of one take, and the way to it: sends and answers as Python's Lane does. */

import type { Need } from "../src/messages";
import type { Sent } from "./junk";
import { bytes } from "./random";

/** Bytes in one message; small, so that a short take has many. */
const MAX_MESSAGE_BYTES = 4096;

interface Row {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export class Kernel {
  readonly pcm: Uint8Array<ArrayBuffer>;
  readonly rows: readonly Row[];
  /** What has been generated so far. */
  #size = 0;
  #words = 0;
  /** Where each chunk that came ends. */
  readonly #pieces: number[] = [];
  /** What has left so far. */
  #sentBytes = 0;
  #sentWords = 0;
  #sentChunks = 0;
  #chunksAt = 0;
  #opened = false;
  #ended = false;
  #progressAt = 0;

  constructor(count: number, words: number, seed: number) {
    this.pcm = bytes(count, seed);
    this.rows = Array.from({ length: words }, (_, i) => ({
      text: `w${i}`,
      start: i / 10,
      end: (i + 1) / 10,
    }));
  }

  get #over(): boolean {
    return this.#size === this.pcm.length;
  }

  /** How many chunks have come. */
  get chunks(): number {
    return this.#pieces.length;
  }

  /** `count` more bytes have come from Cartesia; what is to leave live is returned. */
  live(now: number, count: number): Sent[] {
    this.#size = Math.min(this.pcm.length, this.#size + count);
    if (this.#size > (this.#pieces.at(-1) ?? 0)) this.#pieces.push(this.#size);
    this.#words = Math.floor((this.rows.length * this.#size) / this.pcm.length);
    const out: Sent[] = [];
    if (!this.#opened) out.push(this.#open());
    this.#opened = true;
    if (this.#words > this.#sentWords) {
      out.push(...this.#marks(this.#sentWords));
      this.#sentWords = this.#words;
    }
    out.push(...this.#audio(this.#sentBytes, this.#size));
    this.#sentBytes = this.#size;
    if (now - this.#chunksAt >= 0.5 || this.#over) {
      this.#chunksAt = now;
      out.push(...this.#chunks(this.#sentChunks));
      this.#sentChunks = this.#pieces.length;
    }
    if (this.#over && !this.#ended) {
      this.#ended = true;
      out.push(this.#end());
    } else if (!this.#ended && now - this.#progressAt >= 1) {
      this.#progressAt = now;
      out.push([{ ...this.#standing(), type: "progress", detail: null }, []]);
    }
    return out;
  }

  answer(need: Need): Sent[] {
    const out = [this.#open()];
    if (need.words !== null) out.push(...this.#marks(need.words, "words"));
    if (need.phonemes !== null) out.push(...this.#marks(need.phonemes, "phonemes"));
    for (const [from, to] of need.ranges) {
      out.push(...this.#audio(from, Math.min(to ?? this.#size, this.#size)));
    }
    if (need.chunks !== null) out.push(...this.#chunks(need.chunks));
    if (this.#over) out.push(this.#end());
    return out;
  }

  #chunks(index: number): Sent[] {
    const ends = this.#pieces.slice(index);
    const start = [this.#pieces[index - 1] ?? 0, ...ends.slice(0, -1)].map((at) => at / 16_000);
    if (ends.length === 0) return [];
    const message = {
      type: "chunks",
      take: "t",
      sent: 1,
      index,
      requested: 0.5,
      start,
      duration: ends.map((end, i) => end / 16_000 - (start[i] ?? 0)),
      received: ends.map((_, i) => index + i),
    };
    return [[message, []]];
  }

  #open(): Sent {
    return [
      {
        ...this.#standing(),
        type: "open",
        backend: { name: "engine", label: "built-in engine" },
        voice: "v",
        encoding: "pcm_s16le",
        sample_rate: 8000,
        play: false,
        interrupt: false,
        heard: null,
      },
      [],
    ];
  }

  #audio(from: number, to: number): Sent[] {
    const out: Sent[] = [];
    for (let offset = from; offset < to; offset += MAX_MESSAGE_BYTES) {
      const pcm = this.pcm.slice(offset, Math.min(to, offset + MAX_MESSAGE_BYTES));
      out.push([{ type: "audio", take: "t", sent: 1, offset }, [new DataView(pcm.buffer)]]);
    }
    return out;
  }

  #marks(index: number, only?: "words" | "phonemes"): Sent[] {
    const rows = this.rows.slice(index, this.#words);
    if (rows.length === 0) return [];
    const [texts, start, end] = [
      rows.map((row) => row.text),
      rows.map((row) => row.start),
      rows.map((row) => row.end),
    ];
    const common = { take: "t", sent: 1, index, start, end };
    const both: Sent[] = [
      [{ ...common, type: "words", words: texts }, []],
      [{ ...common, type: "phonemes", phonemes: texts }, []],
    ];
    if (only === undefined) return both;
    return both.slice(only === "words" ? 0 : 1).slice(0, 1);
  }

  #end(): Sent {
    return [{ ...this.#standing(), type: "end", error: null }, []];
  }

  #standing() {
    return {
      take: "t",
      sent: 1,
      state: this.#over ? "done" : "speaking",
      bytes: this.#size,
      words: this.#words,
      phonemes: this.#words,
      chunks: this.#sentChunks,
      text: "some text",
    };
  }
}
