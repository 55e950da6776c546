import { describe, expect, it } from "vitest";
import { DRY_SECONDS, FIRST_SECONDS, MOST_SECONDS, Prebuffer } from "../../src/output/prebuffer";

describe("the prebuffer", () => {
  it("starts small", () => {
    const prebuffer = new Prebuffer();
    expect(prebuffer.ready(FIRST_SECONDS - 0.001, false)).toBe(false);
    expect(prebuffer.ready(FIRST_SECONDS, false)).toBe(true);
  });

  it("does not wait for more than there will be", () => {
    expect(new Prebuffer().ready(0.001, true)).toBe(true);
    expect(new Prebuffer().ready(0, true)).toBe(true);
  });

  it("is more than a chunk after a dry spell, and doubles after each further one, to a bound", () => {
    const prebuffer = new Prebuffer();
    const sizes = Array.from({ length: 8 }, () => {
      prebuffer.ranDry();
      return prebuffer.seconds;
    });
    expect(sizes.slice(0, 3)).toEqual([DRY_SECONDS, 2 * DRY_SECONDS, 4 * DRY_SECONDS]);
    expect(sizes.at(-1)).toBe(MOST_SECONDS);
  });

  it("takes back what it learnt from a silence that was the end", () => {
    const prebuffer = new Prebuffer();
    prebuffer.ranDry();
    prebuffer.ranDry();
    prebuffer.wasTheEnd();
    expect(prebuffer.seconds).toBe(DRY_SECONDS);
  });

  it("that is fixed never grows, starts with just that much in hand, and can be given up", () => {
    let wished: number | null = 0.2;
    const prebuffer = new Prebuffer(() => wished);
    expect(prebuffer.fixed).toBe(true);
    expect(prebuffer.ready(0.19, false)).toBe(false);
    expect(prebuffer.ready(0.2, false)).toBe(true);
    for (let i = 0; i < 5; i++) prebuffer.ranDry();
    expect(prebuffer.seconds).toBe(0.2);
    wished = 0;
    expect(prebuffer.ready(0, false)).toBe(false);
    expect(prebuffer.ready(0.001, false)).toBe(true);
    wished = null;
    expect(prebuffer.fixed).toBe(false);
    expect(prebuffer.seconds).toBe(MOST_SECONDS);
  });
});
