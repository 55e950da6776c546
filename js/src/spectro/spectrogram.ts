/** The spectrogram of one take: samples in as they come, levels and pixels out. */

import { paletteOf } from "./colours";
import { DEFAULT_HOP_S, DEFAULT_WINDOW_S, gridOf } from "./grid";
import { type LevelRange, Picture } from "./image";
import { Levels } from "./levels";
import { Rows, type Scale } from "./mel";
import { Stft } from "./stft";

export interface Choices {
  readonly scale?: Scale;
  /** The highest frequency shown, in Hz; no more than half the rate. */
  readonly frequency?: number;
  /** Rows of the picture. */
  readonly rows?: number;
  /** Seconds under the window, and between frames. */
  readonly window?: number;
  readonly hop?: number;
  /** Levels that the colours tell apart, in dB; follows the take if not given. */
  readonly range?: LevelRange | null;
  readonly theme?: "light" | "dark";
}

/** What lies under the pointer. */
export interface Spot {
  readonly seconds: number;
  readonly frequency: number;
  /** dB re a full-scale sine. */
  readonly level: number;
}

export class Spectrogram {
  readonly rows: Rows;
  readonly levels: Levels;
  readonly picture: Picture;
  readonly #stft: Stft;
  readonly #row: Float32Array;

  constructor(rate: number, choices: Choices = {}) {
    const { scale = "mel", frequency = 8000, rows = 160, theme = "light" } = choices;
    const grid = gridOf(rate, choices.window ?? DEFAULT_WINDOW_S, choices.hop ?? DEFAULT_HOP_S);
    this.rows = new Rows(grid, scale, rows, frequency);
    this.#stft = new Stft(grid, this.rows.bins);
    this.#row = new Float32Array(rows);
    this.levels = new Levels(rows);
    this.picture = new Picture(this.levels, grid, paletteOf(theme), choices.range ?? null);
  }

  /** Samples taken in: the next ones go on from here. */
  get received(): number {
    return this.#stft.received;
  }

  push(samples: Float32Array): void {
    this.#stft.push(samples, this.#take);
  }

  /** Say that no samples follow. */
  finish(): void {
    this.#stft.finish(this.#take);
  }

  /** What is at a time and a height, 0 at the bottom to 1 at the top; null where nothing is. */
  spot(seconds: number, height: number): Spot | null {
    const row = Math.round(height * (this.rows.count - 1));
    const level = this.levels.at(this.picture.columnAt(seconds), row);
    return level === null ? null : { seconds, frequency: this.rows.frequency(row), level };
  }

  readonly #take = (power: Float32Array): void => {
    this.rows.bring(power, this.#row);
    this.levels.put(this.#row);
  };
}
