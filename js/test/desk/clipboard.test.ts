import { afterEach, describe, expect, it, vi } from "vitest";
import { copy } from "../../src/desk/clipboard";

afterEach(() => vi.unstubAllGlobals());

/** As much of a page as copying by selection needs. */
function page(works: boolean | Error) {
  const field = {
    value: "",
    readOnly: false,
    style: { cssText: "" },
    setAttribute: () => {},
    addEventListener: () => {},
    focus: () => {},
    select: vi.fn(),
    remove: vi.fn(),
  };
  const copied: string[] = [];
  vi.stubGlobal("HTMLElement", class {});
  vi.stubGlobal("document", {
    activeElement: null,
    createElement: () => field,
    body: { append: () => {} },
    execCommand: () => {
      if (works instanceof Error) throw works;
      if (works && field.select.mock.calls.length > 0) copied.push(field.value);
      return works;
    },
  });
  return { field, copied };
}

describe("copying", () => {
  it("uses the clipboard where there is one", async () => {
    const writeText = vi.fn(async () => {});
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    expect(await copy("code")).toBe(true);
    expect(writeText).toHaveBeenCalledWith("code");
  });

  it("selects and copies on plain http, where a page has no clipboard", async () => {
    vi.stubGlobal("navigator", {});
    const { field, copied } = page(true);
    expect(await copy("one\ntwo")).toBe(true);
    expect(copied).toEqual(["one\ntwo"]);
    expect(field.remove).toHaveBeenCalled();
  });

  it("does so too where the clipboard is not allowed", async () => {
    vi.stubGlobal("navigator", { clipboard: { writeText: () => Promise.reject(new Error("no")) } });
    const { copied } = page(true);
    expect(await copy("code")).toBe(true);
    expect(copied).toEqual(["code"]);
  });

  it("says so when nothing could be copied, and leaves nothing behind", async () => {
    vi.stubGlobal("navigator", {});
    for (const fault of [false, new Error("refused")]) {
      const { field } = page(fault);
      expect(await copy("code")).toBe(false);
      expect(field.remove).toHaveBeenCalled();
    }
  });
});
