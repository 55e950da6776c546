import { describe, expect, it } from "vitest";
import {
  chunkReading,
  dryReading,
  frequencyText,
  levelText,
  secondsText,
  spotReading,
  waveReading,
} from "../../src/view/readings";

describe("what the readout says", () => {
  it("of a time: to the hundredth where that is short", () => {
    expect([0, 1.239, 59.99, 62.44, 3723.1].map(secondsText)).toEqual([
      "0.00 s",
      "1.24 s",
      "59.99 s",
      "1:02.4",
      "1:02:03.1",
    ]);
  });

  it("of a frequency: Hz, then kHz", () => {
    expect([0, 444, 994, 996, 1318].map(frequencyText)).toEqual([
      "0 Hz",
      "440 Hz",
      "990 Hz",
      "1.00 kHz",
      "1.32 kHz",
    ]);
  });

  it("of a level: with a real minus, and silence by its name", () => {
    expect([-42.4, 0, -0.2, 3, -120, Number.NEGATIVE_INFINITY].map(levelText)).toEqual([
      "−42 dBFS",
      "0 dBFS",
      "0 dBFS",
      "3 dBFS",
      "silence",
      "silence",
    ]);
  });

  it("of a place on the wave or the spectrogram, also where nothing has come yet", () => {
    expect(waveReading(1, 0.5)).toBe("1.00 s · −6 dBFS");
    expect(waveReading(1, 0)).toBe("1.00 s · silence");
    expect(waveReading(1, null)).toBe("1.00 s");
    expect(spotReading(1, { seconds: 1, frequency: 1320, level: -42 })).toBe(
      "1.00 s · 1.32 kHz · −42 dBFS",
    );
    expect(spotReading(1, null)).toBe("1.00 s");
  });

  it("of a dry spell: how long it was silent, or is by now", () => {
    expect(dryReading({ at: 2, from: 10, to: 10.12 }, 99)).toBe(
      "2.00 s · ran dry, silent for 120 ms",
    );
    expect(dryReading({ at: 2, from: 10, to: null }, 11.5)).toBe(
      "2.00 s · ran dry, silent for 1.5 s so far",
    );
  });

  it("of a chunk: which, how long, and when it was received", () => {
    const chunk = { start: 1, duration: 0.08, received: 0.314 };
    expect(chunkReading(3, chunk, "request")).toBe(
      "chunk 3 · 80 ms long · received 0.31 s after the request",
    );
    expect(chunkReading(1, chunk, "first")).toContain("0.31 s after the first");
  });
});
