/** What is known of an output that says how far its sound is from the ear. */

import { outputError, outputLatency } from "./clock";
import type { Output } from "./output";

export interface OutputFacts {
  readonly kind: Output["kind"];
  /** Hz. */
  readonly rate: number;
  /** Seconds from rendering to the ear, as the browser says; null where it does not. */
  readonly latency: number | null;
  /** How far, in seconds, the moments at which something is audible may be wrong; null: unknown. */
  readonly error: number | null;
}

export function outputFacts({ kind, context }: Output): OutputFacts {
  return {
    kind,
    rate: context.sampleRate,
    latency: outputLatency(context),
    error: outputError(context),
  };
}
