/** An hour's take, as a kernel sends it and as an audio thread plays it, in time that is passed by hand. */

import type { Output, Stream, StreamOptions } from "../src/output/output";
import type { Sent } from "./junk";

const MAX_MESSAGE_BYTES = 256 * 1024;
/** Bytes a second that leave, live and asked for. */
const BYTES_PER_S = 2_000_000;
const PERIOD = 1 << 20;

/** Sample i is i / 2^20, modulo 1: exact in float32. */
const PATTERN = Float32Array.from({ length: PERIOD }, (_, i) => i / PERIOD);

/** The samples `[from, to)` of every take here. */
export function pattern(from: number, to: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(to - from);
  for (let at = from; at < to; ) {
    const within = at % PERIOD;
    const count = Math.min(to - at, PERIOD - within);
    samples.set(PATTERN.subarray(within, within + count), at - from);
    at += count;
  }
  return samples;
}

/** Generates `speed` times as fast as it plays; answers what is asked, under one bound. */
export class LongKernel {
  readonly bytes: number;
  /** It answers nothing any more but that the take is gone. */
  forgot = false;
  /** Byte ranges that were asked for. */
  readonly asked: (readonly [number, number])[] = [];
  readonly #take: string;
  readonly #rate: number;
  readonly #perSecond: number;
  readonly #lost: () => boolean;
  #size = 0;
  #budget = 0;
  #ended = false;
  #answers: [number, number][] = [];

  constructor(
    take: string,
    rate: number,
    seconds: number,
    speed: number,
    lost: () => boolean = () => false,
  ) {
    this.#take = take;
    this.#rate = rate;
    this.bytes = rate * seconds * 4;
    this.#perSecond = rate * 4 * speed;
    this.#lost = lost;
  }

  open(play: boolean): Sent {
    return [
      {
        ...this.#standing(),
        type: "open",
        backend: { name: "engine", label: "" },
        voice: "",
        encoding: "pcm_f32le",
        sample_rate: this.#rate,
        play,
        interrupt: false,
        heard: null,
        requested: null,
      },
      [],
    ];
  }

  need(ranges: readonly (readonly [number, number | null])[]): void {
    for (const [from, to] of ranges) {
      const range = [from, Math.min(to ?? this.#size, this.#size)] as [number, number];
      this.asked.push(range);
      this.#answers.push([...range]);
    }
  }

  /** What leaves within the next `seconds`. */
  pass(seconds: number): Sent[] {
    this.#budget = Math.min(BYTES_PER_S, this.#budget + BYTES_PER_S * seconds);
    const out: Sent[] = [];
    const before = this.#size;
    const count = Math.round((this.#perSecond * seconds) / 4) * 4;
    this.#size = Math.min(this.bytes, this.#size + count);
    this.#send(out, before, this.#size);
    while (this.#answers[0] !== undefined && this.#budget > 0) {
      if (this.forgot) {
        this.#answers = [];
        out.push([
          { ...this.#standing(), type: "end", state: "gone", bytes: 0, error: "gone" },
          [],
        ]);
        return out;
      }
      const range = this.#answers[0];
      const to = Math.min(range[1], range[0] + MAX_MESSAGE_BYTES);
      this.#send(out, range[0], to);
      range[0] = to;
      if (range[0] >= range[1]) {
        this.#answers.shift();
        if (this.#size === this.bytes) out.push(this.#end());
      }
    }
    if (this.#size === this.bytes && !this.#ended) {
      this.#ended = true;
      out.push(this.#end());
    } else if (!this.#ended) {
      out.push([{ ...this.#standing(), type: "progress", detail: null }, []]);
    }
    return out;
  }

  #send(out: Sent[], from: number, to: number): void {
    for (let at = from; at < to; at += MAX_MESSAGE_BYTES) {
      const end = Math.min(to, at + MAX_MESSAGE_BYTES);
      this.#budget -= end - at;
      if (this.#lost()) continue;
      const pcm = pattern(at / 4, end / 4);
      const content = { type: "audio", take: this.#take, sent: 1, offset: at, live: false };
      out.push([content, [new DataView(pcm.buffer)]]);
    }
  }

  #end(): Sent {
    return [{ ...this.#standing(), type: "end", error: null }, []];
  }

  #standing() {
    return {
      take: this.#take,
      sent: 1,
      state: this.#size === this.bytes ? "done" : "speaking",
      bytes: this.#size,
      words: 0,
      phonemes: 0,
      chunks: 0,
      text: "an hour",
    };
  }
}

/** What was played in one stream: where it began (as its first sample tells) and how much. */
export interface Played {
  readonly first: number;
  samples: number;
  dry: number;
}

/** An audio thread that plays as seconds pass, and holds what it is handed to the pattern. */
export class LongOutput {
  readonly played: Played[] = [];
  readonly #rate: number;
  #stream: { pass(seconds: number): void } | null = null;

  constructor(rate: number) {
    this.#rate = rate;
  }

  get output(): Output {
    const open = (options: StreamOptions) => this.#open(options);
    return { kind: "worklet", context: { sampleRate: this.#rate }, open } as unknown as Output;
  }

  pass(seconds: number): void {
    this.#stream?.pass(seconds);
  }

  #open({ onReport }: StreamOptions): Stream {
    const rate = this.#rate;
    const told: Played[] = this.played;
    let played: Played | null = null;
    let queued = 0;
    let rendered = 0;
    let going = false;
    let begun = false;
    let final = false;
    let over = false;
    const report = (event: "playing" | "tick" | "dry" | "ended") =>
      onReport({ event, frame: rendered, position: rendered, queued });
    this.#stream = {
      pass: (seconds) => {
        if (!going || over) return;
        if (!begun) report("playing");
        begun = true;
        const count = Math.min(queued, Math.round(seconds * rate));
        queued -= count;
        rendered += count;
        if (played !== null) played.samples += count;
        if (count === Math.round(seconds * rate)) report("tick");
        else if (final) {
          over = true;
          report("ended");
        } else {
          going = false;
          begun = false;
          if (played !== null) played.dry++;
          report("dry");
        }
      },
    };
    return {
      push: (samples) => {
        if (played === null) {
          played = { first: Math.round((samples[0] ?? 0) * PERIOD), samples: 0, dry: 0 };
          told.push(played);
        }
        const at = played.first + rendered + queued;
        const wanted = pattern(at, at + samples.length);
        if (Buffer.compare(Buffer.from(samples.buffer), Buffer.from(wanted.buffer)) !== 0) {
          throw new Error(`not the samples from ${at} on`);
        }
        queued += samples.length;
      },
      go: () => {
        going = true;
      },
      hold: () => {
        going = false;
      },
      end: () => {
        final = true;
      },
      close: () => {
        over = true;
      },
      audible: () => rendered,
      when: () => 0,
      ready: Promise.resolve(),
      due: () => rendered,
      get rendered() {
        return rendered;
      },
    };
  }
}
