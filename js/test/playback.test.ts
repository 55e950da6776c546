import { describe, expect, it } from "vitest";
import type { Output } from "../src/output/output";
import { resampledOutput } from "../src/output/resampled";
import { Resampler } from "../src/output/resampler";
import { Playback } from "../src/playback";
import { Take } from "../src/take/take";
import { Bench, BLOCK, RATE } from "./bench";
import { random, samples } from "./random";

async function settle(): Promise<void> {
  // The output is promised, and the end waits for the ear.
  await new Promise((done) => setTimeout(done));
}

function bench(count: number, through: (bench: Bench) => Output = (bench) => bench) {
  const wanted = samples(count, count);
  const raw = new Uint8Array(wanted.buffer);
  const take = new Take("t");
  const output = new Bench();
  const log: string[] = [];
  const playback = new Playback(take, {
    output: async () => through(output),
    ended: () => log.push("ended"),
    heard: () => log.push("heard"),
  });
  take.accept({
    type: "open",
    take: "t",
    sent: 0,
    text: "",
    backend: { name: "engine", label: "" },
    voice: "",
    encoding: "pcm_f32le",
    sample_rate: RATE,
    play: true,
    interrupt: false,
    heard: null,
    state: "connecting",
    bytes: 0,
    words: 0,
  });
  const audio = (from: number, to: number) =>
    take.accept({ type: "audio", take: "t", sent: 0, offset: from, pcm: raw.slice(from, to) });
  const end = () =>
    take.accept({
      type: "end",
      take: "t",
      sent: 0,
      state: "done",
      bytes: raw.length,
      words: 0,
      phonemes: 0,
      chunks: 0,
      text: "",
      error: null,
    });
  return { wanted, raw, take, output, log, playback, audio, end };
}

