/**
 * Which sample is audible now.
 *
 * The renderer says at which frame of the context's clock which sample was rendered; what is heard
 * now was rendered earlier, by the output's latency. The spans between reports are straight lines.
 */

import type { Report } from "./renderer";
import { believed, type Stamp, slipped, stamps } from "./stamps";

interface Anchor {
  readonly frame: number;
  readonly position: number;
  readonly moving: boolean;
}

/** Anchors kept: at 20 reports a second, far more than any output's latency. */
const KEPT = 200;

export class Playhead {
  #anchors: Anchor[] = [];

  note(report: Report): void {
    const moving = report.event === "playing" || report.event === "tick";
    this.#anchors.push({ frame: report.frame, position: report.position, moving });
    if (this.#anchors.length > KEPT) this.#anchors.shift();
  }

  /** The sample at `frame` of the context's clock. */
  at(frame: number): number {
    let next: Anchor | undefined;
    for (let i = this.#anchors.length - 1; i >= 0; i--) {
      const anchor = this.#anchors[i];
      if (anchor === undefined) break;
      if (anchor.frame <= frame) {
        if (!anchor.moving) return anchor.position;
        const position = anchor.position + frame - anchor.frame;
        return Math.min(position, next?.position ?? position);
      }
      next = anchor;
    }
    return this.#anchors[0]?.position ?? 0;
  }
}

/**
 * When `frame` of the context's clock is audible, in seconds of `performance.now()`; what has just
 * been rendered is audible in a moment. `now` in its milliseconds.
 */
export function audibleAt(context: AudioContext, frame: number, now: number): number {
  return now / 1000 + (frame - audibleNow(context, now, false)) / context.sampleRate;
}

/** The frame of the context's clock that is audible now; each source of it may be absent. */
export function audibleFrame(context: AudioContext, now: number): number {
  return audibleNow(context, now, true);
}

/** `bounded`: never beyond what is rendered, whatever the time stamp says. */
function audibleNow(context: AudioContext, now: number, bounded: boolean): number {
  const stamp = stampOf(context, now);
  if (stamp !== null) {
    const time = stamp.context + now / 1000 - stamp.page - heldBack(context);
    return (bounded ? Math.min(time, context.currentTime) : time) * context.sampleRate;
  }
  const held = stamps(context) ? heldBack(context) : 0;
  return (context.currentTime - latencyOf(context, now) - held) * context.sampleRate;
}

function stampOf(context: AudioContext, now: number): Stamp | null {
  const stamp = asking() === "freely" ? believed(context, now) : null;
  // Kept for after a rest, when neither will be known for a moment.
  if (stamp !== null && !latencies.get(context)?.seconds) toldOf(context, now);
  return stamp;
}

/** Frames that Web Audio renders at once. */
const QUANTUM = 128;
/** The lowest rate at which a sound device usually runs by itself. */
const DEVICE_RATE = 44100;
/** Frames that a resampler's filter reaches over in Chromium. */
const FILTER = 32;

/**
 * Seconds by which sound is later than the time stamps say, as a middle.
 *
 * At another rate than the device's, Chromium puts a resampler between the context and the device that
 * keeps up to one buffer (`baseLatency`), and the stamps leave it out: at a recorded loudspeaker
 * everything came later by between nothing and that buffer, by how the buffers fell, and by the
 * resampler's filter. A page cannot ask for the device's rate. It shows in the buffer: at the device's
 * own rate that is the device's, whole quanta (512 frames, say), and converted it is not (471). Half a
 * buffer is the guess that is least wrong at worst.
 */
function heldBack(context: AudioContext): number {
  const buffer = context.baseLatency || 0;
  const rate = context.sampleRate;
  if (buffer === 0) return 0;
  const whole = Math.round(buffer * rate) % QUANTUM === 0;
  return whole && rate >= DEVICE_RATE ? 0 : buffer / 2 + FILTER / rate;
}

/**
 * How a page may ask for the output's latency. Firefox 153 on Linux asks the audio server for it while
 * it holds a lock that the server's callback may wait for: seen to hang the whole page, with our code
 * and without, also where it was asked for every ten seconds only. There it is never asked for, and
 * what is audible when is unknown; in Firefox elsewhere it is asked for rarely, and not by time stamps.
 */
function asking(): "freely" | "rarely" | "never" {
  const agent = globalThis.navigator?.userAgent ?? "";
  if (!/\bFirefox\//.test(agent)) return "freely";
  return /\b(Linux|X11)\b/.test(agent) ? "never" : "rarely";
}

/** Milliseconds for which an answer is good, and after which one is asked for again. */
const KNOWN_FOR = 10_000;
const UNKNOWN_FOR = 500;
/** Seconds by which a playhead is drawn late where the latency is not known: a usual one on Linux. */
const USUAL = 0.035;

/** Seconds from rendering to the ear, as the browser says; null where it does not. */
export function outputLatency(context: AudioContext): number | null {
  return asking() === "never" ? null : latencyOf(context, performance.now()) || null;
}

/** Seconds in which `currentTime` moves on where the browser does not say: its device's buffer. */
const STEP = 0.01;
/** Seconds for what is coarse: the page's clock (up to 1 ms), the device's own word for its delay. */
const COARSE = 0.003;

/**
 * How far, in seconds, what `audibleAt` has said of late may be wrong to either side; null: unknown.
 *
 * By time stamp: half the device's buffer, of which `heldBack` is the middle, and whatever the stamps
 * slipped by. By latency alone: the context's clock moves on by a whole buffer at a time, and nothing
 * says where in it the device is. A recorded loudspeaker found the first off by 2 ms at the device's
 * rate and 8 ms at another, the second (Firefox 153) by 8 ms. What the system itself does not know is
 * beyond it, such as loudspeakers that do not tell of their delay.
 */
export function outputError(context: AudioContext): number | null {
  const now = performance.now();
  const buffer = context.baseLatency || 0;
  if (stampOf(context, now) !== null || stamps(context)) {
    const slip = slipped(context, now);
    // What a resampler's buffers make of the stamps is no slip, and counted already.
    return buffer / 2 + COARSE + (slip > unsteady(context) ? slip : 0);
  }
  return toldOf(context, now) === 0 ? null : Math.max(buffer, STEP) + COARSE;
}

/** Seconds from one stamp to another while nothing slips. */
function unsteady(context: AudioContext): number {
  return heldBack(context) === 0 ? COARSE : (context.baseLatency || 0) + COARSE;
}

const latencies = new WeakMap<AudioContext, { readonly at: number; readonly seconds: number }>();

function latencyOf(context: AudioContext, now: number): number {
  if (asking() === "never") return USUAL;
  return toldOf(context, now) || context.baseLatency || 0;
}

/**
 * The latency as the browser tells it; 0 where it never did. For some 10 ms after each rest Chromium
 * says 0: then what it said before.
 */
function toldOf(context: AudioContext, now: number): number {
  const way = asking();
  if (way === "never") return 0;
  const told = latencies.get(context);
  const good =
    way === "freely" || told === undefined ? 0 : told.seconds > 0 ? KNOWN_FOR : UNKNOWN_FOR;
  if (told !== undefined && now - told.at < good) return told.seconds;
  const seconds = context.outputLatency || told?.seconds || 0;
  latencies.set(context, { at: now, seconds });
  return seconds;
}
