import { describe, expect, it } from "vitest";
import { KernelClock } from "../../src/take/kernelclock";
import { random } from "../random";

describe("the kernel's clock, seen from a page", () => {
  it("is that of the quickest message as long as the kernel has told nothing, and says so", () => {
    const clock = new KernelClock();
    expect(clock.place(1)).toBeNull();
    expect(clock.heard(100, 10.05)).toBe(true);
    expect(clock.heard(100.1, 10.2)).toBe(false);
    expect(clock.heard(100.2, 10.22)).toBe(true);
    const placed = clock.place(11);
    expect(placed?.moment).toBeCloseTo(100.98, 9);
    expect(placed?.error).toBeNull();
  });

  it("is what the kernel told, the less sure the longer ago or ahead", () => {
    const clock = new KernelClock();
    clock.heard(100, 10.05);
    clock.told(20, { offset: 90.002, error: 0.002 });
    expect(clock.place(20)).toEqual({ moment: 110.002, error: 0.002 });
    expect(clock.place(30)?.error).toBeCloseTo(0.003, 9);
    expect(clock.place(10)?.error).toBeCloseTo(0.003, 9);
    expect(clock.version).toBe(1);
  });

  it("stays with the quickest message where the kernel knows less than that", () => {
    const clock = new KernelClock();
    clock.heard(100, 10.05);
    clock.told(20, { offset: 92, error: 1.5 });
    expect(clock.place(20)).toEqual({ moment: 109.95, error: null });
    expect(clock.version).toBe(0);
  });

  it("takes the surest that was told around a moment, whatever was told in between", () => {
    for (let seed = 0; seed < 100; seed++) {
      const next = random(seed);
      const clock = new KernelClock();
      const told: { at: number; error: number }[] = [];
      for (let at = 0; at < 200; at += 0.5) {
        const error = 0.002 + next() * 0.02;
        // The page's clock is 20 ppm slow.
        clock.told(at, { offset: 90 + at * 20e-6 + (next() - 0.5) * error, error });
        told.push({ at, error });
      }
      for (let i = 0; i < 50; i++) {
        const moment = next() * 220 - 10;
        const best = Math.min(
          ...told.map(({ at, error }) => error + 100e-6 * Math.abs(at - moment)),
        );
        const placed = clock.place(moment);
        expect(placed?.error).toBeLessThan(best + 0.0006);
        const off = Math.abs((placed?.moment ?? 0) - moment - 90 - moment * 20e-6);
        expect(off).toBeLessThanOrEqual((placed?.error ?? 0) + 1e-9);
      }
      // A view that has drawn what came is not made to do so at every message.
      expect(clock.version).toBeLessThan(6);
    }
  });

  it("knows each side of a sleep by what was told there", () => {
    const clock = new KernelClock();
    clock.told(10, { offset: 90, error: 0.002 });
    clock.told(12, { offset: 150, error: 0.003 });
    clock.told(14, { offset: 150, error: 0.001 });
    expect(clock.place(9)?.moment).toBe(99);
    expect(clock.place(13)?.moment).toBe(163);
    expect(clock.version).toBe(3);
  });

  it("knows nothing of what lies around the sleep, however sure it was before and is after", () => {
    const clock = new KernelClock();
    clock.heard(100, 10);
    for (const at of [10, 10.5, 11]) clock.told(at, { offset: 90, error: 0.002 });
    clock.told(12, { offset: 150, error: 0.003 });
    // The last that agreed was told at 11, though it said nothing new.
    expect(clock.place(11)?.moment).toBe(101);
    expect(clock.place(11.5)).toBeNull();
    expect(clock.place(12)?.moment).toBe(162);
  });
});
