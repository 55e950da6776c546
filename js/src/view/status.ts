/** The line that says how it stands, and what is spoken of it. */

import type { Rendition } from "../rendition";
import { make, put, write } from "./elements";
import { factsOf, type Status, statusOf } from "./text";

export class StatusLine {
  readonly el = make("div", "status");
  /** A live region, for what a person must know: more would talk over the voice. */
  readonly announced = make("div", "unseen", { role: "status" });
  readonly #says = make("span", "says");
  readonly #label = make("span", "label");
  readonly #born = performance.now();
  #alert = "";

  constructor() {
    const text = make("span", "");
    text.append(this.#says, this.#label);
    this.el.append(make("span", "dot", { "aria-hidden": "true" }), text);
  }

  show(rendition: Rendition): void {
    const { take } = rendition;
    const age = (performance.now() - this.#born) / 1000;
    const status: Status = statusOf(factsOf(rendition, age));
    put(this.el, "data-tone", status.tone);
    write(this.#says, status.text);
    const unusual = rendition.playback.output?.unusual ?? "";
    const label = [take.label, unusual].filter((part) => part !== "").join(", ");
    write(this.#label, label);
    this.#label.hidden = label === "";
    const alert = status.tone === "alert" ? status.text : "";
    if (alert !== this.#alert) write(this.announced, alert);
    this.#alert = alert;
  }

  /** Say what a person has just done where it cannot be heard. */
  announce(text: string): void {
    write(this.announced, text);
  }
}
