import { describe, expect, it } from "vitest";
import { gridOf } from "../../src/spectro/grid";
import { Rows } from "../../src/spectro/mel";
import { frequencyTicks, kilohertz, timeTicks } from "../../src/view/ticks";

const labels = (span: number, width: number) =>
  timeTicks(span, width, 52, 7)
    .map(({ text }) => text)
    .filter((text) => text !== "");

describe("the ticks of a time axis", () => {
  it("are seconds a person counts in", () => {
    expect(labels(6, 600)).toEqual(["0 s", "1", "2", "3", "4", "5", "6"]);
    expect(labels(1.5, 600)).toEqual(["0 s", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2", "1.4"]);
    expect(labels(180, 600)).toEqual(["0:00", "0:30", "1:00", "1:30", "2:00", "2:30", "3:00"]);
    expect(labels(3600, 240)).toEqual(["0:00", "15:00", "30:00", "45:00", "1:00:00"]);
  });

  it("are apart enough for their labels and for the eye, for takes of any length", () => {
    for (const width of [120, 240, 760, 3000]) {
      for (let span = 0.3; span < 90_000; span *= 1.37) {
        const ticks = timeTicks(span, width, 52, 7);
        const at = (seconds: number) => (seconds / span) * width;
        const named = ticks.filter(({ text }) => text !== "").map(({ seconds }) => at(seconds));
        expect(named.length).toBeGreaterThan(0);
        expect(ticks.every(({ seconds }) => at(seconds) <= width + 1e-6)).toBe(true);
        for (let i = 1; i < named.length; i++) {
          expect((named[i] ?? 0) - (named[i - 1] ?? 0)).toBeGreaterThanOrEqual(51.999);
        }
        for (let i = 1; i < ticks.length; i++) {
          const apart = at(ticks[i]?.seconds ?? 0) - at(ticks[i - 1]?.seconds ?? 0);
          expect(apart).toBeGreaterThanOrEqual(6.999);
        }
      }
    }
  });

  it("are none where there is no room", () => {
    expect(timeTicks(5, 0, 52, 7)).toEqual([]);
    expect(timeTicks(0, 100, 52, 7)).toEqual([]);
  });
});

describe("the ticks of a frequency axis", () => {
  const ticks = (scale: "mel" | "linear", rate: number, height: number) => {
    const rows = new Rows(gridOf(rate), scale, 160, 8000);
    const place = (hertz: number) => height * (1 - rows.at(hertz) / (rows.count - 1));
    const found = frequencyTicks(scale, rows.top, place, 15);
    for (let i = 1; i < found.length; i++) {
      expect(place(found[i - 1] ?? 0) - place(found[i] ?? 0)).toBeGreaterThanOrEqual(15 - 1e-9);
    }
    return found.map(kilohertz).join(" ");
  };

  it("are few, round, and apart", () => {
    expect(ticks("mel", 44_100, 116)).toBe("0 0.5 1 2 4 8");
    expect(ticks("linear", 44_100, 116)).toBe("0 2 4 6 8");
  });

  it("end where the rate does", () => {
    expect(ticks("mel", 8000, 116)).toBe("0 0.5 1 2 4");
    expect(ticks("linear", 8000, 92)).toBe("0 1 2 3 4");
  });
});
