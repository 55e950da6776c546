/** The player's buttons, its volume and its slider, with the names a screen reader says. */

import { Icon, type IconName, make, put } from "./elements";

/** A round or small button with an icon; disabled in a way that keeps it reachable and named. */
export class IconButton {
  readonly el: HTMLButtonElement;
  readonly #icon: Icon;
  readonly #key: string;

  /** `key`: what does the same from the keyboard, as `aria-keyshortcuts` has it. */
  constructor(className: string, icon: IconName, size: number, pressed: () => void, key = "") {
    this.el = make("button", className, { type: "button" });
    this.#key = key;
    if (key !== "") this.el.setAttribute("aria-keyshortcuts", key);
    this.#icon = new Icon(icon, size);
    this.el.append(this.#icon.el);
    this.el.addEventListener("click", () => {
      if (this.el.getAttribute("aria-disabled") !== "true") pressed();
    });
  }

  show(icon: IconName, name: string, enabled = true): void {
    this.#icon.show(icon);
    put(this.el, "aria-label", name);
    put(this.el, "title", this.#key === "" ? name : `${name} (${this.#key})`);
    put(this.el, "aria-disabled", String(!enabled));
  }
}

export interface SliderActions {
  /** Go to a place from 0 (left edge) to 1. */
  to(place: number): void;
  /** Show a place while a pointer is dragged; null: no longer. */
  preview(place: number | null): void;
  by(seconds: number): void;
  toStart(): void;
  toEnd(): void;
  toggle(): void;
}

/** Makes `el` the position's slider, for pointers and keys. */
export function slide(el: HTMLElement, actions: SliderActions): void {
  let dragged: number | null = null;
  const place = (event: PointerEvent) => {
    const box = el.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / Math.max(1, box.width)));
  };
  el.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || (event.target as Element).closest("button") !== null) return;
    dragged = event.pointerId;
    el.setPointerCapture(event.pointerId);
    actions.preview(place(event));
  });
  el.addEventListener("pointermove", (event) => {
    if (event.pointerId === dragged) actions.preview(place(event));
  });
  el.addEventListener("pointerup", (event) => {
    if (event.pointerId !== dragged) return;
    dragged = null;
    actions.preview(null);
    actions.to(place(event));
  });
  el.addEventListener("pointercancel", () => {
    dragged = null;
    actions.preview(null);
  });
  el.addEventListener("keydown", (event) => {
    const act = keyAction(event, actions);
    if (act === null || event.target !== el) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
}

function keyAction(event: KeyboardEvent, actions: SliderActions): (() => void) | null {
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

/** The volume: a button that silences and brings back, and a slider. */
export class Volume {
  readonly button: IconButton;
  readonly input: HTMLInputElement;
  readonly #get: () => number;
  readonly #set: (volume: number) => void;
  #before = 1;

  constructor(get: () => number, set: (volume: number) => void) {
    this.#get = get;
    this.#set = set;
    this.button = new IconButton("tool", "sound", 20, () => this.toggle(), "M");
    this.input = make("input", "volume", {
      type: "range",
      min: "0",
      max: "100",
      step: "1",
      "aria-label": "Volume",
    });
    this.input.addEventListener("input", () => set(Number(this.input.value) / 100));
  }

  /** Silence, or the volume from before it. */
  toggle(): void {
    const volume = this.#get();
    if (volume > 0) this.#before = volume;
    this.#set(volume > 0 ? 0 : this.#before);
  }

  show(volume: number): void {
    const percent = Math.round(volume * 100);
    this.button.show(volume > 0 ? "sound" : "silent", volume > 0 ? "Mute" : "Unmute");
    if (this.input.value !== String(percent)) this.input.value = String(percent);
    put(this.input, "aria-valuetext", `${percent} percent`);
  }
}
