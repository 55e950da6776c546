/**
 * What the kernel and the page say to each other, and how what arrives is read.
 *
 * Times are seconds, positions are seconds in the take, offsets are bytes in the take. What cannot
 * be used is refused with a reason and never thrown: one bad message must not silence a take.
 * The fixtures in `tests/fixtures/messages` are read by the Python tests as well.
 */

import { Fields, Refused, show } from "./fields";
import type { OutputFacts } from "./output/facts";
import type { Facts } from "./report";

export const STATES = ["connecting", "speaking", "done", "cancelled", "failed", "gone"] as const;
export type State = (typeof STATES)[number];

export const ENCODINGS = ["pcm_f32le", "pcm_s16le", "pcm_mulaw", "pcm_alaw"] as const;
export type Encoding = (typeof ENCODINGS)[number];

export const COMMANDS = ["play", "pause", "stop", "seek"] as const;
export type CommandName = (typeof COMMANDS)[number];

/** A take larger than this is refused: 4 GB is six hours of the heaviest format. */
export const MAX_TAKE_BYTES = 2 ** 32;
/** Words of one take; far more than six hours of speech. */
export const MAX_WORDS = 1_000_000;
/** Rows about the chunks of one take: eleven hours in chunks of 40 ms. */
export const MAX_CHUNKS = 1_000_000;
/** Pages of whose clocks one message may tell. */
const MAX_PAGES = 1000;
/** Seconds in the longest take there may be: a time in it that is later is a mistake. */
const MAX_SECONDS = 24 * 3600;
/** Seconds since whatever a clock counts from; three thousand years. */
const MAX_MOMENT = 1e11;

export interface Open {
  readonly type: "open";
  readonly take: string;
  readonly sent: number;
  readonly text: string;
  readonly backend: { readonly name: string; readonly label: string };
  readonly voice: string;
  readonly encoding: Encoding;
  readonly sample_rate: number;
  readonly play: boolean;
  readonly interrupt: boolean;
  readonly heard: number | null;
  readonly state: State;
  readonly bytes: number;
  readonly words: number;
}

export interface Audio {
  readonly type: "audio";
  readonly take: string;
  readonly sent: number;
  readonly offset: number;
  /** A copy: the message's own buffer may be a view into something larger. */
  readonly pcm: Uint8Array<ArrayBuffer>;
  /**
   * On its way since the kernel received it. Else this page asked for it, or the take was over
   * before it was shown, and when it arrives says nothing about the stream.
   */
  readonly live?: boolean;
}

/** Words, or phonemes, from `index` on; the three lists are equally long. */
export interface Marks {
  readonly type: "words" | "phonemes";
  readonly take: string;
  readonly sent: number;
  readonly index: number;
  readonly marks: readonly Mark[];
}

