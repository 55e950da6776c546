/** What the page holds of one take. All views of the take look at the same one. */

import type { Encoding, FromKernel, Open, State } from "../messages";
import { BYTES_PER_SAMPLE, decode } from "./decode";
import { MarkList } from "./marks";
import { BUCKETS_PER_SECOND, Peaks } from "./peaks";
import { type Range, Store } from "./store";

export class Take {
  /** Null until the kernel has said what this take is. */
  format: { readonly encoding: Encoding; readonly rate: number } | null = null;
  text = "";
  label = "";
  voice = "";
  state: State = "connecting";
  detail: string | null = null;
  error: string | null = null;
  readonly store = new Store();
  readonly peaks = new Peaks();
  readonly words = new MarkList();
  readonly phonemes = new MarkList();
  /** The most the kernel has said there is, so far. */
  readonly promised = { bytes: 0, words: 0, phonemes: 0 };
  /** The kernel has said how it ended; `promised` is then the whole. */
  ended = false;
  /** No kernel can send more of it. */
  #cut = false;
  readonly #listeners = new Set<() => void>();

  constructor(readonly id: string) {}

  /** Call `listener` after each change, until `signal` is aborted. */
  onChange(listener: () => void, signal?: AbortSignal): void {
    if (signal?.aborted) return;
    this.#listeners.add(listener);
    signal?.addEventListener("abort", () => this.#listeners.delete(listener));
  }

  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  get cut(): boolean {
    return this.#cut || this.state === "gone";
  }

  /** Say that no kernel can send more of this take: what is here is all there will be. */
  cutOff(): void {
    this.#cut = true;
    this.changed();
  }

  /** Still being generated, as far as the page knows. */
  get live(): boolean {
    return !this.ended && !this.cut;
  }

  get rate(): number {
    return this.format?.rate ?? 0;
  }

  get sampleBytes(): number {
    return this.format === null ? 1 : BYTES_PER_SAMPLE[this.format.encoding];
  }

  /** Samples from the first to the last that is here, gaps included. */
  get received(): number {
    return Math.floor(this.store.end / this.sampleBytes);
  }

  /** Seconds from the first to the last sample that is here. */
  get seconds(): number {
    return this.rate === 0 ? 0 : this.received / this.rate;
  }

  /** The length in samples, or null while it is not known. */
  get total(): number | null {
    if (this.cut) return this.received;
    if (!this.ended) return null;
    return Math.floor(this.promised.bytes / this.sampleBytes);
  }

  /** The first sample from `from` on that is not here. */
  reach(from: number): number {
    return Math.max(
      from,
      Math.floor(this.store.contiguous(from * this.sampleBytes) / this.sampleBytes),
    );
  }

  /** Where, after the gap at `from`, samples go on; null if they do not. */
  resumes(from: number): number | null {
    const at = from * this.sampleBytes;
    const gap = this.store.missing(at, Math.max(at, this.store.end))[0];
    if (gap === undefined || gap[1] >= this.store.end) return null;
    return Math.ceil(gap[1] / this.sampleBytes);
  }

  samples(from: number, to: number): Float32Array<ArrayBuffer> {
    if (this.format === null) return new Float32Array(0);
    const size = this.sampleBytes;
    return decode(this.store.read(from * size, to * size), this.format.encoding);
  }

  /** Byte ranges that lie before bytes which are here: something was lost on the way. */
  get gaps(): Range[] {
    return this.store.missing(0, this.store.end);
  }

  /** Take in a message about this take. */
  accept(message: Exclude<FromKernel, { type: "command" }>): void {
    switch (message.type) {
      case "open":
        this.#open(message);
        break;
      case "audio":
        this.#audio(message.offset, message.pcm);
        break;
      case "words":
      case "phonemes":
        this[message.type].put(message.index, message.marks);
        break;
      case "progress":
      case "end":
        this.#totals(message);
        if (message.type === "progress") this.detail = message.detail;
        else {
          this.ended = true;
          this.error = message.error;
          this.detail = null;
        }
        if (message.text !== "") this.text = message.text;
        break;
    }
    this.changed();
  }

  #open(open: Open): void {
    const first = this.format === null;
    this.format ??= { encoding: open.encoding, rate: open.sample_rate };
    this.text = open.text || this.text;
    this.label = open.backend.label;
    this.voice = open.voice;
    this.#totals({ ...open, phonemes: 0 });
    if (first) this.#outline(0, this.store.end);
  }

  #totals(now: { state: State; bytes: number; words: number; phonemes: number }): void {
    // A message that overtook the end must not bring a finished take back to life.
    if (!this.ended || now.state === "gone") this.state = now.state;
    if (now.state !== "connecting" && now.state !== "speaking") this.ended = true;
    this.promised.bytes = Math.max(this.promised.bytes, now.bytes);
    this.promised.words = Math.max(this.promised.words, now.words);
    this.promised.phonemes = Math.max(this.promised.phonemes, now.phonemes);
  }

  #audio(offset: number, pcm: Uint8Array): void {
    if (!this.store.write(offset, pcm)) return;
    if (this.state === "connecting") this.state = "speaking";
    this.promised.bytes = Math.max(this.promised.bytes, this.store.end);
    this.#outline(offset, offset + pcm.length);
  }

  #outline(from: number, to: number): void {
    if (this.format === null || to <= from) return;
    const size = this.sampleBytes;
    const perBucket = this.rate / BUCKETS_PER_SECOND;
    const last = Math.floor((Math.ceil(to / size) - 1) / perBucket);
    for (let bucket = Math.floor(Math.floor(from / size) / perBucket); bucket <= last; bucket++) {
      const start = Math.round(bucket * perBucket);
      const end = Math.min(Math.round((bucket + 1) * perBucket), this.received);
      // With a gap inside, the part before it or after it stands for the bucket.
      const reach = Math.min(end, this.reach(start));
      if (reach > start) this.peaks.set(bucket, this.samples(start, reach));
      else {
        const resumed = this.resumes(start);
        if (resumed !== null && resumed < end) {
          this.peaks.set(bucket, this.samples(resumed, Math.min(end, this.reach(resumed))));
        }
      }
    }
  }
}
