import { describe, expect, it, vi } from "vitest";
import { Looks, PARTS } from "../../src/view/looks";

class Model {
  readonly #listeners: [string, () => void][] = [];
  constructor(readonly traits: Record<string, unknown>) {}
  get(name: string): unknown {
    return this.traits[name];
  }
  on(name: string, listener: () => void): void {
    this.#listeners.push([name, listener]);
  }
  off(name: string, listener: () => void): void {
    const at = this.#listeners.findIndex((one) => one[0] === name && one[1] === listener);
    this.#listeners.splice(at, 1);
  }
  change(name: string, value: unknown): void {
    this.traits[name] = value;
    for (const [of, listener] of this.#listeners) if (of === `change:${name}`) listener();
  }
}

describe("how a player looks", () => {
  it("is everything in a notebook's size where nothing is said", () => {
    for (const looks of [new Looks(), new Looks(new Model({}))]) {
      expect(looks.now).toEqual({ show: PARTS, size: 1 });
    }
  });

  it("is what is known of what its model says, within bounds", () => {
    const looks = (show: unknown, size: unknown) => new Looks(new Model({ show, size })).now;
    expect(looks(["words", "smell", "wave", 3], 2)).toEqual({ show: ["wave", "words"], size: 2 });
    expect(looks([], 99)).toEqual({ show: [], size: 3 });
    expect(looks("wave", Number.NaN)).toEqual({ show: PARTS, size: 1 });
    expect(looks(null, 0).size).toBe(0.75);
  });

  it("follows its model until it is over", () => {
    const over = new AbortController();
    const model = new Model({ show: ["wave"], size: 1 });
    const looks = new Looks(model, over.signal);
    const told = vi.fn();
    looks.onChange(told, over.signal);
    model.change("size", 1.5);
    model.change("show", []);
    expect(looks.now).toEqual({ show: [], size: 1.5 });
    expect(told).toHaveBeenCalledTimes(2);
    over.abort();
    model.change("size", 2);
    expect(looks.now.size).toBe(1.5);
  });
});
