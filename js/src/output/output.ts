/** Where sound goes out: one output per sample rate, and streams on it. */

import type { Cue, Report } from "./renderer";

/** The name under which the worklet's processor is registered. */
export const PROCESSOR = "cartesia-nb-stream";

/** What a processor says before anything else: it runs. */
export const READY = "ready";

/** What a processor is made with. */
export interface ProcessorOptions {
  readonly middle: boolean;
}

/** One run of samples of a take; made anew for each seek. */
export interface Stream {
  /** Hand samples over; the array belongs to the stream from then on. */
  push(samples: Float32Array<ArrayBuffer>): void;
  /** Begin; with a cue at its frame, from the first sample on. */
  go(cue?: Cue): void;
  hold(): void;
  end(): void;
  /** Let go of it; with a cue it sounds up to its frame, and through its fade. */
  close(cue?: Cue): void;
  /** Settled once it could begin at any moment. */
  readonly ready: Promise<void>;
  /** The sample, counted from where the stream began, that is audible now. */
  audible(): number;
  /** When `frame` of a report is audible, in seconds of the page's clock. */
  when(frame: number): number;
  /** The sample that will be rendered at `frame`, which lies ahead, if nothing happens until then. */
  due(frame: number): number;
  /** The sample rendered last, as of the last report. */
  readonly rendered: number;
}

export interface StreamOptions {
  /** The stream begins in the middle of a take. */
  readonly middle: boolean;
  readonly onReport: (report: Report) => void;
}

export interface Output {
  readonly kind: "worklet" | "scheduled";
  readonly context: AudioContext;
  /** What a person might wonder about: how it sounds here, if not as everywhere. */
  readonly unusual?: string;
  open(options: StreamOptions): Stream;
}

/**
 * Seconds of a context's life before its first sample. Chromium's device sometimes swallows part of
 * what a new context renders first: seen at a recorded loudspeaker on a busy machine, in some runs
 * and not in others, while everything had left the page whole. Why is not known.
 */
export const SETTLE_SECONDS = 0.12;
