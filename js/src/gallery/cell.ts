/** One take of a gallery: its picture, what it is, and a line where it sounds. */

import { Icon, make, put, write } from "../view/elements";
import type { Theme } from "../view/theme";
import type { Cell } from "./page";
import { paint } from "./picture";

/** How it stands: nothing, heard, awaited, or left in the middle. */
export type Standing = "idle" | "playing" | "waiting" | "paused";

export class CellView {
  readonly el: HTMLButtonElement;
  readonly #cell: Cell;
  readonly #seconds: number;
  readonly #icon = new Icon("play");
  readonly #line = make("span", "at");
  #paint: (() => void) | null = null;
  #standing: Standing | null = null;

  /** `seconds`: of the time axis of all. */
  constructor(cell: Cell, seconds: number, theme: () => Theme) {
    this.#cell = cell;
    this.#seconds = seconds;
    this.el = make("button", "cell", { type: "button" });
    const number = make("span", "number");
    write(number, String(cell.number));
    const name = make("span", "name", { dir: "auto", title: cell.label });
    write(name, cell.label);
    const length = make("span", "length");
    write(length, cell.seconds > 0 ? `${cell.seconds.toFixed(1)} s` : "");
    const top = make("span", "top");
    top.append(number, name);
    const frame = make("span", "frame");
    if (cell.take === null) put(this.el, "aria-disabled", "true");
    else top.prepend(this.#icon.el);
    if (cell.picture !== null) frame.append(this.#picture(cell, cell.picture, theme));
    if (cell.says !== "") {
      const says = make("span", "says", { dir: "auto" });
      write(says, cell.says);
      frame.append(says);
    }
    frame.append(this.#line);
    top.append(length);
    this.el.append(top, frame);
    this.show("idle", 0);
  }

  get cell(): Cell {
    return this.#cell;
  }

  /** It is heard, or not; at a second of it. */
  show(standing: Standing, position: number): void {
    const share = this.#seconds > 0 ? Math.min(1, position / this.#seconds) : 0;
    const left = `${(100 * share).toFixed(2)}%`;
    if (this.#line.style.left !== left) this.#line.style.left = left;
    if (standing === this.#standing) return;
    this.#standing = standing;
    put(this.el, "data-standing", standing);
    const sounds = standing === "playing" || standing === "waiting";
    this.#icon.show(sounds ? "pause" : "play");
    const { number, label, take, says, seconds } = this.#cell;
    const does = take === null ? "Take" : sounds ? "Pause take" : "Play take";
    const length = seconds > 0 ? `, ${seconds.toFixed(1)} seconds` : "";
    const why = says === "" ? "" : `: ${says}`;
    put(this.el, "aria-label", `${does} ${number}, ${label}${length}${why}`);
  }

  /** The theme has changed. */
  recolour(): void {
    this.#paint?.();
  }

  #picture(cell: Cell, png: Uint8Array<ArrayBuffer>, theme: () => Theme): HTMLCanvasElement {
    const canvas = make("canvas", "levels");
    canvas.style.width = `${(100 * cell.seconds) / (this.#seconds || 1)}%`;
    canvas.style.height = `${100 * cell.rows}%`;
    void paint(canvas, png, theme)
      .then((again) => {
        this.#paint = again;
      })
      .catch((error) => console.warn("[cartesia_nb] a picture could not be shown:", error));
    return canvas;
  }
}
