/**
 * The figures of a player's latency line and the sentences about chunks. Pure; shown as text.
 *
 * Each figure says in its title between which two events it was taken; what cannot be known is shown
 * as a dash with the reason, never as zero. The names are those of Python's `take.metrics`.
 */

import type { State } from "../messages";
import type { OutputFacts } from "../output/facts";
import type { Row } from "./dues";

export interface Facts {
  readonly state: State;
  /** Chunks whose rows are here, counted from the first without a gap, and all that there are. */
  readonly chunks: number;
  readonly promised: number;
  /** The request was seen: times count from it. */
  readonly requested: boolean;
  readonly first: Row | null;
  readonly last: Row | null;
  /** Seconds before speech begins; null: there is none; undefined: not known. */
  readonly silence: number | null | undefined;
  /** Its end has come. */
  readonly ended: boolean;
  /** When the first sample became audible here, since the request; else why that says nothing. */
  readonly sound: number | string;
  /**
   * How far off that may be, either way, as the clocks of kernel and page were matched (null: by the
   * quickest message alone), and as the output tells its own latency (null: unknown).
   */
  readonly soundError: { readonly clocks: number | null; readonly output: number | null };
  /** Seconds in hand beyond what is audible; null when nothing is being played. */
  readonly ahead: number | null;
  readonly prebuffer: { readonly seconds: number; readonly fixed: boolean };
  /** How long each dry spell of the first listening was; null when there was none to tell of. */
  readonly dry: readonly number[] | null;
  /** One of them lasts. */
  readonly dries: boolean;
}

export interface Figure {
  readonly id: "ttfb" | "ttfa" | "sound" | "ahead" | "prebuffer" | "dry" | "rtf" | "chunks";
  readonly name: string;
  /** Null: unknown. */
  readonly value: string | null;
  /** Its two events, or why it is unknown. */
  readonly means: string;
  readonly alert?: boolean;
}

export const DASH = "—";
/** An output may be this far from its own clock, in seconds, without having lost anything. */
const STUTTER = 0.06;

export function figures(facts: Facts): Figure[] {
  return [
    ttfb(facts),
    ttfa(facts),
    sound(facts),
    ahead(facts),
    prebuffer(facts),
    dry(facts),
    rtf(facts),
    chunks(facts),
  ];
}

function ttfb({ first, requested, state, ended }: Facts): Figure {
  const figure = { id: "ttfb", name: "TTFB" } as const;
  if (first === null) return { ...figure, value: null, means: none(state, ended) };
  if (!requested) return { ...figure, value: null, means: UNSEEN };
  const means = "Time to first byte: request sent → first audio received, on the kernel's clock";
  return { ...figure, value: span(first.received), means };
}

function ttfa(facts: Facts): Figure {
  const { first, requested, silence, ended } = facts;
  const figure = { id: "ttfa", name: "TTFA" } as const;
  const { value, means } = ttfb(facts);
  if (first === null || !requested) return { ...figure, value, means };
  if (silence === null)
    return { ...figure, value: null, means: "Unknown: no speech was found in it" };
  if (silence === undefined) {
    const why = ended
      ? "Unknown: not all of it is here to be looked through"
      : "Known once it has ended";
    return { ...figure, value: null, means: why };
  }
  return {
    ...figure,
    value: span(first.received + silence),
    means: `Time to first audio: request sent → speech begins (TTFB + ${span(silence)} of leading silence)`,
  };
}

function sound({ sound, soundError: { clocks, output } }: Facts): Figure {
  const figure = { id: "sound", name: "first sound" } as const;
  if (typeof sound === "string") return { ...figure, value: null, means: sound };
  if (output === null) {
    const why = "Unknown: this browser does not tell how far its output is from the ear";
    return { ...figure, value: null, means: why };
  }
  const means =
    "Time to first sound: request sent → first sample audible in this page, the output's latency " +
    "included; ";
  if (clocks === null) {
    const why = "the quickest message from the kernel is taken to have come at once";
    return { ...figure, value: span(sound), means: means + why };
  }
  const matched = `clocks of kernel and page matched to ${within(clocks)}`;
  const why = `${matched}, the output's latency known to ${within(output)}`;
  return { ...figure, value: give(sound, clocks + output), means: means + why };
}

