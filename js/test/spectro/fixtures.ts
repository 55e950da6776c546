import { readFileSync } from "node:fs";

/** What cartesia_nb.analysis makes of some samples; tests/analysis/make_fixtures.py writes it. */
export interface Case {
  readonly name: string;
  readonly rate: number;
  readonly grid: { readonly window: number; readonly hop: number; readonly nfft: number };
  readonly bins: number;
  readonly frames: number;
  readonly samples: Float32Array;
  readonly power: Float32Array;
  readonly mel: readonly {
    readonly rows: number;
    readonly frequency: number;
    readonly power: Float32Array;
  }[];
}

const file = new URL("../../../tests/fixtures/spectro/stft.json", import.meta.url);

/** Arrays lie there as base64 of little-endian float32. */
export const cases = JSON.parse(readFileSync(file, "utf8"), (key, value) =>
  (key === "samples" || key === "power") && typeof value === "string"
    ? new Float32Array(new Uint8Array(Buffer.from(value, "base64")).buffer)
    : value,
) as Case[];

export function caseOf(name: string): Case {
  const found = cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  return found;
}

/** The largest difference, relative to the largest value; NaN where one is. */
export function apart(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) throw new Error(`${ours.length} and ${theirs.length}`);
  let most = 0;
  let size = 1e-30;
  for (let i = 0; i < theirs.length; i++) {
    const difference = Math.abs((ours[i] ?? Number.NaN) - (theirs[i] ?? Number.NaN));
    if (!(difference <= most)) most = difference;
    size = Math.max(size, Math.abs(theirs[i] ?? 0));
  }
  return most / size;
}
