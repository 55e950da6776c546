import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse, sign, type ToKernel, type Unsigned } from "../src/messages";

interface Fixture {
  readonly name: string;
  readonly from: "kernel" | "page";
  readonly message: Record<string, unknown>;
  readonly buffer_base64?: string;
}

const folder = new URL("../../tests/fixtures/messages/", import.meta.url);
const fixtures = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Fixture,
);
const fixture = (name: string): Fixture => {
  const found = fixtures.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no fixture ${name}`);
  return found;
};
const buffers = ({ buffer_base64 }: Fixture): DataView[] => {
  if (buffer_base64 === undefined) return [];
  // Three bytes into a larger buffer, as it lies in a frame from Jupyter.
  const raw = Buffer.from(buffer_base64, "base64");
  const frame = new Uint8Array(raw.length + 8);
  frame.set(raw, 3);
  return [new DataView(frame.buffer, 3, raw.length)];
};

describe("messages from the kernel", () => {
  it.each(fixtures.filter((one) => one.from === "kernel").map((one) => [one.name, one] as const))(
    "%s is read",
    (_name, one) => {
      const parsed = parse(one.message, buffers(one));
      expect(parsed).toMatchObject({ ok: true });
      if (!parsed.ok) return;
      const { type, take, sent } = one.message;
      expect(parsed.message).toMatchObject({ type, take, sent });
    },
  );

  it("every type has a fixture", () => {
    const types = fixtures.map((one) => one.message.type).sort();
    expect(types).toEqual(
      "audio cancel chunks command end heard hello need open phonemes progress words".split(" "),
    );
  });

  it("audio is the bytes of its view and no others", () => {
    const parsed = parse(fixture("audio").message, buffers(fixture("audio")));
    expect(parsed.ok && parsed.message.type === "audio" && [...parsed.message.pcm]).toEqual([
      0, 1, 2, 127, 128, 254, 255,
    ]);
  });

  it("words carry their times", () => {
    const parsed = parse(fixture("words").message);
    expect(parsed.ok && parsed.message.type === "words" && parsed.message).toMatchObject({
      index: 2,
      marks: [
        { text: "les", start: 0.5, end: 0.625 },
        { text: "amis", start: 0.625, end: 1.125 },
      ],
    });
  });

  it("chunks carry their place in the take and when they were received", () => {
    const parsed = parse(fixture("chunks").message);
    expect(parsed.ok && parsed.message.type === "chunks" && parsed.message).toMatchObject({
      index: 2,
      requested: 1040.75,
      rows: [
        { start: 0.25, duration: 0.125, received: 1041.25 },
        { start: 0.375, duration: 0, received: 1041.5 },
      ],
    });
  });

  it("chunks tell of the clocks of the pages that the kernel has heard of lately, or of none", () => {
    const { message } = fixture("chunks");
    const told = (clocks: unknown) => {
      const parsed = parse({ ...message, clocks });
      return parsed.ok && parsed.message.type === "chunks" && [...parsed.message.clocks];
    };
    const page = "1f3q2lm166qx";
    expect(told(message.clocks)).toEqual([
      [page, { offset: 1029.25, error: 0.003 }],
      ["b", { offset: -3600.5, error: 0.25 }],
    ]);
    expect(told(JSON.parse('{"__proto__": [-3, 0]}'))).toEqual([
      ["__proto__", { offset: -3, error: 0 }],
    ]);
    for (const none of [{}, null, undefined]) expect(told(none)).toEqual([]);
  });

  it.each<readonly [string, unknown, string]>([
    ["a list of clocks", { ...fixture("chunks").message, clocks: [] }, "clocks is []"],
    ["one clock", { ...fixture("chunks").message, clocks: 3 }, "clocks is 3"],
    [
      "too many clocks",
      { ...fixture("chunks").message, clocks: Object.fromEntries(Array(1001).fill(0).entries()) },
      "clocks of 1001 pages",
    ],
    ...[null, 1, {}, [1], [1, null], [1, -1], [1, Number.NaN], [1e300, 1], [1, 2, 3]].map(
      (tie) =>
        [
          `a clock that says ${JSON.stringify(tie)}`,
          { ...fixture("chunks").message, clocks: { p: tie } },
          'clocks of "p" say',
        ] as const,
    ),
    ["nothing", null, "not an object"],
    ["a list", [], "not an object"],
    ["an unknown type", { ...fixture("end").message, type: "surprise" }, "unknown type"],
    ["no take", { ...fixture("end").message, take: null }, "take is null"],
    ["an unknown state", { ...fixture("end").message, state: "sad" }, "state is"],
    ["a negative offset", { ...fixture("audio").message, offset: -1 }, "offset is -1"],
    ["half a byte", { ...fixture("audio").message, offset: 0.5 }, "offset is 0.5"],
    ["an absurd offset", { ...fixture("audio").message, offset: 1e300 }, "offset is"],
    ["no number", { ...fixture("audio").message, offset: Number.NaN }, "offset is"],
    ["a rate of zero", { ...fixture("open").message, sample_rate: 0 }, "sample_rate is 0"],
    ["another encoding", { ...fixture("open").message, encoding: "mp3" }, "encoding is"],
    ["lists that differ", { ...fixture("words").message, end: [1] }, "differ in length"],
    ["a word without time", { ...fixture("words").message, end: [1, null] }, "has no times"],
    ["rows that differ", { ...fixture("chunks").message, start: [1] }, "differ in length"],
    ["a chunk after days", { ...fixture("chunks").message, start: [0, 1e9] }, "nowhere in a take"],
    ["a chunk before all", { ...fixture("chunks").message, start: [-1, 0] }, "nowhere in a take"],
    ["a chunk never received", { ...fixture("chunks").message, received: [1, null] }, "no moment"],
    [
      "one received never ever",
      { ...fixture("chunks").message, received: [1, 1e300] },
      "no moment",
    ],
    ["a request never ever", { ...fixture("chunks").message, requested: -1e300 }, "requested is"],
    ["an absurd chunk", { ...fixture("chunks").message, index: 1e6 }, "more than 1000000 chunks"],
    ["an absurd count of chunks", { ...fixture("end").message, chunks: 1e7 }, "chunks is 10000000"],
    ["no buffer", fixture("audio").message, "without its buffer"],
    ["a seek to nowhere", { ...fixture("command").message, position: null }, "no position"],
    ["a play of everything", { ...fixture("command").message, take: null }, "names no take"],
  ])("with %s is refused with the reason", (_what, content, reason) => {
    const parsed = parse(content);
    expect(parsed.ok).toBe(false);
    expect(!parsed.ok && parsed.reason).toContain(reason);
  });

  it("whatever is broken in them, reading never throws", () => {
    const junk = [undefined, null, -1, 1e99, "", "x", [], {}, true, [null]];
    for (const { message, from } of fixtures) {
      if (from !== "kernel") continue;
      for (const key of Object.keys(message)) {
        for (const value of junk) expect(() => parse({ ...message, [key]: value })).not.toThrow();
      }
    }
  });
});

describe("messages to the kernel", () => {
  const page = "1f3q2lm166qx";
  const take = "take-7f3a";
  const built: Record<string, Unsigned> = {
    hello: { type: "hello", output: "worklet" },
    need: {
      type: "need",
      take,
      ranges: [
        [0, 4096],
        [90000, null],
      ],
      words: 3,
      phonemes: null,
      chunks: 7,
    },
    heard: {
      type: "heard",
      take,
      position: 0.75,
      playing: true,
      ended: false,
      prebuffer: 0.08,
      listening: 1,
      asked: 11.5,
      by_person: false,
      disturbed: null,
      arrivals: [
        [8192, 11.25],
        [16_384, 11.375],
      ],
      decoded: [
        [2048, 11.5],
        [4096, 11.625],
      ],
      spans: [
        [0, 2048, 11.75],
        [2048, 512, 12.25],
      ],
      dry: [
        [0.5, 12, 12.25],
        [0.75, 12.375, null],
      ],
      output: { kind: "worklet", rate: 44_100, latency: 0.032, error: null },
      down: { sent: 1042.5, arrived: 12.25 },
    },
    cancel: { type: "cancel", take },
  };

  it.each(Object.entries(built))("%s is what Python reads", (name, message) => {
    const signed: ToKernel = sign(message, page, 12.5);
    expect(signed).toEqual(fixture(name).message);
  });
});
