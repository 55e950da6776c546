/**
 * The output's time stamps: which of the context's moments the device plays at which of the page's,
 * which of them are to be believed, and how steady they are.
 *
 * It is the best that a page can know (Web Audio API, AudioContext.getOutputTimestamp). Against a
 * recorded loudspeaker Chromium 156's stamps were right to a millisecond, but for those that are not
 * believed here, for what its resampler keeps (`clock.ts`), and for slips.
 */

/** Seconds of the context's clock, and of the page's. */
export interface Stamp {
  readonly context: number;
  readonly page: number;
}

/** Milliseconds of age beyond which a time stamp may be one of before a rest. */
const STALE = 1000;
/** Seconds of a context's life in which Chromium's stamps are bounded at zero, and so too far on. */
const BOUNDED = 0.05;

/** Seconds in which stamps are compared: from a sample's rendering until it has been heard. */
const LATELY = 0.25;
/** Seconds for which a slip counts: until it has been told, which happens once a second and more. */
const KEPT = 2;

class Steadiness {
  #offsets: { readonly at: number; readonly offset: number }[] = [];
  #worst = { at: Number.NEGATIVE_INFINITY, by: 0 };

  note({ context, page }: Stamp, now: number): void {
    const last = this.#offsets.at(-1);
    if (last !== undefined && now - last.at > STALE / 1000) this.rest();
    // The last one stays beyond its time: while the audio thread stands still no other comes.
    while ((this.#offsets[1]?.at ?? now) < now - LATELY) this.#offsets.shift();
    this.#offsets.push({ at: now, offset: page - context });
    const offsets = this.#offsets.map(({ offset }) => offset);
    const by = Math.max(...offsets) - Math.min(...offsets);
    if (by >= this.#worst.by || now - this.#worst.at > KEPT) this.#worst = { at: now, by };
  }

  /** There is nothing to compare the next one with. */
  rest(): void {
    this.#offsets = [];
  }

  slipped(now: number): number {
    return now - this.#worst.at > KEPT ? 0 : this.#worst.by;
  }
}

const known = new WeakMap<AudioContext, Steadiness>();

/**
 * What the output's time stamp says; null where it is not to be believed. `now` in milliseconds.
 *
 * Before the device has first asked for sound, and again for some 10 ms after each rest, Chromium's
 * stamp has no time or one of long ago; at the start of a context it is bounded at zero.
 */
export function believed(context: AudioContext, now: number): Stamp | null {
  const steadiness = known.get(context);
  if (context.state !== "running") {
    steadiness?.rest();
    return null;
  }
  const { contextTime, performanceTime } = context.getOutputTimestamp?.() ?? {};
  if (contextTime === undefined || performanceTime === undefined) return null;
  if (performanceTime <= 0 || now - performanceTime > STALE || contextTime < BOUNDED) {
    steadiness?.rest();
    return null;
  }
  const stamp = { context: contextTime, page: performanceTime / 1000 };
  const kept = steadiness ?? new Steadiness();
  if (steadiness === undefined) known.set(context, kept);
  kept.note(stamp, now / 1000);
  return stamp;
}

/** Whether any of its time stamps was believed. */
export function stamps(context: AudioContext): boolean {
  return known.has(context);
}

/**
 * Seconds by which the context's moments lay elsewhere on the page's clock from one stamp to another
 * close to it, at worst of late. On a busy machine the device runs out of sound, or what waits for it
 * is skipped: then what was on its way is heard that much later or sooner than the stamps had said.
 */
export function slipped(context: AudioContext, now: number): number {
  return known.get(context)?.slipped(now / 1000) ?? 0;
}