describe("a playback", () => {
  it.each([1, 100, 5000, 30_000])(
    "plays %i samples bit for bit, split anywhere, in any order",
    async (count) => {
      const { wanted, raw, output, log, playback, audio, end } = bench(count);
      const next = random(count);
      playback.start();
      await settle();
      const pieces: [number, number][] = [];
      for (let at = 0; at < raw.length; ) {
        const to = Math.min(raw.length, at + 1 + Math.floor(next() ** 2 * 20_000));
        pieces.push([at, to]);
        at = to;
      }
      for (const [from, to] of pieces.sort(() => next() - 0.5)) audio(from, to);
      end();
      output.run(Math.ceil(count / BLOCK) + 4);
      await settle();
      expect(output.find(wanted)).toBe(0);
      expect(playback.phase).toBe("ended");
      expect(log.filter((what) => what === "ended")).toHaveLength(1);
    },
  );

  it("waits at a gap, however much lies behind it, and goes on when it is filled", async () => {
    const { wanted, raw, output, playback, audio, end } = bench(8000);
    playback.start();
    await settle();
    audio(0, 16_002);
    audio(20_001, raw.length);
    end();
    output.run(80);
    expect(playback.phase).toBe("waiting");
    expect(playback.sample).toBe(4000);
    expect(playback.dry).toMatchObject([{ at: 0.5, to: null }]);
    audio(16_002, 20_001);
    output.run(80);
    await settle();
    expect(playback.phase).toBe("ended");
    expect(output.find(wanted.slice(0, 4000))).toBe(0);
    expect(output.find(wanted.slice(4000))).toBeGreaterThan(4000);
  });

  it("plays what is behind a gap that nobody can fill any more", async () => {
    const { wanted, raw, take, output, playback, audio } = bench(8000);
    playback.start();
    await settle();
    audio(0, 16_000);
    audio(20_000, raw.length);
    take.cutOff();
    for (let i = 0; i < 80; i++) {
      output.run(1);
      await settle();
    }
    expect(output.find(wanted.slice(5000))).toBeGreaterThan(0);
    expect(playback.phase).toBe("ended");
  });

  it("does not start before there is enough, and starts at once when there is", async () => {
    const { output, playback, audio } = bench(8000);
    playback.start();
    await settle();
    audio(0, 39 * 8 * 4);
    output.run(2);
    expect(playback.phase).toBe("waiting");
    audio(39 * 8 * 4, 40 * 8 * 4);
    output.run(1);
    expect(playback.phase).toBe("playing");
  });

  it("pauses and goes on with the next sample", async () => {
    const { wanted, raw, output, playback, audio, end } = bench(8000);
    audio(0, raw.length);
    end();
    playback.start();
    await settle();
    output.run(10);
    playback.pause();
    output.run(10);
    expect(playback.phase).toBe("paused");
    expect(playback.sample).toBe(1280);
    playback.start();
    output.run(80);
    await settle();
    expect(output.find(wanted.slice(1280))).toBeGreaterThan(0);
  });

  it("seeks while it plays, and plays again from the start after its end", async () => {
    const { wanted, raw, output, playback, audio, end } = bench(8000);
    audio(0, raw.length);
    end();
    playback.start();
    await settle();
    output.run(5);
    playback.seek(0.5);
    await settle();
    output.run(60);
    await settle();
    expect(output.find(wanted.slice(4000))).toBeGreaterThan(0);
    expect(playback.phase).toBe("ended");
    expect(playback.position).toBe(1);
    const before = output.heard.length;
    playback.start();
    await settle();
    output.run(70);
    expect(output.heard.slice(before, before + 8000)).toEqual([...wanted]);
  });

  it("hands over a bounded part ahead and follows it", async () => {
    const { wanted, raw, output, playback, audio, end } = bench(13 * RATE);
    audio(0, raw.length);
    end();
    playback.start();
    await settle();
    output.run(Math.ceil((13 * RATE) / BLOCK) + 4);
    await settle();
    expect(Float32Array.from(output.heard.slice(0, wanted.length))).toEqual(wanted);
    expect(playback.dry).toEqual([]);
  }, 30_000);

  it("does not end before the end has come, whoever says that it is over", async () => {
    const { wanted, raw, take, output, playback, audio, end } = bench(8000);
    playback.start();
    await settle();
    audio(0, 16_000);
    const said = { take: "t", sent: 0, bytes: 16_000, words: 0, phonemes: 0, chunks: 0, text: "" };
    for (const state of ["done", "cancelled", "failed"] as const) {
      take.accept({ ...said, type: "progress", state, detail: null });
      expect([take.ended, take.total, take.endless]).toEqual([false, null, true]);
    }
    output.run(40);
    await settle();
    expect(playback.phase).toBe("waiting");
    audio(16_000, raw.length);
    output.run(40);
    end();
    output.run(2);
    await settle();
    expect(playback.phase).toBe("ended");
    expect(output.find(wanted.slice(4000))).toBeGreaterThan(0);
  });

  it("of a take that stayed empty is over at once", async () => {
    const { take, log, playback } = bench(0);
    playback.start();
    take.cutOff();
    await settle();
    expect(playback.phase).toBe("ended");
    expect(log).toContain("ended");
  });

  it("says why where nothing can sound, and lets the next one have its turn", async () => {
    const take = new Take("t");
    const log: string[] = [];
    const playback = new Playback(take, {
      output: async () => {
        throw new Error("This browser has no Web Audio.");
      },
      ended: () => log.push("ended"),
      heard: () => log.push("heard"),
    });
    take.format = { encoding: "pcm_f32le", rate: 8000 };
    playback.start();
    await settle();
    expect(playback.phase).toBe("failed");
    expect(playback.problem).toBe("This browser has no Web Audio.");
    expect(log).toEqual(["ended"]);
  });
});

