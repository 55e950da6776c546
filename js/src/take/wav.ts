/**
 * A WAV file of what the page holds of a take, in the encoding that Cartesia sent.
 *
 * Byte for byte what Python's `take.to_wav()` writes; a fixture holds the two together. What is
 * missing in between is silence, so that all that is here keeps its time.
 */

import type { Encoding } from "../messages";
import { BYTES_PER_SAMPLE } from "./decode";
import type { Store } from "./store";

/** Format tags of WAVE (RFC 2361). */
const FORMAT: Readonly<Record<Encoding, number>> = {
  pcm_s16le: 1,
  pcm_f32le: 3,
  pcm_alaw: 6,
  pcm_mulaw: 7,
};
/** The byte that silence is made of: in G.711, zero is not it. */
const SILENCE: Readonly<Record<Encoding, number>> = {
  pcm_s16le: 0,
  pcm_f32le: 0,
  pcm_alaw: 0xd5,
  pcm_mulaw: 0xff,
};
const HEADER_BYTES = 58;
/** RIFF counts in 32 bits. */
const MOST_BYTES = 2 ** 32 - HEADER_BYTES - 2;
/** A long take is not copied into one piece of memory. */
export const PIECE_BYTES = 1 << 20;

/** The file, in pieces to be put one after the other; bytes after the last whole sample are left out. */
export function wavFile(
  store: Store,
  encoding: Encoding,
  rate: number,
): readonly Uint8Array<ArrayBuffer>[] {
  const bytes = wavBytes(store, encoding);
  const pieces = [wavHeader(bytes, encoding, rate)];
  let at = 0;
  for (const [from, to] of [...store.absent(0, bytes), [bytes, bytes] as const]) {
    for (; at < from; at += PIECE_BYTES) {
      pieces.push(store.read(at, Math.min(from, at + PIECE_BYTES)));
    }
    for (at = from; at < to; at += PIECE_BYTES) {
      pieces.push(wavSilence(Math.min(to - at, PIECE_BYTES), encoding));
    }
    at = to;
  }
  if (bytes % 2 === 1) pieces.push(new Uint8Array(1));
  return pieces;
}

/** How many bytes of sound the file holds: whole samples, and no more than RIFF can count. */
export function wavBytes(store: Store, encoding: Encoding): number {
  const size = BYTES_PER_SAMPLE[encoding];
  return Math.floor(Math.min(store.end, MOST_BYTES) / size) * size;
}

export function wavSilence(bytes: number, encoding: Encoding): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes).fill(SILENCE[encoding]);
}

export function wavHeader(
  bytes: number,
  encoding: Encoding,
  rate: number,
): Uint8Array<ArrayBuffer> {
  const size = BYTES_PER_SAMPLE[encoding];
  const view = new DataView(new ArrayBuffer(HEADER_BYTES));
  let at = 0;
  const name = (text: string) => {
    for (const letter of text) view.setUint8(at++, letter.charCodeAt(0));
  };
  const u16 = (value: number) => {
    view.setUint16(at, value, true);
    at += 2;
  };
  const u32 = (value: number) => {
    view.setUint32(at, value, true);
    at += 4;
  };
  name("RIFF");
  u32(HEADER_BYTES - 8 + bytes + (bytes % 2));
  name("WAVEfmt ");
  u32(18);
  u16(FORMAT[encoding]);
  u16(1);
  u32(rate);
  u32(rate * size);
  u16(size);
  u16(8 * size);
  u16(0);
  // Formats other than plain PCM carry their number of samples in a "fact" chunk.
  name("fact");
  u32(4);
  u32(bytes / size);
  name("data");
  u32(bytes);
  return new Uint8Array(view.buffer);
}
