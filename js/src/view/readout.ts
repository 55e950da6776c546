/** The small readout beside the pointer: it never covers what it speaks of. */

import { make, write } from "./elements";

/** CSS pixels between the place and the readout: for a mouse, and for a finger, which covers more. */
const AWAY = { mouse: 14, touch: 44 } as const;

/** And between it and the card's edge. */
const EDGE = 4;

export class Readout {
  readonly el = make("div", "readout", { "aria-hidden": "true" });

  constructor() {
    this.el.hidden = true;
  }

  /** Say `text` of the place `x`, `y` in a box that is `room` wide. */
  show(text: string, x: number, y: number, touch: boolean, room: number): void {
    write(this.el, text);
    this.el.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.el;
    const away = touch ? AWAY.touch : AWAY.mouse;
    const left = Math.max(EDGE, Math.min(x - width / 2, room - width - EDGE));
    // At the top there is no room above: below then; with a finger still above, over the edge.
    const above = y - away - height;
    const top = above < EDGE && !touch ? y + away + 6 : above;
    this.el.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  hide(): void {
    this.el.hidden = true;
  }
}
