/** A canvas that is as sharp as the screen; and the colours of the theme, for drawing. */

import { make } from "./elements";

const COLOURS = ["fg", "muted", "line", "bar", "rest", "accent", "alert"] as const;
export type Colours = Readonly<Record<(typeof COLOURS)[number], string>>;

/** The colours that hold at `el`, as the styles have them. */
export function coloursAt(el: Element): Colours {
  const style = getComputedStyle(el);
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return Object.fromEntries(COLOURS.map((name) => [name, read(name)])) as Colours;
}

export class Sheet {
  readonly el: HTMLCanvasElement;
  /** In CSS pixels, as of the last `fit`. */
  width = 0;
  height = 0;

  constructor(className = "") {
    this.el = make("canvas", className, { "aria-hidden": "true" });
  }

  /** Look how large it is now; call it when that may have changed, not for each drawing. */
  fit(): void {
    this.width = this.el.clientWidth;
    this.height = this.el.clientHeight;
    const dots = globalThis.devicePixelRatio || 1;
    // Assigning clears it, so only what differs is assigned.
    const w = Math.round(this.width * dots);
    const h = Math.round(this.height * dots);
    if (this.el.width !== w) this.el.width = w;
    if (this.el.height !== h) this.el.height = h;
    this.pen?.setTransform(dots, 0, 0, dots, 0, 0);
  }

  get pen(): CanvasRenderingContext2D | null {
    return this.el.getContext("2d");
  }

  /** A pen on a clean sheet; null where there is nothing to see. */
  clean(): CanvasRenderingContext2D | null {
    const { pen } = this;
    if (pen === null || this.width === 0 || this.height === 0) return null;
    pen.clearRect(0, 0, this.width, this.height);
    return pen;
  }
}

/** What a drawing was made of: true when that has changed since the last time. */
export class Changed {
  #of: readonly unknown[] = [];

  since(...of: readonly unknown[]): boolean {
    const same = of.length === this.#of.length && of.every((one, i) => Object.is(one, this.#of[i]));
    this.#of = of;
    return !same;
  }

  /** Draw again whatever it was made of. */
  forget(): void {
    this.#of = [];
  }
}
