import { describe, expect, it } from "vitest";
import { Milestones } from "../src/milestones";
import { random } from "./random";

describe("milestones", () => {
  it("say when all up to them was there, each once", () => {
    const rows = new Milestones();
    rows.reached(0, 10, 1);
    rows.reached(10, 30, 2);
    expect(rows.take(1)).toEqual([[10, 1]]);
    expect([rows.length, rows.take(9), rows.take(9)]).toEqual([1, [[30, 2]], []]);
  });

  it("leave out what comes again or lies before, the first time counts", () => {
    const rows = new Milestones();
    rows.reached(0, 30, 1);
    rows.reached(0, 20, 2);
    rows.reached(10, 30, 3);
    rows.reached(10, 40, 4);
    expect(rows.take(9)).toEqual([
      [30, 1],
      [40, 4],
    ]);
  });

  it("say up to where nothing is known before what is known again, and not of an end unknown", () => {
    const rows = new Milestones();
    rows.reached(0, 10, null);
    rows.reached(10, 20, null);
    expect(rows.length).toBe(0);
    rows.reached(20, 30, 5);
    rows.reached(50, 60, 6);
    rows.reached(60, 70, null);
    expect(rows.take(9)).toEqual([
      [20, null],
      [30, 5],
      [50, null],
      [60, 6],
    ]);
  });

  it("never go back, whatever comes in any order", () => {
    for (let seed = 0; seed < 200; seed++) {
      const next = random(seed);
      const rows = new Milestones();
      for (let at = 0; at < 40; at++) {
        const from = Math.floor(next() * 100);
        rows.reached(from, from + Math.floor(next() * 20), next() < 0.3 ? null : at);
      }
      const all = rows.take(1000);
      const ends = all.map(([end]) => end);
      expect(ends).toEqual([...new Set(ends)].sort((a, b) => a - b));
      const moments = all.flatMap(([, at]) => (at === null ? [] : [at]));
      expect(moments).toEqual([...moments].sort((a, b) => a - b));
    }
  });
});
