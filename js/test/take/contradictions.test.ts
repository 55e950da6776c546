import { describe, expect, it } from "vitest";
import { type Audio, type End, type Open, parse } from "../../src/messages";
import { missingOf, QUIET, QUIET_AWAITED, Repair } from "../../src/take/repair";
import { MAX_SECONDS, Take } from "../../src/take/take";
import { bytes } from "../random";

const open: Open = {
  type: "open",
  take: "t",
  sent: 0,
  text: "hello there",
  backend: { name: "engine", label: "built-in engine" },
  voice: "v",
  encoding: "pcm_s16le",
  sample_rate: 8000,
  play: true,
  interrupt: false,
  heard: null,
  state: "speaking",
  bytes: 0,
  words: 0,
};
const end = (count: number): End => ({
  type: "end",
  take: "t",
  sent: 1,
  state: "done",
  bytes: count,
  words: 0,
  phonemes: 0,
  chunks: 0,
  text: "",
  error: null,
});
const audio = (offset: number, pcm: Uint8Array<ArrayBuffer>): Audio => ({
  type: "audio",
  take: "t",
  sent: 0,
  offset,
  pcm,
});
const pcm = bytes(1000, 1);

function opened(): Take {
  const take = new Take("t");
  expect(take.accept(open)).toBeNull();
  return take;
}

describe("a take that is told two things", () => {
  it("keeps the bytes that came first, and those of the others that are new", () => {
    const take = opened();
    take.accept(audio(0, pcm.slice(0, 600)));
    expect(take.accept(audio(0, pcm))).toBeNull();
    expect(take.accept(audio(900, bytes(300, 2)))).toContain("unlike");
    expect(take.store.read(0, 1000)).toEqual(pcm);
    expect(take.store.end).toBe(1200);
  });

  it("believes the last end: one that said too much or too little does no harm", () => {
    for (const wrong of [0, 2 ** 32, 700]) {
      const take = opened();
      take.accept(audio(0, pcm.slice(0, 500)));
      take.accept(end(wrong));
      take.accept(audio(500, pcm.slice(500)));
      take.accept(end(1000));
      take.accept(audio(500, pcm.slice(500)));
      expect(take.total).toBe(500);
      expect(take.store.missing(0, 1000)).toEqual([]);
      expect(missingOf(take)).toMatchObject({ holes: [], tail: null });
    }
  });

  it("lets go of what lies beyond its end, and takes no more of it", () => {
    const take = opened();
    take.accept(audio(0, pcm));
    take.accept(audio(2 ** 20, bytes(100, 3)));
    expect(take.total).toBeNull();
    expect(take.accept(end(1000))).toContain("more than that");
    expect(take.store.end).toBe(1000);
    expect(take.peaks.length).toBe(7);
    expect(take.gaps).toEqual([]);
    expect(take.accept(audio(998, bytes(100, 3)))).toContain("ended at 1000");
    expect(take.store.read(0, 1000)).toEqual(pcm);
  });

  it("stays what it was opened as", () => {
    const take = opened();
    expect(take.accept({ ...open, sample_rate: 48_000, text: "other" })).toContain("8000 Hz");
    expect(take.accept({ ...open, encoding: "pcm_alaw" })).toContain("pcm_s16le");
    expect(take).toMatchObject({ rate: 8000, text: "hello there", sampleBytes: 2 });
  });

  it("makes no room for a day of silence", () => {
    const take = opened();
    expect(take.accept(audio(MAX_SECONDS * 16_000 - 99, bytes(100, 3)))).toContain("24 hours");
    expect(take.accept(audio(MAX_SECONDS * 16_000 - 100, bytes(100, 3)))).toBeNull();
    const early = new Take("t");
    early.accept(audio(2 ** 32 - 100, bytes(100, 3)));
    early.accept(open);
    expect(early.store.end).toBe(0);
  });
});

describe("a take gone quiet", () => {
  it.each([
    ["soon when somebody waits for it", true, QUIET_AWAITED],
    ["late when nobody does", false, QUIET],
  ])("is asked after %s, from its last byte on", (_when, awaited, wait) => {
    const take = opened();
    take.accept(audio(0, pcm));
    const repair = new Repair();
    expect(repair.due(0, missingOf(take), awaited)).toBeNull();
    expect(repair.due(wait - 0.1, missingOf(take), awaited)).toBeNull();
    take.accept({ ...end(1000), type: "progress", state: "speaking", detail: null });
    expect(repair.due(wait, missingOf(take), awaited)).toBeNull();
    expect(repair.due(2 * wait - 0.1, missingOf(take), awaited)).toBeNull();
    const wanted = { ranges: [[1000, null]], words: 0, phonemes: 0, chunks: 0 };
    expect(repair.due(2 * wait, missingOf(take), awaited)).toEqual(wanted);
    take.accept(end(1000));
    expect(repair.due(9 * wait, missingOf(take), awaited)).toBeNull();
  });
});

describe("the buffer of audio", () => {
  const message = { type: "audio", take: "t", sent: 1, offset: 0 };

  it.each<[string, ArrayBuffer | ArrayBufferView]>([
    ["a view", new DataView(pcm.buffer, 3, 50)],
    ["odd words", new Uint16Array(pcm.slice(3, 53).buffer)],
    ["a buffer itself", pcm.slice(3, 53).buffer],
  ])("may be %s", (_what, buffer) => {
    const parsed = parse(message, [buffer]);
    expect(parsed.ok && parsed.message.type === "audio" && parsed.message.pcm).toEqual(
      pcm.slice(3, 53),
    );
  });

  it.each([[null], ["text"], [{ byteLength: 5 }], [new ArrayBuffer(0)], [[1, 2]]])(
    "is refused when it is %o",
    (buffer) => {
      expect(parse(message, [buffer]).ok).toBe(false);
      expect(parse(message, buffer).ok).toBe(false);
    },
  );

  it("is an end only if it says how it ended", () => {
    expect(parse({ ...end(5), state: "speaking" }).ok).toBe(false);
    expect(parse(end(5)).ok).toBe(true);
  });
});
