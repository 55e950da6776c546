import { expect, it } from "vitest";
import { framesOf } from "../../src/spectro/grid";
import { Spectrogram } from "../../src/spectro/spectrogram";
import { decibels } from "../../src/spectro/stft";
import { caseOf } from "./fixtures";

it("a take's levels are Python's, from samples to rows", () => {
  const one = caseOf("24 kHz");
  const [mel] = one.mel;
  if (mel === undefined) throw new Error("the case has no rows");
  const spectrogram = new Spectrogram(one.rate, { rows: mel.rows, frequency: mel.frequency });
  for (let at = 0; at < one.samples.length; at += 333) {
    spectrogram.push(one.samples.subarray(at, at + 333));
  }
  spectrogram.finish();
  expect(spectrogram.received).toBe(one.samples.length);
  expect(spectrogram.levels.columns).toBe(one.frames);
  mel.power.forEach((power, i) => {
    const level = spectrogram.levels.at(Math.floor(i / mel.rows), i % mel.rows) ?? Number.NaN;
    expect(Math.abs(level - decibels(power))).toBeLessThan(0.26);
  });
});

it.each(["mel", "linear"] as const)("the pointer finds a tone on the %s scale", (scale) => {
  const rate = 16000;
  const tone = Float32Array.from(
    { length: rate },
    (_, n) => (n < rate / 2 ? 0 : 0.5) * Math.sin((2 * Math.PI * 2000 * n) / rate),
  );
  const spectrogram = new Spectrogram(rate, { scale, frequency: 6000 });
  spectrogram.push(tone);
  spectrogram.finish();
  expect(spectrogram.levels.frames).toBe(framesOf(spectrogram.picture.grid, rate));
  const height = spectrogram.rows.at(2000) / (spectrogram.rows.count - 1);
  const heard = spectrogram.spot(0.7, height);
  expect(heard?.seconds).toBe(0.7);
  expect(Math.abs((heard?.frequency ?? 0) - 2000)).toBeLessThan(30);
  expect(Math.abs((heard?.level ?? 0) + 6)).toBeLessThan(1);
  expect(spectrogram.spot(0.3, height)?.level).toBe(-120);
  expect(spectrogram.spot(0.7, 0.02)?.level).toBeLessThan(-60);
  expect(spectrogram.spot(1.2, height)).toBeNull();
  expect(spectrogram.spot(0.7, 1.5)).toBeNull();
});

it("a tone shows in the loudest colour of the picture, where its time and frequency are", () => {
  const spectrogram = new Spectrogram(16000, { theme: "dark", rows: 50, scale: "linear" });
  spectrogram.push(Float32Array.from({ length: 8000 }, (_, n) => Math.sin((Math.PI * n) / 4)));
  spectrogram.picture.update();
  const [piece] = spectrogram.picture.pieces(0, 1, 100);
  expect(piece?.tile).toBe(0);
  const pixels = spectrogram.picture.pixels(0);
  const brightness = Array.from({ length: 50 }, (_, y) => {
    const at = 4 * (y * 256 + 20);
    return (pixels[at] ?? 0) + (pixels[at + 1] ?? 0) + (pixels[at + 2] ?? 0);
  });
  // 2 kHz of 8, from the top.
  expect(brightness.indexOf(Math.max(...brightness))).toBe(Math.round(49 * 0.75));
});
