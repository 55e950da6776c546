/**
 * The page's audio contexts: one per sample rate in use, made as early as a take is announced.
 *
 * A browser may hold sound back until a person has clicked or typed; any gesture in the page then
 * lets it go. What was queued meanwhile waits in the stream and is played from its start.
 */

import type { OutputKind } from "../messages";
import type { Output } from "./output";
import { scheduledOutput } from "./scheduled";
import { workletOutput } from "./worklet";

/** How long `resume()` may take before the player asks for a click, in milliseconds. */
const PATIENCE = 400;
/** Contexts kept open; the least recently used is closed when another rate is asked for. */
const KEPT = 2;

interface Slot {
  readonly context: AudioContext;
  readonly gain: GainNode;
  readonly output: Promise<Output>;
}

export class Outputs {
  readonly #slots = new Map<number, Slot>();
  readonly #listeners = new Set<() => void>();
  #volume = 1;
  #blocked = false;

  constructor() {
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

  get volume(): number {
    return this.#volume;
  }

  /** 0 to 1; at 1 samples go through unaltered. */
  set volume(value: number) {
    this.#volume = Math.min(1, Math.max(0, value));
    for (const { gain, context } of this.#slots.values()) {
      gain.gain.setTargetAtTime(this.#volume, context.currentTime, 0.01);
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
    this.#resume(slot.context);
    return slot.output;
  }

  /** Let go of what was held back, if the browser now allows it. */
  wake(): void {
    for (const { context } of this.#slots.values()) {
      if (context.state !== "running") this.#resume(context);
    }
  }

  #make(rate: number): Slot {
    if (typeof AudioContext === "undefined") throw new Error("This browser has no Web Audio.");
    let context: AudioContext;
    try {
      context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
    } catch (error) {
      throw new Error(`This browser cannot play ${rate} Hz (${String(error)}).`);
    }
    const gain = context.createGain();
    gain.gain.value = this.#volume;
    gain.connect(context.destination);
    context.addEventListener("statechange", () => this.#look());
    const output = (
      "audioWorklet" in context
        ? workletOutput(context, gain).catch((error: unknown) => {
            console.warn("[cartesia_nb] no AudioWorklet here, scheduling instead:", error);
            return scheduledOutput(context, gain);
          })
        : Promise.resolve(scheduledOutput(context, gain))
    ) as Promise<Output>;
    const slot: Slot = { context, gain, output };
    for (const [other, { context: old }] of this.#slots) {
      if (this.#slots.size < KEPT) break;
      this.#slots.delete(other);
      void old.close().catch(() => {});
    }
    this.#slots.set(rate, slot);
    return slot;
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
      ({ context }) => context.state !== "running" && context.state !== "closed",
    );
    if (blocked === this.#blocked) return;
    this.#blocked = blocked;
    this.#changed();
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
