import { afterEach, describe, expect, it, vi } from "vitest";
import { Listening } from "../../src/listening";
import type { Tie } from "../../src/messages";
import { Prebuffer } from "../../src/output/prebuffer";
import { Take } from "../../src/take/take";
import { Course, type Watched } from "../../src/view/course";

/** The kernel's clock is this much ahead of the page's; the request was at 100 on the kernel's. */
const AHEAD = 90;
const at = (sinceRequest: number) => 100 + sinceRequest - AHEAD;

type Changing<T> = { -readonly [K in keyof T]: T[K] };

/** A take of 100 ms chunks that came at these moments; asked for by itself, not yet heard. */
function bench(came: readonly number[], live = true, clocks: ReadonlyMap<string, Tie> = new Map()) {
  const take = new Take("t", "page");
  const open = { type: "open", take: "t", text: "", voice: "v", encoding: "pcm_s16le" } as const;
  const rest = { play: true, interrupt: false, heard: null, bytes: 0, words: 0 };
  const backend = { name: "engine", label: "built-in engine" };
  take.accept(
    { ...open, ...rest, backend, sample_rate: 1000, state: "speaking", sent: 100 },
    at(0),
  );
  const rows = came.map((moment, i) => ({ start: i / 10, duration: 0.1, received: 100 + moment }));
  came.forEach((moment, i) => {
    const pcm = new Uint8Array(200);
    const sent = 100 + moment;
    take.accept({ type: "audio", take: "t", sent, offset: 200 * i, pcm, live }, at(moment));
  });
  const sent = 100 + (came.at(-1) ?? 0);
  take.accept({ type: "chunks", take: "t", sent, index: 0, requested: 100, rows, clocks }, at(6));
  const playback: Changing<Watched["playback"]> = {
    active: true,
    ahead: 0,
    asked: at(0.01),
    first: null,
    firstSound: null,
    phase: "playing",
    position: 0,
    prebuffer: new Prebuffer(),
    problem: null,
    sounded: false,
    output: null,
    soundError: null,
  };
  const rendition: Changing<Watched> = { take, blocked: false, playback };
  const hear = (moment: number) => {
    playback.firstSound = at(moment);
    playback.first = new Listening();
    playback.sounded = true;
    return playback.first;
  };
  const totals = {
    state: "done",
    bytes: 200 * came.length,
    words: 0,
    phonemes: 0,
    text: "",
  } as const;
  const end = () => {
    const chunks = came.length;
    take.accept({ type: "end", take: "t", sent: 106, error: null, chunks, ...totals }, at(6));
  };
  return {
    take,
    playback,
    rendition,
    hear,
    end,
    course: new Course(rendition, new AbortController().signal),
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("the course of a take", () => {
  it("that was heard as it came tells the first sound and when the rest was due", () => {
    const { course, hear } = bench([0.1, 0.2, 0.3]);
    expect(course.sound).toBe("Not heard in this page yet");
    hear(0.15);
    expect(course.sound).toBeCloseTo(0.15, 9);
    const { how, dues, until } = course.told;
    expect([how, until]).toEqual(["heard", null]);
    expect(dues?.when(0.2)).toBeCloseTo(0.35, 9);
    const { least, dry } = course.summary(course.told, 1);
    expect(least).toBeCloseTo(0.05, 9);
    expect(dry).toEqual([]);
    expect(course.facts()).toMatchObject({ dry: [], chunks: 3, requested: true });
  });

  it("is told by the kernel's word on the clocks where it has one for this page, and how far off that is", () => {
    const clocks = new Map([
      ["page", { offset: AHEAD + 0.02, error: 0.003 }],
      ["other", { offset: 5, error: 0.001 }],
    ]);
    const { course, hear } = bench([0.1, 0.2, 0.3], true, clocks);
    expect(course.summary(course.told, 1).error).toBeCloseTo(0.003, 2);
    hear(0.15);
    expect(course.sound).toBeCloseTo(0.17, 9);
    expect(course.chunk(0)?.arrived).toBeCloseTo(0.12, 9);
    expect(course.facts().soundError.clocks).toBeCloseTo(0.0036, 3);
    const alone = bench([0.1, 0.2, 0.3]);
    alone.hear(0.15);
    expect(alone.course.facts().soundError).toEqual({ clocks: null, output: null });
    expect(alone.course.summary(alone.course.told, 1).error).toBeNull();
  });

  it("is told as far as it is known when a clock stood still meanwhile", () => {
    const { course, hear, take } = bench([0.1, 0.2, 0.3]);
    hear(0.15).ranDry(0.3, at(2));
    const told = (sent: number, offset: number) => {
      const clocks = new Map([["page", { offset, error: 0.001 }]]);
      const rows = { type: "chunks", take: "t", sent, index: 3, requested: 100, rows: [] } as const;
      take.accept({ ...rows, clocks }, at(sent - 100));
    };
    told(101, AHEAD);
    expect(course.told.how).toBe("heard");
    // An hour of the kernel's went by; whether before the silence or behind it, nobody knows.
    told(103, AHEAD + 3600);
    expect(course.sound).toBeCloseTo(0.15, 9);
    expect(course.told.how).toBe("paper");
    hear(2.5);
    expect(course.sound).toMatch(/stood still/);
  });

  it("on paper is told anew when the kernel tells of the clocks", () => {
    const { course, take } = bench([0.1, 0.2, 0.9]);
    expect(course.told.dues?.first).toBeCloseTo(0.1, 9);
    const clocks = new Map([["page", { offset: AHEAD + 0.02, error: 0.001 }]]);
    const message = { type: "chunks", take: "t", sent: 101, index: 3, requested: 100 } as const;
    take.accept({ ...message, rows: [], clocks }, at(1));
    expect(course.told.dues?.first).toBeCloseTo(0.12, 9);
  });

  it("has the silences that were heard, not those on paper", () => {
    const { course, hear } = bench([0.1, 0.2, 0.9, 1]);
    const listening = hear(0.15);
    listening.ranDry(0.2, at(0.35));
    listening.goesOn(at(1.05));
    const { dues } = course.told;
    expect(dues?.when(0.2)).toBeCloseTo(1.05, 9);
    const { dry, least } = course.summary(course.told, 1);
    expect(dry[0]).toBeCloseTo(0.7, 9);
    expect(least).toBeCloseTo(0.35 - 0.9, 9);
    expect(course.facts().dry?.[0]).toBeCloseTo(0.7, 9);
  });

  it("is told up to where a person took over, unless all had sounded by then", () => {
    const { course, take, hear } = bench([0.1, 0.2, 0.9]);
    const listening = hear(0.15);
    listening.disturb(at(0.3));
    listening.ranDry(0.1, at(0.8));
    expect(course.told.until).toBeCloseTo(0.3, 9);
    expect(course.told.dues?.silences).toEqual([]);
    expect(course.summary(course.told, 1).least).toBeCloseTo(0.05, 9);
    const other = bench([0.1, 0.2]);
    other.hear(0.15).disturb(at(7));
    other.end();
    expect(other.course.told.until).toBeNull();
    expect(take.live).toBe(true);
  });

  it.each([
    ["held back by the browser", "clicked"],
    ["asked for late", "after its first chunk had come"],
    ["shown after it had come", "asked for again, or shown later"],
    ["moved before it sounded", "before it sounded"],
    ["not possible here", "no way to make it sound"],
  ])("says nothing of the stream by a first sound that was %s", (why, reason) => {
    const { course, playback, rendition, take, hear, end } = bench([0.1, 0.2], why[0] !== "s");
    end();
    if (why[0] === "h") {
      rendition.blocked = true;
      take.changed();
      rendition.blocked = false;
    }
    if (why[0] === "a") playback.asked = at(4);
    if (why[0] === "m") hear(4).disturb(at(3));
    else if (why[0] === "n") playback.problem = "No Web Audio here.";
    else hear(4);
    expect(course.sound).toContain(reason);
    expect(course.facts().dry).toBeNull();
    expect(course.told.how).toBe("paper");
  });

  it("on paper begins with the first chunk, by the kernel's moments where the page asked for them", () => {
    const { course } = bench([0.1, 0.2, 0.9], false);
    expect(course.told).toMatchObject({ how: "paper", until: null });
    expect(course.told.dues?.first).toBeCloseTo(0.1, 9);
    const { dry, arrivals, told } = course.summary(course.told, 1);
    expect(dry[0]).toBeCloseTo(0.6, 9);
    expect([arrivals, told]).toEqual([false, "paper"]);
  });

  it("tells of silences also when it was started late, as long as more was still to come", () => {
    const { course, playback, hear, end } = bench([0.1, 0.2, 5.5]);
    playback.asked = at(4);
    const listening = hear(4.1);
    listening.ranDry(0.2, at(4.3));
    listening.goesOn(at(5.6));
    end();
    expect(course.sound).toContain("after its first chunk had come");
    expect(course.facts().dry?.[0]).toBeCloseTo(1.3, 9);
    expect(course.told.how).toBe("heard");
    expect(course.told.dues?.when(0.2)).toBeCloseTo(5.6, 9);
  });

  it("tells what the output lost by itself, which no chunk was late for", () => {
    vi.useFakeTimers();
    const { course, playback, hear } = bench([0.1, 0.2, 0.3]);
    hear(0.15);
    vi.advanceTimersByTime(1000 * at(0.35) - performance.now());
    playback.position = 0.2;
    course.watch();
    expect(course.summary(course.told, 1).lost).toBeCloseTo(0, 6);
    playback.position = 0.05;
    course.watch();
    expect(course.summary(course.told, 1).lost).toBeCloseTo(0.15, 6);
    playback.phase = "ended";
    vi.advanceTimersByTime(60_000);
    course.watch();
    expect(course.summary(course.told, 1).lost).toBeCloseTo(0.15, 6);
  });

  it("of nothing is nothing", () => {
    const { course } = bench([]);
    expect(course.told).toEqual({ how: "none", dues: null, until: null });
    expect(course.end(course.told)).toBe(0);
    expect(course.facts()).toMatchObject({ first: null, last: null, chunks: 0 });
  });

  it("is followed no longer once nobody looks at it", () => {
    const { take, playback } = bench([0.1]);
    let looks = 0;
    const rendition: Watched = {
      take,
      playback,
      get blocked() {
        looks++;
        return false;
      },
    };
    const gone = new AbortController();
    new Course(rendition, gone.signal);
    take.changed();
    gone.abort();
    take.changed();
    expect(looks).toBe(1);
  });
});
