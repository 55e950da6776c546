/**
 * What a message costs at the start and at the end of an hour's take, one in a hundred lost:
 * `npx vitest bench --run test/take`. The two ought to be alike.
 */

import { bench, describe } from "vitest";
import { missingOf, Repair } from "../../src/take/repair";
import { Take } from "../../src/take/take";
import { pattern } from "../hour";
import { random } from "../random";

const RATE = 44_100;
const HOUR = 3600 * RATE * 4;
/** A quarter of a second. */
const MESSAGE = RATE;
/** As much as a page keeps. */
const KEPT = 250_000_000;

function holding(bytes: number): Take {
  const take = new Take("t");
  take.format = { encoding: "pcm_f32le", rate: RATE };
  const next = random(1);
  for (let at = 0; at < bytes; at += MESSAGE) {
    if (next() >= 0.01) give(take, at);
    if (take.store.held > KEPT) take.store.letGo(0, at - KEPT / 2, 8_000_000);
  }
  return take;
}

function give(take: Take, offset: number): void {
  const pcm = new Uint8Array(pattern(offset / 4, (offset + MESSAGE) / 4).buffer);
  take.accept({ type: "audio", take: "t", sent: 0, offset, pcm, live: true });
}

describe.each([
  ["a minute", HOUR / 60],
  ["an hour", HOUR],
])("after %s", (_length, bytes) => {
  const take = holding(bytes);
  const repair = new Repair();
  const last = take.received - RATE;
  let end = Math.ceil(bytes / MESSAGE) * MESSAGE;
  bench(
    "a message of 44 kB is taken in",
    () => {
      give(take, end);
      end += MESSAGE;
    },
    { iterations: 200, time: 0 },
  );
  bench("how far it goes on", () => void take.reach(last));
  bench("its gaps", () => void take.gaps);
  bench("half a second of samples", () => void take.samples(last, last + RATE / 2));
  bench("its outline in 600 bars", () => {
    const step = Math.floor(take.peaks.length / 600);
    for (let i = 0; i < 600; i++) take.peaks.peak(i * step, (i + 1) * step);
  });
  bench("a look at what is missing", () => void repair.due(0, missingOf(take)));
});
