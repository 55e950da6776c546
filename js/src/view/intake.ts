/**
 * Brings a take's samples into a spectrogram, in portions, so that no frame of the page is held up.
 * Knows no canvas.
 */

import { paletteOf } from "../spectro/colours";
import type { Scale } from "../spectro/mel";
import { Spectrogram } from "../spectro/spectrogram";
import type { Take } from "../take/take";
import type { Theme } from "./theme";

/** Milliseconds of one frame that may go into it. */
const BUDGET_MS = 3;
/** Seconds of sound in one portion: about a third of a millisecond. */
const PORTION = 0.1;
/** The highest frequency, in Hz: speech has little above it. */
const TOP = 8000;
export const ROWS = 160;
/**
 * What the colours tell apart, in dB. The same for every take and from its first moment on: one
 * that followed the loudest so far would change the whole picture while it streams.
 */
export const RANGE = { low: -80, high: -10 } as const;

type Source = Pick<
  Take,
  "rate" | "total" | "cut" | "away" | "store" | "sampleBytes" | "reach" | "resumes" | "samples"
>;

export class Intake {
  readonly #take: Source;
  #scale: Scale = "mel";
  #theme: Theme = "light";
  #now: Spectrogram | null = null;
  /** Another one, until it has caught up: the picture is never empty for a change of scale. */
  #next: Spectrogram | null = null;
  #finished = false;
  /** Some of what was taken in was not here then, and may be again. */
  #holes = false;

  constructor(take: Source) {
    this.#take = take;
  }

  /** What is shown; null before the take's rate is known. */
  get shown(): Spectrogram | null {
    return this.#now;
  }

  get scale(): Scale {
    return this.#scale;
  }

  set scale(scale: Scale) {
    if (scale === this.#scale) return;
    this.#scale = scale;
    if (this.#now !== null) this.#again();
  }

  recolour(theme: Theme): void {
    this.#theme = theme;
    for (const one of [this.#now, this.#next]) one?.picture.recolour(paletteOf(theme));
  }

  /** Take in what has come, for a few milliseconds; true while there is more. */
  step(clock: () => number = () => performance.now()): boolean {
    const take = this.#take;
    if (take.rate === 0) return false;
    this.#now ??= this.#make();
    // The end that was believed was none, or what was let go is here again.
    const wrong = this.#finished && this.#into.received !== (take.total ?? -1);
    if (wrong || (this.#holes && !take.away)) this.#again();
    if (this.#finished) return false;
    const until = clock() + BUDGET_MS;
    const portion = Math.ceil(PORTION * take.rate);
    do {
      const from = this.#into.received;
      const reach = Math.min(take.reach(from), from + portion);
      if (reach > from) this.#into.push(take.samples(from, reach));
      else {
        const gone = this.#goneUntil(from);
        const resumed = gone ?? (take.cut ? take.resumes(from) : null);
        if (resumed === null) {
          this.#caughtUp();
          return false;
        }
        // What lies behind what is not here is worth seeing all the same.
        this.#holes ||= gone !== null;
        this.#into.push(new Float32Array(Math.min(resumed - from, portion)));
      }
    } while (clock() < until);
    return true;
  }

  get #into(): Spectrogram {
    const into = this.#next ?? this.#now;
    if (into === null) throw new Error("There is no spectrogram before the rate is known.");
    return into;
  }

  #make(): Spectrogram {
    const choices = { scale: this.#scale, frequency: TOP, rows: ROWS, theme: this.#theme };
    return new Spectrogram(this.#take.rate, { ...choices, range: RANGE });
  }

  #again(): void {
    this.#finished = false;
    this.#holes = false;
    this.#next = this.#make();
  }

  /** All that is here has been taken in. */
  #caughtUp(): void {
    const { total } = this.#take;
    if (total !== null && this.#into.received >= total) {
      this.#into.finish();
      this.#finished = true;
    }
    if (this.#next === null) return;
    this.#now = this.#next;
    this.#next = null;
  }

  /** Where, at `from`, what was let go to spare memory ends; null if that one was not. */
  #goneUntil(from: number): number | null {
    const { store, sampleBytes, away } = this.#take;
    if (!away) return null;
    const gone = store.gone(from * sampleBytes, store.end)[0];
    if (gone === undefined || gone[0] > from * sampleBytes) return null;
    return Math.ceil(gone[1] / sampleBytes);
  }
}
