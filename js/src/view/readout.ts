/** The small readout beside the pointer: it never covers what it speaks of. */

import { make, write } from "./elements";

/** CSS pixels between the place and the readout: for a mouse, and for a finger, which covers more. */
const AWAY = { mouse: 14, touch: 44 } as const;

export class Readout {
  readonly el = make("div", "readout", { "aria-hidden": "true" });

  constructor() {
    this.el.hidden = true;
  }

  /** Say `text` of the place `x`, `y` in the box `within`, of the same origin as the element's. */
  show(text: string, x: number, y: number, touch: boolean, within: DOMRect): void {
    write(this.el, text);
    this.el.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.el;
    const away = touch ? AWAY.touch : AWAY.mouse;
    const left = Math.min(Math.max(within.x, x - width / 2), within.right - width);
    let top = y - away - height;
    // At the top there is no room above: below then, or with a finger still above, over the edge.
    if (top < within.y && !touch) top = y + away + 6;
    this.el.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  hide(): void {
    this.el.hidden = true;
  }
}
