/**
 * Who is heard: in a page one take sounds at a time. A pure policy; what to do comes back as steps.
 *
 * - What is said queues in the order it was opened.
 * - `interrupt` clears the queue and ends what sounds.
 * - A person's Play takes the floor. What sounded by itself goes back to the head of the queue and
 *   goes on afterwards; the queue waits.
 * - A hand-over, from one that sounds to another that goes on in its place: the one left does not wait
 *   to go on, and those that wait go on waiting.
 * - A person's pause keeps the floor while others wait behind it; where none waits, what is said
 *   next is heard at once: whoever paused one cell and runs another expects to hear it.
 * - A stop ends one take and the next goes on; a stop of everything leaves silence.
 */

export interface Step {
  readonly act: "start" | "pause" | "stop";
  readonly take: string;
}

export class Floor {
  #holder: string | null = null;
  #paused = false;
  #queue: string[] = [];

  get holder(): string | null {
    return this.#holder;
  }

  /** Whether `take` waits for its turn. */
  waiting(take: string): boolean {
    return this.#queue.includes(take);
  }

  /** A take that wants to be heard by itself. */
  said(take: string, interrupt = false): Step[] {
    if (take === this.#holder || this.waiting(take)) return [];
    if (interrupt) return [...this.stop(null), ...this.#give(take)];
    if (this.#holder === null || (this.#paused && this.#queue.length === 0)) {
      return this.#give(take);
    }
    this.#queue.push(take);
    return [];
  }

  /** A person wants to hear this one now. */
  play(take: string): Step[] {
    const steps: Step[] = [];
    const before = this.#holder;
    this.#leave(take);
    if (before !== null && before !== take && !this.#paused) {
      this.#queue.unshift(before);
      steps.push({ act: "pause", take: before });
    }
    return [...steps, ...this.#give(take)];
  }

  /** A person goes on with `to` where `from` is heard; the next begins before the other is left. */
  handOver(from: string, to: string): Step[] {
    this.#leave(from);
    if (from === to || from !== this.#holder || this.#paused) return this.play(to);
    this.#leave(to);
    return [...this.#give(to), { act: "pause", take: from }];
  }

  pause(take: string): Step[] {
    this.#leave(take);
    if (take !== this.#holder || this.#paused) return [];
    this.#paused = true;
    return [{ act: "pause", take }];
  }

  /** End `take`, or with null everything. */
  stop(take: string | null): Step[] {
    if (take === null) {
      const all = this.#holder === null ? this.#queue : [this.#holder, ...this.#queue];
      this.#holder = null;
      this.#queue = [];
      return all.map((one) => ({ act: "stop", take: one }));
    }
    this.#leave(take);
    const next = this.ended(take);
    return [{ act: "stop", take }, ...next];
  }

  /** `take` has been heard to its end, or can no longer be heard. */
  ended(take: string): Step[] {
    this.#leave(take);
    if (take !== this.#holder) return [];
    this.#holder = null;
    const next = this.#queue.shift();
    return next === undefined ? [] : this.#give(next);
  }

  #give(take: string): Step[] {
    this.#holder = take;
    this.#paused = false;
    return [{ act: "start", take }];
  }

  #leave(take: string): void {
    this.#queue = this.#queue.filter((one) => one !== take);
  }
}
