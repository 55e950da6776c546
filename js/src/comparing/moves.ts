/** What a person's press on a stimulus, or on Play, makes of a deck. Pure. */

import type { Deck } from "../deck";
import { across, type Compared } from "./stimuli";

/** Where each anchor lies in `take`; none if it is not compared. */
export function placesOf({ stimuli, places }: Compared, take: string): readonly number[] {
  return places[stimuli.findIndex((stimulus) => stimulus.take === take)] ?? [];
}

/** It sounds, or will without another click. */
export function sounding(deck: Deck): boolean {
  return deck.active && !deck.blocked;
}

/** Hear stimulus `index`, from the same place on; or silence it, if it is the one that is heard. */
export function hear(deck: Deck, compared: Compared, index: number): void {
  const next = compared.stimuli[index];
  if (next === undefined) return;
  const mine = (deck.awaited ?? deck.current) === next.take;
  if (mine && sounding(deck)) deck.pause();
  else if (mine || deck.phase === "ended") deck.play(next.take, again(deck));
  else {
    const from = placesOf(compared, deck.current);
    const to = placesOf(compared, next.take);
    deck.play(next.take, (left) => across(from, to, left));
  }
}

export function toggle(deck: Deck): void {
  if (sounding(deck)) deck.pause();
  else deck.play(deck.current, again(deck));
}

/** Seconds of the one that is heard: as the kernel says, else as much as is here. */
export function lengthOf(deck: Deck | null, compared: Compared): number {
  if (deck === null) return compared.places[0]?.at(-1) ?? 0;
  return placesOf(compared, deck.current).at(-1) ?? deck.take(deck.current).known;
}

/** From the beginning if it was heard to its end, else from where it stands. */
function again(deck: Deck): number | undefined {
  return deck.phase === "ended" ? 0 : undefined;
}
