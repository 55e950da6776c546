/**
 * From the bytes Cartesia sent to samples: float32, mono, full scale at ±1.
 *
 * 16-bit values are divided by 32768; µ-law and A-law (ITU-T G.711) are expanded to 16 bits first.
 * Python's `cartesia_nb.protocol.encodings` does the same; a fixture holds the two together.
 */

import type { Encoding } from "../messages";

export const BYTES_PER_SAMPLE: Readonly<Record<Encoding, number>> = {
  pcm_f32le: 4,
  pcm_s16le: 2,
  pcm_mulaw: 1,
  pcm_alaw: 1,
};

/** Decode whole samples; bytes after the last whole one are ignored. */
export function decode(pcm: Uint8Array, encoding: Encoding): Float32Array<ArrayBuffer> {
  const count = Math.floor(pcm.length / BYTES_PER_SAMPLE[encoding]);
  const samples = new Float32Array(count);
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  switch (encoding) {
    case "pcm_f32le":
      if (LITTLE_ENDIAN) new Uint8Array(samples.buffer).set(pcm.subarray(0, count * 4));
      else for (let i = 0; i < count; i++) samples[i] = view.getFloat32(i * 4, true);
      break;
    case "pcm_s16le":
      for (let i = 0; i < count; i++) samples[i] = view.getInt16(i * 2, true) / 32768;
      break;
    case "pcm_mulaw":
      for (let i = 0; i < count; i++) samples[i] = MULAW[pcm[i] ?? 0] ?? 0;
      break;
    case "pcm_alaw":
      for (let i = 0; i < count; i++) samples[i] = ALAW[pcm[i] ?? 0] ?? 0;
      break;
  }
  return samples;
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

const MULAW = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff;
  const magnitude = (((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4);
  return (bits & 0x80 ? 0x84 - magnitude : magnitude - 0x84) / 32768;
});

const ALAW = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = code ^ 0x55;
  const segment = (bits & 0x70) >> 4;
  const mantissa = (bits & 0x0f) << 4;
  const magnitude = segment === 0 ? mantissa + 8 : (mantissa + 0x108) << (segment - 1);
  return (bits & 0x80 ? magnitude : -magnitude) / 32768;
});
