/**
 * Where moments of this page's clock lie on the kernel's. Seconds; pure.
 *
 * The kernel, which hears of both directions, tells now and then how far the clocks are apart and how
 * wrong that may be. Until it has, and where that is too coarse to be of use, the quickest message
 * from it is taken to have taken no time at all: what is placed so is too early by what that one took
 * (a millisecond or two where kernel and browser share a machine).
 */

import type { Tie } from "../messages";

/** How much two clocks may part, in seconds a second, as the kernel has it. */
const DRIFT = 100e-6;
/** Seconds by which one tie must say more than those before it to be kept. */
const WORTH = 0.0005;
/** A tie that is less sure than this, in seconds, says less than the quickest message. */
const COARSE = 0.05;

export interface Placed {
  /** On the kernel's clock. */
  readonly moment: number;
  /** How far off that may be, either way; null: it is by the quickest message alone. */
  readonly error: number | null;
}

interface Known extends Tie {
  /** When it was told, on the page's clock. */
  readonly at: number;
}

interface Epoch {
  readonly since: number;
  /** When the kernel last told what agrees with it. */
  until: number;
  /** In order, none surpassed by another. */
  ties: readonly Known[];
}

export class KernelClock {
  /** Grows when moments that were placed before are to be placed anew, by more than a trifle. */
  version = 0;
  /** The most (kernel − page) of its messages. */
  #quickest = Number.NEGATIVE_INFINITY;
  /** Since each time that a clock stood still, as in a sleep; in order. */
  readonly #epochs: Epoch[] = [];
  #best = Number.POSITIVE_INFINITY;

  /** A message that the kernel sent at `sent`, its clock, came at `now`, this page's; true: news. */
  heard(sent: number, now: number): boolean {
    if (sent - now <= this.#quickest) return false;
    this.#quickest = sent - now;
    return true;
  }

  /** At `at`, on the page's clock, the kernel told how far the clocks are apart. */
  told(at: number, { offset, error }: Tie): void {
    if (error > COARSE) return;
    const known: Known = { at, offset, error };
    const epoch = this.#epochs.at(-1);
    const last = epoch?.ties.at(-1);
    if (epoch === undefined || last === undefined || contradict(last, known)) {
      this.#epochs.push({ since: at, until: at, ties: [known] });
      this.#best = error;
      this.version++;
      return;
    }
    epoch.until = Math.max(epoch.until, at);
    if (at < last.at || errorAt(last, at) <= error + WORTH) return;
    // Of those that are left the two around a moment are the best for it.
    epoch.ties = [...epoch.ties.filter((one) => errorAt(known, one.at) > one.error), known];
    if (error >= this.#best / 2) return;
    this.#best = error;
    this.version++;
  }

  /**
   * A moment of the page's; null while no message has told how the clocks relate, and for what lies
   * around the time that one of them stood still: nobody knows on which side.
   */
  place(moment: number): Placed | null {
    const later = this.#epochs.findIndex(({ since }) => since > moment);
    const epoch = later < 0 ? this.#epochs.at(-1) : this.#epochs[Math.max(0, later - 1)];
    if (later > 0 && epoch !== undefined && moment > epoch.until) return null;
    const tie = surest(epoch?.ties ?? [], moment);
    if (tie !== null) return { moment: moment + tie.offset, error: errorAt(tie, moment) };
    if (!Number.isFinite(this.#quickest)) return null;
    return { moment: moment + this.#quickest, error: null };
  }
}

/** The one of the ties, which are in order, that is the surest at `moment`. */
function surest(ties: readonly Known[], moment: number): Known | null {
  let low = 0;
  let high = ties.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ties[middle]?.at ?? 0) <= moment) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [ties[low - 1] ?? null, ties[low] ?? null];
  if (before === null || after === null) return before ?? after;
  return errorAt(before, moment) <= errorAt(after, moment) ? before : after;
}

function errorAt({ at, error }: Known, moment: number): number {
  return error + DRIFT * Math.abs(moment - at);
}

/** One of the clocks stood still between the two. */
function contradict(one: Known, other: Known): boolean {
  return Math.abs(one.offset - other.offset) > errorAt(one, other.at) + other.error;
}
