/**
 * What sound at 44.1 kHz costs: `npx vitest bench --run test/spectro`.
 *
 * Ten seconds a turn, in chunks of 100 ms; a tenth of a turn is the cost of a second.
 */

import { bench, describe } from "vitest";
import { gridOf } from "../../src/spectro/grid";
import { Spectrogram } from "../../src/spectro/spectrogram";
import { Stft } from "../../src/spectro/stft";
import { samples } from "../random";

const RATE = 44100;
const CHUNK = RATE / 10;
const sound = samples(10 * RATE, 1);
const chunks = Array.from({ length: 100 }, (_, i) => sound.subarray(i * CHUNK, (i + 1) * CHUNK));

function whole(scale: "mel" | "linear", rows: number): void {
  const spectrogram = new Spectrogram(RATE, { scale, rows });
  for (const chunk of chunks) {
    spectrogram.push(chunk);
    spectrogram.picture.update();
  }
  spectrogram.finish();
  spectrogram.picture.update();
}

describe("ten seconds at 44.1 kHz", () => {
  bench("frames alone", () => {
    const stft = new Stft(gridOf(RATE));
    for (const chunk of chunks) stft.push(chunk, () => {});
  });
  bench("down to pixels, mel, 160 rows", () => whole("mel", 160));
  bench("down to pixels, linear, 320 rows", () => whole("linear", 320));
});
