import { describe, expect, it } from "vitest";
import {
  chunkSentence,
  type Facts,
  type Figure,
  figures,
  type Summary,
  span,
  summarySentence,
} from "../../src/view/figures";

const chunk = (start: number, duration: number, received: number) => ({
  start,
  duration,
  received,
  arrived: received + 0.002,
});
const facts: Facts = {
  state: "done",
  chunks: 12,
  promised: 12,
  requested: true,
  first: chunk(0, 0.1, 0.0921),
  last: chunk(1.1, 0.1, 0.4),
  ended: true,
  silence: 0.0525,
  sound: 0.1414,
  soundError: { clocks: null, output: 0.003 },
  ahead: null,
  prebuffer: { seconds: 0.04, fixed: false },
  dry: [],
  dries: false,
};
const of = (some: Partial<Facts>): Record<string, Figure> =>
  Object.fromEntries(figures({ ...facts, ...some }).map((figure) => [figure.id, figure]));
const values = (some: Partial<Facts>) =>
  Object.fromEntries(figures({ ...facts, ...some }).map(({ id, value }) => [id, value]));

describe("the figures of the latency line", () => {
  it("are those of Python's metrics, and what this page heard", () => {
    expect(values({})).toEqual({
      ttfb: "92 ms",
      ttfa: "145 ms",
      sound: "141 ms",
      ahead: null,
      prebuffer: "40 ms",
      dry: "none",
      rtf: "0.333",
      chunks: "12",
    });
    expect(of({}).ttfb?.means).toContain("request sent → first audio received");
    expect(of({}).sound?.means).toContain("request sent → first sample audible");
    expect(of({}).rtf?.means).toContain("(request sent → last audio received) / duration");
  });

  it("are unknown with the reason, never zero, where nothing was measured", () => {
    const nothing = {
      state: "speaking",
      chunks: 0,
      first: null,
      last: null,
      ended: false,
      silence: undefined,
      sound: "Not heard in this page yet",
      dry: null,
    } as const;
    expect(values(nothing)).toEqual({
      ttfb: null,
      ttfa: null,
      sound: null,
      ahead: null,
      prebuffer: "40 ms",
      dry: null,
      rtf: null,
      chunks: null,
    });
    for (const { value, means } of figures({ ...facts, ...nothing })) {
      if (value === null) expect(means.length).toBeGreaterThan(10);
    }
    expect(of({ ...nothing, state: "failed", ended: true }).ttfb?.means).toContain(
      "no audio was received",
    );
    expect(of({ ...nothing, state: "gone", ended: true }).rtf?.means).toContain("no longer has");
  });

  it("tell silence from what nobody has looked through", () => {
    expect(of({}).ttfa?.means).toContain("request sent → speech begins (TTFB + 53 ms");
    expect(of({ silence: null }).ttfa).toMatchObject({ value: null });
    expect(of({ silence: null }).ttfa?.means).toContain("no speech");
    expect(of({ silence: undefined }).ttfa?.means).toContain("not all of it is here");
    expect(of({ silence: undefined, ended: false }).ttfa?.means).toContain("once it has ended");
    expect(of({ requested: false }).ttfa?.means).toContain("was not seen");
  });

  it("count from no request that was not seen", () => {
    const { ttfb, rtf, chunks } = of({ requested: false });
    expect([ttfb?.value, rtf?.value, chunks?.value]).toEqual([null, null, "12"]);
    expect(ttfb?.means).toContain("was not seen");
  });

  it("have no real-time factor before the end, nor with rows missing, nor of no duration", () => {
    expect(of({ ended: false }).rtf?.value).toBeNull();
    expect(of({ chunks: 11 }).rtf).toMatchObject({ value: null });
    expect(of({ last: chunk(0, 0, 0.4) }).rtf?.value).toBeNull();
  });

  it("say how much is in hand, whether the prebuffer is fixed, and how long it was dry", () => {
    const some = values({
      ahead: 1.234,
      prebuffer: { seconds: 0.3, fixed: true },
      dry: [0.21, 0.93],
    });
    expect(some).toMatchObject({ ahead: "1.2 s", prebuffer: "300 ms fixed", dry: "2, 1.14 s" });
    expect(of({ dry: [0.2], dries: true }).dry).toMatchObject({ value: "1, 200 ms…", alert: true });
    expect(of({ chunks: 1 }).chunks).toMatchObject({ name: "chunk", value: "1" });
    expect(of({ chunks: 3000 }).chunks?.value).toBe("3,000");
  });

  it("say how far off the first sound may be, where both its errors are known", () => {
    const all = of({ soundError: { clocks: 0.0012, output: 0.003 } }).sound;
    expect(all?.value).toBe("141 ±5 ms");
    expect(all?.means).toContain("matched to ±2 ms, the output's latency known to ±3 ms");
    const late = of({ sound: 1.24, soundError: { clocks: 0.0001, output: 0.0001 } }).sound;
    expect(late?.value).toBe("1.24 s ±1 ms");
    const half = of({ soundError: { clocks: 0.0012, output: null } }).sound;
    expect(half?.value).toBeNull();
    expect(half?.means).toContain("this browser does not tell");
    const none = of({}).sound;
    expect(none?.value).toBe("141 ms");
    expect(none?.means).toContain(
      "the quickest message from the kernel is taken to have come at once",
    );
  });

  it("are times for people, without a step where the unit changes", () => {
    const all = [0, 0.0004, 0.0921, 0.9994, 0.9996, 1.234, 9.994, 9.996, 105.72].map(span);
    const wanted = ["0 ms", "0 ms", "92 ms", "999 ms", "1.00 s", "1.23 s", "9.99 s", "10.0 s"];
    expect(all).toEqual([...wanted, "105.7 s"]);
  });
});

