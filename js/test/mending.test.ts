/** Whatever is lost, doubled or overtaken between kernel and page, the take becomes whole. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HUB, hub } from "../src/hub";
import { Link } from "../src/link";
import { type Need, parse } from "../src/messages";
import { Rendition } from "../src/rendition";
import type { Sent } from "./junk";
import { Kernel } from "./kernel";
import { FakeModel } from "./model";
import { random } from "./random";

/** How bad the way is, 0 to 1 each, and the longest delay in seconds. */
interface Way {
  readonly lost: number;
  readonly doubled: number;
  readonly delay: number;
  /** Also what the page sends may be lost. */
  readonly upLost: number;
}

const STEP = 0.2;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  delete (globalThis as { [HUB]?: unknown })[HUB];
  vi.useRealTimers();
});

/** Play a take through until it is whole; the number of requests it took, and the seconds. */
function mend(seed: number, way: Way, drop?: (content: unknown) => boolean) {
  const next = random(seed);
  const kernel = new Kernel(1 + Math.floor(next() * 60_000), Math.floor(next() * 30), seed);
  const model = new FakeModel();
  const rendition = new Rendition("s", "t", hub(), new Link(model, "p"));
  const { take } = rendition;
  const calls = new AbortController();
  rendition.watched(calls.signal);
  const air: { readonly at: number; readonly one: Sent }[] = [];
  const fly = (now: number, one: Sent) => {
    const copies = next() < way.doubled ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      if (next() < way.lost || drop?.(one[0])) continue;
      air.push({ at: now + next() * way.delay, one });
    }
  };
  const whole = () =>
    take.format !== null &&
    take.ended &&
    take.store.missing(0, kernel.pcm.length).length === 0 &&
    take.words.whole === kernel.rows.length &&
    take.phonemes.whole === kernel.rows.length &&
    take.chunks.length === kernel.chunks;
  let now = 0;
  for (; now < 2000 && !whole(); now += STEP) {
    for (const one of kernel.live(now, Math.floor(next() * 6000))) fly(now, one);
    air.sort((a, b) => a.at - b.at);
    while (air[0] !== undefined && air[0].at <= now) {
      const parsed = parse(...(air.shift()?.one ?? [null, []]));
      expect(parsed.ok).toBe(true);
      if (parsed.ok && parsed.message.type !== "command") {
        expect(take.accept(parsed.message)).toBeNull();
      }
    }
    const sent = model.sent.length;
    rendition.tick(now);
    for (const message of model.sent.slice(sent)) {
      if (message.type !== "need" || next() < way.upLost) continue;
      for (const one of kernel.answer(message as Need)) fly(now, one);
    }
  }
  calls.abort();
  expect(whole(), `seed ${seed} is whole after ${now} s`).toBe(true);
  expect(Buffer.compare(take.store.read(0, kernel.pcm.length), kernel.pcm)).toBe(0);
  expect(take.total).toBe(Math.floor(kernel.pcm.length / 2));
  const asked = rendition.asked;
  // All is here: nothing is asked for any more.
  for (let i = 0; i < 300; i++) rendition.tick(now + i * STEP);
  expect(rendition.asked).toBe(asked);
  rendition.release();
  return { asked, seconds: now };
}

describe("a take on a bad way", () => {
  it("becomes whole, whatever share is lost, doubled and late, both ways", () => {
    for (let seed = 0; seed < 250; seed++) {
      const next = random(seed + 9000);
      const way = {
        lost: next() * 0.5,
        doubled: next() * 0.5,
        delay: next() * 2,
        upLost: next() * 0.5,
      };
      const { asked, seconds } = mend(seed, way);
      // Each kind waits 400 ms before it asks, and longer when it has to ask again.
      expect(asked).toBeLessThanOrEqual(3 + 2.5 * seconds);
    }
  }, 60_000);

  it("asks but once, who looks first, where nothing is lost but doubled and overtaken", () => {
    for (let seed = 0; seed < 100; seed++) {
      const way = { lost: 0, doubled: 0.5, delay: 0.15, upLost: 0 };
      expect(mend(seed, way).asked).toBeLessThanOrEqual(1);
    }
  }, 60_000);

  it.each(["open", "audio", "words", "phonemes", "chunks", "progress", "end"])(
    "becomes whole with few requests though every live %s is lost",
    (kind) => {
      for (let seed = 0; seed < 40; seed++) {
        const way = { lost: 0, doubled: 0, delay: 0.1, upLost: 0 };
        // The first of each is live; answers come after a request.
        const left = { count: 12 };
        const drop = (content: unknown) =>
          (content as { type: string }).type === kind && left.count-- > 0;
        const { asked } = mend(seed, way, drop);
        expect(asked).toBeLessThanOrEqual(40);
      }
    },
    60_000,
  );
});
