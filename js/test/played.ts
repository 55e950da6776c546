import { clock } from "../src/link";
import type { Output, Stream, StreamOptions } from "../src/output/output";
import type { Report } from "../src/output/renderer";

/** Hz. */
export const RATE = 8000;
/** Seconds from a frame to the ear. */
export const LATENCY = 0.03;

/** An output that plays as time passes and reports twenty times a second. */
export class Player {
  readonly output: Output;

  /** `told`: the latency as the browser tells it now, in seconds. */
  constructor(told: () => number) {
    const context = {
      sampleRate: RATE,
      get outputLatency() {
        return told();
      },
    } as AudioContext;
    this.output = { kind: "worklet", context, open: (options) => this.#open(options) };
  }

  #open({ onReport }: StreamOptions): Stream {
    let [pushed, rendered, playing, final, begun] = [0, 0, false, false, false];
    const say = (event: Report["event"], since = 0) => {
      const frame = Math.round(clock() * RATE) + since;
      onReport({ event, frame, position: rendered, queued: pushed - rendered });
    };
    const timer = setInterval(() => {
      if (!playing) return;
      if (!begun) say("playing");
      begun = true;
      const count = Math.min(pushed - rendered, RATE / 20);
      rendered += count;
      if (rendered < pushed) return say("tick", count);
      playing = false;
      begun = false;
      say(final ? "ended" : "dry", count);
    }, 50);
    return {
      push: (samples) => {
        pushed += samples.length;
      },
      go: () => {
        playing = true;
      },
      hold: () => {
        if (playing) say("still");
        playing = false;
        begun = false;
      },
      end: () => {
        final = true;
      },
      close: () => clearInterval(timer),
      audible: () => rendered,
      when: (of) => of / RATE + LATENCY,
      ready: Promise.resolve(),
      due: () => rendered,
      get rendered() {
        return rendered;
      },
    };
  }
}
