/**
 * Several takes of which one is heard at a time, and the way from one to another in mid-sentence.
 *
 * The one that is left sounds on until the other is ready to begin: its samples are here, its stream
 * runs. Then both are given a moment that lies a little ahead, of which it is known exactly which
 * sample of the one left falls on it; from there on the one fades out and the other in, from the place
 * in it that corresponds. Where both are of one rate that is one frame of one audio context, and what
 * is the same in both goes on without a seam.
 */

import type { Outputs } from "./output/outputs";
import type { Entry, Phase } from "./playback";
import type { Rendition } from "./rendition";
import type { Take } from "./take/take";
import { factsOf, type Status, statusOf } from "./view/text";

/** Where to go on: a second, or told by the second at which the one heard is left. */
export type Place = number | ((left: number) => number);

export interface Deck {
  readonly takes: readonly string[];
  /** The one that is heard, or would be. */
  readonly current: string;
  /** The one that is to be heard as soon as its sound is here; until then `current` goes on. */
  readonly awaited: string | null;
  /** How the playing of `current` stands, and the sentence about it that a player would show. */
  readonly phase: Phase;
  readonly status: Status;
  /** It is asked to sound, whether or not it does already. */
  readonly active: boolean;
  /** The browser waits for a click; another tab sounds: a person's `play` helps in both. */
  readonly blocked: boolean;
  readonly elsewhere: boolean;
  /** Whether the kernel can still be asked and told. */
  readonly reachable: boolean;
  /** 0 to 1, of all players of the page. */
  volume: number;
  /** Hear `take` (else the current one), from `to` (else where it stands) on. */
  play(take?: string, to?: Place): void;
  /** Make it the current one; it is heard if the one before was. */
  switchTo(take: string, to: Place): void;
  pause(): void;
  /** Go to a second of the current one. */
  seek(seconds: number): void;
  /** Second of a take that is audible, or at which it stands; of the current one if not said. */
  position(take?: string): number;
  /** What the page holds of a take. */
  take(take: string): Take;
  /** How much of it is here, 0 to 1; null while its length is not known. */
  here(take: string): number | null;
  onChange(listener: () => void, signal: AbortSignal): void;
}

/** Seconds ahead for which a hand-over is set: for the audio thread to hear of it in time. */
export const LEAD_SECONDS = 0.05;
/** Seconds in which the one fades into the other. */
export const FADE_SECONDS = 0.02;
/** Seconds that must be here for a switch. */
const ENOUGH = 0.25;
/** Seconds that a stream may take to run. */
const PATIENCE = 1;
/** Seconds before a take's end beyond which nothing is switched to: it would begin anew. */
const LAST = 0.02;

interface Wanted {
  readonly take: string;
  readonly to: Place;
}

export class SoundDeck implements Deck {
  readonly takes: readonly string[];
  readonly #renditions: ReadonlyMap<string, Rendition>;
  readonly #outputs: Outputs;
  readonly #listeners = new Set<() => void>();
  readonly #born = performance.now();
  #current: string;
  #wanted: Wanted | null = null;
  /** A stream that is being got ready, and for which take. */
  #arming: string | null = null;
  #armed: { readonly take: string; readonly entry: Omit<Entry, "cue"> } | null = null;
  /** When the last hand-over was set; null once it is settled. Milliseconds. */
  #set: number | null = null;

  /** At least one; by their takes' ids. */
  constructor(
    renditions: ReadonlyMap<string, Rendition>,
    outputs: Outputs,
    readonly signal: AbortSignal,
  ) {
    const [first] = renditions.keys();
    if (first === undefined) throw new Error("there is nothing to listen to");
    this.takes = [...renditions.keys()];
    this.#renditions = renditions;
    this.#outputs = outputs;
    this.#current = first;
    for (const rendition of renditions.values()) {
      rendition.compared(signal);
      rendition.take.onChange(() => {
        this.#step();
        this.#changed();
      }, signal);
    }
    outputs.onChange(() => this.#changed(), signal);
    signal.addEventListener("abort", () => {
      this.#wanted = null;
      this.#disarm();
    });
  }

  get current(): string {
    return this.#current;
  }

  get awaited(): string | null {
    return this.#wanted?.take ?? null;
  }

  get phase(): Phase {
    return this.#now.playback.phase;
  }

  get status(): Status {
    return statusOf(factsOf(this.#now, (performance.now() - this.#born) / 1000));
  }

  get active(): boolean {
    return this.#now.playback.active;
  }

  get blocked(): boolean {
    return this.#now.blocked;
  }

  get elsewhere(): boolean {
    return this.#now.elsewhere;
  }

  get reachable(): boolean {
    return this.#now.reachable;
  }

  get volume(): number {
    return this.#outputs.volume;
  }

  set volume(volume: number) {
    this.#outputs.volume = volume;
  }

  play(take = this.#current, to?: Place): void {
    this.#outputs.wake();
    if (this.#sounds) {
      if (take !== this.#current) this.#want({ take, to: to ?? this.position(take) });
      else if (typeof to === "number") this.seek(to);
      else this.#give();
      this.#changed();
      return;
    }
    this.#turn(take, to);
    this.#now.play();
  }

  switchTo(take: string, to: Place): void {
    if (this.active) this.play(take, to);
    else this.#turn(take, to);
  }

  pause(): void {
    this.#give();
    this.#now.pause();
    this.#changed();
  }

  seek(seconds: number): void {
    this.#give();
    this.#now.seek(seconds);
  }

  position(take = this.#current): number {
    return this.#of(take).playback.position;
  }

  take(take: string): Take {
    return this.#of(take).take;
  }

  here(take: string): number | null {
    const { store, promised, settled, cut } = this.take(take);
    if (!settled && !cut) return null;
    return promised.bytes === 0 ? 1 : store.size / promised.bytes;
  }

  onChange(listener: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener));
  }

  #of(take: string): Rendition {
    const rendition = this.#renditions.get(take);
    if (rendition === undefined) throw new Error(`${take} is not among what is compared`);
    return rendition;
  }

  get #now(): Rendition {
    return this.#of(this.#current);
  }