function ahead({ ahead }: Facts): Figure {
  const figure = { id: "ahead", name: "ahead" } as const;
  if (ahead === null) return { ...figure, value: null, means: "Nothing is being played" };
  const means = "Buffer ahead: seconds in this page beyond what is audible now";
  return { ...figure, value: `${ahead.toFixed(1)} s`, means };
}

function prebuffer({ prebuffer: { seconds, fixed } }: Facts): Figure {
  const means = fixed
    ? "Sound starts, or starts again, with this much in hand; fixed, as it was asked for"
    : "Sound starts, or starts again, with this much in hand; it grows after a dry spell";
  const value = fixed ? `${span(seconds)} fixed` : span(seconds);
  return { id: "prebuffer", name: "prebuffer", value, means };
}

function dry({ dry, dries }: Facts): Figure {
  const figure = { id: "dry", name: "dry spells" } as const;
  if (dry === null) return { ...figure, value: null, means: "It was not heard here as it came" };
  const means =
    "Silences in which the next sample was due and not here: how many, how long together";
  if (dry.length === 0) return { ...figure, value: "none", means };
  const total = dry.reduce((sum, one) => sum + one, 0);
  const value = `${dry.length}, ${span(total)}${dries ? "…" : ""}`;
  return { ...figure, value, means, alert: true };
}

function rtf(facts: Facts): Figure {
  const { last, requested, ended, chunks, promised, state } = facts;
  const figure = { id: "rtf", name: "RTF" } as const;
  const unknown = (means: string) => ({ ...figure, value: null, means });
  if (!ended) return unknown("Known once it has ended");
  if (last === null || last.start + last.duration === 0) return unknown(none(state, ended));
  if (!requested) return unknown(UNSEEN);
  if (chunks < promised) return unknown("Some rows about chunks have not come yet");
  const means =
    "Real-time factor: (request sent → last audio received) / duration; below 1 is faster than real time";
  return { ...figure, value: (last.received / (last.start + last.duration)).toFixed(3), means };
}

function chunks({ chunks, ended, state }: Facts): Figure {
  const figure = { id: "chunks", name: chunks === 1 ? "chunk" : "chunks" } as const;
  if (chunks === 0) return { ...figure, value: null, means: none(state, ended) };
  return { ...figure, value: chunks.toLocaleString("en"), means: "Received by the kernel so far" };
}

const UNSEEN = "Unknown: when the text was sent was not seen";

function none(state: State, ended: boolean): string {
  if (state === "gone") return "Unknown: the kernel no longer has this take";
  return ended ? "Unknown: no audio was received" : "No audio has been received yet";
}

