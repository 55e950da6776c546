/**
 * The picture that a take leaves in the notebook (cartesia_nb/player/snapshot.py): an output of its
 * own right behind the player's, for where there is no player. Here it is hidden where there is one.
 */

import type { Take } from "./take/take";

/** What all of our pictures have in base64, and no other picture has: tests/player/test_snapshot.py. */
const PICTURE = 'img[src*="WHRjYXJ0ZXNpYV9u"]';
/** One output of a cell: in JupyterLab, Notebook and nbconvert's HTML; in the older Notebook. */
const OUTPUT = ":is(.jp-OutputArea-child, .output_area)";
const ALIVE = "data-cartesia-nb-alive";
const STYLE = "cartesia-nb-still";
const RULE = `${OUTPUT}:has([${ALIVE}]) + ${OUTPUT}:has(${PICTURE}) { display: none; }`;

/** Hide the picture behind `el` for as long as the player in `el` has more to offer than it. */
export function hideStill(take: Take, el: HTMLElement, signal: AbortSignal): void {
  if (document.getElementById(STYLE) === null) {
    const style = document.createElement("style");
    style.id = STYLE;
    style.textContent = RULE;
    document.head.append(style);
  }
  const judge = () => {
    // A notebook that was saved with its widgets has players that know nothing of their takes.
    const known = take.format !== null;
    el.toggleAttribute(ALIVE, known && !(take.cut && take.received === 0));
  };
  judge();
  take.onChange(judge, signal);
  signal.addEventListener("abort", () => el.removeAttribute(ALIVE));
}

/** Whether the picture stands behind `el`. */
export function hasStill(el: Element): boolean {
  const behind = el.closest(OUTPUT)?.nextElementSibling;
  return (behind?.matches(OUTPUT) && behind.querySelector(PICTURE) !== null) ?? false;
}