export interface Mark {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** When the chunks from `index` on were received. */
export interface Chunks {
  readonly type: "chunks";
  readonly take: string;
  readonly sent: number;
  readonly index: number;
  /** When the take's first text was sent; null if that was not seen. */
  readonly requested: number | null;
  readonly rows: readonly ChunkRow[];
  /** How the clocks of pages that the kernel has heard of lately relate to its own, by page. */
  readonly clocks: ReadonlyMap<string, Tie>;
}

/** How far the kernel's clock is ahead of a page's, and how wrong that may be; seconds. */
export interface Tie {
  readonly offset: number;
  readonly error: number;
}

/** One chunk: seconds in the take, and the moment on the clock of the kernel that received it. */
export interface ChunkRow {
  readonly start: number;
  readonly duration: number;
  readonly received: number;
}

export interface Progress {
  readonly type: "progress";
  readonly take: string;
  readonly sent: number;
  readonly state: State;
  readonly bytes: number;
  readonly words: number;
  readonly phonemes: number;
  readonly chunks: number;
  readonly text: string;
  readonly detail: string | null;
}

export interface End {
  readonly type: "end";
  readonly take: string;
  readonly sent: number;
  readonly state: State;
  readonly bytes: number;
  readonly words: number;
  readonly phonemes: number;
  readonly chunks: number;
  readonly text: string;
  readonly error: string | null;
}

export interface Command {
  readonly type: "command";
  /** `null` with `stop`: everything. */
  readonly take: string | null;
  readonly sent: number;
  readonly command: CommandName;
  readonly position: number | null;
}

export type FromKernel = Open | Audio | Marks | Chunks | Progress | End | Command;

export type OutputKind = "worklet" | "scheduled" | "none";

interface FromPage {
  readonly page: string;
  readonly sent: number;
}
export interface Hello extends FromPage {
  readonly type: "hello";
  readonly output: OutputKind;
}
/** `[from, to)` in bytes; `null`: to the end, wherever that will be. */
export type ByteRange = readonly [number, number | null];
export interface Need extends FromPage {
  readonly type: "need";
  readonly take: string;
  readonly ranges: readonly ByteRange[];
  readonly words: number | null;
  readonly phonemes: number | null;
  readonly chunks: number | null;
}
/** How a take stands in this page, and what is new of its listenings here. */
export interface Heard extends FromPage, Facts {
  readonly type: "heard";
  readonly take: string;
  readonly position: number;
  readonly playing: boolean;
  readonly ended: boolean;
  readonly prebuffer: number;
  /** How it sounds here; null before it has. */
  readonly output: OutputFacts | null;
  /** The quickest message from the kernel since the last report, of any take. */
  readonly down: Down | null;
}
/** When a message of the kernel's was sent, on its clock, and arrived, on the page's. */
export interface Down {
  readonly sent: number;
  readonly arrived: number;
}
export interface Cancel extends FromPage {
  readonly type: "cancel";
  readonly take: string;
}
export type ToKernel = Hello | Need | Heard | Cancel;

/** A message to the kernel before the page puts its name and its clock on it. */
export type Unsigned<M extends ToKernel = ToKernel> = M extends ToKernel
  ? Omit<M, "page" | "sent">
  : never;

export function sign(message: Unsigned, page: string, sent: number): ToKernel {
  return { ...message, page, sent };
}

export type Parsed =
  | { readonly ok: true; readonly message: FromKernel }
  | { readonly ok: false; readonly reason: string };

/** Read one custom message and its buffers. Never throws. */
export function parse(content: unknown, buffers: unknown = []): Parsed {
  try {
    return { ok: true, message: read(content, buffers) };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, reason: error.message };
    const why = error instanceof Error ? error.message : typeof error;
    return { ok: false, reason: `unreadable: ${why}` };
  }
}

function read(content: unknown, buffers: unknown): FromKernel {
  const fields = new Fields(content);
  const type = fields.text("type");
  const sent = fields.number("sent");
  if (type === "command") {
    const take = fields.raw("take") === null ? null : fields.id("take");
    const command = fields.oneOf("command", COMMANDS);
    const position = fields.numberOrNull("position");
    if (take === null && command !== "stop") throw new Refused(`${command} names no take`);
    if (command === "seek" && position === null) throw new Refused("seek has no position");
    return { type, take, sent, command, position };
  }
  const take = fields.id("take");
  switch (type) {
    case "open":
      return readOpen(fields, take, sent);
    case "audio":
      return readAudio(fields, take, sent, buffers);
    case "words":
    case "phonemes":
      return readMarks(fields, type, take, sent);
    case "chunks":
      return readChunks(fields, take, sent);
    case "progress":
      return { type, take, sent, ...readTotals(fields), detail: fields.textOrNull("detail") };
    case "end":
      return readEnd(fields, take, sent);
    default:
      throw new Refused(`unknown type ${show(type)}`);
  }
}

function readOpen(fields: Fields, take: string, sent: number): Open {
  const backend = new Fields(fields.raw("backend"));
  return {
    type: "open",
    take,
    sent,
    text: fields.text("text"),
    backend: { name: backend.text("name"), label: backend.text("label") },
    voice: fields.text("voice"),
    encoding: fields.oneOf("encoding", ENCODINGS),
    sample_rate: fields.whole("sample_rate", 384_000, 1_000),
    play: fields.flag("play"),
    interrupt: fields.flag("interrupt"),
    heard: fields.numberOrNull("heard"),
    state: fields.oneOf("state", STATES),
    bytes: fields.whole("bytes", MAX_TAKE_BYTES),
    words: fields.whole("words", MAX_WORDS),
  };
}

