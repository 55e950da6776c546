/**
 * The picture that a take leaves in the notebook (cartesia_nb/player/snapshot.py): an output of its
 * own right behind the player's. Of the two one is shown: the player, unless it knows nothing.
 */

import type { Take } from "./take/take";

/** What all of our pictures have in base64, and no other picture has: tests/player/test_snapshot.py. */
const PICTURE = 'img[src*="WHRjYXJ0ZXNpYV9u"]';
/** One output of a cell: in JupyterLab, Notebook and nbconvert's HTML; in the older Notebook. */
const OUTPUT = ":is(.jp-OutputArea-child, .output_area)";
const ALIVE = "data-cartesia-nb-alive";
const LOST = "data-cartesia-nb-lost";
const STYLE = "cartesia-nb-still";
const RULES = `${OUTPUT}:has([${ALIVE}]) + ${OUTPUT}:has(${PICTURE}) { display: none; }
[${LOST}] { display: none !important; }`;
/** Milliseconds that a player may look for its take before its picture takes its place. */
const PATIENCE = 3000;

/** Show the player in `el`, or the picture behind it, whichever has more to offer. */
export function hideStill(take: Take, el: HTMLElement, signal: AbortSignal): void {
  const judge = insteadOfStill(el, signal, () => ({
    known: take.format !== null,
    worth: take.format !== null && !(take.cut && take.received === 0),
  }));
  take.onChange(judge, signal);
}

/** How much what is shown has to offer. */
export interface Worth {
  /** The kernel said what it is. */
  readonly known: boolean;
  /** It has more to offer than the picture. */
  readonly worth: boolean;
}

/** The same for anything: what is returned is to be called when `look` would answer otherwise. */
export function insteadOfStill(
  el: HTMLElement,
  signal: AbortSignal,
  look: () => Worth,
): () => void {
  if (document.getElementById(STYLE) === null) {
    const style = document.createElement("style");
    style.id = STYLE;
    style.textContent = RULES;
    document.head.append(style);
  }
  let waited = false;
  const judge = () => {
    const { known, worth } = look();
    el.toggleAttribute(ALIVE, worth);
    // In a notebook that was saved with its widgets, players come back that never find their takes.
    el.toggleAttribute(LOST, waited && !known && hasStill(el));
  };
  judge();
  const timer = setTimeout(() => {
    waited = true;
    judge();
  }, PATIENCE);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    el.removeAttribute(ALIVE);
    el.removeAttribute(LOST);
  });
  return judge;
}

/** Whether the picture of a take that is over stands behind `el`. */
export function hasStill(el: Element): boolean {
  const behind = el.closest(OUTPUT)?.nextElementSibling;
  const picture = behind?.matches(OUTPUT) ? behind.querySelector<HTMLImageElement>(PICTURE) : null;
  // One pixel keeps the place of a picture to come.
  return (picture?.naturalWidth ?? 0) > 1;
}
