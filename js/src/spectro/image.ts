/**
 * A spectrogram's levels as pixels, in tiles, of which only new columns are painted.
 *
 * Knows no canvas. A view has one canvas for each tile; it puts `pixels` there as far as `update`
 * says, and draws the tiles, stretched, where `pieces` says. Row 0 of a tile is the highest.
 */

import { LENGTH, type Palette } from "./colours";
import type { Grid } from "./grid";
import { dbOf, type Levels } from "./levels";

export const TILE_COLUMNS = 256;
/** The brightest colour stands for the loudest so far, or for this: no hiss as bright as speech. */
const DIMMEST_TOP_DB = -60;
/** All is painted anew when the top moves, so it moves by steps. */
const TOP_STEP_DB = 6;
const SPAN_DB = 70;

/** Columns of a tile whose pixels are new. */
export interface Patch {
  readonly tile: number;
  readonly x: number;
  readonly width: number;
}

/** A part of a tile, and where it comes to lie across the view. */
export interface Piece {
  readonly tile: number;
  readonly sourceX: number;
  readonly sourceWidth: number;
  readonly x: number;
  readonly width: number;
}

/** Lowest and highest level that colours tell apart, in dB re full scale. */
export interface LevelRange {
  readonly low: number;
  readonly high: number;
}

/** The range for a take whose loudest is so loud, in dB. */
export function rangeFor(loudest: number, span = SPAN_DB): LevelRange {
  // No −0, which would be shown as such.
  const steps = Math.ceil(loudest / TOP_STEP_DB) || 0;
  const high = Math.max(DIMMEST_TOP_DB, steps * TOP_STEP_DB);
  return { low: high - span, high };
}

export class Picture {
  readonly #tiles: Uint32Array<ArrayBuffer>[] = [];
  /** The colour of each of the 256 levels. */
  readonly #colours = new Uint32Array(256);
  #range: LevelRange = { low: 0, high: 0 };
  #painted = 0;
  #pool = 1;
  #stale = true;

  /** With `fixed`, that range whatever comes: for takes to be compared. */
  constructor(
    readonly levels: Levels,
    readonly grid: Grid,
    private palette: Palette,
    private readonly fixed: LevelRange | null = null,
  ) {}

  /** What the colours stand for, since the last `update`. */
  get range(): LevelRange {
    return this.#range;
  }

  get tiles(): number {
    return this.#tiles.length;
  }

  /** A tile's pixels as an `ImageData` takes them: `TILE_COLUMNS` wide, as high as there are rows. */
  pixels(tile: number): Uint8ClampedArray<ArrayBuffer> {
    const words = this.#tiles[tile];
    if (words === undefined) throw new RangeError(`There is no tile ${tile} of ${this.tiles}.`);
    return new Uint8ClampedArray(words.buffer);
  }

  recolour(palette: Palette): void {
    this.palette = palette;
    this.#stale = true;
  }

  /** Paint what came since the last time; says which columns, and none twice for one tile. */
  update(): Patch[] {
    const range = this.fixed ?? rangeFor(this.levels.loudest);
    const moved = range.low !== this.#range.low || range.high !== this.#range.high;
    if (moved || this.#stale || this.#pool !== this.levels.pool) this.#startOver(range);
    const patches: Patch[] = [];
    const columns = this.levels.columns;
    // A column that had room for more frames is painted again.
    let column = Math.floor(this.#painted / this.#pool);
    if (this.#painted === this.levels.frames) return patches;
    while (column < columns) {
      const tile = Math.floor(column / TILE_COLUMNS);
      const x = column % TILE_COLUMNS;
      const width = Math.min(TILE_COLUMNS - x, columns - column);
      this.#paint(tile, x, width);
      patches.push({ tile, x, width });
      column += width;
    }
    this.#painted = this.levels.frames;
    return patches;
  }

  /** What of which tiles shows the seconds from `from` to `to` on a view `width` wide, in order. */
  pieces(from: number, to: number, width: number): Piece[] {
    const pieces: Piece[] = [];
    const perSecond = this.grid.rate / this.grid.hop / this.#pool;
    // A column reaches half a frame to either side of the frames in it.
    const before = 0.5 / this.#pool;
    const end = Math.min(to * perSecond + before, this.#painted / this.#pool);
    const start = Math.max(from * perSecond + before, 0);
    const scale = width / ((to - from) * perSecond);
    for (let left = start; left < end; ) {
      const tile = Math.floor(left / TILE_COLUMNS);
      const right = Math.min(end, (tile + 1) * TILE_COLUMNS);
      pieces.push({
        tile,
        sourceX: left - tile * TILE_COLUMNS,
        sourceWidth: right - left,
        x: (left - before - from * perSecond) * scale,
        width: (right - left) * scale,
      });
      left = right;
    }
    return pieces;
  }

  /** The column that shows a second; it may be beyond those that are there. */
  columnAt(seconds: number): number {
    const frame = Math.floor((seconds * this.grid.rate) / this.grid.hop + 0.5);
    return Math.floor(frame / this.levels.pool);
  }

  #startOver(range: LevelRange): void {
    this.#range = range;
    this.#stale = false;
    this.#pool = this.levels.pool;
    this.#painted = 0;
    this.#tiles.length = Math.min(
      this.#tiles.length,
      Math.ceil(this.levels.columns / TILE_COLUMNS),
    );
    for (const tile of this.#tiles) tile.fill(0);
    for (let level = 0; level < 256; level++) {
      const share = (dbOf(level) - range.low) / (range.high - range.low);
      const entry = Math.round(Math.min(Math.max(share, 0), 1) * (LENGTH - 1));
      this.#colours[level] = this.palette[entry] as number;
    }
  }

  #paint(tile: number, x: number, width: number): void {
    const { rows } = this.levels;
    this.#tiles[tile] ??= new Uint32Array(TILE_COLUMNS * rows);
    const pixels = this.#tiles[tile];
    for (let i = 0; i < width; i++) {
      const levels = this.levels.column(tile * TILE_COLUMNS + x + i);
      let at = (rows - 1) * TILE_COLUMNS + x + i;
      for (let row = 0; row < rows; row++, at -= TILE_COLUMNS) {
        pixels[at] = this.#colours[levels[row] as number] as number;
      }
    }
  }
}
