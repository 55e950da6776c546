/** The spectrogram of a take as it streams: its tiles, drawn where the axis says. */

import { cssOf, paletteOf } from "../spectro/colours";
import { TILE_COLUMNS } from "../spectro/image";
import type { Spot } from "../spectro/spectrogram";
import type { Take } from "../take/take";
import type { Axis } from "./axis";
import { Intake, ROWS } from "./intake";
import { Changed, Sheet } from "./sheet";
import type { Theme } from "./theme";

export class SpectrogramPart {
  readonly intake: Intake;
  readonly #sheet = new Sheet("spectrogram");
  readonly #changed = new Changed();
  #theme: Theme = "light";
  #tiles: HTMLCanvasElement[] = [];

  constructor(take: Take) {
    this.intake = new Intake(take);
  }

  get el(): HTMLElement {
    return this.#sheet.el;
  }

  /** In CSS pixels. */
  get height(): number {
    return this.#sheet.height;
  }

  fit(): void {
    this.#sheet.fit();
    this.#changed.forget();
  }

  recolour(theme: Theme): void {
    this.#theme = theme;
    this.intake.recolour(theme);
    this.#changed.forget();
  }

  /** Draw, after taking in a portion of what has come; true while there is more to take in. */
  draw(axis: Axis): boolean {
    const more = this.intake.step();
    const { shown } = this.intake;
    const frames = shown?.levels.frames ?? 0;
    if (this.#changed.since(axis.span, axis.width, shown, frames)) this.#paint(axis);
    return more;
  }

  /** What is at a second and a height, from 0 at the bottom to 1 at the top. */
  spot(seconds: number, height: number): Spot | null {
    return this.intake.shown?.spot(seconds, height) ?? null;
  }

  #paint(axis: Axis): void {
    const pen = this.#sheet.clean();
    if (pen === null) return;
    const { width, height } = this.#sheet;
    pen.fillStyle = cssOf(paletteOf(this.#theme), 0);
    pen.fillRect(0, 0, width, height);
    const picture = this.intake.shown?.picture;
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
