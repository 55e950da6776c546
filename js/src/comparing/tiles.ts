/** The takes that are compared, each a button under its name: which is heard, which was begun. */

import { make, put, write } from "../view/elements";
import type { Stimulus } from "./stimuli";

interface Tile {
  readonly el: HTMLButtonElement;
  readonly name: HTMLElement;
  readonly begun: HTMLElement;
}

export class Tiles {
  readonly el = make("div", "tiles", { role: "group", "aria-label": "What is heard" });
  readonly #press: (index: number) => void;
  #tiles: Tile[] = [];

  constructor(press: (index: number) => void) {
    this.#press = press;
  }

  /** Who is there; buttons stay, so that the focus does. */
  name(stimuli: readonly Stimulus[], blind: boolean): void {
    while (this.#tiles.length > stimuli.length) this.#tiles.pop()?.el.remove();
    while (this.#tiles.length < stimuli.length) this.#tiles.push(this.#make(this.#tiles.length));
    stimuli.forEach(({ name }, index) => {
      const tile = this.#tiles[index];
      if (tile === undefined) return;
      write(tile.name, name);
      tile.begun.toggleAttribute("data-off", !blind);
    });
  }

  /** Whether `el` is still there among so many. */
  keeps(el: Element, count: number): boolean {
    return !this.#tiles.slice(count).some((tile) => tile.el === el);
  }

  show(heard: number, awaited: number, sounds: boolean, begun: (index: number) => boolean): void {
    this.#tiles.forEach(({ el, name, begun: dot }, index) => {
      put(el, "aria-pressed", String(index === heard));
      el.toggleAttribute("data-awaited", index === awaited);
      const was = begun(index);
      dot.toggleAttribute("data-is", was);
      const does = index === heard && sounds ? "Pause" : "Hear";
      const blind = !dot.hasAttribute("data-off");
      put(el, "aria-label", `${does} ${name.textContent}${blind && !was ? ", not heard yet" : ""}`);
    });
  }

  #make(index: number): Tile {
    const key = String(index + 1);
    const el = make("button", "tile", { type: "button", "aria-keyshortcuts": key });
    const shown = make("span", "key", { "aria-hidden": "true", "data-key": key });
    const name = make("span", "name", { dir: "auto" });
    const begun = make("span", "begun", { "aria-hidden": "true" });
    el.append(shown, name, begun);
    el.addEventListener("click", () => this.#press(index));
    this.el.append(el);
    return { el, name, begun };
  }
}
