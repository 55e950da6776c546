import { beforeAll, describe, expect, it } from "vitest";
import { READY, SETTLE_SECONDS } from "../../src/output/output";
import type { Report, ToRenderer } from "../../src/output/renderer";
import { samples } from "../random";

interface Port {
  onmessage: ((event: { data: ToRenderer }) => void) | null;
  postMessage(message: Report | typeof READY): void;
}
interface Processor {
  readonly port: Port;
  process(inputs: unknown, outputs: readonly (readonly Float32Array[])[]): boolean;
}
type Make = new (options: { processorOptions: { middle: boolean } }) => Processor;

const registered = new Map<string, Make>();
const sent: (Report | typeof READY)[] = [];
const scope = { sampleRate: 24_000, currentFrame: 0 };

/** What an AudioWorkletGlobalScope offers to a processor. */
beforeAll(async () => {
  class AudioWorkletProcessor {
    readonly port: Port = { onmessage: null, postMessage: (message) => sent.push(message) };
  }
  Object.assign(globalThis, {
    AudioWorkletProcessor,
    registerProcessor: (name: string, make: Make) => registered.set(name, make),
    sampleRate: scope.sampleRate,
  });
  Object.defineProperty(globalThis, "currentFrame", { get: () => scope.currentFrame });
  await import("../../src/output/processor");
});

describe("the worklet's processor", () => {
  it("plays what its port is given once the context has settled, and says when", () => {
    const Make = registered.get("cartesia-nb-stream");
    if (Make === undefined) throw new Error("not registered");
    const processor = new Make({ processorOptions: { middle: false } });
    const wanted = samples(300, 8);
    const tell = (data: ToRenderer) => processor.port.onmessage?.({ data });
    tell({ type: "push", samples: wanted.slice() });
    tell({ type: "end" });
    tell({ type: "go" });
    const out: number[] = [];
    let alive = true;
    while (alive) {
      const block = new Float32Array(128);
      alive = processor.process([], [[block]]);
      out.push(...block);
      scope.currentFrame += 128;
    }
    const settled = Math.ceil((SETTLE_SECONDS * scope.sampleRate) / 128) * 128;
    expect(out.slice(0, settled).every((sample) => sample === 0)).toBe(true);
    expect(Float32Array.from(out.slice(settled, settled + 300))).toEqual(wanted);
    expect(sent.map((said) => (said === READY ? said : said.event))).toEqual([
      "ready",
      "playing",
      "ended",
    ]);
  });
});
