import { describe, expect, it } from "vitest";
import { Floor, type Step } from "../../src/floor/floor";

const brief = (steps: readonly Step[]) => steps.map(({ act, take }) => `${act} ${take}`);

describe("the floor", () => {
  it("lets what is said be heard in order, one after the other", () => {
    const floor = new Floor();
    expect(brief(floor.said("a"))).toEqual(["start a"]);
    expect(brief(floor.said("b"))).toEqual([]);
    expect(brief(floor.said("c"))).toEqual([]);
    expect(floor.waiting("b")).toBe(true);
    expect(brief(floor.ended("a"))).toEqual(["start b"]);
    expect(brief(floor.ended("b"))).toEqual(["start c"]);
    expect(brief(floor.ended("c"))).toEqual([]);
    expect(floor.holder).toBeNull();
  });

  it("takes a take once", () => {
    const floor = new Floor();
    floor.said("a");
    floor.said("b");
    expect(brief([...floor.said("a"), ...floor.said("b")])).toEqual([]);
    expect(brief(floor.ended("a"))).toEqual(["start b"]);
    expect(brief(floor.ended("b"))).toEqual([]);
  });

  it("an interruption ends what sounds and clears the queue", () => {
    const floor = new Floor();
    floor.said("a");
    floor.said("b");
    expect(brief(floor.said("c", true))).toEqual(["stop a", "stop b", "start c"]);
    expect(brief(floor.ended("c"))).toEqual([]);
  });

  it("a person's Play takes the floor; what sounded by itself goes on afterwards", () => {
    const floor = new Floor();
    floor.said("a");
    floor.said("b");
    expect(brief(floor.play("old"))).toEqual(["pause a", "start old"]);
    expect(brief(floor.ended("old"))).toEqual(["start a"]);
    expect(brief(floor.ended("a"))).toEqual(["start b"]);
  });

  it("a person's Play on one that waits brings it forward", () => {
    const floor = new Floor();
    floor.said("a");
    floor.said("b");
    floor.said("c");
    expect(brief(floor.play("c"))).toEqual(["pause a", "start c"]);
    expect(brief(floor.ended("c"))).toEqual(["start a"]);
    expect(brief(floor.ended("a"))).toEqual(["start b"]);
  });

  it("a hand-over begins the next before the other is left, which does not go on afterwards", () => {
    const floor = new Floor();
    floor.said("a");
    floor.said("waits");
    expect(brief(floor.handOver("a", "b"))).toEqual(["start b", "pause a"]);
    expect(floor.waiting("a")).toBe(false);
    expect(brief(floor.handOver("b", "a"))).toEqual(["start a", "pause b"]);
    expect(floor.waiting("waits")).toBe(true);
    expect(brief(floor.ended("a"))).toEqual(["start waits"]);
    expect(brief(floor.ended("waits"))).toEqual([]);
  });

  it("a hand-over to one that waits takes it from the queue", () => {
    const floor = new Floor();
    floor.said("a");
    floor.said("b");
    floor.said("c");
    expect(brief(floor.handOver("a", "c"))).toEqual(["start c", "pause a"]);
    expect(floor.waiting("c")).toBe(false);
    expect(brief(floor.ended("c"))).toEqual(["start b"]);
    expect(brief(floor.ended("b"))).toEqual([]);
  });

  it("a hand-over from one that is not heard is a person's Play, and that one waits no longer", () => {
    const floor = new Floor();
    floor.said("a");
    expect(brief(floor.play("other"))).toEqual(["pause a", "start other"]);
    expect(brief(floor.handOver("a", "b"))).toEqual(["pause other", "start b"]);
    expect(brief(floor.ended("b"))).toEqual(["start other"]);
    expect(brief(floor.ended("other"))).toEqual([]);
    const paused = new Floor();
    paused.said("a");
    paused.pause("a");
    expect(brief(paused.handOver("a", "b"))).toEqual(["start b"]);
    expect(brief(paused.ended("b"))).toEqual([]);
  });

  it("a pause keeps those that wait waiting, also those said later", () => {
    const floor = new Floor();
    floor.said("a");
    floor.said("b");
    expect(brief(floor.pause("a"))).toEqual(["pause a"]);
    expect(brief(floor.said("c"))).toEqual([]);
    expect(brief(floor.play("a"))).toEqual(["start a"]);
    expect(brief(floor.ended("a"))).toEqual(["start b"]);
  });

  it("with nobody waiting, what is said after a pause is heard at once", () => {
    const floor = new Floor();
    floor.said("a");
    floor.pause("a");
    expect(brief(floor.said("b"))).toEqual(["start b"]);
    expect(brief(floor.ended("b"))).toEqual([]);
  });

  it("what a person has paused does not start by itself after another one", () => {
    const floor = new Floor();
    floor.said("a");
    floor.pause("a");
    expect(brief(floor.play("b"))).toEqual(["start b"]);
    expect(brief(floor.ended("b"))).toEqual([]);
  });

  it("a stop ends one and the next goes on; one that waits leaves the queue", () => {
    const floor = new Floor();
    floor.said("a");
    floor.said("b");
    floor.said("c");
    expect(brief(floor.stop("b"))).toEqual(["stop b"]);
    expect(brief(floor.stop("a"))).toEqual(["stop a", "start c"]);
  });

  it("a stop of everything leaves silence", () => {
    const floor = new Floor();
    floor.said("a");
    floor.said("b");
    expect(brief(floor.stop(null))).toEqual(["stop a", "stop b"]);
    expect(floor.holder).toBeNull();
    expect(brief(floor.said("c"))).toEqual(["start c"]);
  });

  it("an end that comes late changes nothing", () => {
    const floor = new Floor();
    floor.said("a");
    floor.said("b");
    floor.stop("a");
    expect(brief(floor.ended("a"))).toEqual([]);
    expect(floor.holder).toBe("b");
  });
});
