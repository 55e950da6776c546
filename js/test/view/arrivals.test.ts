import { describe, expect, it } from "vitest";
import { type Chunks, marks, nearest } from "../../src/view/arrivals";
import { Axis } from "../../src/view/axis";

/** Chunks that begin at these seconds; counts how often one is looked at. */
class Row implements Chunks {
  looks = 0;
  readonly version = 1;
  readonly requested = 0;
  constructor(readonly starts: readonly number[]) {}
  get length(): number {
    return this.starts.length;
  }
  get(index: number) {
    this.looks++;
    const start = this.starts[index];
    return start === undefined ? undefined : { start, duration: 0.08, received: start };
  }
}

function axis(span: number, width: number): Axis {
  const made = new Axis();
  made.width = width;
  made.follow({ live: false, text: "", total: span, rate: 1, seconds: span }, true);
  return made;
}

const hour = () => new Row(Array.from({ length: 45_000 }, (_, i) => i * 0.08));

describe("the marks of chunks", () => {
  it("are all there where they have room, the first and the last as well", () => {
    expect(marks(new Row([0, 2, 5, 9]), axis(10, 100), 3)).toEqual([0, 20, 50, 90]);
  });

  it("are as many as have room, each at its chunk's place", () => {
    expect(marks(new Row([0, 0.1, 0.2, 0.3, 0.4, 5, 5.1]), axis(10, 100), 3)).toEqual([0, 3, 50]);
  });

  it("are none where there are no chunks, or no room at all", () => {
    expect(marks(new Row([]), axis(10, 100), 3)).toEqual([]);
    expect(marks(new Row([0, 1, 2]), axis(10, 0), 3)).toEqual([0]);
  });

  it("cost a few looks each, not one for every chunk of an hour", () => {
    const chunks = hour();
    const places = marks(chunks, axis(3600, 700), 3);
    expect(places.length).toBeGreaterThan(200);
    expect(chunks.looks).toBeLessThan(10_000);
  });
});

describe("the chunk that is pointed at", () => {
  it("is the nearest within reach, on either side", () => {
    const chunks = new Row([0, 2, 5, 9]);
    const at = (x: number) => nearest(chunks, axis(10, 100), x, 6);
    expect([0, 6, 14, 20, 26, 35, 95, 100].map(at)).toEqual([0, 0, 1, 1, 1, null, 3, null]);
  });

  it("is found among an hour's in a few looks", () => {
    const chunks = hour();
    expect(nearest(chunks, axis(3600, 700), 350, 6)).toBe(22_500);
    expect(chunks.looks).toBeLessThan(50);
  });
});
