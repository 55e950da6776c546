/** The position's slider: lies over the whole axis, for pointers and keys. */

import { make } from "./elements";

export interface SeekActions {
  /** Go to a place, in CSS pixels from the left edge. */
  to(x: number): void;
  /** Show a place while a pointer is dragged; null: no longer. */
  preview(x: number | null): void;
  /** Choose what lies between two places; `done` when the pointer is let go. */
  choose(a: number, b: number, done: boolean): void;
  /** Something is pointed at, or nothing any more. */
  point(at: Pointed | null): void;
  by(seconds: number): void;
  toStart(): void;
  toEnd(): void;
  toggle(): void;
}

/** A place on the axis, in CSS pixels from its upper left corner. */
export interface Pointed {
  readonly x: number;
  readonly y: number;
  readonly touch: boolean;
}

export function makeSeeker(actions: SeekActions): HTMLElement {
  const el = make("div", "seek", { role: "slider", tabindex: "0", "aria-label": "Position" });
  /** The pointer that is down, and where with Shift it went down. */
  let dragged: number | null = null;
  let chosen: number | null = null;
  const place = (event: PointerEvent): Pointed => {
    const box = el.getBoundingClientRect();
    const x = Math.min(box.width, Math.max(0, event.clientX - box.left));
    return { x, y: event.clientY - box.top, touch: event.pointerType === "touch" };
  };
  const letGo = () => {
    dragged = null;
    chosen = null;
    actions.preview(null);
  };
  el.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    dragged = event.pointerId;
    el.setPointerCapture(event.pointerId);
    const { x } = place(event);
    if (event.shiftKey) chosen = x;
    else actions.preview(x);
  });
  el.addEventListener("pointermove", (event) => {
    const at = place(event);
    actions.point(at);
    if (event.pointerId !== dragged) return;
    if (chosen !== null) actions.choose(chosen, at.x, false);
    else actions.preview(at.x);
  });
  el.addEventListener("pointerup", (event) => {
    const at = place(event);
    if (at.touch) actions.point(null);
    if (event.pointerId !== dragged) return;
    const from = chosen;
    letGo();
    if (from !== null) actions.choose(from, at.x, true);
    else actions.to(at.x);
  });
  el.addEventListener("pointercancel", () => {
    // Nothing was chosen then.
    if (chosen !== null) actions.choose(chosen, chosen, true);
    letGo();
    actions.point(null);
  });
  el.addEventListener("pointerleave", () => actions.point(null));
  el.addEventListener("keydown", (event) => {
    const act = keyAction(event, actions);
    if (act === null) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  return el;
}

function keyAction(event: KeyboardEvent, actions: SeekActions): (() => void) | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  switch (event.key) {
    case "ArrowLeft":
    case "ArrowDown":
      return () => actions.by(-1);
    case "ArrowRight":
    case "ArrowUp":
      return () => actions.by(1);
    case "PageDown":
      return () => actions.by(-5);
    case "PageUp":
      return () => actions.by(5);
    case "Home":
      return actions.toStart;
    case "End":
      return actions.toEnd;
    case " ":
      return actions.toggle;
    default:
      return null;
  }
}