function readAudio(fields: Fields, take: string, sent: number, buffers: unknown): Audio {
  const offset = fields.whole("offset", MAX_TAKE_BYTES);
  const list: readonly unknown[] = Array.isArray(buffers) ? buffers : [];
  if (list.length === 0) throw new Refused("audio without its buffer");
  if (list.length > 1) throw new Refused(`audio with ${list.length} buffers, not one`);
  const bytes = bytesOf(list[0]);
  if (bytes.length === 0) throw new Refused("audio without a byte in its buffer");
  if (offset + bytes.length > MAX_TAKE_BYTES) throw new Refused("audio beyond 4 GB");
  // Copied: the view may lie anywhere in a whole WebSocket frame, aligned to nothing.
  const live = fields.raw("live") === true;
  return { type: "audio", take, sent, offset, pcm: new Uint8Array(bytes), live };
}

function bytesOf(buffer: unknown): Uint8Array {
  if (ArrayBuffer.isView(buffer)) {
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  throw new Refused(`audio whose buffer holds no bytes: ${show(buffer)}`);
}

function readMarks(fields: Fields, type: "words" | "phonemes", take: string, sent: number): Marks {
  const index = fields.whole("index", MAX_WORDS);
  const texts = fields.list(type);
  const starts = fields.list("start");
  const ends = fields.list("end");
  if (texts.length !== starts.length || texts.length !== ends.length) {
    throw new Refused(`${type}, start and end differ in length`);
  }
  if (index + texts.length > MAX_WORDS) throw new Refused(`more than ${MAX_WORDS} ${type}`);
  const marks = texts.map((text, i) => {
    const start = starts[i];
    const end = ends[i];
    if (typeof text !== "string") throw new Refused(`${type}[${i}] is no text`);
    if (!isTime(start) || !isTime(end)) throw new Refused(`${type}[${i}] has no times`);
    return { text, start, end };
  });
  return { type, take, sent, index, marks };
}

function readChunks(fields: Fields, take: string, sent: number): Chunks {
  const index = fields.whole("index", MAX_CHUNKS);
  const requested = fields.numberOrNull("requested");
  if (requested !== null && !isMoment(requested)) throw new Refused(`requested is ${requested}`);
  const starts = fields.list("start");
  const durations = fields.list("duration");
  const moments = fields.list("received");
  if (starts.length !== durations.length || starts.length !== moments.length) {
    throw new Refused("start, duration and received differ in length");
  }
  if (index + starts.length > MAX_CHUNKS) throw new Refused(`more than ${MAX_CHUNKS} chunks`);
  const rows = starts.map((start, i) => {
    const duration = durations[i];
    const received = moments[i];
    if (!isTime(start) || !isTime(duration) || start + duration > MAX_SECONDS) {
      throw new Refused(`chunks[${i}] lies nowhere in a take`);
    }
    if (!isMoment(received)) throw new Refused(`chunks[${i}] was received at no moment`);
    return { start, duration, received };
  });
  return { type: "chunks", take, sent, index, requested, rows, clocks: readClocks(fields) };
}

function readClocks(fields: Fields): ReadonlyMap<string, Tie> {
  const entries = fields.entries("clocks");
  if (entries.length > MAX_PAGES) throw new Refused(`clocks of ${entries.length} pages`);
  return new Map(
    entries.map(([page, tie]) => {
      const [offset, error, ...more]: readonly unknown[] = Array.isArray(tie) ? tie : [];
      if (!isMoment(offset) || !isMoment(error) || error < 0 || more.length > 0) {
        throw new Refused(`clocks of ${show(page)} say ${show(tie)}`);
      }
      return [page, { offset, error }];
    }),
  );
}

function readEnd(fields: Fields, take: string, sent: number): End {
  const totals = readTotals(fields);
  if (totals.state === "connecting" || totals.state === "speaking") {
    throw new Refused(`an end that says ${totals.state}`);
  }
  return { type: "end", take, sent, ...totals, error: fields.textOrNull("error") };
}

function readTotals(fields: Fields) {
  return {
    state: fields.oneOf("state", STATES),
    bytes: fields.whole("bytes", MAX_TAKE_BYTES),
    words: fields.whole("words", MAX_WORDS),
    phonemes: fields.whole("phonemes", MAX_WORDS),
    chunks: fields.whole("chunks", MAX_CHUNKS),
    text: fields.text("text"),
  };
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isMoment(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= MAX_MOMENT;
}
