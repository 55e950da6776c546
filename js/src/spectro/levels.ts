/**
 * What a spectrogram has come to so far: a level for each column and row, in one byte.
 *
 * Bounded: when the columns reach their limit, neighbours are joined two by two, each keeping the
 * louder, so that an hour takes no more room than a minute and no short sound gets lost.
 */

import { decibels, QUIETEST_DB } from "./stft";

/** dB from one level to the next; level 0 is `QUIETEST_DB`, and 255 is 7.5 dB over full scale. */
export const STEP_DB = 0.5;
/** More columns than a picture has dots across; even. */
export const MOST_COLUMNS = 4096;

export class Levels {
  #data: Uint8Array;
  #frames = 0;
  #pool = 1;
  #loudest = 0;

  constructor(
    readonly rows: number,
    readonly limit = MOST_COLUMNS,
  ) {
    if (limit < 2 || limit % 2 !== 0) {
      throw new RangeError(`The limit is ${limit} columns; it must be even and at least 2.`);
    }
    this.#data = new Uint8Array(Math.min(limit, 128) * rows);
  }

  /** Frames put so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Frames that share a column. */
  get pool(): number {
    return this.#pool;
  }

  /** Columns so far; the last one may have room for more frames. */
  get columns(): number {
    return Math.ceil(this.#frames / this.#pool);
  }

  /** The loudest level so far, in dB. */
  get loudest(): number {
    return dbOf(this.#loudest);
  }

  /** The next frame's power by row. */
  put(power: Float32Array): void {
    if (this.#frames === this.limit * this.#pool) this.#join();
    const column = Math.floor(this.#frames / this.#pool);
    this.#reserve(column + 1);
    const start = column * this.rows;
    for (let row = 0; row < this.rows; row++) {
      const level = levelOf(power[row] ?? 0);
      if (level > (this.#data[start + row] as number)) this.#data[start + row] = level;
      if (level > this.#loudest) this.#loudest = level;
    }
    this.#frames++;
  }

  /** The levels of a column, lowest row first; valid until the next `put`. */
  column(column: number): Uint8Array {
    return this.#data.subarray(column * this.rows, (column + 1) * this.rows);
  }

  /** In dB; null where there is nothing. */
  at(column: number, row: number): number | null {
    if (!(column >= 0 && column < this.columns && row >= 0 && row < this.rows)) return null;
    return dbOf(this.#data[Math.floor(column) * this.rows + Math.floor(row)] ?? 0);
  }

  #join(): void {
    const half = this.limit / 2;
    for (let column = 0; column < half; column++) {
      for (let row = 0; row < this.rows; row++) {
        const from = 2 * column * this.rows + row;
        const a = this.#data[from] as number;
        const b = this.#data[from + this.rows] as number;
        this.#data[column * this.rows + row] = Math.max(a, b);
      }
    }
    this.#data.fill(0, half * this.rows);
    this.#pool *= 2;
  }

  #reserve(columns: number): void {
    if (columns * this.rows <= this.#data.length) return;
    const size = Math.min(this.limit, 2 * columns) * this.rows;
    const data = new Uint8Array(size);
    data.set(this.#data);
    this.#data = data;
  }
}

export function dbOf(level: number): number {
  return QUIETEST_DB + level * STEP_DB;
}

function levelOf(power: number): number {
  return Math.min(255, Math.round((decibels(power) - QUIETEST_DB) / STEP_DB));
}
