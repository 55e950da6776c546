import { describe, expect, it } from "vitest";
import { LOOKED_THROUGH, Onset, type Sounding } from "../../src/view/onset";
import { random } from "../random";

const RATE = 8000;

/** A take of these samples, `here` of them come so far. */
function taken(samples: Float32Array, here = samples.length) {
  const take = {
    rate: RATE,
    here,
    over: true,
    get total() {
      return take.over ? samples.length : null;
    },
    reach: (from: number) => Math.max(from, take.here),
    samples: (from: number, to: number) => samples.slice(from, to),
  };
  return take satisfies Sounding;
}

function sound(silence: number, seconds: number, level = 0.3): Float32Array {
  const samples = new Float32Array(Math.round((silence + seconds) * RATE));
  for (let i = Math.round(silence * RATE); i < samples.length; i++) {
    samples[i] = level * Math.sin((2 * Math.PI * 200 * i) / RATE);
  }
  return samples;
}

function found(take: Sounding): number | null | undefined {
  const onset = new Onset(take);
  while (onset.follow());
  return onset.seconds;
}

describe("where speech begins", () => {
  it.each([0, 0.0025, 0.1, 0.5])("is after %s s of silence, to a block", (silence) => {
    expect(found(taken(sound(silence, 1)))).toBeCloseTo(silence, 3);
    // However quiet or loud it all is.
    expect(found(taken(sound(silence, 1, 0.01)))).toBeCloseTo(silence, 3);
  });

  it("is not where there is a click, nor in noise far below the speech", () => {
    const samples = sound(0.5, 1);
    samples[800] = 0.9;
    expect(found(taken(samples))).toBeCloseTo(0.5, 2);
    const next = random(3);
    const noisy = sound(0.5, 1).map((one) => one + 0.002 * (next() - 0.5));
    expect(found(taken(noisy))).toBeCloseTo(0.5, 2);
  });

  it("is nowhere in silence, in nothing, and in what is no number", () => {
    expect(found(taken(new Float32Array(RATE)))).toBeNull();
    expect(found(taken(new Float32Array(0)))).toBeNull();
    expect(found(taken(new Float32Array(RATE).fill(Number.NaN)))).toBeNull();
  });

  it("is known once all is here, and the same however it came", () => {
    const samples = sound(0.1234, 2);
    const take = taken(samples, 0);
    take.over = false;
    const onset = new Onset(take);
    for (; take.here < samples.length; take.here += 777) {
      onset.follow();
      expect(onset.seconds).toBeUndefined();
    }
    take.here = samples.length;
    take.over = true;
    while (onset.follow());
    expect(onset.seconds).toBe(found(taken(samples)));
  });

  it("waits for a gap and for what was let go, and gives up on a take of hours", () => {
    const gap = new Onset(taken(sound(0.1, 1), 1000));
    for (let i = 0; i < 10; i++) gap.follow();
    expect(gap.seconds).toBeUndefined();
    const hours = {
      ...taken(new Float32Array(0)),
      total: 3 * 3600 * RATE,
      reach: () => 3 * 3600 * RATE,
    };
    const onset = new Onset({ ...hours, samples: (from, to) => new Float32Array(to - from) });
    let looks = 0;
    while (onset.follow()) looks++;
    expect(looks).toBeLessThan(LOOKED_THROUGH / 5);
    expect(onset.seconds).toBeUndefined();
  });
});
