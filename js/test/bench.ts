import type { Output, Stream, StreamOptions } from "../src/output/output";
import { type Cue, Renderer, type Report, type ToRenderer } from "../src/output/renderer";

/** Hz of every take that sounds into a Bench, and samples in one of its blocks. */
export const RATE = 8000;
export const BLOCK = 128;

/** An output whose audio thread is driven by hand; all streams sound into one recording. */
export class Bench implements Output {
  readonly kind = "worklet";
  readonly heard: number[] = [];
  readonly context: AudioContext;
  #streams: HandStream[] = [];

  /** `rate`: what its context says of itself. */
  constructor(rate = 11_025) {
    const time = () => this.heard.length / RATE;
    this.context = {
      sampleRate: rate,
      get currentTime() {
        return time();
      },
    } as AudioContext;
  }

  open(options: StreamOptions): Stream {
    const stream = new HandStream(options, () => this.heard.length);
    this.#streams.push(stream);
    return stream;
  }

  run(blocks: number): void {
    for (let i = 0; i < blocks; i++) {
      const mixed = new Float32Array(BLOCK);
      const from = this.heard.length;
      for (const stream of this.#streams) {
        const block = new Float32Array(BLOCK);
        stream.process(block, from);
        block.forEach((sample, at) => {
          mixed[at] = (mixed[at] ?? 0) + sample;
        });
      }
      this.heard.push(...mixed);
    }
  }

  /** Where `wanted` was heard, in one piece. */
  find(wanted: Float32Array): number {
    return this.heard.findIndex((_, at) =>
      wanted.every((sample, i) => Object.is(this.heard[at + i], sample)),
    );
  }
}

class HandStream implements Stream {
  rendered = 0;
  readonly ready = Promise.resolve();
  readonly #renderer: Renderer;
  readonly #frame: () => number;
  #alive = true;
  #reported = 0;
  #closed = false;

  constructor(options: StreamOptions, frame: () => number) {
    this.#frame = frame;
    this.#renderer = new Renderer(RATE, options.middle, (report: Report) => {
      this.rendered = report.position;
      this.#reported = report.frame;
      if (!this.#closed) options.onReport(report);
    });
  }
  process(block: Float32Array, frame: number): void {
    if (this.#alive) this.#alive = this.#renderer.process(block, frame);
  }
  push(part: Float32Array<ArrayBuffer>): void {
    this.#tell({ type: "push", samples: part });
  }
  go(cue?: Cue): void {
    this.#tell(cue === undefined ? { type: "go" } : { type: "go", cue });
  }
  hold(): void {
    this.#tell({ type: "hold" });
  }
  end(): void {
    this.#tell({ type: "end" });
  }
  close(cue?: Cue): void {
    this.#closed = true;
    this.#tell(cue === undefined ? { type: "close" } : { type: "close", cue });
  }
  audible(): number {
    return this.rendered;
  }
  when(frame: number): number {
    return 1000 + frame / RATE;
  }
  due(frame: number): number {
    return this.rendered + frame - this.#reported;
  }
  #tell(message: ToRenderer): void {
    this.#renderer.handle(message, this.#frame());
  }
}
