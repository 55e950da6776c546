import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Encoding } from "../../src/messages";
import { decode } from "../../src/take/decode";
import { Store } from "../../src/take/store";
import { wavFile } from "../../src/take/wav";
import { bytes } from "../random";

interface Case {
  readonly encoding: Encoding;
  readonly sample_rate: number;
  readonly pcm: string;
  readonly wav: string;
}
const cases = JSON.parse(
  readFileSync(new URL("../../../tests/fixtures/pcm/wav.json", import.meta.url), "utf8"),
) as readonly Case[];
const HEADER = 58;

function holding(...parts: readonly (readonly [number, Uint8Array])[]): Store {
  const store = new Store();
  for (const [offset, pcm] of parts) store.write(offset, pcm);
  return store;
}

function file(store: Store, encoding: Encoding, rate = 8000): Buffer {
  return Buffer.concat(wavFile(store, encoding, rate));
}

describe("a WAV file", () => {
  it.each(cases)("of $encoding at $sample_rate Hz is Python's, byte for byte", (each) => {
    const store = holding([0, Buffer.from(each.pcm, "hex")]);
    expect(file(store, each.encoding, each.sample_rate).toString("hex")).toBe(each.wav);
  });

  it("of a long take comes in pieces, whole", () => {
    const pcm = bytes(3 * 2 ** 20 + 6, 5);
    const pieces = wavFile(holding([0, pcm]), "pcm_s16le", 8000);
    expect(pieces.length).toBeGreaterThan(3);
    const whole = Buffer.concat(pieces);
    expect(whole.readUInt32LE(4)).toBe(whole.length - 8);
    expect(whole.subarray(HEADER).equals(pcm)).toBe(true);
  });

  it.each(["pcm_s16le", "pcm_f32le", "pcm_mulaw", "pcm_alaw"] as const)(
    "of %s is silent where something is missing, and keeps the time of the rest",
    (encoding) => {
      const [before, after] = [bytes(40, 1), bytes(40, 2)];
      const store = holding([8, before], [2 ** 21, after]);
      const pcm = file(store, encoding).subarray(HEADER);
      expect(pcm.length).toBe(2 ** 21 + 40);
      expect(pcm.subarray(8, 48).equals(before)).toBe(true);
      expect(pcm.subarray(2 ** 21).equals(after)).toBe(true);
      const gap = decode(Uint8Array.from(pcm.subarray(48, 2 ** 21)), encoding);
      expect(gap.every((sample) => Math.abs(sample) <= 8 / 32768)).toBe(true);
    },
  );

  it("of nothing is a file without sound", () => {
    expect(file(new Store(), "pcm_f32le")).toHaveLength(HEADER);
  });
});
