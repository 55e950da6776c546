/** What of a take was in hand over time: come, and not sounded yet. Pure. */

import { type Dues, here, type Row } from "./dues";

type Get = (index: number) => Row | undefined;

/**
 * Seconds in hand at the moments `0, step, 2 step, …`, `columns` of them, or fewer: up to `until`.
 * Costs a few looks a column, however many chunks there are.
 */
export function inHand(
  get: Get,
  dues: Dues,
  step: number,
  columns: number,
  until: number | null = null,
): Float64Array {
  const hand = new Float64Array(columns);
  let came = 0;
  for (let column = 0; column < columns; column++) {
    const moment = column * step;
    if (until !== null && moment > until) return hand.subarray(0, column);
    came = cameBy(get, came, moment);
    const last = came === 0 ? undefined : get(came - 1);
    const seconds = last === undefined ? 0 : last.start + last.duration;
    hand[column] = Math.max(0, seconds - dues.played(moment));
  }
  return hand;
}

/** How many chunks, which come in order, had come by `moment`; known that `from` had. */
function cameBy(get: Get, from: number, moment: number): number {
  const came = (index: number) => {
    const chunk = get(index);
    return chunk !== undefined && here(chunk) <= moment;
  };
  let at = from;
  let step = 1;
  while (came(at + step - 1)) {
    at += step;
    step *= 2;
  }
  for (; step >= 1; step /= 2) if (came(at + step - 1)) at += step;
  return at;
}
