/** A page of a gallery as the kernel sends it (cartesia_nb/tuning/gallery.py), checked. Pure. */

export interface Cell {
  readonly number: number;
  readonly label: string;
  /** The take's id; null where there is nothing to hear. */
  readonly take: string | null;
  readonly seconds: number;
  /** Share of the frequency axis that its sample rate reaches. */
  readonly rows: number;
  /** Why there is nothing to hear; empty where there is. */
  readonly says: string;
  /** A PNG of its levels, grey; null without. */
  readonly picture: Uint8Array<ArrayBuffer> | null;
}

export interface Filter {
  readonly name: string;
  readonly values: readonly string[];
  /** Which of its values was chosen; null: all. */
  readonly chosen: number | null;
}

export interface Page {
  readonly type: "page";
  readonly ask: number;
  /** More of it is still to come. */
  readonly grows: boolean;
  /** To be sent with the next asking: what it shows. */
  readonly known: string;
  /** From 1. */
  readonly page: number;
  readonly pages: number;
  /** How many takes all pages have. */
  readonly takes: number;
  /** Of the time axis that all pictures share. */
  readonly seconds: number;
  readonly filters: readonly Filter[];
  readonly cells: readonly Cell[];
}

/** The page is still what was sent before. */
export interface Same {
  readonly type: "same";
  readonly ask: number;
  readonly grows: boolean;
}

/** There is no page, and why. */
export interface Problem {
  readonly type: "problem";
  readonly ask: number;
  readonly text: string;
}

export type Answer = Page | Same | Problem;

type Fields = Readonly<Record<string, unknown>>;

/** What came, or null for what is no such message. */
export function parse(content: unknown, buffers: unknown): Answer | null {
  const fields = fieldsOf(content);
  const ask = fields === null ? null : numberOf(fields.ask);
  if (fields === null || ask === null) return null;
  const grows = fields.grows === true;
  if (fields.type === "same") return { type: "same", ask, grows };
  if (fields.type === "problem") return { type: "problem", ask, text: textOf(fields.text) };
  if (fields.type !== "page") return null;
  const given = Array.isArray(buffers) ? buffers : [];
  const pages = Math.max(1, numberOf(fields.pages) ?? 1);
  return {
    type: "page",
    ask,
    grows,
    known: textOf(fields.known),
    page: Math.min(pages, Math.max(1, numberOf(fields.page) ?? 1)),
    pages,
    takes: numberOf(fields.takes) ?? 0,
    seconds: Math.max(0, numberOf(fields.seconds) ?? 0),
    filters: listOf(fields.filters).flatMap(filterOf),
    cells: listOf(fields.cells).flatMap((one) => cellOf(one, given)),
  };
}

function cellOf(value: unknown, buffers: readonly unknown[]): Cell[] {
  const fields = fieldsOf(value);
  const number = numberOf(fields?.number);
  if (fields === null || number === null) return [];
  const picture = numberOf(fields.picture);
  return [
    {
      number,
      label: textOf(fields.label),
      take: typeof fields.take === "string" ? fields.take : null,
      seconds: Math.max(0, numberOf(fields.seconds) ?? 0),
      rows: Math.min(1, Math.max(0.05, numberOf(fields.rows) ?? 1)),
      says: textOf(fields.says),
      picture: picture === null ? null : bytesOf(buffers[picture]),
    },
  ];
}

function filterOf(value: unknown): Filter[] {
  const fields = fieldsOf(value);
  if (fields === null || typeof fields.name !== "string") return [];
  const values = listOf(fields.values).map(textOf);
  return [{ name: fields.name, values, chosen: numberOf(fields.chosen) }];
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null ? (value as Fields) : null;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A copy: hosts hand views into whatever they keep. */
function bytesOf(value: unknown): Uint8Array<ArrayBuffer> | null {
  if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
  if (!ArrayBuffer.isView(value)) return null;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
}
