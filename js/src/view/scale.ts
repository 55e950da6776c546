/** What the spectrogram's height and colours mean: kHz at its side, dB in a small key. */

import { cssOf, LENGTH, paletteOf } from "../spectro/colours";
import type { Scale } from "../spectro/mel";
import type { Spectrogram } from "../spectro/spectrogram";
import { make, put, write } from "./elements";
import { RANGE } from "./intake";
import { Changed } from "./sheet";

import type { Theme } from "./theme";
import { frequencyTicks, kilohertz } from "./ticks";

/** CSS pixels from label to label, at size 1. */
const ROOM = 15;
const STOPS = 12;

export class FrequencyScale {
  readonly el = make("div", "frequencies", { "aria-hidden": "true" });
  readonly #changed = new Changed();

  draw(shown: Spectrogram | null, height: number, size: number): void {
    if (!this.#changed.since(shown, height, size)) return;
    this.el.replaceChildren();
    if (shown === null || height === 0) return;
    const { rows } = shown;
    const place = (hertz: number) => height * (1 - rows.at(hertz) / (rows.count - 1));
    const ticks = frequencyTicks(rows.scale, rows.top, place, ROOM * size);
    for (const hertz of ticks) {
      const tick = make("span", "hertz");
      write(tick, hertz === ticks.at(-1) ? `${kilohertz(hertz)} kHz` : kilohertz(hertz));
      tick.style.top = `${place(hertz).toFixed(1)}px`;
      this.el.append(tick);
    }
  }
}

/** The button that changes between mel and linear. */
export class ScaleButton {
  readonly el = make("button", "scale", { type: "button" });

  constructor(switched: () => void) {
    this.el.addEventListener("click", switched);
  }

  show(scale: Scale): void {
    const other = scale === "mel" ? "linear" : "mel";
    write(this.el, scale);
    put(this.el, "aria-label", `Frequency scale: ${scale}`);
    put(this.el, "title", `Frequency scale: ${scale}. Click for ${other}`);
  }
}

/** A strip of the colours with the levels at its ends. */
export class ColourKey {
  readonly el = make("span", "key", { role: "img" });
  readonly #strip = make("span", "strip");

  constructor() {
    const low = `−${-RANGE.low}`;
    const high = `−${-RANGE.high} dB`;
    const [before, after] = [make("span", ""), make("span", "")];
    write(before, low);
    write(after, high);
    this.el.append(before, this.#strip, after);
    put(this.el, "aria-label", `Colours from ${low} to ${high}`);
    put(this.el, "title", "Level, relative to a full-scale sine");
  }

  recolour(theme: Theme): void {
    const palette = paletteOf(theme);
    const stops = Array.from({ length: STOPS }, (_, i) =>
      cssOf(palette, Math.round((i / (STOPS - 1)) * (LENGTH - 1))),
    );
    this.#strip.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  }
}
