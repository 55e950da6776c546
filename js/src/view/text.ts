/** The words a player says about itself. Pure; shown as text, never as markup. */

import type { State } from "../messages";
import type { Phase } from "../playback";
import type { Rendition } from "../rendition";
import type { Region } from "./loop";

export interface Facts {
  readonly state: State;
  readonly phase: Phase;
  readonly known: boolean;
  readonly live: boolean;
  /** No kernel can be asked for more. */
  readonly cut: boolean;
  readonly reachable: boolean;
  readonly queued: boolean;
  readonly blocked: boolean;
  /** Another tab of this browser sounds for it. */
  readonly elsewhere: boolean;
  /** Some of it was let go and is not here now. */
  readonly away: boolean;
  readonly bytes: number;
  readonly error: string | null;
  readonly detail: string | null;
  /** Why this page cannot make it sound. */
  readonly problem: string | null;
  /** Seconds since this player was shown. */
  readonly age: number;
}

export interface Status {
  readonly text: string;
  /** busy: something is under way; alert: something went wrong or waits for a person. */
  readonly tone: "quiet" | "busy" | "alert";
}

/** Seconds after which a silent kernel is spoken of. */
const LONG = 4;
/** Characters of a file's name, about. */
const NAME_LENGTH = 40;

const quiet = (text: string): Status => ({ text, tone: "quiet" });
const busy = (text: string): Status => ({ text, tone: "busy" });
const alert = (text: string): Status => ({ text, tone: "alert" });

/** `age`: seconds since the player was shown. */
export function factsOf(rendition: Rendition, age: number): Facts {
  const { take, playback, blocked, elsewhere, queued, reachable } = rendition;
  return {
    state: take.state,
    phase: playback.phase,
    known: take.format !== null,
    live: take.live,
    cut: take.cut,
    away: take.away,
    reachable,
    queued,
    blocked,
    elsewhere,
    bytes: take.store.end,
    error: take.error,
    detail: take.detail,
    problem: playback.problem,
    age,
  };
}

export function statusOf(facts: Facts): Status {
  const { state, phase } = facts;
  if (facts.problem !== null) return alert(facts.problem);
  if (!facts.known) {
    if (!facts.reachable) return alert("The kernel no longer has this take. Run the cell again.");
    if (facts.age < LONG) return busy("Looking for this take");
    return busy("Waiting for the kernel: it is busy, or no longer has this take");
  }
  if (facts.blocked) return alert("Your browser waits for a click before it plays sound");
  if (state === "failed") {
    const why = facts.error ?? "It failed, and the server did not say why.";
    const kept = facts.bytes > 0 && !why.includes("What came is kept");
    return alert(kept ? `${why} What came before can be played.` : why);
  }
  if (facts.elsewhere) return quiet("Playing in another tab");
  if (facts.queued) return busy("Waiting for its turn: another comes first");
  if (phase === "playing") return busy("Speaking");
  if (facts.away && !facts.reachable) {
    return alert(
      "Part of this take was let go to save memory, and the kernel is gone: run the cell again.",
    );
  }
  if (facts.cut && (state === "gone" || state === "connecting" || state === "speaking")) {
    return facts.bytes > 0
      ? quiet("The kernel no longer has this take; what had arrived can be played")
      : alert("The kernel no longer has this take. Run the cell again.");
  }
  if (facts.live) {
    if (state === "connecting") return busy(facts.detail ?? "Connecting");
    if (facts.detail !== null) return busy(facts.detail);
    // Whether it is still generated or only on its way from the kernel, the page cannot tell.
    if (phase === "paused") return quiet("Paused, still receiving");
    return busy(phase === "waiting" ? "Waiting for more sound" : "Receiving");
  }
  if (phase === "waiting") return busy("Waiting for sound from the kernel");
  if (state === "cancelled") return quiet("Cancelled");
  if (phase === "paused") return quiet("Paused");
  return quiet("Done");
}

/** 0:07, 12:30, 1:02:03; with `tenths` 0:07.4, for takes so short that seconds say little. */
export function clockText(seconds: number, tenths = false): string {
  const all = Math.max(0, Math.floor(seconds * 10 + 1e-6));
  const whole = Math.floor(all / 10);
  const s = String(whole % 60).padStart(2, "0") + (tenths ? `.${all % 10}` : "");
  const m = Math.floor(whole / 60) % 60;
  const h = Math.floor(whole / 3600);
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
}

/** What a screen reader says for the position, and for the region that is looped. */
export function positionText(
  position: number,
  length: number,
  total: boolean,
  loop: Region | null = null,
): string {
  const of = `${spoken(position)} of ${spoken(length)}${total ? "" : " received so far"}`;
  return loop === null ? of : `${of}, looping ${loopText(loop)}`;
}

export function loopText({ from, to }: Region): string {
  return `from ${spokenTenths(from)} to ${spokenTenths(to)}`;
}

/** 1.2 seconds; 1 minute 2.5 seconds. */
export function spokenTenths(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  const m = Math.floor(tenths / 600);
  const s = `${(tenths % 600) / 10} seconds`;
  return m > 0 ? `${plural(m, "minute")} ${s}` : s;
}

function spoken(seconds: number): string {
  const whole = Math.round(seconds);
  const m = Math.floor(whole / 60);
  const s = whole % 60;
  const parts = [m > 0 ? plural(m, "minute") : "", s > 0 || m === 0 ? plural(s, "second") : ""];
  return parts.filter((part) => part !== "").join(" ");
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** A file's name after what is said, without what some system refuses in a name. */
export function fileName(text: string, ending: string): string {
  const words = text.normalize("NFC").split(/[^\p{L}\p{M}\p{N}]+/u);
  let name = "";
  for (const word of words) {
    if (word === "") continue;
    if ([...name, ...word].length >= NAME_LENGTH) {
      // Some languages have no spaces, and this one word may be all.
      if (name === "") name = `-${[...word].slice(0, NAME_LENGTH).join("")}`;
      break;
    }
    name += `-${word}`;
  }
  return `speech${name}.${ending}`;
}
