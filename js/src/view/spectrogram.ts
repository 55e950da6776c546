/** The spectrogram of a take as it streams: fed in portions, its tiles drawn where the axis says. */

import { cssOf, paletteOf } from "../spectro/colours";
import { TILE_COLUMNS } from "../spectro/image";
import type { Scale } from "../spectro/mel";
import { Spectrogram, type Spot } from "../spectro/spectrogram";
import type { Take } from "../take/take";
import type { Axis } from "./axis";
import { Changed, Sheet } from "./sheet";
import type { Theme } from "./theme";

/** Milliseconds of one frame that may go into taking samples in. */
const BUDGET_MS = 3;
/** Seconds of sound in one portion: about a third of a millisecond. */
const PORTION = 0.1;
/** The highest frequency, in Hz: speech has little above it. */
const TOP = 8000;
const ROWS = 160;
/**
 * What the colours tell apart, in dB. The same for every take and from its first moment on: one
 * that followed the loudest so far would change the whole picture while it streams.
 */
export const RANGE = { low: -80, high: -10 } as const;

export class SpectrogramPart {
  readonly #take: Take;
  readonly #sheet = new Sheet("spectrogram");
  readonly #changed = new Changed();
  #scale: Scale = "mel";
  #theme: Theme = "light";
  #now: Spectrogram | null = null;
  /** Another scale's, until it has caught up: the picture is never empty for a change of scale. */
  #next: Spectrogram | null = null;
  #finished = false;
  /** Some of what was drawn was not here then. */
  #holes = false;
  #tiles: HTMLCanvasElement[] = [];

  constructor(take: Take) {
    this.#take = take;
  }

  get el(): HTMLElement {
    return this.#sheet.el;
  }

  get scale(): Scale {
    return this.#scale;
  }

  set scale(scale: Scale) {
    if (scale === this.#scale) return;
    this.#scale = scale;
    this.#next = null;
    this.#finished = false;
    if (this.#take.rate > 0) this.#next = this.#make();
  }

  /** In CSS pixels. */
  get height(): number {
    return this.#sheet.height;
  }

  /** What is drawn now: for its axis, and for what lies under the pointer. */
  get shown(): Spectrogram | null {
    return this.#now;
  }

  fit(): void {
    this.#sheet.fit();
    this.#changed.forget();
  }

  recolour(theme: Theme): void {
    this.#theme = theme;
    for (const one of [this.#now, this.#next]) one?.picture.recolour(paletteOf(theme));
    this.#changed.forget();
  }

  /** Draw, after taking in a portion of what has come; true while there is more to take in. */
  draw(axis: Axis): boolean {
    const more = this.#feed();
    const frames = this.#now?.levels.frames ?? 0;
    if (this.#changed.since(axis.span, axis.width, this.#now, frames)) this.#paint(axis);
    return more;
  }

  /** What is at a second and a height, from 0 at the bottom to 1 at the top. */
  spot(seconds: number, height: number): Spot | null {
    return this.#now?.spot(seconds, height) ?? null;
  }

  #make(): Spectrogram {
    const choices = { scale: this.#scale, frequency: TOP, rows: ROWS, theme: this.#theme };
    return new Spectrogram(this.#take.rate, { ...choices, range: RANGE });
  }

  #feed(): boolean {
    const take = this.#take;
    if (take.rate === 0) return false;
    this.#now ??= this.#make();
    // The end that was believed was none, or what was let go is here again.
    const wrong = this.#finished && this.#into.received !== (take.total ?? -1);
    if (wrong || (this.#holes && !take.away)) this.#again();
    if (this.#finished) return false;
    const until = performance.now() + BUDGET_MS;
    const portion = Math.ceil(PORTION * take.rate);
    do {
      const from = this.#into.received;
      const reach = Math.min(take.reach(from), from + portion);
      if (reach > from) this.#into.push(take.samples(from, reach));
      else {
        const resumed = this.#goneUntil(from) ?? (take.cut ? take.resumes(from) : null);
        if (resumed === null) return this.#end();
        // What lies behind what is not here is worth seeing all the same.
        this.#holes ||= !take.cut;
        this.#into.push(new Float32Array(Math.min(resumed - from, portion)));
      }
    } while (performance.now() < until);
    return true;
  }

  /** All that is here has been taken in. */
  #end(): boolean {
    const { total } = this.#take;
    if (total !== null && this.#into.received >= total) {
      this.#into.finish();
      this.#finished = true;
    }
    if (this.#next !== null) {
      this.#now = this.#next;
      this.#next = null;
    }
    return false;
  }

  get #into(): Spectrogram {
    const into = this.#next ?? this.#now;
    if (into === null) throw new Error("There is no spectrogram before the rate is known.");
    return into;
  }

  /** Where, at `from`, what was let go to spare memory ends; null if that one was not. */
  #goneUntil(from: number): number | null {
    const { store, sampleBytes, away } = this.#take;
    if (!away) return null;
    const gone = store.gone(from * sampleBytes, store.end)[0];
    if (gone === undefined || gone[0] > from * sampleBytes) return null;
    return Math.ceil(gone[1] / sampleBytes);
  }

  #again(): void {
    this.#finished = false;
    this.#holes = false;
    this.#next = this.#make();
  }

  #paint(axis: Axis): void {
    const pen = this.#sheet.clean();
    if (pen === null) return;
    const { width, height } = this.#sheet;
    pen.fillStyle = cssOf(paletteOf(this.#theme), 0);
    pen.fillRect(0, 0, width, height);
    const picture = this.#now?.picture;
    if (picture === undefined) return;
    for (const { tile, x, width: wide } of picture.update()) {
      const image = new ImageData(picture.pixels(tile), TILE_COLUMNS, ROWS);
      this.#tile(tile).getContext("2d")?.putImageData(image, 0, 0, x, 0, wide, ROWS);
    }
    this.#tiles.length = Math.min(this.#tiles.length, Math.max(1, picture.tiles));
    for (const piece of picture.pieces(0, axis.span, width)) {
      const tile = this.#tile(piece.tile);
      pen.drawImage(
        tile,
        piece.sourceX,
        0,
        piece.sourceWidth,
        ROWS,
        piece.x,
        0,
        piece.width,
        height,
      );
    }
  }

  #tile(index: number): HTMLCanvasElement {
    let tile = this.#tiles[index];
    if (tile === undefined) {
      tile = document.createElement("canvas");
      tile.width = TILE_COLUMNS;
      tile.height = ROWS;
      this.#tiles[index] = tile;
    }
    return tile;
  }
}