  /** Something is heard, or is just about to be, that a switch would break off. */
  get #sounds(): boolean {
    return (this.phase === "playing" || this.#enters) && !this.blocked;
  }

  /** A hand-over to the current one is set, and its moment has not come. */
  get #enters(): boolean {
    if (this.#set === null) return false;
    const early = performance.now() - this.#set < 1000 * PATIENCE;
    if (!early || this.phase !== "waiting") this.#set = null;
    return this.#set !== null;
  }

  /** Make `take` the current one without a hand-over; what was heard is silent. */
  #turn(take: string, to: Place | undefined): void {
    this.#give();
    const left = this.#now;
    if (to !== undefined) {
      const seconds = place(to, left.playback.position);
      if (take !== this.#current && left.playback.active) left.pause();
      this.#current = take;
      this.#now.seek(seconds);
    } else {
      if (take !== this.#current && left.playback.active) left.pause();
      this.#current = take;
    }
    this.#changed();
  }

  #want(wanted: Wanted): void {
    this.#wanted = wanted;
    if (this.#armed?.take !== wanted.take) this.#disarm();
    const next = this.#of(wanted.take);
    const seconds = place(wanted.to, this.position());
    // What was let go is fetched again.
    if (!this.#ready(next, seconds)) next.seek(seconds);
    this.#step();
  }

  /** Give up a switch that has not been made. */
  #give(): void {
    this.#wanted = null;
    this.#disarm();
  }

  #disarm(): void {
    this.#armed?.entry.stream.close();
    this.#armed = null;
  }

  /** Enough of it is here to go on from `seconds`. */
  #ready({ take, playback }: Rendition, seconds: number): boolean {
    if (take.rate === 0) return false;
    const from = Math.round(seconds * take.rate);
    const enough = from + Math.max(ENOUGH, playback.prebuffer.seconds) * take.rate;
    return take.reach(from) >= Math.min(enough, take.total ?? Number.POSITIVE_INFINITY);
  }

  /** Go on with a switch that is wanted, as far as it can now. */
  #step(): void {
    const wanted = this.#wanted;
    // From one that only begins nobody is led on; its beginning is told.
    if (wanted === null || this.#enters) return;
    const next = this.#of(wanted.take);
    const ready = this.#ready(next, place(wanted.to, this.position()));
    const hopeless = !ready && !next.reachable;
    if (!this.#sounds || hopeless) {
      // Nothing is heard any more that could be left without a gap; or there is nothing to wait for,
      // which its own status says.
      const { phase } = this;
      this.#turn(wanted.take, wanted.to);
      if (phase === "ended" || phase === "waiting" || hopeless) next.play();
    } else if (ready && this.#armed === null) void this.#arm(wanted.take);
    else if (ready) this.#cross(wanted, next);
  }

  async #arm(take: string): Promise<void> {
    if (this.#arming === take) return;
    this.#arming = take;
    const given = this.#of(take).playback.arm();
    const late = new Promise<null>((done) => setTimeout(() => done(null), 1000 * PATIENCE));
    const entry = await Promise.race([given, late]).catch(() => null);
    if (this.#arming === take) this.#arming = null;
    const wanted = this.#wanted?.take === take && this.#armed === null;
    if (entry === null || !wanted) void given.then(({ stream }) => stream.close()).catch(() => {});
    if (!wanted || this.#wanted === null) return;
    if (entry !== null) {
      this.#armed = { take, entry };
      this.#step();
      return;
    }
    // It cannot be had without a gap: it says itself what is wrong.
    this.#turn(take, this.#wanted.to);
    this.#now.play();
  }

  #cross({ take, to }: Wanted, next: Rendition): void {
    const left = this.#now;
    const entry = this.#armed?.entry;
    const from = left.playback.output?.context;
    if (entry === undefined || from === undefined) return;
    const [leave, begin] = frames(from, left, entry);
    const seconds = Math.min(place(to, left.playback.due(leave)), next.take.known - LAST);
    this.#wanted = null;
    this.#armed = null;
    this.#current = take;
    this.#set = performance.now();
    setTimeout(() => this.#step(), 1000 * PATIENCE);
    const fade = FADE_SECONDS;
    const enter = { ...entry, cue: { frame: begin, fade } };
    next.takeOver(left, Math.max(0, seconds), enter, { frame: leave, fade });
    this.#changed();
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function place(to: Place, left: number): number {
  return typeof to === "number" ? to : to(left);
}

/** The frames at which `left` is to end and the other to begin: one moment for the ear. */
function frames(
  from: AudioContext,
  left: Rendition,
  { output, stream }: Omit<Entry, "cue">,
): readonly [number, number] {
  const soon = (context: AudioContext) =>
    Math.ceil((context.currentTime + LEAD_SECONDS) * context.sampleRate);
  const leave = soon(from);
  const { context } = output;
  if (context === from) return [leave, leave];
  const moment = left.playback.when(leave);
  const begin = soon(context);
  if (moment === null) return [leave, begin];
  // What of either is nearer to the ear waits for the other.
  const later = stream.when(begin) - moment;
  if (later >= 0) return [leave + Math.round(later * from.sampleRate), begin];
  return [leave, begin + Math.round(-later * context.sampleRate)];
}
