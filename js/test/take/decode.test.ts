import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decode } from "../../src/take/decode";
import { samples } from "../random";

const g711 = JSON.parse(
  readFileSync(new URL("../../../tests/fixtures/pcm/g711.json", import.meta.url), "utf8"),
) as Record<"pcm_mulaw" | "pcm_alaw", number[]>;
const codes = Uint8Array.from({ length: 256 }, (_, i) => i);

describe("decoding", () => {
  it.each(["pcm_mulaw", "pcm_alaw"] as const)("%s is Python's table, code by code", (encoding) => {
    expect([...decode(codes, encoding)]).toEqual(g711[encoding].map((value) => value / 32768));
  });

  it("16 bits are divided by 32768", () => {
    const pcm = new Uint8Array(new Int16Array([0, 1, -1, 32767, -32768]).buffer);
    expect([...decode(pcm, "pcm_s16le")]).toEqual([0, 2 ** -15, -(2 ** -15), 32767 / 32768, -1]);
  });

  it("float samples come out bit for bit, from an odd place in a buffer too", () => {
    const wanted = samples(1000, 3);
    const shifted = new Uint8Array(4001);
    shifted.set(new Uint8Array(wanted.buffer), 1);
    expect(decode(shifted.subarray(1), "pcm_f32le")).toEqual(wanted);
  });

  it("bytes after the last whole sample are left out", () => {
    expect(decode(new Uint8Array(7), "pcm_f32le")).toHaveLength(1);
    expect(decode(new Uint8Array(7), "pcm_s16le")).toHaveLength(3);
    expect(decode(new Uint8Array(0), "pcm_s16le")).toHaveLength(0);
  });
});
