/** A region of a take that is played again and again: where it is, and when to go back. Pure. */

export interface Region {
  readonly from: number;
  readonly to: number;
}

/** Seconds; less than this is a slip of the hand. */
export const SHORTEST = 0.1;
/** Seconds chosen around the playhead when nothing was. */
const CHOSEN = 2;
/** Seconds before the end of what is heard at which to go back: what is on its way still sounds. */
export const LEAD = 0.03;
/** Seconds before a take's own end: one that has ended gives the floor away. */
const BEFORE_END = 0.06;

export class Loop {
  #region: Region | null = null;
  #on = false;

  /** The region that is shown and played; null while looping is off. */
  get region(): Region | null {
    return this.#on ? this.#region : null;
  }

  /** Choose from `a` to `b`, in any order; false if that is too short. */
  select(a: number, b: number, length: number): boolean {
    const from = Math.max(0, Math.min(a, b));
    const to = Math.min(length, Math.max(a, b));
    if (!(to - from >= SHORTEST - 1e-9)) return false;
    this.#region = { from, to };
    this.#on = true;
    return true;
  }

  /** Begin it at `at`; without an end after that, it lasts to the take's. */
  begin(at: number, length: number): boolean {
    const to = this.region?.to ?? length;
    return this.select(at, to - at >= SHORTEST ? to : length, length);
  }

  /** End it at `at`; without a beginning before that, it begins with the take. */
  finish(at: number, length: number): boolean {
    const from = this.region?.from ?? 0;
    return this.select(at - from >= SHORTEST ? from : 0, at, length);
  }

  /** Move an edge, as far as the other one lets it. */
  move(edge: keyof Region, to: number, length: number): void {
    const region = this.#region;
    if (region === null) return;
    if (edge === "from") this.select(Math.min(to, region.to - SHORTEST), region.to, length);
    else this.select(region.from, Math.max(to, region.from + SHORTEST), length);
  }

  /** Off, or on again with the region from before; with none, what is around `at`. */
  toggle(at: number, length: number): void {
    if (this.#on) this.#on = false;
    else if (this.#region !== null) this.#on = true;
    else {
      const from = Math.max(0, Math.min(at - CHOSEN / 2, length - CHOSEN));
      this.select(from, from + CHOSEN, length);
    }
  }

  /** Forget it; false if there was none to be seen. */
  clear(): boolean {
    const there = this.#on;
    this.#on = false;
    this.#region = null;
    return there;
  }

  /** Where Play begins from `position`; null for where it stands. */
  start(position: number, length: number): number | null {
    const { region } = this;
    if (region === null) return null;
    return position >= region.from && position < seam(region, length) ? null : region.from;
  }

  /** Seconds of sound from `position` to going back; null for one that does not come there. */
  left(position: number, length: number): number | null {
    const { region } = this;
    if (region === null || position >= region.to) return null;
    return Math.max(0, seam(region, length) - position);
  }
}

function seam({ from, to }: Region, length: number): number {
  return Math.max(from + SHORTEST / 2, Math.min(to - LEAD, length - BEFORE_END));
}
