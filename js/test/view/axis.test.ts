import { describe, expect, it } from "vitest";
import { Axis, spanFor } from "../../src/view/axis";

const live = { live: true, text: "x".repeat(150), total: null, rate: 8000, seconds: 0 };

describe("the time axis", () => {
  it("leaves room for what the text will need, and more when more has come", () => {
    expect(spanFor(live)).toBe(10);
    expect(spanFor({ ...live, text: "" })).toBe(1.5);
    expect(spanFor({ ...live, seconds: 12 })).toBe(12);
  });

  it("is as long as the take once that is known", () => {
    expect(spanFor({ ...live, live: false, seconds: 3, total: 32_000 })).toBe(4);
    expect(spanFor({ ...live, live: false, text: "", rate: 0 })).toBe(1.5);
  });

  it("begins at its scale, goes calmly to another, and arrives", () => {
    const axis = new Axis();
    axis.width = 100;
    expect(axis.follow(live, false)).toBe(false);
    expect(axis.span).toBe(10);
    const done = { ...live, live: false, total: 32_000 };
    let frames = 0;
    for (let before = axis.span; axis.follow(done, false); before = axis.span) {
      expect(axis.span).toBeLessThan(before);
      expect(before - axis.span).toBeLessThan(1.2);
      frames++;
    }
    expect(axis.span).toBe(4);
    expect(frames).toBeGreaterThan(10);
    expect(frames).toBeLessThan(60);
  });

  it("goes there at once where motion is not wanted", () => {
    const axis = new Axis();
    axis.follow(live, true);
    expect(axis.follow({ ...live, seconds: 20 }, true)).toBe(false);
    expect(axis.span).toBe(20);
  });

  it("leads from seconds to pixels and back", () => {
    const axis = new Axis();
    axis.follow(live, true);
    axis.width = 640;
    expect(axis.x(2.5)).toBe(160);
    expect(axis.seconds(160)).toBe(2.5);
  });
});
