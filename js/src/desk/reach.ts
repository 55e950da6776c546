/**
 * What ipywidgets leaves out of reach of those who see or point little: a screen reader is told of
 * sliders by number alone, and headings that fold can be pressed by a pointer alone.
 */

import { deskOf } from "./acts";

/** Frames that a host may take to put what it shows into the page. */
const PATIENCE = 600;
const SLIDER = '[role="slider"]:not([aria-label])';
const FOLD = ".jupyter-widget-Collapse-header";

/** Mend that in the boxes around `el`, and in what comes there later, until `signal` aborts. */
export function bringWithinReach(el: Element, signal: AbortSignal): void {
  let frame = 0;
  let waited = 0;
  const observer = new MutationObserver(() => {
    if (frame === 0) frame = requestAnimationFrame(look);
  });
  const look = () => {
    frame = 0;
    // A host may put its boxes together before they stand in the page.
    const desk = deskOf(el);
    for (const slider of desk.querySelectorAll(SLIDER)) nameSlider(slider);
    for (const fold of desk.querySelectorAll<HTMLElement>(FOLD)) tellFold(fold, signal);
    observer.disconnect();
    const what = { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] };
    observer.observe(desk, what);
    if (!el.isConnected && waited++ < PATIENCE) frame = requestAnimationFrame(look);
  };
  look();
  signal.addEventListener("abort", () => {
    cancelAnimationFrame(frame);
    observer.disconnect();
  });
}

function nameSlider(slider: Element): void {
  const label = slider.closest(".jupyter-widgets")?.querySelector(".widget-label");
  const name = label?.textContent?.trim() ?? "";
  if (name !== "") slider.setAttribute("aria-label", name);
}

function tellFold(fold: HTMLElement, signal: AbortSignal): void {
  const open = fold.parentElement?.classList.contains("jupyter-widget-Collapse-open") ?? false;
  if (fold.getAttribute("aria-expanded") !== String(open)) {
    fold.setAttribute("aria-expanded", String(open));
  }
  if (fold.getAttribute("role") === "button") return;
  fold.setAttribute("role", "button");
  fold.tabIndex = 0;
  const press = (event: KeyboardEvent) => {
    if (event.target !== fold || (event.key !== "Enter" && event.key !== " ")) return;
    // A notebook would run the cell, or scroll.
    event.preventDefault();
    event.stopPropagation();
    fold.click();
  };
  fold.addEventListener("keydown", press, { signal });
}
