/** The keys that a player understands wherever in it the focus is. */

export interface KeyActions {
  /** Clear the loop, or else end the playing; false if there is nothing to end. */
  stop(): boolean;
  /** Silence it, or bring its sound back. */
  mute(): void;
  /** Loop, or loop no longer. */
  loop(): void;
  /** The loop begins where it stands. */
  loopStart(): void;
  loopEnd(): void;
}

type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "isComposing"> & {
  getModifierState?(name: string): boolean;
};

/** What a key asks for, or null if it is not the player's. */
export function askedBy(event: Key): keyof KeyActions | null {
  // Some keyboards have their brackets behind AltGr, which may count as Ctrl and Alt together.
  const written = event.getModifierState?.("AltGraph") ?? false;
  const held = event.metaKey || ((event.ctrlKey || event.altKey) && !written);
  if (held || event.isComposing) return null;
  switch (event.key) {
    case "Escape":
      return "stop";
    case "m":
    case "M":
      return "mute";
    case "l":
    case "L":
      return "loop";
    case "[":
      return "loopStart";
    case "]":
      return "loopEnd";
    default:
      return null;
  }
}

/** What a browser's own buttons and sliders do with these, they do; a notebook would move its cells. */
const CONTROLS = new Set([
  " ",
  "Enter",
  "ArrowLeft",
  "ArrowRight",
  "ArrowUp",
  "ArrowDown",
  "PageUp",
  "PageDown",
  "Home",
  "End",
]);

/** Listen inside `el` alone: what is typed elsewhere is the notebook's. */
export function listenToKeys(el: HTMLElement, actions: KeyActions): void {
  el.addEventListener("keydown", (event) => {
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
    if (plain && CONTROLS.has(event.key)) event.stopPropagation();
    const asked = askedBy(event);
    if (asked === null || event.defaultPrevented) return;
    // An Escape that ends nothing is left to whoever else wants it.
    if (asked === "stop") {
      if (!actions.stop()) return;
    } else if (!event.repeat) {
      // A key held down acts once.
      actions[asked]();
    }
    // Here alone: M would make the notebook's cell Markdown.
    event.preventDefault();
    event.stopPropagation();
  });
}
