/** How a trial stands in this page: what was heard of it, and what is to be answered. Pure. */

/** Milliseconds without another trial after which it is said that the kernel is waited for. */
export const PATIENCE = 500;

export interface Answer {
  readonly type: "answer";
  readonly trial: number;
  readonly choice: string;
  /** Since the trial was shown. */
  readonly seconds: number;
  readonly switches: number;
  /** Seconds that each stimulus was heard. */
  readonly heard: readonly number[];
}

export class Trial {
  readonly number: number;
  readonly #names: readonly string[];
  readonly #shown: number;
  readonly #heard: number[];
  readonly #begun: boolean[];
  /** The stimulus that sounds, since when, and the one that was heard last. */
  #sounding: number | null = null;
  #at = 0;
  #last: number | null = null;
  #switches = 0;
  #chosen: string | null = null;
  #answered: number | null = null;

  /** `now`: of the page's clock, in milliseconds, as everywhere here. */
  constructor(number: number, names: readonly string[], now: number) {
    this.number = number;
    this.#names = names;
    this.#shown = now;
    this.#heard = names.map(() => 0);
    this.#begun = names.map(() => false);
  }

  get chosen(): string | null {
    return this.#chosen;
  }

  get answered(): boolean {
    return this.#answered !== null;
  }

  /** The stimuli that were not begun yet, by their names. */
  get unheard(): readonly string[] {
    return this.#names.filter((_, index) => !this.#begun[index]);
  }

  /** It may be answered. */
  get open(): boolean {
    return this.unheard.length === 0 && !this.answered;
  }

  /** Stimulus `index` sounds now; null: none does. */
  sounds(index: number | null, now: number): void {
    const before = this.#sounding;
    if (before !== null) this.#heard[before] = (this.#heard[before] ?? 0) + (now - this.#at) / 1000;
    this.#at = now;
    this.#sounding = index;
    if (index === null) return;
    this.#begun[index] = true;
    if (this.#last !== null && this.#last !== index) this.#switches++;
    this.#last = index;
  }

  choose(choice: string): boolean {
    if (!this.open) return false;
    this.#chosen = choice;
    return true;
  }

  /** The answer that was chosen, once. */
  confirm(now: number): Answer | null {
    if (!this.open || this.#chosen === null) return null;
    this.sounds(this.#sounding, now);
    this.#answered = now;
    return {
      type: "answer",
      trial: this.number,
      choice: this.#chosen,
      seconds: (now - this.#shown) / 1000,
      switches: this.#switches,
      heard: this.#heard.map((seconds) => Math.round(seconds * 1000) / 1000),
    };
  }

  /** It was answered, and the kernel has not said anything since. */
  waits(now: number): boolean {
    return this.#answered !== null && now - this.#answered >= PATIENCE;
  }
}

/** "A", "A and B", "A, B and X". */
export function listed(names: readonly string[]): string {
  const [last = ""] = names.slice(-1);
  const first = names.slice(0, -1);
  return first.length === 0 ? last : `${first.join(", ")} and ${last}`;
}
