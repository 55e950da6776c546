import { describe, expect, it } from "vitest";
import type { Open } from "../../src/messages";
import { Saving } from "../../src/take/saving";
import { BLOCK_BYTES } from "../../src/take/store";
import { Take } from "../../src/take/take";
import { wavFile } from "../../src/take/wav";
import { bytes } from "../random";

const SIZE = 40 * BLOCK_BYTES + 7;

function taken(encoding: Open["encoding"]): { take: Take; pcm: Uint8Array<ArrayBuffer> } {
  const take = new Take("t");
  take.format = { encoding, rate: 8000 };
  const pcm = bytes(SIZE, 5);
  give(take, pcm, 0, SIZE);
  return { take, pcm };
}

function give(take: Take, pcm: Uint8Array, from: number, to: number): void {
  take.accept({ type: "audio", take: "t", sent: 0, offset: from, pcm: pcm.slice(from, to) });
}

async function joined(parts: readonly Blob[]): Promise<Buffer> {
  return Buffer.from(await new Blob([...parts]).arrayBuffer());
}

describe("a file of a take of which some was let go", () => {
  it.each(["pcm_s16le", "pcm_f32le", "pcm_mulaw"] as const)(
    "of %s waits for that, asks for it in parts, and is the same as if all had been here",
    async (encoding) => {
      const { take, pcm } = taken(encoding);
      const wanted = Buffer.concat(wavFile(take.store, encoding, 8000));
      take.store.letGo(BLOCK_BYTES, 3 * BLOCK_BYTES, SIZE);
      take.store.letGo(30 * BLOCK_BYTES, SIZE, SIZE);
      const saving = new Saving(take, encoding);
      expect(saving.step()).toBe(false);
      expect(saving.share).toBeCloseTo(1 / 40, 2);
      expect(saving.missed[0]).toEqual([BLOCK_BYTES, 3 * BLOCK_BYTES]);
      give(take, pcm, BLOCK_BYTES, 2 * BLOCK_BYTES + 1);
      expect(saving.step()).toBe(false);
      expect(saving.missed[0]).toEqual([2 * BLOCK_BYTES + 1, 3 * BLOCK_BYTES]);
      give(take, pcm, 2 * BLOCK_BYTES, 3 * BLOCK_BYTES);
      expect(saving.step()).toBe(false);
      // What it has is not needed again.
      take.store.letGo(0, 20 * BLOCK_BYTES, SIZE);
      expect(saving.missed[0]?.[0]).toBe(30 * BLOCK_BYTES);
      give(take, pcm, 30 * BLOCK_BYTES, SIZE);
      expect(saving.step()).toBe(true);
      expect(Buffer.compare(await joined(saving.parts), wanted)).toBe(0);
    },
  );

  it("has silence where the kernel cannot send it again", async () => {
    const { take, pcm } = taken("pcm_mulaw");
    take.store.letGo(BLOCK_BYTES, 3 * BLOCK_BYTES, SIZE);
    const saving = new Saving(take, "pcm_mulaw");
    expect(saving.step()).toBe(false);
    take.cutOff();
    expect(saving.step()).toBe(true);
    const file = await joined(saving.parts);
    const wanted = Buffer.from(pcm);
    wanted.fill(0xff, BLOCK_BYTES, 3 * BLOCK_BYTES);
    expect(Buffer.compare(file.subarray(58, 58 + SIZE), wanted)).toBe(0);
  });
});
