/** The output through an AudioWorklet: rendered in the audio thread, whatever the page does. */

import source from "worklet:./processor";
import { audibleAt, audibleFrame, Playhead } from "./clock";
import {
  type Output,
  PROCESSOR,
  type ProcessorOptions,
  READY,
  type Stream,
  type StreamOptions,
} from "./output";
import type { Cue, Report, ToRenderer } from "./renderer";

/** Load the processor into `context`; rejects where the page's policy forbids both kinds of URL. */
export async function workletOutput(context: AudioContext, to: AudioNode): Promise<Output> {
  await load(context);
  return {
    kind: "worklet",
    context,
    open: (options) => new WorkletStream(context, to, options),
  };
}

async function load(context: AudioContext): Promise<void> {
  const blob = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    await context.audioWorklet.addModule(blob);
  } catch {
    // Some hosts' policies forbid blob: and allow data:.
    await context.audioWorklet.addModule(
      `data:text/javascript;charset=utf-8,${encodeURIComponent(source)}`,
    );
  } finally {
    URL.revokeObjectURL(blob);
  }
}

class WorkletStream implements Stream {
  readonly #context: AudioContext;
  readonly #node: AudioWorkletNode;
  readonly #playhead = new Playhead();
  readonly ready: Promise<void>;
  #closed = false;
  rendered = 0;

  constructor(context: AudioContext, to: AudioNode, options: StreamOptions) {
    this.#context = context;
    const processorOptions: ProcessorOptions = { middle: options.middle };
    this.#node = new AudioWorkletNode(context, PROCESSOR, {
      numberOfInputs: 0,
      numberOfOutputs: 1,
      outputChannelCount: [1],
      processorOptions,
    });
    this.ready = new Promise((ready) => {
      this.#node.port.onmessage = ({ data }: MessageEvent<Report | typeof READY>) => {
        if (data === READY) ready();
        else this.#reported(data, options.onReport);
      };
    });
    this.#node.connect(to);
  }

  push(samples: Float32Array<ArrayBuffer>): void {
    this.#send({ type: "push", samples }, [samples.buffer]);
  }
  go(cue?: Cue): void {
    this.#send(cue === undefined ? { type: "go" } : { type: "go", cue });
  }
  hold(): void {
    this.#send({ type: "hold" });
  }
  end(): void {
    this.#send({ type: "end" });
  }
  close(cue?: Cue): void {
    this.#closed = true;
    this.#send(cue === undefined ? { type: "close" } : { type: "close", cue });
    // Where the context is suspended the processor never answers.
    if (this.#context.state !== "running") this.#node.disconnect();
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

  #reported(report: Report, onReport: (report: Report) => void): void {
    this.#playhead.note(report);
    this.rendered = report.position;
    if (report.event === "ended" || report.event === "closed") this.#node.disconnect();
    if (!this.#closed) onReport(report);
  }

  #send(message: ToRenderer, transfer: Transferable[] = []): void {
    this.#node.port.postMessage(message, transfer);
  }
}
