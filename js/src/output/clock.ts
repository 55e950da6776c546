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
  const stamp = askingMayHang() ? undefined : context.getOutputTimestamp?.();
  if (
    context.state === "running" &&
    stamp?.contextTime !== undefined &&
    stamp.performanceTime !== undefined &&
    stamp.performanceTime > 0
  ) {
    const time = stamp.contextTime + (now - stamp.performanceTime) / 1000;
    return (bounded ? Math.min(time, context.currentTime) : time) * context.sampleRate;
  }
  return (context.currentTime - latencyOf(context, now)) * context.sampleRate;
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

/** How far, in seconds, `audibleAt` may be wrong; null: unknown. */
export function outputError(_context: AudioContext): number | null {
  return null;
}

const latencies = new WeakMap<AudioContext, { readonly at: number; readonly seconds: number }>();

function latencyOf(context: AudioContext, now: number): number {
  if (!askingMayHang()) return context.outputLatency || context.baseLatency || 0;
  const told = latencies.get(context);
  const good = told === undefined ? 0 : told.seconds > 0 ? KNOWN_FOR : UNKNOWN_FOR;
  if (told !== undefined && now - told.at < good) return told.seconds;
  const seconds = context.outputLatency || context.baseLatency || 0;
  latencies.set(context, { at: now, seconds });
  return seconds;
}
