import { describe, expect, it } from "vitest";
import { readTabMessage } from "../../src/floor/channel";

const here = {
  type: "here",
  page: "p",
  asks: true,
  begun: ["a"],
  born: 1,
  used: 0,
  visible: true,
  blocked: false,
  holds: [],
} as const;

describe("what another tab says", () => {
  it.each([
    here,
    { type: "took", page: "p", take: "a", person: true, at: 2 },
    { type: "stood", page: "p", take: "a", seconds: 1.5 },
    { type: "stopped", page: "p", take: "a" },
    { type: "left", page: "p" },
  ])("is read as it was said: $type", (message) => {
    expect(readTabMessage(message)).toEqual(message);
  });

  it("may have more in it than is known here", () => {
    expect(readTabMessage({ ...here, mood: "good" })).toEqual(here);
  });

  it.each([
    null,
    "here",
    {},
    [],
    { type: "left" },
    { type: "sang", page: "p", take: "a" },
    { ...here, holds: "a" },
    { ...here, begun: [1] },
    { ...here, used: null },
    { ...here, born: Number.NaN },
    { type: "took", page: "p", take: "a" },
    { type: "stood", page: "p", take: "a", seconds: Number.POSITIVE_INFINITY },
    { type: "stopped", page: "p", take: 1 },
  ])("is passed over where it is not understood: %j", (data) => {
    expect(readTabMessage(data)).toBeNull();
  });
});
