/**
 * What ipywidgets leaves out of reach of those who see or point little: a screen reader is told of
 * sliders by number alone and of buttons by the letter of a font that is their picture, and headings
 * that fold can be pressed by a pointer alone.
 */

import { deskOf } from "./acts";

/** Frames that a host may take to put what it shows into the page. */
const PATIENCE = 600;
const SLIDER = '[role="slider"]:not([aria-label])';
const TIPPED = ".jupyter-button[title], input.widget-input[title]";
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
    for (const control of desk.querySelectorAll(TIPPED)) nameByTip(control);
    for (const fold of desk.querySelectorAll<HTMLElement>(FOLD)) tellFold(fold, signal);
    observer.disconnect();
    const told = { attributes: true, attributeFilter: ["class", "title"] };
    observer.observe(desk, { childList: true, subtree: true, ...told });
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

/** Without words of its own it is called what its tooltip says; that changes with what it does. */
function nameByTip(control: Element): void {
  const tip = control.getAttribute("title") ?? "";
  const words = control instanceof HTMLInputElement ? labelOf(control) : control.textContent;
  if (tip === "" || (words ?? "").trim() !== "") return;
  if (control.getAttribute("aria-label") !== tip) control.setAttribute("aria-label", tip);
}

function labelOf(input: HTMLInputElement): string {
  return [...(input.labels ?? [])].map((label) => label.textContent).join("");
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
