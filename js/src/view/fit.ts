/** Which of many labels on an axis fit beside each other. Pure; in pixels. */

export interface Box {
  readonly x: number;
  readonly width: number;
}

/** If fewer than this share of the labels fit, a choice of them says nothing. */
const WORTH = 0.4;

/**
 * The labels that fit, by their index, with where they begin: each at its place or, at the right
 * edge, before it, none nearer than `gap` to another. None at all where most would be missing.
 */
export function fitting(boxes: readonly Box[], room: number, gap: number): Map<number, number> {
  const placed = new Map<number, number>();
  let free = 0;
  boxes.forEach((box, index) => {
    const x = inside(box, room);
    if (x < free || box.width > room) return;
    placed.set(index, x);
    free = x + box.width + gap;
  });
  return placed.size < boxes.length * WORTH ? new Map() : placed;
}

/** Where a label goes that must be shown: at its place, but inside. */
export function inside(box: Box, room: number): number {
  return Math.max(0, Math.min(box.x, room - box.width));
}

/** Whether two come nearer to each other than `gap`. */
export function meet(a: Box, b: Box, gap: number): boolean {
  return a.x < b.x + b.width + gap && b.x < a.x + a.width + gap;
}
