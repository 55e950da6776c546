/**
 * The outline of a take: for each bucket of 10 ms the loudest sample and the mean power.
 *
 * Computed as samples arrive, in any order; each bucket is taken again from the store whenever
 * bytes of it come in, so that overlaps and repeats change nothing. Kept in blocks: a chunk far ahead
 * of the others takes no room for what lies between.
 */

/** Buckets a second. */
export const BUCKETS_PER_SECOND = 100;

/** Buckets in one block. */
const BLOCK = 4096;

interface Block {
  readonly peak: Float32Array;
  readonly rms: Float32Array;
}

export class Peaks {
  readonly #blocks = new Map<number, Block>();
  /** Buckets up to the last one that holds a sample. */
  length = 0;

  set(bucket: number, samples: Float32Array): void {
    let peak = 0;
    let power = 0;
    for (const sample of samples) {
      const size = Math.abs(sample);
      // Written so that a NaN in the stream is passed over.
      if (size > peak) peak = size;
      if (size < 1e3) power += sample * sample;
    }
    const index = Math.floor(bucket / BLOCK);
    let block = this.#blocks.get(index);
    if (block === undefined) {
      block = { peak: new Float32Array(BLOCK), rms: new Float32Array(BLOCK) };
      this.#blocks.set(index, block);
    }
    block.peak[bucket % BLOCK] = peak;
    block.rms[bucket % BLOCK] = samples.length > 0 ? Math.sqrt(power / samples.length) : 0;
    this.length = Math.max(this.length, bucket + 1);
  }

  /** Forget the buckets from `length` on. */
  cut(length: number): void {
    this.length = Math.min(this.length, length);
    for (const [index, { peak, rms }] of [...this.#blocks]) {
      const from = Math.max(0, length - index * BLOCK);
      if (from === 0) this.#blocks.delete(index);
      else {
        peak.fill(0, from);
        rms.fill(0, from);
      }
    }
  }

  /** The loudest sample in the buckets `[from, to)`. */
  peak(from: number, to: number): number {
    return this.#most("peak", from, to);
  }

  /** The loudest 10 ms in the buckets `[from, to)`, as root mean square. */
  rms(from: number, to: number): number {
    return this.#most("rms", from, to);
  }

  #most(of: "peak" | "rms", from: number, to: number): number {
    const end = Math.min(to, this.length);
    let most = 0;
    for (let i = Math.max(0, from); i < end; ) {
      const index = Math.floor(i / BLOCK);
      const stop = Math.min(end, (index + 1) * BLOCK);
      const sizes = this.#blocks.get(index)?.[of];
      if (sizes !== undefined) {
        for (let j = i; j < stop; j++) most = Math.max(most, sizes[j - index * BLOCK] ?? 0);
      }
      i = stop;
    }
    return most;
  }
}
