/** The playing of one take: its position, and the samples fed to the output ahead of it. */

import { clock } from "./link";
import { type DrySpell, Listening } from "./listening";
import { outputError } from "./output/clock";
import type { Output, Stream } from "./output/output";
import { Prebuffer } from "./output/prebuffer";
import type { Cue, Report } from "./output/renderer";
import type { Take } from "./take/take";

/** Seconds handed to the output ahead of what it plays; the rest stays as bytes. */
const AHEAD_SECONDS = 10;
/** Seconds in one piece, so that decoding never holds the page up. */
const PIECE_SECONDS = 0.5;
/** Seconds after a sample was to be heard by which it shows whether the output slipped meanwhile. */
const SEEN = 0.3;

/**
 * idle: not asked to sound; waiting: asked to, not enough in hand; playing; paused; ended: heard to
 * its end; failed: this page has no way to make it sound.
 */
export type Phase = "idle" | "waiting" | "playing" | "paused" | "ended" | "failed";

export interface PlaybackHost {
  output(rate: number): Promise<Output>;
  /** The fixed prebuffer that is asked for, in seconds; null for one that adapts. */
  readonly prebuffer?: () => number | null;
  /** It is to sound from now on; true: because somebody wants it now. */
  begins?(): boolean;
  /** A listening has begun, which this tells of. */
  listens?(listening: Listening): void;
  /** It has been heard to its end, or cannot be heard. */
  ended(): void;
  /** Something to tell the kernel now. */
  heard(): void;
}

/** A stream that can begin at any moment, and at which one it is to. */
export interface Entry {
  readonly output: Output;
  readonly stream: Stream;
  readonly cue: Cue;
}

export class Playback {
  readonly take: Take;
  readonly prebuffer: Prebuffer;
  readonly #host: PlaybackHost;
  #listening = new Listening();
  /** How many have begun. */
  #listenings = 0;
  #asked: number | null = null;
  #first: Listening | null = null;
  /** How far off the first sound's moment may be, as it was rendered and once it had been heard. */
  readonly #soundErrors: (number | null)[] = [];
  #phase: Phase = "idle";
  #stream: Stream | null = null;
  /** The sample at which the stream began; also the position while there is none. */
  #base = 0;
  #fed = 0;
  #going = false;
  /** When it is to begin; as soon as there is enough if that is not said. */
  #cue: Cue | undefined;
  #finished = false;
  /** All of it has been rendered; the last of it is on its way to the ear. */
  #over = false;
  #opening = 0;
  #heard = false;
  #output: Output | null = null;
  /** Why it cannot sound here, one sentence. */
  problem: string | null = null;

  constructor(take: Take, host: PlaybackHost) {
    this.take = take;
    this.#host = host;
    this.prebuffer = new Prebuffer(host.prebuffer);
    take.onChange(() => this.feed());
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Sounding, or about to as soon as samples are here. */
  get active(): boolean {
    return this.#phase === "playing" || this.#phase === "waiting";
  }

  /** Whether any of it has been heard in this page. */
  get sounded(): boolean {
    return this.#heard;
  }

  /** The dry spells of this listening, which lasts from a start to a stop or the end. */
  get dry(): readonly DrySpell[] {
    return this.#listening.dry;
  }

  /** When it was first to sound in this page, by itself or by a person; the page's clock, seconds. */
  get asked(): number | null {
    return this.#asked;
  }

  /**
   * When the first sample of its first listening here became audible; the page's clock, seconds. Told
   * when the sample is rendered, so up to the output's latency ahead.
   */
  get firstSound(): number | null {
    return this.#first?.sound ?? null;
  }

  /**
   * How far off `firstSound` may be by the output's own word, in seconds; null: unknown. What slips
   * later disturbs it no more, and what slipped as it was heard is not forgotten.
   */
  get soundError(): number | null {
    const known = this.#soundErrors.length < 2 ? [this.#outputError] : [];
    return [...this.#soundErrors, ...known].reduce(
      (worst, error) => (worst === null || error === null ? null : Math.max(worst, error)),
      0,
    );
  }

  get #outputError(): number | null {
    return this.#output === null ? null : outputError(this.#output.context);
  }

  /** The first listening that sounded here: what the stream allowed, before any replay. */
  get first(): Listening | null {
    return this.#first;
  }

