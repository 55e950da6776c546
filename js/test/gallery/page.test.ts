import { describe, expect, it } from "vitest";
import { whichText } from "../../src/gallery/bar";
import { type Page, parse } from "../../src/gallery/page";

const cell = { number: 7, label: "speed 1.2", take: "t7", seconds: 2.5, rows: 1, says: "" };
const sent = {
  type: "page",
  ask: 3,
  grows: true,
  known: "k",
  page: 2,
  pages: 3,
  takes: 15,
  seconds: 3.2,
  filters: [{ name: "speed", values: ["0.8", "1.2"], chosen: 1 }],
  cells: [
    { ...cell, picture: 0 },
    {
      number: 8,
      label: "speed 1",
      take: null,
      seconds: 0,
      rows: 1,
      says: "failed: no",
      picture: null,
    },
  ],
};

const pageOf = (content: unknown, buffers: unknown = []) => parse(content, buffers) as Page;

describe("a page from the kernel", () => {
  it("is what was sent, each cell with the picture that is its own", () => {
    const buffer = new Uint8Array([9, 1, 2, 3, 9]).buffer;
    const page = pageOf(sent, [new DataView(buffer, 1, 3)]);
    expect(page).toMatchObject({ ask: 3, grows: true, known: "k", page: 2, pages: 3, takes: 15 });
    expect(page.filters).toEqual(sent.filters);
    expect(page.cells[0]).toMatchObject(cell);
    expect([...(page.cells[0]?.picture ?? [])]).toEqual([1, 2, 3]);
    expect(page.cells[1]).toMatchObject({ take: null, says: "failed: no", picture: null });
  });

  it("keeps a copy of a picture, as hosts use their buffers again", () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const page = pageOf(sent, [bytes]);
    bytes.fill(0);
    expect([...(page.cells[0]?.picture ?? [])]).toEqual([1, 2, 3]);
  });

  it("is usable where parts of it are rubbish", () => {
    const page = pageOf({
      ...sent,
      page: 99,
      seconds: "long",
      filters: [null, { values: [1] }, { name: "speed", values: [1, "2"], chosen: "1" }],
      cells: [null, { label: "no number" }, { number: 1, rows: 70, seconds: -1, picture: 5 }],
    });
    expect(page.page).toBe(3);
    expect(page.seconds).toBe(0);
    expect(page.filters).toEqual([{ name: "speed", values: ["", "2"], chosen: null }]);
    expect(page.cells).toEqual([
      { number: 1, label: "", take: null, seconds: 0, rows: 1, says: "", picture: null },
    ]);
  });

  it.each([
    null,
    "page",
    {},
    { type: "page" },
    { type: "page", ask: "3" },
    { type: "pong", ask: 3 },
    { type: "page", ask: Number.NaN },
  ])("is none where it is %j", (junk) => {
    expect(parse(junk, null)).toBeNull();
  });

  it("may say that nothing has changed, or why there is none", () => {
    expect(parse({ type: "same", ask: 1, grows: false }, [])).toEqual({
      type: "same",
      ask: 1,
      grows: false,
    });
    expect(parse({ type: "problem", ask: 1, text: "It can't be read." }, [])).toEqual({
      type: "problem",
      ask: 1,
      text: "It can't be read.",
    });
  });

  it("is told of in a few words", () => {
    expect(whichText(pageOf(sent))).toBe("Page 2 of 3 · 15 takes");
    expect(whichText(pageOf({ ...sent, pages: 1, takes: 1 }))).toBe("1 take");
  });
});
