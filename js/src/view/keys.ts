/** The keys that a player understands wherever in it the focus is. */

export interface KeyActions {
  /** End it; false if there is nothing to end. */
  stop(): boolean;
  /** Silence it, or bring its sound back. */
  mute(): void;
}

type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "isComposing">;

/** What a key asks for, or null if it is not the player's. */
export function askedBy(event: Key): keyof KeyActions | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  if (event.key === "Escape") return "stop";
  return event.key === "m" || event.key === "M" ? "mute" : null;
}

/** Listen inside `el` alone: what is typed elsewhere is the notebook's. */
export function listenToKeys(el: HTMLElement, actions: KeyActions): void {
  el.addEventListener("keydown", (event) => {
    const asked = askedBy(event);
    if (asked === null || event.defaultPrevented) return;
    // An Escape that ends nothing is left to whoever else wants it.
    if (asked === "stop" && !actions.stop()) return;
    // A key held down silences once.
    if (asked === "mute" && !event.repeat) actions.mute();
    // Here alone: M would make the notebook's cell Markdown.
    event.preventDefault();
    event.stopPropagation();
  });
}
