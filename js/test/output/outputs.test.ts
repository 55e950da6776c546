import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Outputs } from "../../src/output/outputs";

/** A browser's context on a plain-http page, which plays some rates only. */
class FakeContext {
  static plays = (rate: number) => rate >= 0;
  readonly sampleRate: number;
  readonly destination = {};
  readonly currentTime = 0;
  state = "running";
  constructor({ sampleRate }: { sampleRate?: number }) {
    if (sampleRate !== undefined && !FakeContext.plays(sampleRate)) throw new Error("not that");
    this.sampleRate = sampleRate ?? 48_000;
  }
  createGain() {
    return { gain: { value: 1 }, connect() {} };
  }
  static allowed = true;
  addEventListener() {}
  async resume() {
    if (FakeContext.allowed) this.state = "running";
  }
  async close() {}
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("AudioContext", FakeContext);
  vi.spyOn(console, "warn").mockImplementation(() => {});
  FakeContext.plays = () => true;
  FakeContext.allowed = true;
});

afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("an output", () => {
  it("runs at the stream's rate where the browser plays that, and says what else is unusual", async () => {
    const output = await new Outputs(() => false).get(22_050);
    expect(output.context.sampleRate).toBe(22_050);
    expect(output.kind).toBe("scheduled");
    expect(output.unusual).toBe("sound without an AudioWorklet");
  });

  it("runs at the browser's rate where it refuses the stream's, and says so", async () => {
    FakeContext.plays = (rate) => rate >= 22_050;
    const output = await new Outputs(() => false).get(8000);
    expect(output.context.sampleRate).toBe(48_000);
    expect(output.unusual).toBe(
      "sound without an AudioWorklet, resampled to 48000 Hz, as this browser plays no 8000 Hz",
    );
  });

  it("that cannot be had at all rejects with a sentence", async () => {
    vi.stubGlobal(
      "AudioContext",
      class {
        constructor() {
          throw new Error("no device");
        }
      },
    );
    await expect(new Outputs(() => false).get(8000)).rejects.toThrow(
      "This browser cannot play sound (Error: no device).",
    );
  });

  it("that the browser holds back is let go by what somebody does, and when is known", async () => {
    const outputs = new Outputs(() => false);
    const { context } = await outputs.get(8000);
    expect(outputs.released).toBeNull();
    FakeContext.allowed = false;
    Object.assign(context, { state: "suspended" });
    await outputs.get(8000);
    await vi.advanceTimersByTimeAsync(1000);
    expect([outputs.blocked, outputs.released]).toEqual([true, null]);
    FakeContext.allowed = true;
    const clicked = performance.now() / 1000;
    outputs.wake();
    await vi.advanceTimersByTimeAsync(1000);
    expect([outputs.blocked, outputs.released]).toEqual([false, clicked]);
    // Nothing was held back then.
    outputs.wake();
    expect(outputs.released).toBe(clicked);
  });
});