describe("what is said of one chunk", () => {
  const said = {
    ...chunk(1, 0.1, 0.304),
    number: 11,
    of: 12,
    bytes: 4410,
    due: 1.141,
    requested: true,
    error: null,
  };
  it("is its size, when it came, and how early or late that was", () => {
    expect(chunkSentence(said)).toBe(
      "chunk 11 of 12 · 100 ms, 4,410 bytes · received 0.304 s · arrived +2 ms · 835 ms ahead",
    );
    expect(chunkSentence({ ...said, due: 0.2 })).toContain("106 ms too late");
    expect(chunkSentence({ ...said, number: 1 })).toContain("sounded 835 ms later");
    expect(chunkSentence({ ...said, error: 0.0011 })).toContain(" · arrived +2 ±2 ms · ");
  });

  it("leaves out what nobody knows", () => {
    const bare = { ...said, of: null, arrived: null, due: null, requested: false };
    expect(chunkSentence(bare)).toBe(
      "chunk 11 · 100 ms, 4,410 bytes · received 0.304 s after the first",
    );
  });
});

describe("what the waterfall shows, in words", () => {
  const summary: Summary = {
    chunks: 50,
    seconds: 5,
    growing: false,
    perRow: 1,
    told: "heard",
    least: 0.162,
    lost: 0.01,
    disturbed: null,
    dry: [],
    arrivals: true,
    error: 0.0021,
    way: null,
  };
  it("is how much came and how near it was to running dry", () => {
    expect(summarySentence(summary)).toBe(
      "50 chunks brought 5.00 s · each at least 162 ms ahead · this page's times ±3 ms",
    );
    const stalled = { ...summary, least: -0.5, dry: [0.5, 0.3] };
    expect(summarySentence(stalled)).toBe(
      "50 chunks brought 5.00 s · the latest 500 ms too late · ran dry 2 times, 800 ms in all · this page's times ±3 ms",
    );
  });

  it("says by what the page's times were placed, and how far off they may be", () => {
    const alone = summarySentence({ ...summary, error: null });
    expect(alone).toContain(" · this page's times by the quickest message alone");
    expect(summarySentence({ ...summary, arrivals: false })).not.toContain("this page's times");
  });

  it("names the way by which it sounded here", () => {
    const way = (kind: "worklet" | "scheduled", rate: number) =>
      summarySentence({ ...summary, way: { kind, rate } })
        .split(" · ")
        .at(-1);
    expect(way("worklet", 44_100)).toBe("through an AudioWorklet at 44,100 Hz");
    expect(way("scheduled", 8000)).toBe("through scheduled buffers at 8,000 Hz");
  });

  it("says what is on paper, what was pooled, and what a person or a reload took from it", () => {
    const all = summarySentence({
      ...summary,
      chunks: 3000,
      perRow: 100,
      told: "paper",
      dry: [0.3],
      disturbed: 2.5,
      arrivals: false,
    });
    expect(all).toContain("a row stands for 100 of them");
    expect(all).toContain("if played as it came");
    expect(all).toContain("would have run dry once, 300 ms in all");
    expect(all).not.toContain("lost");
    expect(summarySentence({ ...summary, lost: 0.5 })).toContain("the output itself lost 500 ms");
    expect(all).toContain("left to itself until 2.50 s");
    expect(all).toContain("had to ask for them");
    const none = { ...summary, chunks: 0 };
    expect(summarySentence(none)).toBe("No chunk was received.");
    expect(summarySentence({ ...none, growing: true })).toBe("No chunk has been received yet.");
  });
});