  /** By which way it sounds in this browser; null before it has sounded. */
  get output(): Output | null {
    return this.#output;
  }

  /** The sample that is audible now. */
  get sample(): number {
    if (this.#stream === null) return this.#base;
    const at = this.#base + Math.max(0, Math.floor(this.#stream.audible()));
    return Math.min(at, this.#fed);
  }

  /** Seconds into the take that are audible now. */
  get position(): number {
    return this.take.rate === 0 ? 0 : this.sample / this.take.rate;
  }

  /** Seconds in hand beyond what is audible. */
  get ahead(): number {
    if (this.take.rate === 0) return 0;
    return (this.take.reach(this.sample) - this.sample) / this.take.rate;
  }

  /** A stream for an entry, once it can begin at any moment. Rejects with a sentence to show. */
  async arm(): Promise<Omit<Entry, "cue">> {
    const output = await this.#host.output(this.take.rate);
    const stream = this.#openOn(output, true);
    await stream.ready;
    return { output, stream };
  }

  /** The second of the take that is rendered at `frame`, which lies ahead, if it plays on until then. */
  due(frame: number): number {
    const ahead = this.#stream === null ? 0 : Math.round(this.#stream.due(frame));
    return this.take.rate === 0 ? 0 : Math.min(this.#base + ahead, this.#fed) / this.take.rate;
  }

  /** When `frame` is audible, in seconds of the page's clock; null while nothing plays. */
  when(frame: number): number | null {
    return this.#stream?.when(frame) ?? null;
  }

  /** `entry`: at its cue, in the middle of the take. */
  start(entry?: Entry): void {
    if (this.active) {
      entry?.stream.close();
      return;
    }
    const now = clock();
    this.#asked ??= now;
    const byPerson = this.#host.begins?.() ?? false;
    const anew = this.#phase === "ended" || this.#atEnd(this.#base);
    if (anew) this.#restart(0);
    if (anew || this.#phase === "idle" || this.#listening.isOver) {
      this.#listening = new Listening();
    }
    if (this.#listening.number === 0) {
      this.#listening.begin(++this.#listenings, now, byPerson);
      this.#host.listens?.(this.#listening);
    }
    this.#phase = "waiting";
    if (entry !== undefined) {
      this.#opening++;
      this.#stream = entry.stream;
      this.#output = entry.output;
      this.#cue = entry.cue;
    }
    this.feed();
    this.take.changed();
  }

  /** The browser held sound back until somebody clicked, at `at`, the page's clock. */
  released(at: number): void {
    if (this.active) this.#listening.released(at);
  }

  /** `exit`: it sounds on until then, and fades. */
  pause(exit?: Cue): void {
    if (!this.active) return;
    if (this.#over) {
      this.#finish();
      return;
    }
    this.#phase = "paused";
    this.#going = false;
    this.#listening.disturb(clock());
    if (exit === undefined) this.#stream?.hold();
    else this.#restart(Math.round(this.due(exit.frame) * this.take.rate), exit);
    this.#host.heard();
    this.take.changed();
  }

  stop(): void {
    const told = this.active;
    this.#listening.disturb(clock());
    this.#restart(0);
    this.#phase = "idle";
    if (told) this.#host.heard();
    this.take.changed();
  }

  /** Go to a second of the take; plays on if it was playing. */
  seek(seconds: number): void {
    const wanted = Math.round(Math.max(0, seconds) * this.take.rate);
    const sample = Math.min(wanted, Math.floor(this.take.known * this.take.rate));
    const active = this.active;
    this.#listening.disturb(clock());
    this.#restart(sample);
    if (active) this.#phase = "waiting";
    else if (this.#phase !== "failed") this.#phase = sample === 0 ? "idle" : "paused";
    this.feed();
    this.take.changed();
  }

  /** Hand over what has come, and start when there is enough of it. */
  feed(): void {
    if (!this.active || this.take.format === null) return;
    const total = this.take.total;
    if (total !== null && total === 0) {
      this.#finish();
      return;
    }
    if (this.#stream === null) {
      void this.#open();
      return;
    }
    const stream = this.#stream;
    const { rate } = this.take;
    const limit = this.#base + stream.rendered + AHEAD_SECONDS * rate;
    let reach = Math.min(this.take.reach(this.#fed), limit);
    if (reach === this.#fed && this.take.cut) {
      // Nobody can fill this gap any more: what lies behind it is still worth hearing.
      const resumed = this.take.resumes(this.#fed);
      if (resumed !== null && this.#base + stream.rendered === this.#fed) {
        this.#restart(resumed);
        this.feed();
        return;
      }
      reach = this.#fed;
    }
    const from = this.#fed;
    while (this.#fed < reach) {
      const to = Math.min(reach, this.#fed + Math.ceil(PIECE_SECONDS * rate));
      stream.push(this.take.samples(this.#fed, to));
      this.#fed = to;
    }
    if (this.#fed > from) this.#listening.decoded.reached(from, this.#fed, clock());
    const complete = total !== null && this.#fed >= total;
    if (complete && !this.#finished) {
      this.#finished = true;
      stream.end();
    }
    const inHand = (this.#fed - this.#base - stream.rendered) / rate;
    const enough = this.prebuffer.ready(inHand, complete) || this.#fed === limit;
    if (!this.#going && enough) {
      this.#going = true;
      stream.go(this.#cue);
      this.#cue = undefined;
    }
  }

  async #open(): Promise<void> {
    const turn = ++this.#opening;
    let output: Output;
    try {
      output = await this.#host.output(this.take.rate);
    } catch (error) {
      if (turn !== this.#opening) return;
      this.problem = error instanceof Error ? error.message : String(error);
      this.#phase = "failed";
      this.take.changed();
      this.#host.ended();
      return;
    }
    if (turn !== this.#opening || !this.active || this.#stream !== null) return;
    this.#output = output;
    this.#stream = this.#openOn(output, this.#base > 0);
    this.feed();
  }

  #openOn(output: Output, middle: boolean): Stream {
    const stream: Stream = output.open({
      middle,
      onReport: (report) => {
        if (this.#stream === stream) this.#reported(report, stream);
      },
    });
    return stream;
  }

  #reported(report: Report, stream: Stream): void {
    const sample = this.#base + report.position;
    const audible = () => stream.when(report.frame);
    this.#listening.reported(report.event, sample, this.take.rate, audible);
    switch (report.event) {
      case "playing":
        if (this.#first === null) {
          this.#first = this.#listening;
          this.#soundErrors.push(this.#outputError);
        }
        this.#phase = this.active ? "playing" : this.#phase;
        if (!this.#heard) {
          this.#heard = true;
          this.#host.heard();
        }
        this.take.changed();
        break;
      case "dry":
        this.#going = false;
        if (this.#phase === "playing") this.#phase = "waiting";
        this.prebuffer.ranDry();
        this.take.changed();
        break;
      case "ended":
        this.#over = true;
        this.#finishWhenHeard();
        return;
      default:
        break;
    }
    this.#heardFirst(false);
    this.feed();
  }

  /** What its output made of the first sound shows once that has been heard; `all`: all was. */
  #heardFirst(all: boolean): void {
    const { firstSound } = this;
    if (this.#soundErrors.length !== 1 || firstSound === null) return;
    if (all || clock() > firstSound + SEEN) this.#soundErrors.push(this.#outputError);
  }

  #finishWhenHeard(): void {
    const turn = this.#opening;
    const left = this.take.rate === 0 ? 0 : (this.#fed - this.sample) / this.take.rate;
    // Bounded: a clock that says nonsense must not keep the next take from its turn.
    setTimeout(() => turn === this.#opening && this.#finish(), 1000 * Math.min(left, 0.5));
  }

  #finish(): void {
    this.#heardFirst(true);
    this.#restart(this.take.total ?? this.#fed);
    this.#phase = "ended";
    if (this.#listening.ended()) this.prebuffer.wasTheEnd();
    this.#host.heard();
    this.take.changed();
    this.#host.ended();
  }

  #atEnd(sample: number): boolean {
    const total = this.take.total;
    return total !== null && total > 0 && sample >= total;
  }

  #restart(sample: number, exit?: Cue): void {
    this.#opening++;
    this.#stream?.close(exit);
    this.#stream = null;
    this.#cue = undefined;
    this.#listening.breaks();
    this.#base = sample;
    this.#fed = sample;
    this.#going = false;
    this.#finished = false;
    this.#over = false;
  }
}
