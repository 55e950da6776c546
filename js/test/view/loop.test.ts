import { describe, expect, it } from "vitest";
import { LEAD, Loop, SHORTEST } from "../../src/view/loop";

const looping = (from: number, to: number) => {
  const loop = new Loop();
  loop.select(from, to, 10);
  return loop;
};

describe("choosing a region", () => {
  it("takes its ends in any order, inside the take, and loops at once", () => {
    expect(looping(4, 2).region).toEqual({ from: 2, to: 4 });
    expect(looping(-1, 99).region).toEqual({ from: 0, to: 10 });
  });

  it("that is a slip of the hand changes nothing", () => {
    const loop = looping(1, 2);
    expect(loop.select(5, 5 + SHORTEST / 2, 10)).toBe(false);
    expect(loop.region).toEqual({ from: 1, to: 2 });
    expect(loop.select(Number.NaN, 5, 10)).toBe(false);
  });

  it("by its start alone lasts to the end, by its end alone from the beginning", () => {
    const one = new Loop();
    one.begin(3, 10);
    expect(one.region).toEqual({ from: 3, to: 10 });
    one.finish(5, 10);
    expect(one.region).toEqual({ from: 3, to: 5 });
    const other = new Loop();
    other.finish(4, 10);
    expect(other.region).toEqual({ from: 0, to: 4 });
  });

  it("a start after the end, or an end before the start, begins a new one", () => {
    const loop = looping(3, 5);
    loop.begin(6, 10);
    expect(loop.region).toEqual({ from: 6, to: 10 });
    loop.finish(2, 10);
    expect(loop.region).toEqual({ from: 0, to: 2 });
  });

  it("with nothing chosen takes what is around the playhead", () => {
    const near = (at: number, length: number) => {
      const loop = new Loop();
      loop.toggle(at, length);
      return loop.region;
    };
    expect(near(5, 10)).toEqual({ from: 4, to: 6 });
    expect(near(0, 10)).toEqual({ from: 0, to: 2 });
    expect(near(10, 10)).toEqual({ from: 8, to: 10 });
    expect(near(0.5, 1)).toEqual({ from: 0, to: 1 });
  });

  it("is remembered while looping is off, and forgotten when cleared", () => {
    const loop = looping(1, 2);
    loop.toggle(8, 10);
    expect(loop.region).toBeNull();
    expect(loop.clear()).toBe(false);
    const again = looping(1, 2);
    again.toggle(8, 10);
    again.toggle(8, 10);
    expect(again.region).toEqual({ from: 1, to: 2 });
    expect(again.clear()).toBe(true);
    expect(again.region).toBeNull();
  });

  it("an end that is moved stops at the other one", () => {
    const loop = looping(2, 4);
    loop.move("from", 9, 10);
    expect(loop.region?.from).toBeCloseTo(4 - SHORTEST);
    loop.move("to", 0, 10);
    expect(loop.region?.to).toBeCloseTo(4);
    loop.move("to", 99, 10);
    expect(loop.region?.to).toBe(10);
    new Loop().move("to", 1, 10);
  });
});

describe("playing a region", () => {
  it("begins at its start from anywhere else, and where it stands from inside", () => {
    const loop = looping(2, 4);
    expect(loop.start(0, 10)).toBe(2);
    expect(loop.start(3, 10)).toBeNull();
    expect(loop.start(4, 10)).toBe(2);
    expect(loop.start(10, 10)).toBe(2);
    expect(new Loop().start(10, 10)).toBeNull();
  });

  it("goes back just before its end, for what is on its way to the ear", () => {
    const loop = looping(2, 4);
    expect(loop.left(3, 10)).toBeCloseTo(1 - LEAD);
    expect(loop.left(4 - LEAD / 2, 10)).toBe(0);
    // One that stands before it comes there too.
    expect(loop.left(0, 10)).toBeCloseTo(4 - LEAD);
  });

  it("leaves one alone that was sent behind it", () => {
    expect(looping(2, 4).left(5, 10)).toBeNull();
    expect(new Loop().left(1, 10)).toBeNull();
  });

  it("up to the take's end goes back before the take is over", () => {
    const left = looping(8, 10).left(9, 10) ?? 0;
    expect(left).toBeLessThan(1 - LEAD);
    expect(left).toBeGreaterThan(0.9);
  });
});
