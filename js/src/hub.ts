/**
 * What all Speakers and Players of one page share: the floor, the outputs, and who is there.
 *
 * Every widget model imports an instance of this code of its own, so what is shared hangs on one
 * key of `globalThis`; the first to come makes it.
 */

import type { Deck } from "./deck";
import { Floor, type Step } from "./floor/floor";
import { Outputs } from "./output/outputs";
import type { Cue } from "./output/renderer";
import type { Entry, Playback } from "./playback";
import { Budget } from "./take/budget";
import type { Looks } from "./view/looks";

export const HUB = Symbol.for("cartesia_nb");

/** What the Speaker's model offers to Players. */
export interface SpeakerExports {
  readonly speaker_id: string;
  /** Show the take in `el` until `signal` is aborted; without `looks`, all of it. */
  mount(take: string, el: HTMLElement, signal: AbortSignal, looks?: Looks): void;
  /**
   * Compare takes, of which one is heard at a time; until `signal` is aborted all of them are kept at
   * hand. At least one, none twice.
   */
  deck(takes: readonly string[], signal: AbortSignal): Deck;
  /** What has come and been refused so far; for tests and for people who look. */
  stats(): { readonly messages: number; readonly refused: number; readonly asked: number };
}

export interface Hub {
  /** Made anew by each load of the page. */
  readonly page: string;
  readonly speakers: Map<string, SpeakerExports>;
  readonly stage: Stage;
  readonly outputs: Outputs;
  /** How many bytes of sound the page keeps. */
  readonly budget: Budget;
  /** Messages that could not be used, or not whole, over all Speakers; reasons are in the console. */
  refused: number;
}

interface Hubbed {
  [HUB]?: Hub;
}

export function hub(): Hub {
  const shared = globalThis as Hubbed;
  if (shared[HUB] === undefined) {
    const stage = new Stage();
    shared[HUB] = {
      page: randomName(),
      speakers: new Map(),
      stage,
      outputs: new Outputs(() => stage.sounding),
      budget: new Budget(),
      refused: 0,
    };
  }
  return shared[HUB];
}

/** The floor, and the playbacks of all takes that may stand on it, by a name unique in the page. */
export class Stage {
  readonly #floor = new Floor();
  readonly #playbacks = new Map<string, Playback>();
  readonly #left = new Map<string, () => boolean>();

  /** `left`: whether it was shown to somebody, and is no longer. */
  add(name: string, playback: Playback, left: () => boolean): void {
    this.#playbacks.set(name, playback);
    this.#left.set(name, left);
  }

  remove(name: string): void {
    this.#playbacks.get(name)?.stop();
    this.#do(this.#floor.ended(name));
    this.#playbacks.delete(name);
    this.#left.delete(name);
  }

  playback(name: string): Playback | undefined {
    return this.#playbacks.get(name);
  }

  get sounding(): boolean {
    return [...this.#playbacks.values()].some((playback) => playback.active);
  }

  waiting(name: string): boolean {
    return this.#floor.waiting(name);
  }

  said(name: string, interrupt: boolean): void {
    this.#endLeft();
    this.#do(this.#floor.said(name, interrupt));
  }

  play(name: string): void {
    this.#do(this.#floor.play(name));
  }

  /** `to` begins by its entry where `from` leaves by its exit. */
  handOver(from: string, to: string, entry: Entry, exit: Cue): void {
    for (const { act, take } of this.#floor.handOver(from, to)) {
      const playback = this.#playbacks.get(take);
      if (act === "start" && take === to) playback?.start(entry);
      else if (act === "pause" && take === from) playback?.pause(exit);
      else playback?.[act]();
    }
    this.#show();
  }

  pause(name: string): void {
    this.#do(this.#floor.pause(name));
  }

  stop(name: string | null): void {
    this.#do(this.#floor.stop(name));
  }

  ended(name: string): void {
    this.#do(this.#floor.ended(name));
  }

  /**
   * A cell that is run again has lost its player: what it was saying gives way to what is said
   * now, as nothing on the page could stop it any more.
   */
  #endLeft(): void {
    for (const [name, playback] of [...this.#playbacks]) {
      const unseen = this.#left.get(name)?.() ?? false;
      if (unseen && (playback.active || this.waiting(name))) this.stop(name);
    }
  }

  #do(steps: readonly Step[]): void {
    for (const { act, take } of steps) this.#playbacks.get(take)?.[act]();
    this.#show();
  }

  #show(): void {
    // Who waits shows so in every player.
    for (const playback of this.#playbacks.values()) playback.take.changed();
  }
}

/** Not `crypto.randomUUID`: a page on plain http has none. */
function randomName(): string {
  const words = crypto.getRandomValues(new Uint32Array(4));
  return [...words].map((word) => word.toString(36)).join("");
}
