/**
 * The page's audio contexts: one per sample rate in use, made as early as a take is announced.
 *
 * A browser may hold sound back until a person has clicked or typed; any gesture in the page then
 * lets it go. What was queued meanwhile waits in the stream and is played from its start.
 */

import { clock } from "../link";
import type { OutputKind } from "../messages";
import type { Output } from "./output";
import { resampledOutput } from "./resampled";
import { scheduledOutput } from "./scheduled";
import { workletOutput } from "./worklet";

/** How long `resume()` may take before the player asks for a click, in milliseconds. */
const PATIENCE = 400;
/** Milliseconds of silence after which contexts rest: a running one costs power, playing or not. */
const REST_AFTER = 60_000;
/** Contexts kept open; the least recently used is closed when another rate is asked for. */
const KEPT = 2;

interface Slot {
  /** Suspended by us, not by the browser. */
  resting: boolean;
  readonly context: AudioContext;
  readonly gain: GainNode;
  readonly output: Promise<Output>;
}

export class Outputs {
  readonly #slots = new Map<number, Slot>();
  readonly #listeners = new Set<() => void>();
  #volume = 1;
  #blocked = false;
  /** When a person last did something while the browser held sound back, and when that helped. */
  #gesture: number | null = null;
  #released: number | null = null;
  #lastUsed = 0;

  /** `sounding`: whether anything plays or is about to. */
  constructor(sounding: () => boolean) {
    setInterval(() => {
      if (sounding()) this.#lastUsed = performance.now();
      else if (performance.now() - this.#lastUsed > REST_AFTER) this.#rest();
    }, REST_AFTER / 4);
    for (const gesture of ["pointerdown", "pointerup", "keydown", "touchend"]) {
      // In the capture phase, before any host can keep the event to itself.
      globalThis.addEventListener?.(gesture, () => this.wake(), { capture: true, passive: true });
    }
  }

  static get kind(): OutputKind {
    if (typeof AudioContext === "undefined") return "none";
    return "audioWorklet" in AudioContext.prototype ? "worklet" : "scheduled";
  }

  /** The browser waits for a gesture before anything may sound. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** When somebody's click or key let go of what the browser had held back; null: none ever did. */
  get released(): number | null {
    return this.#released;
  }

  get volume(): number {
    return this.#volume;
  }

  /** 0 to 1; at 1 samples go through unaltered. */
  set volume(value: number) {
    const volume = Math.min(1, Math.max(0, value));
    if (volume === this.#volume) return;
    this.#volume = volume;
    for (const { gain, context } of this.#slots.values()) {
      // Not an exponential approach: full volume must become exactly 1 again.
      const now = context.currentTime;
      gain.gain.cancelScheduledValues(now);
      gain.gain.setValueAtTime(gain.gain.value, now);
      gain.gain.linearRampToValueAtTime(volume, now + 0.02);
    }
    this.#changed();
  }

  onChange(listener: () => void, signal?: AbortSignal): void {
    this.#listeners.add(listener);
    signal?.addEventListener("abort", () => this.#listeners.delete(listener));
  }

  /** The output at `rate`; rejects with a sentence to show where there is none. */
  async get(rate: number): Promise<Output> {
    const slot = this.#slots.get(rate) ?? this.#make(rate);
    // Moved to the end: the first of the map is the least recently used.
    this.#slots.delete(rate);
    this.#slots.set(rate, slot);
    this.#lastUsed = performance.now();
    slot.resting = false;
    this.#resume(slot.context);
    return slot.output;
  }

  /** Let go of what was held back, if the browser now allows it. */
  wake(): void {
    if (this.#blocked) this.#gesture = clock();
    for (const { context, resting } of this.#slots.values()) {
      if (context.state !== "running" && !resting) this.#resume(context);
    }
  }

  #rest(): void {
    for (const slot of this.#slots.values()) {
      if (slot.context.state !== "running") continue;
      slot.resting = true;
      void slot.context.suspend().catch(() => {});
    }
  }

  #make(rate: number): Slot {
    if (typeof AudioContext === "undefined") throw new Error("This browser has no Web Audio.");
    let context: AudioContext;
    try {
      context = contextAt(rate);
    } catch (error) {
      throw new Error(`This browser cannot play sound (${String(error)}).`);
    }
    const gain = context.createGain();
    gain.gain.value = this.#volume;
    context.addEventListener("statechange", () => this.#look());
    const output = this.#open(context, gain, rate);
    const slot: Slot = { resting: false, context, gain, output };
    for (const [other, { context: old }] of this.#slots) {
      if (this.#slots.size < KEPT) break;
      this.#slots.delete(other);
      void old.close().catch(() => {});
    }
    this.#slots.set(rate, slot);
    return slot;
  }

  async #open(context: AudioContext, gain: GainNode, rate: number): Promise<Output> {
    let output: Output;
    try {
      if (context.audioWorklet === undefined) throw new Error("this page is not a secure context");
      output = await workletOutput(context, gain);
    } catch (error) {
      console.warn("[cartesia_nb] no AudioWorklet here, scheduling instead:", error);
      output = scheduledOutput(context, gain);
    }
    gain.connect(context.destination);
    return context.sampleRate === rate ? output : resampledOutput(output, rate);
  }

  #resume(context: AudioContext): void {
    if (context.state === "running" || context.state === "closed") return;
    void context.resume().then(
      () => this.#look(),
      () => this.#look(),
    );
    setTimeout(() => this.#look(), PATIENCE);
  }

  #look(): void {
    const blocked = [...this.#slots.values()].some(
      ({ context, resting }) =>
        !resting && context.state !== "running" && context.state !== "closed",
    );
    if (blocked === this.#blocked) return;
    this.#blocked = blocked;
    if (!blocked) this.#released = this.#gesture ?? this.#released;
    this.#gesture = null;
    this.#changed();
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** At the stream's rate, or where the browser refuses that at its own. */
function contextAt(rate: number): AudioContext {
  try {
    return new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
  } catch {
    return new AudioContext({ latencyHint: "interactive" });
  }
}
