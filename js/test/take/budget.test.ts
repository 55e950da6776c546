import { describe, expect, it } from "vitest";
import { Budget, type Tenant } from "../../src/take/budget";

const MB = 1_000_000;

/** A take of whole megabytes; each is here or not. */
class Take implements Tenant {
  readonly here: boolean[];
  constructor(
    megabytes: number,
    readonly heardAt: number | null,
    readonly wanted: boolean,
    readonly playhead = 0,
  ) {
    this.here = new Array(megabytes).fill(true);
  }
  get held(): number {
    return this.here.filter(Boolean).length * MB;
  }
  get window(): [number, number] {
    return [(this.playhead - 2) * MB, (this.playhead + 10) * MB];
  }
  letGo(from: number, to: number, count: number, backwards: boolean): number {
    let freed = 0;
    const places = this.here.map((_, at) => at);
    for (const at of backwards ? places.reverse() : places) {
      if (freed >= count) break;
      if (!this.here[at] || at * MB < from || (at + 1) * MB > to) continue;
      this.here[at] = false;
      freed += MB;
    }
    return freed;
  }
}

/** The budget's 100 MB, of which 9 are kept free once it has let go. */
function keep(...takes: Take[]): Take[] {
  const budget = new Budget(100 * MB);
  for (const take of takes) budget.add(take);
  budget.keep();
  return takes;
}

const sizes = (takes: readonly Take[]) => takes.map(({ held }) => held / MB);

describe("the page's memory", () => {
  it("is left alone while there is room", () => {
    expect(sizes(keep(new Take(50, 1, false), new Take(49, 2, true)))).toEqual([50, 49]);
  });

  it("loses what was heard longest ago first", () => {
    const takes = keep(new Take(60, 2, false), new Take(60, 1, false), new Take(10, null, false));
    expect(sizes(takes)).toEqual([60, 21, 10]);
  });

  it("of a take that is not playing loses the end first: a Play starts at once", () => {
    const [take] = keep(new Take(120, 1, false));
    expect(take?.here.indexOf(false)).toBe(91);
  });

  it("of the one that plays loses what was heard, then what comes last, never the next minute", () => {
    const [take] = keep(new Take(120, 1, true, 20));
    // 18 MB behind it, 11 from the end.
    expect(take?.here.indexOf(true)).toBe(18);
    expect(take?.here.lastIndexOf(true)).toBe(108);
  });

  it("keeps what nobody has heard yet longer than what was heard of the one that plays", () => {
    const takes = keep(new Take(60, 1, true, 40), new Take(60, null, false));
    expect(sizes(takes)).toEqual([31, 60]);
  });

  it("lets go of nothing that sounds or is about to, be it too much", () => {
    const takes = Array.from({ length: 12 }, () => new Take(12, null, true));
    expect(sizes(keep(...takes))).toEqual(new Array(12).fill(10));
  });

  it("counts a take no more that is gone from the page", () => {
    const budget = new Budget(100 * MB);
    const take = new Take(50, 1, false);
    budget.add(take);
    budget.remove(take);
    expect(budget.held).toBe(0);
  });
});
