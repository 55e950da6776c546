/** What is compared, as the kernel says it (cartesia_nb/tuning/listen.py), checked. Pure. */

export type Mode = "listen" | "ab" | "abx";

export interface Stimulus {
  readonly take: string;
  readonly name: string;
}

export interface Word {
  readonly text: string;
  /** At which anchor it begins. */
  readonly anchor: number;
}

export interface Compared {
  readonly mode: Mode;
  readonly stimuli: readonly Stimulus[];
  /** By stimulus, where each of their common anchors lies in it, in seconds. */
  readonly places: readonly (readonly number[])[];
  readonly words: readonly Word[];
  readonly note: string;
  /** From 1; 0 where there are none. */
  readonly trial: number;
  readonly trials: number;
  readonly question: string;
  readonly choices: readonly string[];
  readonly done: boolean;
  readonly results: readonly string[];
}

/** Read through `get`, which gives a trait by its name; what makes no sense is left out. */
export function comparedOf(get: (name: string) => unknown): Compared {
  const mode = get("mode");
  const stimuli = list(get("stimuli")).flatMap((one) => {
    const { take, name } = (one ?? {}) as Record<string, unknown>;
    return typeof take === "string" ? [{ take, name: text(name) }] : [];
  });
  const places = list(get("places")).map((row) => list(row).filter(isNumber));
  const anchors = places[0]?.length ?? 0;
  const usable = places.length === stimuli.length && places.every((row) => row.length === anchors);
  return {
    mode: mode === "ab" || mode === "abx" ? mode : "listen",
    stimuli,
    places: usable ? places : stimuli.map(() => []),
    words: list(get("words")).flatMap((one) => {
      const [said, anchor] = list(one);
      return isNumber(anchor) && anchor < anchors ? [{ text: text(said), anchor }] : [];
    }),
    note: text(get("note")),
    trial: whole(get("trial")),
    trials: whole(get("trials")),
    question: text(get("question")),
    choices: list(get("choices")).map(text),
    done: get("phase") === "done",
    results: list(get("results")).map(text),
  };
}

/** The second of one stimulus that is, in the common sentence, where `seconds` is in another. */
export function across(from: readonly number[], to: readonly number[], seconds: number): number {
  const last = Math.min(from.length, to.length) - 1;
  if (last < 1) return Math.max(0, seconds);
  let i = 0;
  while (i < last - 1 && (from[i + 1] ?? 0) <= seconds) i++;
  const [a = 0, b = 0, c = 0, d = 0] = [from[i], from[i + 1], to[i], to[i + 1]];
  const share = b > a ? Math.min(1, Math.max(0, (seconds - a) / (b - a))) : 0;
  return c + share * (d - c);
}

/**
 * The places of no stimulus in particular: halfway between all. Where a blind trial stands is shown on
 * these, or a jump at a switch would tell the eye which two are the same.
 */
export function halfway(places: readonly (readonly number[])[]): readonly number[] {
  const [first = []] = places;
  return first.map((_, i) => places.reduce((sum, row) => sum + (row[i] ?? 0), 0) / places.length);
}

/** Which word is heard at `seconds` of a stimulus with these places; -1: none yet. */
export function wordAt(words: readonly Word[], places: readonly number[], seconds: number): number {
  let found = -1;
  words.forEach(({ anchor }, index) => {
    if ((places[anchor] ?? Number.POSITIVE_INFINITY) <= seconds + 1e-3) found = index;
  });
  return found;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function whole(value: unknown): number {
  return isNumber(value) ? Math.max(0, Math.floor(value)) : 0;
}
