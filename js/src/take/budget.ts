/**
 * How many bytes of sound the page keeps, over all its takes. A pure policy.
 *
 * Peaks and words stay for good; bytes can be asked of the kernel again. When there are too many, they
 * go in this order: takes that were heard, the one heard longest ago first; what has been heard of
 * the one that sounds; takes that nobody has heard yet; and, of the one that sounds, what comes last.
 * What sounds now, what is about to within its next minute, and the same of those that wait for
 * their turn, stays. So do, whole, takes that are being compared, if half of the room is enough for all
 * of those: to be switched to at any moment at any place.
 */

/** 25 minutes of the heaviest format, two and a half hours of s16 at 16 kHz or so. */
export const BUDGET_BYTES = 256_000_000;
/** Freed at once, so that not every message has to look for something to let go. */
const SLACK_BYTES = 8_000_000;
/** Room for what is still to be written when the budget is looked at. */
const MARGIN_BYTES = 1_000_000;
/** Seconds around the playhead that stay. */
export const BEHIND_SECONDS = 10;
export const AHEAD_SECONDS = 60;

/** One take, as the budget sees it; places are bytes. */
export interface Tenant {
  /** Bytes of memory that it takes. */
  readonly held: number;
  /** It sounds, or waits for its turn. */
  readonly wanted: boolean;
  /** When it last sounded, on any clock; null: never. */
  readonly heardAt: number | null;
  /** Bytes of the whole of it, if it is being compared with others; else 0. */
  readonly kept?: number;
  /** What lies around its playhead. */
  readonly window: readonly [from: number, to: number];
  /** Let go within `[from, to)` until so many bytes are free; how many are. */
  letGo(from: number, to: number, count: number, backwards: boolean): number;
}

export class Budget {
  readonly #tenants = new Set<Tenant>();
  readonly #limit: number;

  constructor(limit = BUDGET_BYTES) {
    this.#limit = limit;
  }

  add(tenant: Tenant): void {
    this.#tenants.add(tenant);
  }

  remove(tenant: Tenant): void {
    this.#tenants.delete(tenant);
  }

  get held(): number {
    let held = 0;
    for (const tenant of this.#tenants) held += tenant.held;
    return held;
  }

  /** Whether all that is compared can stay whole. */
  get roomy(): boolean {
    let kept = 0;
    for (const tenant of this.#tenants) kept += tenant.kept ?? 0;
    return kept <= this.#limit / 2;
  }

  /** Let go of what is too much; to be called after bytes have come. */
  keep(): void {
    const { held } = this;
    if (held <= this.#limit - MARGIN_BYTES) return;
    let excess = held - (this.#limit - MARGIN_BYTES - SLACK_BYTES);
    for (const part of this.#parts()) {
      if (excess <= 0) return;
      excess -= part(excess);
    }
  }

  /** What may go, in order; each lets go of so many bytes at most and says how many they were. */
  #parts(): ((count: number) => number)[] {
    const all = [...this.#tenants].filter(({ held }) => held > 0);
    const { roomy } = this;
    const idle = all.filter(({ wanted, kept }) => !wanted && !(roomy && (kept ?? 0) > 0));
    const heard = idle.filter(({ heardAt }) => heardAt !== null);
    const unheard = idle.filter(({ heardAt }) => heardAt === null);
    heard.sort((a, b) => (a.heardAt ?? 0) - (b.heardAt ?? 0));
    const wanted = all.filter((tenant) => tenant.wanted);
    return [
      ...heard.flatMap((tenant) => [ahead(tenant), behind(tenant), rest(tenant)]),
      ...wanted.map(behind),
      ...unheard.flatMap((tenant) => [ahead(tenant), behind(tenant), rest(tenant)]),
      ...wanted.map(ahead),
    ];
  }
}

const behind = (tenant: Tenant) => (count: number) =>
  tenant.letGo(0, tenant.window[0], count, false);
/** The last of it first: what comes next is needed sooner. */
const ahead = (tenant: Tenant) => (count: number) =>
  tenant.letGo(tenant.window[1], Number.POSITIVE_INFINITY, count, true);
const rest = (tenant: Tenant) => (count: number) =>
  tenant.letGo(0, Number.POSITIVE_INFINITY, count, true);
