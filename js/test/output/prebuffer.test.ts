import { describe, expect, it } from "vitest";
import { FIRST_SECONDS, MOST_SECONDS, Prebuffer } from "../../src/output/prebuffer";

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

  it("doubles after each dry spell, to a bound, and counts them", () => {
    const prebuffer = new Prebuffer();
    const sizes = Array.from({ length: 8 }, () => {
      prebuffer.ranDry();
      return prebuffer.seconds;
    });
    expect(sizes.slice(0, 3)).toEqual([0.08, 0.16, 0.32]);
    expect(sizes.at(-1)).toBe(MOST_SECONDS);
    expect(prebuffer.dry).toBe(8);
  });
});
