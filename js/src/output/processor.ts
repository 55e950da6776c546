/** The AudioWorklet's side: a Renderer, its messages, and the tap that tests listen at. */

import { Renderer, type Report, type ToRenderer } from "./renderer";

export const PROCESSOR = "cartesia-nb-stream";

export interface ProcessorOptions {
  readonly middle: boolean;
  /** Send back a copy of all that is rendered. */
  readonly tap: boolean;
}
export type FromProcessor =
  | { readonly type: "report"; readonly report: Report }
  | { readonly type: "tap"; readonly frame: number; readonly samples: Float32Array<ArrayBuffer> };

declare const sampleRate: number;
declare const currentFrame: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(
  name: string,
  processor: new (options: { processorOptions: ProcessorOptions }) => AudioWorkletProcessor,
): void;

class StreamProcessor extends AudioWorkletProcessor {
  readonly #renderer: Renderer;
  readonly #tap: boolean;

  constructor(options: { processorOptions: ProcessorOptions }) {
    super();
    this.#tap = options.processorOptions.tap;
    this.#renderer = new Renderer(sampleRate, options.processorOptions.middle, (report) =>
      this.#send({ type: "report", report }),
    );
    this.port.onmessage = (event: MessageEvent<ToRenderer>) =>
      this.#renderer.handle(event.data, currentFrame);
  }

  process(_inputs: unknown, outputs: readonly (readonly Float32Array[])[]): boolean {
    const out = outputs[0]?.[0];
    if (out === undefined) return true;
    const alive = this.#renderer.process(out, currentFrame);
    if (this.#tap) this.#send({ type: "tap", frame: currentFrame, samples: new Float32Array(out) });
    return alive;
  }

  #send(message: FromProcessor): void {
    this.port.postMessage(message);
  }
}

registerProcessor(PROCESSOR, StreamProcessor);