describe("what a listening was like", () => {
  /** The page's clock at a block that has been rendered, as the bench has it. */
  const at = (blocks: number) => 1000 + (blocks * BLOCK) / RATE;

  it("says when the first sample was audible, and where and for how long it ran dry", async () => {
    const { output, playback, audio, raw, end } = bench(8000);
    expect(playback.firstSound).toBeNull();
    playback.start();
    await settle();
    output.run(3);
    expect(playback.firstSound).toBeNull();
    audio(0, 10 * BLOCK * 4);
    output.run(11);
    expect(playback.firstSound).toBe(at(3));
    const spell = { at: (10 * BLOCK) / RATE, from: at(13) };
    expect(playback.dry).toEqual([{ ...spell, to: null }]);
    output.run(5);
    audio(10 * BLOCK * 4, 20 * BLOCK * 4);
    output.run(1);
    expect(playback.dry).toMatchObject([{ ...spell }]);
    // The ramp up to the sample after a silence is no sample yet.
    expect(playback.dry[0]?.to).toBeCloseTo(at(19) + 0.005, 2);
    audio(20 * BLOCK * 4, raw.length);
    end();
    output.run(80);
    await settle();
    expect(playback.phase).toBe("ended");
    expect(playback.dry).toHaveLength(1);
    expect(playback.first?.disturbed).toBeNull();
  });

  it("does not count a silence in which it turned out to be over", async () => {
    const { output, playback, audio, raw, end } = bench(8000);
    playback.start();
    await settle();
    audio(0, raw.length);
    output.run(70);
    expect(playback.dry).toMatchObject([{ at: 1, to: null }]);
    end();
    output.run(2);
    await settle();
    expect(playback.phase).toBe("ended");
    expect(playback.dry).toEqual([]);
    expect(playback.prebuffer.seconds).toBe(0.04);
  });

  it("ends a dry spell when a person pauses or seeks, and keeps it until it starts anew", async () => {
    const { output, playback, audio, raw, end } = bench(8000);
    playback.start();
    await settle();
    audio(0, 8000);
    output.run(20);
    playback.pause();
    expect(playback.dry[0]?.to).not.toBeNull();
    playback.seek(0.01);
    playback.start();
    await settle();
    output.run(20);
    expect(playback.dry).toHaveLength(2);
    playback.seek(0.1);
    expect(playback.dry[1]?.to).not.toBeNull();
    const first = playback.firstSound;
    expect(playback.first?.disturbed).not.toBeNull();
    playback.stop();
    expect(playback.dry).toHaveLength(2);
    playback.start();
    expect(playback.dry).toEqual([]);
    audio(8000, raw.length);
    end();
    await settle();
    output.run(80);
    await settle();
    expect(playback.dry).toEqual([]);
    expect(playback.firstSound).toBe(first);
    expect(playback.first?.dry).toHaveLength(2);
  });
});

describe("where the browser refuses the stream's rate", () => {
  it("plays it resampled, whole and in order, says so, and skips what cannot come any more", async () => {
    const { wanted, raw, take, output, playback, audio } = bench(8000, (inner) =>
      resampledOutput(inner, RATE),
    );
    playback.start();
    await settle();
    expect(playback.output?.unusual).toContain(
      "resampled to 11025 Hz, as this browser plays no 8000 Hz",
    );
    audio(0, 12_000);
    output.run(60);
    await settle();
    expect(playback.phase).toBe("waiting");
    // The last few are held back until those are here that sound into them.
    expect(playback.sample).toBeGreaterThan(2960);
    audio(12_000, 20_000);
    audio(24_000, raw.length);
    for (let i = 0; i < 60; i++) {
      output.run(1);
      await settle();
    }
    expect(playback.sample).toBeGreaterThan(4960);
    take.cutOff();
    for (let i = 0; i < 60; i++) {
      output.run(1);
      await settle();
    }
    expect(playback.phase).toBe("ended");
    const resampler = new Resampler(RATE, 11_025);
    const first = resampler.push(wanted.slice(0, 3000));
    expect(output.find(first)).toBe(0);
    // What comes after the silence goes on where it was, as if there had been none.
    expect(output.find(resampler.push(wanted.slice(3000, 5000)))).toBeGreaterThan(first.length);
    const last = new Resampler(RATE, 11_025);
    const rest = last.push(wanted.slice(6000));
    expect(output.find(rest)).toBeGreaterThan(0);
    expect(output.find(last.end())).toBeGreaterThan(0);
  });
});
