/** The looped region on the axis, with a handle at each end for fingers and keys. */

import type { Axis } from "./axis";
import { make, put } from "./elements";
import type { Region } from "./loop";
import { spokenTenths } from "./text";

/** Seconds that a key moves an end by. */
const STEP = 0.1;

export interface RegionActions {
  move(edge: keyof Region, to: number): void;
}

export class RegionView {
  readonly el = make("div", "region");
  readonly #handles: Readonly<Record<keyof Region, HTMLElement>>;
  #axis: Axis | null = null;
  #region: Region | null = null;

  constructor(actions: RegionActions) {
    this.#handles = {
      from: this.#handle("from", "Loop start", actions),
      to: this.#handle("to", "Loop end", actions),
    };
    this.el.append(this.#handles.from, this.#handles.to);
    this.el.hidden = true;
  }

  /** Whether one of its handles has the focus. */
  get focused(): boolean {
    return this.el.matches(":focus-within");
  }

  draw(axis: Axis, region: Region | null, length: number): void {
    this.#axis = axis;
    this.#region = region;
    this.el.hidden = region === null;
    if (region === null) return;
    const left = axis.x(region.from);
    this.el.style.left = `${left.toFixed(1)}px`;
    this.el.style.width = `${(axis.x(region.to) - left).toFixed(1)}px`;
    for (const edge of ["from", "to"] as const) {
      const handle = this.#handles[edge];
      put(handle, "aria-valuemin", "0");
      put(handle, "aria-valuemax", length.toFixed(1));
      put(handle, "aria-valuenow", region[edge].toFixed(1));
      put(handle, "aria-valuetext", spokenTenths(region[edge]));
    }
  }

  #handle(edge: keyof Region, name: string, actions: RegionActions): HTMLElement {
    const el = make("div", `handle ${edge}`, {
      role: "slider",
      tabindex: "0",
      "aria-label": name,
    });
    let dragged: number | null = null;
    el.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      dragged = event.pointerId;
      el.setPointerCapture(event.pointerId);
    });
    el.addEventListener("pointermove", (event) => {
      const box = this.el.parentElement?.getBoundingClientRect();
      if (event.pointerId !== dragged || box === undefined || this.#axis === null) return;
      actions.move(edge, this.#axis.seconds(event.clientX - box.left));
    });
    for (const over of ["pointerup", "pointercancel"]) {
      el.addEventListener(over, () => {
        dragged = null;
      });
    }
    el.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (way === undefined || this.#region === null) return;
      event.preventDefault();
      event.stopPropagation();
      actions.move(edge, this.#region[edge] + way * STEP);
    });
    return el;
  }
}
