/** Names for what ipywidgets leaves without one: a screen reader is told of sliders by number alone. */

import { deskOf } from "./acts";

/** Frames that a host may take to put what it shows into the page. */
const PATIENCE = 600;
const SLIDERS = '[role="slider"]:not([aria-label])';

/** Give the sliders around `el` the names that stand beside them, and those that come later. */
export function nameSliders(el: Element, signal: AbortSignal): void {
  let frame = 0;
  let waited = 0;
  const observer = new MutationObserver(() => {
    if (frame === 0) frame = requestAnimationFrame(look);
  });
  const look = () => {
    frame = 0;
    // A host may put its boxes together before they stand in the page.
    const desk = deskOf(el);
    for (const slider of desk.querySelectorAll(SLIDERS)) {
      const name = nameOf(slider);
      if (name !== "") slider.setAttribute("aria-label", name);
    }
    observer.disconnect();
    observer.observe(desk, { childList: true, subtree: true });
    if (!el.isConnected && waited++ < PATIENCE) frame = requestAnimationFrame(look);
  };
  look();
  signal.addEventListener("abort", () => {
    cancelAnimationFrame(frame);
    observer.disconnect();
  });
}

function nameOf(slider: Element): string {
  const label = slider.closest(".jupyter-widgets")?.querySelector(".widget-label");
  return label?.textContent?.trim() ?? "";
}
