/**
 * The outline of a take: for each bucket of 10 ms the loudest sample and the mean power.
 *
 * Computed as samples arrive, in any order; each bucket is taken again from the store whenever
 * bytes of it come in, so that overlaps and repeats change nothing.
 */

/** Buckets a second. */
export const BUCKETS_PER_SECOND = 100;

export class Peaks {
  #peak = new Float32Array(1024);
  #rms = new Float32Array(1024);
  /** Buckets up to the last one that holds a sample. */
  length = 0;

  set(bucket: number, samples: Float32Array): void {
    this.#reserve(bucket + 1);
    let peak = 0;
    let power = 0;
    for (const sample of samples) {
      const size = Math.abs(sample);
      // Written so that a NaN in the stream is passed over.
      if (size > peak) peak = size;
      if (size < 1e3) power += sample * sample;
    }
    this.#peak[bucket] = peak;
    this.#rms[bucket] = samples.length > 0 ? Math.sqrt(power / samples.length) : 0;
    this.length = Math.max(this.length, bucket + 1);
  }

  /** The loudest sample in the buckets `[from, to)`. */
  peak(from: number, to: number): number {
    let most = 0;
    for (let i = Math.max(0, from); i < Math.min(to, this.length); i++) {
      most = Math.max(most, this.#peak[i] ?? 0);
    }
    return most;
  }

  /** The loudest 10 ms in the buckets `[from, to)`, as root mean square. */
  rms(from: number, to: number): number {
    let most = 0;
    for (let i = Math.max(0, from); i < Math.min(to, this.length); i++) {
      most = Math.max(most, this.#rms[i] ?? 0);
    }
    return most;
  }

  #reserve(count: number): void {
    if (count <= this.#peak.length) return;
    let size = this.#peak.length;
    while (size < count) size *= 2;
    const peak = new Float32Array(size);
    const rms = new Float32Array(size);
    peak.set(this.#peak);
    rms.set(this.#rms);
    this.#peak = peak;
    this.#rms = rms;
  }
}
