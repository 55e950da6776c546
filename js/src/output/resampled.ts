/** An output whose context runs at another rate than the stream: the browser refused the stream's. */

import type { Output, Stream, StreamOptions } from "./output";
import type { Cue, Report } from "./renderer";
import { Resampler } from "./resampler";

/** `rate`: the stream's. */
export function resampledOutput(output: Output, rate: number): Output {
  const to = output.context.sampleRate;
  const why = `resampled to ${to} Hz, as this browser plays no ${rate} Hz`;
  return {
    kind: output.kind,
    context: output.context,
    unusual: output.unusual === undefined ? why : `${output.unusual}, ${why}`,
    open: (options) => new ResampledStream(output, rate, to, options),
  };
}

class ResampledStream implements Stream {
  readonly #inner: Stream;
  readonly #resampler: Resampler;
  /** Samples of the stream in one of the context. */
  readonly #ratio: number;
  #pushed = 0;
  rendered = 0;

  constructor(output: Output, from: number, to: number, options: StreamOptions) {
    this.#resampler = new Resampler(from, to);
    this.#ratio = from / to;
    this.#inner = output.open({
      middle: options.middle,
      onReport: (report) => options.onReport(this.#told(report)),
    });
  }

  push(samples: Float32Array<ArrayBuffer>): void {
    this.#pushed += samples.length;
    this.#put(this.#resampler.push(samples));
  }
  get ready(): Promise<void> {
    return this.#inner.ready;
  }
  go(cue?: Cue): void {
    this.#inner.go(cue);
  }
  hold(): void {
    this.#inner.hold();
  }
  end(): void {
    this.#put(this.#resampler.end());
    this.#inner.end();
  }
  close(cue?: Cue): void {
    this.#inner.close(cue);
  }
  audible(): number {
    return Math.min(this.#pushed, this.#inner.audible() * this.#ratio);
  }
  when(frame: number): number {
    return this.#inner.when(frame);
  }
  due(frame: number): number {
    return Math.min(this.#pushed, this.#inner.due(frame) * this.#ratio);
  }

  #put(samples: Float32Array<ArrayBuffer>): void {
    if (samples.length > 0) this.#inner.push(samples);
  }

  /** A report in samples of the stream. */
  #told(report: Report): Report {
    // The last few wait in the resampler for those that come next: they are all that is left.
    const all = report.event === "dry" || report.event === "ended";
    const position = all ? this.#pushed : Math.floor(report.position * this.#ratio);
    this.rendered = Math.min(this.#pushed, Math.max(this.rendered, position));
    return { ...report, position: this.rendered, queued: this.#pushed - this.rendered };
  }
}
