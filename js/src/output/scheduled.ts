/**
 * The output without an AudioWorklet (plain http, older webviews): buffers scheduled one after the
 * other at exact frames, a little ahead. Same promises as the Renderer but for the ramps: at a pause
 * or a stop the stream's own gain goes down over 5 ms; a dry spell is noticed by a timer; a hand-over
 * fades in straight lines.
 */

import { audibleAt, audibleFrame, Playhead } from "./clock";
import { type Output, SETTLE_SECONDS, type Stream, type StreamOptions } from "./output";
import { type Cue, RAMP_SECONDS, type Report } from "./renderer";

/** Seconds between two looks at the clock. */
const TICK = 0.04;
/** Seconds from "go" to the first frame, so that it is not already past. */
const START = 0.02;
/** Seconds before its time at which a buffer must be started to begin in time. */
const LEAST = 0.005;
/** Seconds scheduled ahead: less than a throttled timer would need, enough for a busy page. */
const AHEAD = 2;

export function scheduledOutput(context: AudioContext, to: AudioNode): Output {
  return {
    kind: "scheduled",
    unusual: "sound without an AudioWorklet",
    context,
    open: (options) => new ScheduledStream(context, to, options),
  };
}

interface Piece {
  readonly at: number;
  readonly samples: Float32Array<ArrayBuffer>;
}

class ScheduledStream implements Stream {
  readonly #context: AudioContext;
  readonly #to: AudioNode;
  readonly #options: StreamOptions;
  readonly #playhead = new Playhead();
  #gain: GainNode | null = null;
  #pieces: Piece[] = [];
  #pushed = 0;
  #scheduled = 0;
  /** The frame at which sample 0 would have sounded; null while still. */
  #origin: number | null = null;
  #final = false;
  /** Said to be playing: only once it does, since a context that is held back plays nothing. */
  #begun = true;
  #timer: ReturnType<typeof setInterval> | undefined;
  rendered = 0;

  constructor(context: AudioContext, to: AudioNode, options: StreamOptions) {
    this.#context = context;
    this.#to = to;
    this.#options = options;
  }

  push(samples: Float32Array<ArrayBuffer>): void {
    if (samples.length === 0) return;
    this.#pieces.push({ at: this.#pushed, samples });
    this.#pushed += samples.length;
    this.#schedule();
  }

  get ready(): Promise<void> {
    return Promise.resolve();
  }

  go(cue?: Cue): void {
    if (this.#origin !== null) return;
    const rate = this.#context.sampleRate;
    const start = Math.max(this.#context.currentTime + START, SETTLE_SECONDS);
    const frame = Math.max(Math.ceil(start * rate), cue?.frame ?? 0);
    this.#origin = frame - this.rendered;
    this.#scheduled = this.rendered;
    this.#gain = this.#context.createGain();
    this.#gain.connect(this.#to);
    if (cue !== undefined) {
      this.#gain.gain.setValueAtTime(0, frame / rate);
      this.#gain.gain.linearRampToValueAtTime(1, frame / rate + cue.fade);
    }
    this.#schedule();
    this.#begun = false;
    this.#timer = setInterval(() => this.#tick(), TICK * 1000);
  }

  hold(): void {
    this.#still("still");
  }

  end(): void {
    this.#final = true;
  }

  close(cue?: Cue): void {
    this.#still("closed", cue);
    this.#pieces = [];
  }

  audible(): number {
    return this.#playhead.at(audibleFrame(this.#context, performance.now()));
  }

  when(frame: number): number {
    return audibleAt(this.#context, frame, performance.now());
  }

  due(frame: number): number {
    return this.#playhead.at(frame);
  }

  #now(): number {
    return this.#context.currentTime * this.#context.sampleRate;
  }

  #schedule(): void {
    if (this.#origin === null || this.#gain === null) return;
    const rate = this.#context.sampleRate;
    for (const { at, samples } of this.#pieces) {
      const from = this.#scheduled - at;
      if (from < 0 || from >= samples.length) continue;
      const lead = (this.#origin + this.#scheduled - this.#now()) / rate;
      // One that is late would begin at once, and sound over what follows: it has run dry.
      if (lead > AHEAD || lead < LEAST) return;
      const part = samples.subarray(from);
      const frame = this.#origin + this.#scheduled;
      // Zeros first, which add nothing to the piece before.
      const start = exactFrame(frame, rate);
      const buffer = this.#context.createBuffer(1, frame - start + part.length, rate);
      buffer.copyToChannel(part, 0, frame - start);
      const source = this.#context.createBufferSource();
      source.buffer = buffer;
      source.connect(this.#gain);
      source.start(start / rate);
      this.#scheduled = at + samples.length;
    }
  }

  #tick(): void {
    if (this.#origin === null || this.#now() < this.#origin + this.rendered) return;
    if (!this.#begun) this.#say("playing", this.#origin + this.rendered);
    this.#begun = true;
    this.rendered = Math.max(0, Math.min(Math.floor(this.#now() - this.#origin), this.#scheduled));
    this.#pieces = this.#pieces.filter(({ at, samples }) => at + samples.length > this.rendered);
    this.#schedule();
    if (this.rendered < this.#scheduled) this.#say("tick", this.#origin + this.rendered);
    else if (this.#final && this.#scheduled === this.#pushed) this.#still("ended");
    else this.#still("dry");
  }

  #still(event: "still" | "dry" | "ended" | "closed", cue?: Cue): void {
    clearInterval(this.#timer);
    const gain = this.#gain;
    if (this.#origin === null || gain === null) return;
    const rate = this.#context.sampleRate;
    const now = Math.max(this.#context.currentTime, (cue?.frame ?? 0) / rate);
    const fade = cue?.fade ?? RAMP_SECONDS;
    const reached = Math.floor(now * rate - this.#origin) + Math.round(fade * rate);
    this.rendered = Math.max(0, Math.min(reached, this.#scheduled));
    if (event === "still" || event === "closed") {
      gain.gain.setValueAtTime(1, now);
      gain.gain.linearRampToValueAtTime(0, now + fade);
    }
    const left = now - this.#context.currentTime + fade + 3 * RAMP_SECONDS;
    setTimeout(() => gain.disconnect(), 1000 * (event === "ended" ? 1 : left));
    const frame = this.#origin + this.rendered;
    this.#origin = null;
    this.#gain = null;
    this.#say(event, frame);
  }

  #say(event: Report["event"], frame: number): void {
    const report = { event, frame, position: this.rendered, queued: this.#pushed - this.rendered };
    this.#playhead.note(report);
    if (event !== "closed") this.#options.onReport(report);
  }
}

/**
 * The last frame up to `frame` whose time leads back to it exactly. From a time that is off by the
 * last bit, Chromium interpolates all samples of the buffer: they are no longer those received.
 */
function exactFrame(frame: number, rate: number): number {
  let start = frame;
  while (start > 0 && (start / rate) * rate !== start) start--;
  return start;
}
