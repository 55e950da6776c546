/** What a person does to the controls around an element, as far as the kernel is to know of it. */

/** ipywidgets' sliders are no inputs: they move by pointer and by key. */
const SLIDER = '[role="slider"], .noUi-target';
const PRESSED = `button, select, summary, [role="button"], ${SLIDER}`;

/** What folds does so in the page. */
const FOLD = ".jupyter-widget-Collapse-header";

/** The outermost of ipywidgets' boxes around `el`: with it belongs what stands in them. */
export function deskOf(el: Element): Element {
  let desk = el.parentElement ?? el;
  for (let at: Element | null = el; at !== null; at = at.parentElement) {
    if (at.classList.contains("widget-box")) desk = at;
  }
  return desk;
}

/** Call `acted` when something is done in the boxes that `el` stands in, until `signal` aborts. */
export function watchActs(el: Element, acted: () => void, signal: AbortSignal): void {
  let dragging = false;
  const listen = (event: Event) => {
    if (event.type === "pointerup" && dragging) {
      dragging = false;
      acted();
      return;
    }
    const path = event.composedPath();
    // Looked up each time: a host may move what it shows.
    if (!path.includes(deskOf(el)) || !counts(event, path)) return;
    if (event.type === "pointerdown") dragging = true;
    else acted();
  };
  // Captured at the document: some controls keep their events to themselves.
  for (const type of ["input", "change", "click", "keydown", "pointerdown", "pointerup"]) {
    document.addEventListener(type, listen, { capture: true, signal });
  }
}

function counts(event: Event, path: readonly EventTarget[]): boolean {
  // Players and the like stand in shadow roots of their own and work without the kernel.
  if (path.some((at) => at instanceof ShadowRoot)) return false;
  const target = path[0];
  if (!(target instanceof Element)) return false;
  switch (event.type) {
    case "input":
    case "change":
      return true;
    case "click":
      return target.closest(PRESSED) !== null && target.closest(FOLD) === null;
    case "keydown":
      return target.closest(SLIDER) !== null && (event as KeyboardEvent).key !== "Tab";
    case "pointerdown":
      return target.closest(SLIDER) !== null;
    default:
      return false;
  }
}
