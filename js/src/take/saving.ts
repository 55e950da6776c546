/**
 * A WAV file of a take of which some was let go, put together as that comes again.
 *
 * Its parts are blobs, which the browser may keep on disk: the file of an hour's take is larger than
 * what the page keeps of it. Byte for byte the file that `wavFile` makes of a take that is all here;
 * what was never received, or cannot come again, is silence.
 */

import type { Encoding } from "../messages";
import type { Range } from "./ranges";
import type { Take } from "./take";
import { PIECE_BYTES, wavBytes, wavHeader, wavSilence } from "./wav";

/** Bytes asked for ahead: a few seconds of the kernel's way. */
const AHEAD_BYTES = 8_000_000;
/** Bytes taken over at one time, so that the page is not held up. */
const STEP_BYTES = 16_000_000;

export class Saving {
  readonly parts: Blob[];
  readonly #take: Take;
  readonly #encoding: Encoding;
  readonly #bytes: number;
  #at = 0;

  constructor(take: Take, encoding: Encoding) {
    this.#take = take;
    this.#encoding = encoding;
    this.#bytes = wavBytes(take.store, encoding);
    this.parts = [new Blob([wavHeader(this.#bytes, encoding, take.rate)])];
  }

  /** How much of it is there, from 0 to 1. */
  get share(): number {
    return this.#bytes === 0 ? 1 : this.#at / this.#bytes;
  }

  /** What it waits for. */
  get missed(): Range[] {
    const end = Math.min(this.#bytes, this.#at + AHEAD_BYTES);
    return this.#take.store.gone(this.#at, end);
  }

  /** Take over what is here; true when the file is whole. */
  step(): boolean {
    const { store, cut } = this.#take;
    const stop = Math.min(this.#bytes, this.#at + STEP_BYTES);
    while (this.#at < stop) {
      const here = Math.min(store.contiguous(this.#at), this.#at + PIECE_BYTES, this.#bytes);
      if (here > this.#at) {
        this.#put(store.read(this.#at, here));
        continue;
      }
      const gap = store.absent(this.#at, Math.min(this.#bytes, this.#at + PIECE_BYTES))[0];
      const end = gap?.[1] ?? this.#bytes;
      const awaited = cut ? end : (store.gone(this.#at, end)[0]?.[0] ?? end);
      if (awaited === this.#at) return false;
      this.#put(wavSilence(awaited - this.#at, this.#encoding));
    }
    if (this.#at < this.#bytes) return false;
    if (this.#bytes % 2 === 1) this.parts.push(new Blob([new Uint8Array(1)]));
    return true;
  }

  #put(bytes: Uint8Array<ArrayBuffer>): void {
    this.parts.push(new Blob([bytes]));
    this.#at += bytes.length;
  }
}