/** A time for people: 92 ms, 1.24 s, 12.4 s. */
export function span(seconds: number): string {
  if (Math.abs(seconds) < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  return Math.abs(seconds) < 9.995 ? `${seconds.toFixed(2)} s` : `${seconds.toFixed(1)} s`;
}

/** Give or take: ±3 ms; no less than a millisecond, as times are shown. */
function within(error: number): string {
  return error < 0.9995 ? `±${Math.max(1, Math.ceil(error * 1000))} ms` : `±${span(error)}`;
}

/** A time and how far off it may be: 141 ±3 ms, 1.24 s ±3 ms. */
function give(seconds: number, error: number): string {
  const [time, off] = [span(seconds), within(error)];
  const alike = time.endsWith(" ms") && off.endsWith(" ms");
  return `${alike ? time.slice(0, -3) : time} ${off}`;
}

export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

export interface ChunkSaid extends Row {
  /** From 1. */
  readonly number: number;
  /** Null while more may come. */
  readonly of: number | null;
  readonly bytes: number;
  /** When its first sample was due, or would have been; null when nobody can say. */
  readonly due: number | null;
  readonly requested: boolean;
  /** How far off `arrived` may be, either way; null: it may be too early. */
  readonly error: number | null;
}

/** What is said of the chunk that is pointed at. */
export function chunkSentence(chunk: ChunkSaid): string {
  const since = chunk.requested ? "" : " after the first";
  const arrived = arrivedSaid(chunk);
  const ahead =
    chunk.due === null
      ? ""
      : ` · ${aheadSaid(chunk.due - (chunk.arrived ?? chunk.received), chunk.number === 1)}`;
  const size = `${span(chunk.duration)}, ${counted(chunk.bytes, "byte")}`;
  const of = chunk.of === null ? "" : ` of ${chunk.of.toLocaleString("en")}`;
  const which = `chunk ${chunk.number.toLocaleString("en")}${of}`;
  return `${which} · ${size} · received ${chunk.received.toFixed(3)} s${since}${arrived}${ahead}`;
}

function arrivedSaid({ arrived, received, error }: ChunkSaid): string {
  if (arrived === null) return "";
  const after = Math.max(0, arrived - received);
  return ` · arrived +${error === null ? span(after) : give(after, error)}`;
}

function aheadSaid(ahead: number, first: boolean): string {
  if (first) return `sounded ${span(Math.max(0, ahead))} later`;
  return ahead < 0 ? `${span(-ahead)} too late` : `${span(ahead)} ahead`;
}

export interface Summary {
  readonly chunks: number;
  readonly seconds: number;
  /** More may come. */
  readonly growing: boolean;
  readonly perRow: number;
  /** heard: as it sounded here; paper: as it would have, played as it came; none: nobody can say. */
  readonly told: "heard" | "paper" | "none";
  readonly least: number | null;
  /** Seconds that the output fell behind its own clock. */
  readonly lost: number;
  /** A person paused, ended or sought in it: from there on nothing is told. */
  readonly disturbed: number | null;
  readonly dry: readonly number[];
  readonly arrivals: boolean;
  /** How far off this page's moments may be; null: they are placed by the quickest message alone. */
  readonly error: number | null;
  /** How it sounded here; null: not at all yet. */
  readonly way: Pick<OutputFacts, "kind" | "rate"> | null;
}

const WAYS = { worklet: "an AudioWorklet", scheduled: "scheduled buffers" } as const;

/** What the waterfall shows, in a sentence or two. */
export function summarySentence(summary: Summary): string {
  const { chunks, seconds, perRow, told, least, lost, disturbed, dry, arrivals } = summary;
  if (chunks === 0) {
    return summary.growing ? "No chunk has been received yet." : "No chunk was received.";
  }
  const parts = [`${counted(chunks, "chunk")} brought ${seconds.toFixed(2)} s`];
  if (perRow > 1) parts.push(`a row stands for ${perRow.toLocaleString("en")} of them`);
  if (least !== null) {
    const played = told === "paper" ? "if played as it came, " : "";
    const how =
      least < 0 ? `the latest ${span(-least)} too late` : `each at least ${span(least)} ahead`;
    parts.push(played + how);
  }
  if (dry.length > 0) {
    const total = dry.reduce((sum, one) => sum + one, 0);
    const would = told === "paper" ? "would have run dry" : "ran dry";
    parts.push(
      `${would} ${dry.length === 1 ? "once" : `${dry.length} times`}, ${span(total)} in all`,
    );
  }
  if (lost > STUTTER) parts.push(`the output itself lost ${span(lost)}, as on a busy machine`);
  if (disturbed !== null) parts.push(`left to itself until ${disturbed.toFixed(2)} s`);
  if (!arrivals) parts.push("when they came to this page is not known, as it had to ask for them");
  else if (summary.error === null) parts.push("this page's times by the quickest message alone");
  else parts.push(`this page's times ${within(summary.error)}`);
  const { way } = summary;
  if (way !== null) parts.push(`through ${WAYS[way.kind]} at ${way.rate.toLocaleString("en")} Hz`);
  return parts.join(" · ");
}
