/**
 * Which sample is audible now.
 *
 * The renderer says at which frame of the context's clock which sample was rendered; what is heard
 * now was rendered earlier, by the output's latency. The spans between reports are straight lines.
 */

import type { Report } from "./renderer";

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
  const stamp = believed(context, now);
  if (stamp !== null) {
    const time = stamp.context + now / 1000 - stamp.page - heldBack(context);
    return (bounded ? Math.min(time, context.currentTime) : time) * context.sampleRate;
  }
  const held = stamped.has(context) ? heldBack(context) : 0;
  return (context.currentTime - latencyOf(context, now) - held) * context.sampleRate;
}

/** Milliseconds of age beyond which a time stamp is one of before a rest. */
const STALE = 1000;
/** Seconds of a context's life in which Chromium's stamps are bounded at zero, and so too far on. */
const BOUNDED = 0.05;

/** Contexts whose time stamps have been of use. */
const stamped = new WeakSet<AudioContext>();

/**
 * What the output's time stamp says, in seconds of both clocks; null where it is not to be believed.
 *
 * It is the best that a page can know: which moment of the context's clock the device plays at which
 * moment of the page's (Web Audio API, AudioContext.getOutputTimestamp). Against a recorded
 * loudspeaker Chromium 156's were right to a millisecond, on a busy machine too, but for these: before
 * the device has first asked for sound, and again for some 10 ms after each rest, the stamp has no
 * time or one of long ago; and at the start of a context it is bounded at zero.
 */
function believed(context: AudioContext, now: number): { context: number; page: number } | null {
  if (context.state !== "running" || askingMayHang()) return null;
  const { contextTime, performanceTime } = context.getOutputTimestamp?.() ?? {};
  if (contextTime === undefined || performanceTime === undefined) return null;
  if (performanceTime <= 0 || now - performanceTime > STALE || contextTime < BOUNDED) return null;
  stamped.add(context);
  // Kept for after a rest, when neither will be known for a moment.
  if (!latencies.get(context)?.seconds) toldOf(context, now);
  return { context: contextTime, page: performanceTime / 1000 };
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
 * Firefox 153 on Linux asks the audio server for the latency while it holds a lock that the
 * server's callback may wait for: seen on a loaded machine to hang the whole page, with our code
 * and without. There it is asked rarely, not sixty times a second.
 */
function askingMayHang(): boolean {
  return /\bFirefox\//.test(globalThis.navigator?.userAgent ?? "");
}

/** Milliseconds for which an answer is good, and after which one is asked for again. */
const KNOWN_FOR = 10_000;
const UNKNOWN_FOR = 500;

/** Seconds from rendering to the ear, as the browser says; null where it does not. */
export function outputLatency(context: AudioContext): number | null {
  return latencyOf(context, performance.now()) || null;
}

/** Seconds in which `currentTime` moves on where the browser does not say: its device's buffer. */
const STEP = 0.01;
/** Seconds for what is coarse: the page's clock (up to 1 ms), the device's own word for its delay. */
const COARSE = 0.003;

/**
 * How far, in seconds, `audibleAt` may be wrong to either side; null: unknown.
 *
 * By time stamp: half the device's buffer, of which `heldBack` is the middle. By latency alone: the
 * context's clock moves on by a whole buffer at a time, and nothing says where in it the device is.
 * A recorded loudspeaker found the first off by at most 2 ms at the device's rate and 8 ms at another,
 * the second (Firefox 153) by 8 ms. What the system itself does not know is beyond it, such as
 * loudspeakers that do not tell of their delay.
 */
export function outputError(context: AudioContext): number | null {
  const buffer = context.baseLatency || 0;
  if (believed(context, performance.now()) !== null || stamped.has(context)) {
    return buffer / 2 + COARSE;
  }
  const told = toldOf(context, performance.now());
  return told === 0 ? null : Math.max(buffer, STEP) + COARSE;
}

const latencies = new WeakMap<AudioContext, { readonly at: number; readonly seconds: number }>();

function latencyOf(context: AudioContext, now: number): number {
  return toldOf(context, now) || context.baseLatency || 0;
}

/**
 * The latency as the browser tells it; 0 where it never did. For some 10 ms after each rest Chromium
 * says 0: then what it said before.
 */
function toldOf(context: AudioContext, now: number): number {
  const told = latencies.get(context);
  const good =
    !askingMayHang() || told === undefined ? 0 : told.seconds > 0 ? KNOWN_FOR : UNKNOWN_FOR;
  if (told !== undefined && now - told.at < good) return told.seconds;
  const seconds = context.outputLatency || told?.seconds || 0;
  latencies.set(context, { at: now, seconds });
  return seconds;
}
