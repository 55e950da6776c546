/**
 * What one listening was like: when its first sample became audible, and where the sound ran dry.
 *
 * A listening lasts from a start at the beginning to a stop or the end; pauses and seeks are part of
 * it. Times are seconds of the page's clock at which samples are *audible*, which for one just
 * rendered lies a few hundredths of a second ahead. Pure.
 */

export interface DrySpell {
  /** Seconds in the take. */
  readonly at: number;
  /** When the silence became audible. */
  readonly from: number;
  /** When sound went on, or a person did something else; null while it lasts. */
  readonly to: number | null;
}

export class Listening {
  #dry: readonly DrySpell[] = [];
  #disturbed: number | null = null;

  /** In the order they happened; a new list after each change. */
  get dry(): readonly DrySpell[] {
    return this.#dry;
  }

  get isDry(): boolean {
    return this.#dry.at(-1)?.to === null;
  }

  /** When a person first paused it, ended it or went elsewhere in it; null if nobody did. */
  get disturbed(): number | null {
    return this.#disturbed;
  }

  disturb(now: number): void {
    this.goesOn(now);
    this.#disturbed ??= now;
  }

  ranDry(at: number, from: number): void {
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
    if (isDry) this.#dry = this.#dry.slice(0, -1);
    return isDry;
  }
}
