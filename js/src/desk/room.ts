/** A shadow root in the desk's look, which follows the theme; anywidget's view is its host. */

import { make, put } from "../view/elements";
import { themeOf, watchTheme } from "../view/theme";
import { DESK_STYLES } from "./styles";

/** The part of anywidget's model that is used here. */
export interface DeskModel {
  get(name: string): unknown;
  send(content: object): void;
  // What comes with an event is the event's business.
  on(name: string, callback: (...args: never[]) => void): void;
  off(name: string, callback: (...args: never[]) => void): void;
}

/** Made in `el`, gone when `signal` aborts. */
export function room(el: HTMLElement, signal: AbortSignal): ShadowRoot {
  const host = make("div", "");
  // JupyterLab looks for this on the element that a key event seems to come from.
  host.setAttribute("data-lm-suppress-shortcuts", "true");
  el.append(host);
  const root = host.attachShadow({ mode: "open" });
  const style = make("style", "");
  style.textContent = DESK_STYLES.replaceAll("var(--size)", "1");
  root.append(style);
  const recolour = () => put(host, "data-theme", themeOf(host.parentElement ?? document.body));
  recolour();
  watchTheme(recolour, signal);
  // Outside the page nothing has a colour: a host may attach the output only later.
  const placed = requestAnimationFrame(recolour);
  signal.addEventListener("abort", () => {
    cancelAnimationFrame(placed);
    host.remove();
  });
  return root;
}
