/** The player's buttons and its volume, with the names a screen reader says. */

import { Icon, type IconName, make, put } from "./elements";

/** A round or small button with an icon; disabled in a way that keeps it reachable and named. */
export class IconButton {
  readonly el: HTMLButtonElement;
  readonly #icon: Icon;
  readonly #key: string;

  /** `key`: what does the same from the keyboard, as `aria-keyshortcuts` has it. */
  constructor(className: string, icon: IconName, pressed: () => void, key = "") {
    this.el = make("button", className, { type: "button" });
    this.#key = key;
    if (key !== "") this.el.setAttribute("aria-keyshortcuts", key);
    this.#icon = new Icon(icon);
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

  /** For one that stays pressed. */
  press(pressed: boolean): void {
    put(this.el, "aria-pressed", String(pressed));
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
    this.button = new IconButton("tool", "sound", () => this.toggle(), "M");
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
