/** The AudioWorklet's side: a Renderer and its messages. */

import { PROCESSOR, type ProcessorOptions, READY, SETTLE_SECONDS } from "./output";
import { Renderer, type Report, type ToRenderer } from "./renderer";

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
  #ready = false;

  constructor(options: { processorOptions: ProcessorOptions }) {
    super();
    this.#renderer = new Renderer(sampleRate, options.processorOptions.middle, (report: Report) =>
      this.port.postMessage(report),
    );
    this.port.onmessage = (event: MessageEvent<ToRenderer>) =>
      this.#renderer.handle(event.data, currentFrame);
  }

  process(_inputs: unknown, outputs: readonly (readonly Float32Array[])[]): boolean {
    const out = outputs[0]?.[0];
    if (out === undefined || currentFrame < SETTLE_SECONDS * sampleRate) return true;
    if (!this.#ready) this.port.postMessage(READY);
    this.#ready = true;
    return this.#renderer.process(out, currentFrame);
  }
}

registerProcessor(PROCESSOR, StreamProcessor);
