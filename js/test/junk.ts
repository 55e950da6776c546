/** Messages no kernel of ours sends: cut short, mistyped, absurd, or right in form and wrong. */

import { hub } from "../src/hub";
import { STATES } from "../src/messages";
import { bytes } from "./random";

export type Sent = readonly [content: unknown, buffers: unknown];
type Next = () => number;

/** One of `from`, which is not empty. */
export const pick = <T>(next: Next, from: readonly T[]): T =>
  from[Math.floor(next() * from.length)] as T;

const ABSURD: readonly unknown[] = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e308,
  -1e308,
  -1,
  -0,
  0.5,
  5e-324,
  2 ** 31,
  2 ** 32,
  2 ** 32 - 1,
  2 ** 53,
  1_000_000,
  "",
  "1",
  "constructor",
  "w".repeat(100_000),
  "\ud800\0",
  null,
  undefined,
  true,
  false,
  [],
  {},
  [null],
  [Number.NaN],
  Array.from({ length: 10_000 }, (_, i) => i),
  { length: 3 },
  10n,
  Symbol("odd"),
  () => 1,
];

/** What is said of the clocks of pages, one of them this one's; most of it is absurd. */
function clocks(next: Next): unknown {
  const number = () => pick<unknown>(next, [0, -1, 1e11, 1e-9, next() * 1000, ...ABSURD]);
  const tie = () =>
    pick<unknown>(next, [
      [next() * 1000, next()],
      [next() * 2e11 - 1e11, next() * 1e11],
      [number(), number()],
      [number(), number(), number()],
      number(),
    ]);
  const pages = ["", "p", "__proto__", hub().page].filter(() => next() < 0.3);
  const all = Object.fromEntries(pages.map((page) => [page, tie()]));
  return pick<unknown>(next, [undefined, null, all, all, all, number()]);
}

/** One well-formed message of each type; its numbers are drawn. */
export function formed(next: Next, take: string): Sent {
  const at = () => Math.floor(next() ** 3 * 20_000);
  const common = { take, sent: next() * 1000 };
  const totals = {
    state: pick(next, STATES),
    bytes: at(),
    words: at() % 50,
    phonemes: at() % 50,
    chunks: at() % 50,
    text: "some text",
  };
  const count = Math.floor(next() * 5);
  const times = Array.from({ length: count }, () => next() * 1e3 ** Math.floor(next() * 100));
  const list = { index: at() % 60, start: times, end: times };
  const texts = times.map(() => pick(next, ["word", "", "<b>", "w".repeat(50_000)]));
  return pick<() => Sent>(next, [
    () => [
      {
        ...common,
        ...totals,
        type: "open",
        backend: { name: "engine", label: "built-in engine" },
        voice: "v",
        encoding: pick(next, ["pcm_f32le", "pcm_s16le", "pcm_mulaw", "pcm_alaw"]),
        sample_rate: pick(next, [1000, 8000, 48_000, 384_000]),
        play: next() < 0.5,
        interrupt: next() < 0.5,
        heard: next() < 0.5 ? null : next(),
      },
      [],
    ],
    () => [
      {
        ...common,
        type: "audio",
        offset: next() < 0.1 ? 2 ** 32 - 1 - at() : at(),
        live: next() < 0.5,
      },
      [new DataView(bytes(1 + at(), at()).buffer)],
    ],
    () => [{ ...common, ...list, type: "words", words: texts }, []],
    () => [{ ...common, ...list, type: "phonemes", phonemes: texts }, []],
    () => [
      {
        ...common,
        type: "chunks",
        index: next() < 0.1 ? 999_990 : at(),
        requested: pick(next, [null, 0, -1e11, next() * 1000]),
        start: times.map(() => next() * 10 ** Math.floor(next() * 6)),
        duration: times.map(() => next()),
        received: times.map(() => next() * 10 ** Math.floor(next() * 11)),
        clocks: clocks(next),
      },
      [],
    ],
    () => [{ ...common, ...totals, type: "progress", detail: null }, []],
    () => [{ ...common, ...totals, type: "end", error: null }, []],
    () => [
      {
        ...common,
        type: "command",
        command: pick(next, ["play", "pause", "stop", "seek"]),
        position: pick(next, [null, 0, 1e308, -1e308, 0.3]),
      },
      [],
    ],
  ])();
}

/** A well-formed message with some of it replaced, left out, or its buffer spoilt. */
export function broken(next: Next, take: string): Sent {
  const [content, buffers] = formed(next, take);
  const how = next();
  if (how < 0.05) return [pick(next, ABSURD), buffers];
  if (how < 0.2) {
    const short = new DataView(new ArrayBuffer(8), 3, Math.floor(next() * 5));
    return [content, pick<unknown>(next, [...ABSURD, ...ABSURD.map((one) => [one]), [short]])];
  }
  const spoilt = { ...(content as Record<string, unknown>) };
  for (let i = 0; i <= next() * 3; i++) {
    const field = pick(next, Object.keys(spoilt));
    if (next() < 0.2 && field !== "type") delete spoilt[field];
    else spoilt[field] = pick(next, ABSURD);
  }
  return [spoilt, buffers];
}
