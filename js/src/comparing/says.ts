/** What a page of takes that are compared says beside them. Pure; shown as text, never as markup. */

import type { Deck } from "../deck";
import type { Status } from "../view/text";
import type { Compared } from "./stimuli";

export function saidOf(deck: Deck | null, { text, tone }: Status): string {
  if (deck?.awaited != null) return "Waiting for its sound";
  return deck?.phase === "idle" && tone === "quiet" ? "Ready" : text;
}

export function countText({ trial, trials, done }: Compared): string {
  if (done) return `All ${trials} trials are answered.`;
  return trial > 0 ? `Trial ${trial} of ${trials}` : "";
}

export function keysText({ stimuli, choices, mode }: Compared): string {
  const last = stimuli.length;
  const heard = last > 1 ? [`1 to ${last}: the same word of another`] : [];
  const way = ["Space: play, pause", "← →: a second back, on"];
  const letters = choices.map((choice) => choice.toLowerCase()).join(", ");
  const answer = mode === "listen" ? [] : [`${letters}: choose`, "Enter: confirm"];
  return [...heard, ...way, ...answer].join(" · ");
}
