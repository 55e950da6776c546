/**
 * What one listening was like: when which sample became audible, and where the sound ran dry.
 *
 * A listening lasts from a start at the beginning to a stop or the end; pauses and seeks are part of
 * it. Times are seconds of the page's clock at which samples are *audible*, which for one just
 * rendered lies a few hundredths of a second ahead. Pure.
 */

import { Milestones } from "./milestones";
import type { Report } from "./output/renderer";

export interface DrySpell {
  /** Seconds in the take. */
  readonly at: number;
  /** When the silence became audible. */
  readonly from: number;
  /** When sound went on, or a person did something else; null while it lasts. */
  readonly to: number | null;
}

/** Samples of the take that sound one after the other. */
export interface Span {
  readonly sample: number;
  /** How many have been rendered for certain. */
  readonly count: number;
  /** When the first of them is audible. */
  readonly audible: number;
}

/** Seconds by which sound is elsewhere than it should be if the output stood still meanwhile. */
const SLIPPED = 0.02;

export class Listening {
  /** Which one of its page, from 1; 0: it has not begun. */
  number = 0;
  /** When it was to sound, and the browser let it. */
  asked: number | null = null;
  /** It began because somebody wanted it then or clicked, not because its turn had come. */
  byPerson = false;
  /** When which samples were handed to the output. */
  readonly decoded = new Milestones();
  #dry: readonly DrySpell[] = [];
  #disturbed: number | null = null;
  readonly #spans: Span[] = [];
  #sounding = false;
  #over = false;
  /** What sounds goes on where the last span ends. */
  #grows = false;

  begin(number: number, now: number, byPerson: boolean): void {
    this.number = number;
    this.asked = now;
    this.byPerson = byPerson;
  }

  /** The browser held sound back until somebody clicked, at `at`. */
  released(at: number): void {
    if (this.asked === null || at <= this.asked || this.sound !== null) return;
    this.asked = at;
    this.byPerson = true;
  }

  /** In the order they happened; a new list after each change. */
  get dry(): readonly DrySpell[] {
    return this.#dry;
  }

  get isDry(): boolean {
    return this.#dry.at(-1)?.to === null;
  }

  /** It was heard to its end: what comes now is another listening. */
  get isOver(): boolean {
    return this.#over;
  }

  /** When a person first paused it, ended it or went elsewhere in it; null if nobody did. */
  get disturbed(): number | null {
    return this.#disturbed;
  }

  /**
   * What has sounded, by sample, none of it twice: of what is heard again the first time counts. A
   * new one begins at each break, where the output stood still, and with each second of sound, as
   * the clocks drift apart.
   */
  get spans(): readonly Span[] {
    return this.#spans;
  }

  /** When its first sample became audible; null if none has. */
  get sound(): number | null {
    return this.#spans[0]?.audible ?? null;
  }

  disturb(now: number): void {
    if (this.#over) return;
    this.goesOn(now);
    this.#disturbed ??= now;
  }

  /**
   * The output reports on a sample of the take, which is one at `rate` Hz; `audible` tells when that
   * is or would be heard.
   */
  reported(event: Report["event"], sample: number, rate: number, audible: () => number): void {
    if (event === "playing") {
      this.sounds(sample, audible());
      return;
    }
    this.rendered(sample, rate, audible);
    if (event === "dry") this.ranDry(sample / rate, audible());
    else if (event !== "tick") this.breaks();
  }

  /** `sample` is being rendered, audible at `audible`: a start, or sound again after a silence. */
  sounds(sample: number, audible: number): void {
    this.goesOn(audible);
    this.breaks();
    this.#sounding = true;
    this.#grows = sample >= this.#reach;
    if (this.#grows) this.#spans.push({ sample, count: 1, audible });
  }

  /** It went on to sound: all before `sample` has been rendered. */
  rendered(sample: number, rate: number, audible: () => number): void {
    const reach = this.#reach;
    if (!this.#sounding || sample <= reach) return;
    const last = this.#spans.at(-1);
    if (last === undefined || !this.#grows) {
      // It was heard again up to here, and is new from here on.
      const count = sample - reach;
      this.#spans.push({ sample: reach, count, audible: audible() - count / rate });
      this.#grows = true;
      return;
    }
    const count = sample - last.sample;
    this.#spans.splice(-1, 1, { ...last, count });
    const at = audible();
    const off = Math.abs(at - last.audible - count / rate);
    if (count >= rate || off > SLIPPED) this.#spans.push({ sample, count: 0, audible: at });
  }

  /** It sounds no more, until it is said to again. */
  breaks(): void {
    this.#sounding = false;
    if (this.#spans.at(-1)?.count === 0) this.#spans.pop();
  }

  /** It has sounded up to the second `at` of the take, and is silent from `from` on. */
  ranDry(at: number, from: number): void {
    this.breaks();
    this.goesOn(from);
    this.#dry = [...this.#dry, { at, from, to: null }];
  }

  /** Sound is audible again, or nobody waits for it any more. */
  goesOn(to: number): void {
    const last = this.#dry.at(-1);
    if (last === undefined || last.to !== null) return;
    this.#dry = [...this.#dry.slice(0, -1), { ...last, to: Math.max(last.from, to) }];
  }

  /**
   * The take is over. A silence that still lasts was its end, which nobody had told yet, and no
   * dry spell; true if there was one.
   */
  ended(): boolean {
    const { isDry } = this;
    this.#over = true;
    if (isDry) this.#dry = this.#dry.slice(0, -1);
    return isDry;
  }

  /** The sample up to which it has sounded. */
  get #reach(): number {
    const last = this.#spans.at(-1);
    return last === undefined ? 0 : last.sample + last.count;
  }
}
