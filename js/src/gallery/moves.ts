/** Where a key leads among cells in rows. Pure. */

type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** The index of a cell, a step to another page, or null for a key that is not the gallery's. */
export type Move = number | "next" | "previous" | null;

/** `columns`: how many cells stand beside each other; `at`: the cell that has the focus. */
export function moveFor(event: Key, at: number, cells: number, columns: number): Move {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return null;
  const within = (to: number) => (to >= 0 && to < cells ? to : at);
  switch (event.key) {
    case "ArrowRight":
      return within(at + 1);
    case "ArrowLeft":
      return within(at - 1);
    case "ArrowDown":
      return within(at + columns);
    case "ArrowUp":
      return within(at - columns);
    case "Home":
      return within(0);
    case "End":
      return within(cells - 1);
    case "PageDown":
      return "next";
    case "PageUp":
      return "previous";
    default:
      return null;
  }
}

/** How many of these, by the heights at which they begin, stand in the first row. */
export function columnsOf(tops: readonly number[]): number {
  const [first] = tops;
  const row = tops.findIndex((top) => Math.abs(top - (first ?? 0)) > 1);
  return Math.max(1, row < 0 ? tops.length : row);
}
