/** What the page holds of one take. All views of the take look at the same one. */

import { clock } from "../link";
import {
  type Audio,
  type Encoding,
  type End,
  type FromKernel,
  MAX_TAKE_BYTES,
  type Open,
  type Progress,
  type State,
} from "../messages";
import { Milestones } from "../milestones";
import { ChunkList } from "./chunks";
import { BYTES_PER_SAMPLE, decode } from "./decode";
import { MarkList } from "./marks";
import { BUCKETS_PER_SECOND, Peaks } from "./peaks";
import { type Range, Store } from "./store";

/** No take is longer than this: an offset beyond it is a mistake, and room for it is not made. */
export const MAX_SECONDS = 24 * 3600;

export class Take {
  /** Null until the kernel has said what this take is. */
  format: { readonly encoding: Encoding; readonly rate: number } | null = null;
  /** How many messages about it have come. */
  messages = 0;
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
  readonly chunks = new ChunkList(this);
  /** Up to which byte it had come by itself, as it was received, and when. */
  readonly arrivals = new Milestones();
  /** The most the kernel has said there is, so far; once it is over, what the end said. */
  readonly promised = { bytes: 0, words: 0, phonemes: 0, chunks: 0 };
  /** The kernel has said how it ended; `promised` is then the whole. */
  ended = false;
  /** Its length is known from the end: what is said elsewhere changes it no more. */
  #settled = false;
  /** No kernel can send more of it. */
  #cut = false;
  readonly #listeners = new Set<() => void>();

  /** `page`: the name by which the kernel knows this page. */
  constructor(
    readonly id: string,
    readonly page = "",
  ) {}

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

  /** Its end has come, and with it how much there is of everything. */
  get settled(): boolean {
    return this.#settled;
  }

  /**
   * Said to be over, and its end has not come: only that one, with how much there is, ends a take.
   */
  get endless(): boolean {
    return this.live && this.state !== "connecting" && this.state !== "speaking";
  }

  /** Still being generated, as far as the page knows. */
  get live(): boolean {
    return !this.ended && !this.cut;
  }

  /** Some of its bytes were let go to keep the page's budget, and are not here now. */
  get away(): boolean {
    return this.store.away > 0;
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

  /** Seconds that there are for sure, whether they are here yet or not. */
  get known(): number {
    const promised = Math.floor(this.promised.bytes / this.sampleBytes);
    return this.rate === 0 ? 0 : (this.total ?? Math.max(this.received, promised)) / this.rate;
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
    const gap = this.store.absent(at, Math.max(at, this.store.end))[0];
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

  /**
   * Take in a message about this take that arrived `now`, on the page's clock; what of it could not
   * be used is returned as a sentence.
   */
  accept(message: Exclude<FromKernel, { type: "command" }>, now = clock()): string | null {
    this.messages++;
    this.chunks.heard(message.sent, now);
    const problem = this.#take(message, now);
    this.changed();
    return problem;
  }

  #take(message: Exclude<FromKernel, { type: "command" }>, now: number): string | null {
    switch (message.type) {
      case "open":
        return this.#open(message);
      case "audio":
        return this.#audio(message, now);
      case "words":
      case "phonemes":
        if (this.#settled && message.index + message.marks.length > this.promised[message.type]) {
          return `${message.type} of ${this.id} beyond the ${this.promised[message.type]} of its end`;
        }
        this[message.type].put(message.index, message.marks);
        return null;
      case "chunks":
        if (this.#settled && message.index + message.rows.length > this.promised.chunks) {
          return `chunks of ${this.id} beyond the ${this.promised.chunks} of its end`;
        }
        this.chunks.put(message, message.clocks.get(this.page), now);
        return null;
      case "progress":
        this.#totals(message);
        this.detail = message.detail;
        if (message.text !== "") this.text = message.text;
        return null;
      case "end":
        return this.#end(message);
    }
  }

  #open(open: Open): string | null {
    if (this.format === null) {
      this.format = { encoding: open.encoding, rate: open.sample_rate };
      this.store.cut(this.#most);
      for (const [from, to] of this.store.ranges) this.#outline(from, to);
    } else if (this.format.encoding !== open.encoding || this.format.rate !== open.sample_rate) {
      const { encoding, rate } = this.format;
      return `${this.id} is ${encoding} at ${rate} Hz, and now said to be ${open.encoding} at ${open.sample_rate}`;
    }
    this.text = open.text || this.text;
    this.label = open.backend.label;
    this.voice = open.voice;
    this.#totals({ ...open, phonemes: 0, chunks: 0 });
    return null;
  }

  /** What the last end says is so: a total that was wrong before it no longer holds the take up. */
  #end(end: End): string | null {
    this.#totals(end);
    this.state = end.state;
    this.ended = true;
    this.error = end.error;
    this.detail = null;
    if (end.text !== "") this.text = end.text;
    // It tells only that the kernel has nothing: what is here stays.
    if (end.state === "gone") return null;
    this.#settled = true;
    const whole = this.store.unbroken(0);
    const beyond = this.store.end > end.bytes;
    this.promised.bytes = Math.max(end.bytes, whole);
    this.promised.words = end.words;
    this.promised.phonemes = end.phonemes;
    this.promised.chunks = end.chunks;
    this.store.cut(this.promised.bytes);
    if (this.format !== null) {
      this.peaks.cut(Math.ceil((this.received * BUCKETS_PER_SECOND) / this.rate));
    }
    return beyond ? `${this.id} ends at byte ${end.bytes}, and more than that has come` : null;
  }

  /** Bytes in the longest take there may be. */
  get #most(): number {
    return this.format === null ? MAX_TAKE_BYTES : MAX_SECONDS * this.rate * this.sampleBytes;
  }

  #totals(now: Pick<Progress, "state" | "bytes" | "words" | "phonemes" | "chunks">): void {
    // A message that overtook the end must not bring a finished take back to life.
    if (!this.ended || now.state === "gone") this.state = now.state;
    if (this.#settled) return;
    this.promised.bytes = Math.max(this.promised.bytes, now.bytes);
    this.promised.words = Math.max(this.promised.words, now.words);
    this.promised.phonemes = Math.max(this.promised.phonemes, now.phonemes);
    this.promised.chunks = Math.max(this.promised.chunks, now.chunks);
  }

  #audio({ offset, pcm, live }: Audio, now: number): string | null {
    const to = offset + pcm.length;
    if (to > this.#most) return `audio of ${this.id} beyond ${MAX_SECONDS / 3600} hours`;
    if (this.#settled && to > this.promised.bytes) {
      return `audio of ${this.id} up to byte ${to}, which ended at ${this.promised.bytes}`;
    }
    const other = this.store.contradicts(offset, pcm);
    const news = this.store.write(offset, pcm);
    if (news.length > 0) {
      const at = live === true ? now : null;
      this.chunks.arrived(offset, to, at);
      this.arrivals.reached(0, this.store.unbroken(0), at);
      if (this.state === "connecting") this.state = "speaking";
      this.promised.bytes = Math.max(this.promised.bytes, this.store.end);
      // What was let go and comes again has its outline.
      for (const [a, b] of news) this.#outline(a, b);
    }
    return other ? `audio of ${this.id} at byte ${offset} unlike what had come before it` : null;
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
