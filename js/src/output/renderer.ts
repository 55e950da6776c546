/**
 * What runs in the audio thread: puts queued samples into blocks of any size, one after the other.
 *
 * Every sample pushed comes out once, unaltered, in order, to the last one. No seam is faded. Where
 * the sound must break off (a pause, a stop, a dry spell) the last sample is led to zero over 5 ms
 * *after* it, and where it starts in the middle zero is led to the first sample *before* it: the
 * click is gone and the samples stay as they were received. The natural start and end get nothing.
 * Where one stream takes over from another, both are given a cue: from the same frame on the one fades
 * out and the other in, over samples of their own, and the two fades add up to one.
 *
 * Runs dry without ending: it then waits until it is told to go on, however much is pushed.
 */

/** Seconds of a ramp. */
export const RAMP_SECONDS = 0.005;
/** Seconds between two reports while nothing happens. */
export const REPORT_SECONDS = 0.05;

/** When to fade in or out: the context's frame at which it begins, and its seconds. One late is at once. */
export interface Cue {
  readonly frame: number;
  readonly fade: number;
}

export type ToRenderer =
  | { readonly type: "push"; readonly samples: Float32Array<ArrayBuffer> }
  | { readonly type: "go"; readonly cue?: Cue }
  | { readonly type: "hold" }
  /** No more samples will come: after the last one the stream has ended. */
  | { readonly type: "end" }
  | { readonly type: "close"; readonly cue?: Cue };

export interface Report {
  /** `playing` at the first sample; `tick` while nothing happens; `still` after a hold; `closed` after a close. */
  readonly event: "playing" | "tick" | "dry" | "still" | "ended" | "closed";
  /** On the context's clock, in frames: when sample `position` is or would be rendered. */
  readonly frame: number;
  /** Samples rendered, counted from where the stream began. */
  readonly position: number;
  /** Samples in hand. */
  readonly queued: number;
}

export class Renderer {
  readonly #report: (report: Report) => void;
  readonly #rate: number;
  readonly #ramp: number;
  readonly #every: number;
  #queue: Float32Array[] = [];
  #head = 0;
  #queued = 0;
  #position = 0;
  #playing = false;
  #final = false;
  #closing = false;
  #over = false;
  /** The last sample put out, to lead away from; counts down the frames of the ramp. */
  #last = 0;
  #leaving = 0;
  /** Frames left of the ramp up to the first sample. */
  #entering = 0;
  #lead: boolean;
  /** It is to fade in, or out, at a frame to come. */
  #entry: Cue | null = null;
  #exit: Cue | null = null;
  /** A fade under way: how many of its frames are done. */
  #fade: { readonly up: boolean; readonly frames: number; done: number } | null = null;
  /** Said to be playing: only once it does, since a context that is held back renders nothing. */
  #begun = true;
  #reported = 0;

  /** `middle`: the stream begins in the middle of a take, so its start needs a ramp. */
  constructor(rate: number, middle: boolean, report: (report: Report) => void) {
    this.#report = report;
    this.#rate = rate;
    this.#ramp = Math.max(1, Math.round(rate * RAMP_SECONDS));
    this.#every = Math.round(rate * REPORT_SECONDS);
    this.#lead = middle;
  }

  handle(message: ToRenderer, frame: number): void {
    switch (message.type) {
      case "push":
        if (message.samples.length === 0) break;
        this.#queue.push(message.samples);
        this.#queued += message.samples.length;
        break;
      case "go":
        if (this.#playing || this.#over || this.#closing) break;
        if (message.cue === undefined) this.#go(this.#lead && this.#queued > 0 ? this.#ramp : 0);
        else this.#entry = message.cue;
        break;
      case "hold":
        this.#still("still", frame);
        break;
      case "end":
        this.#final = true;
        break;
      case "close":
        if (message.cue !== undefined && this.#playing) {
          this.#exit = message.cue;
          break;
        }
        this.#still("still", frame);
        this.#closing = true;
        break;
    }
  }

  #go(entering: number): void {
    this.#playing = true;
    this.#leaving = 0;
    this.#entering = entering;
    this.#lead = true;
    this.#begun = false;
    this.#entry = null;
  }

  /** Begin what is due at `frame`; up to which frame nothing else is. */
  #cued(frame: number): number {
    const entry = this.#entry;
    if (entry !== null && entry.frame <= frame) {
      this.#go(0);
      this.#fade = { up: true, frames: this.#frames(entry), done: 0 };
    }
    const exit = this.#exit;
    if (exit !== null && exit.frame <= frame) {
      this.#exit = null;
      this.#fade = { up: false, frames: this.#frames(exit), done: 0 };
      if (!this.#playing || this.#entering > 0) {
        this.#still("still", frame);
        this.#closing = true;
      }
    }
    const next = [this.#entry, this.#exit].map((cue) => cue?.frame ?? Number.POSITIVE_INFINITY);
    return Math.min(...next);
  }

  #frames({ fade }: Cue): number {
    return Math.max(1, Math.round(fade * this.#rate));
  }

  /** Fill one block that begins at `frame`; false when the stream is over and may be let go. */
  process(out: Float32Array, frame: number): boolean {
    let i = 0;
    while (i < out.length) {
      const to = Math.min(out.length, this.#cued(frame + i) - frame);
      if (!this.#playing) {
        i = this.#silence(out, i, to);
      } else if (this.#entering > 0) {
        const first = this.#queue[0]?.[this.#head] ?? 0;
        for (; i < to && this.#entering > 0; i++) {
          out[i] = first * rise(1 - this.#entering / this.#ramp);
          this.#entering--;
        }
      } else if (this.#queued > 0) {
        if (!this.#begun) this.#say("playing", frame + i);
        this.#begun = true;
        i = this.#copy(out, i, this.#fade === null ? to : Math.min(to, i + this.#left(this.#fade)));
        this.#faded(frame + i);
      } else if (this.#final) {
        this.#playing = false;
        this.#over = true;
        this.#say("ended", frame + i);
      } else {
        if (this.#fade?.up === false) this.#closing = true;
        this.#still("dry", frame + i);
      }
    }
    if (this.#closing && this.#leaving === 0) {
      if (!this.#over) this.#say("closed", frame + i);
      this.#over = true;
    }
    if (this.#playing && frame + i - this.#reported >= this.#every) this.#say("tick", frame + i);
    return !this.#over;
  }

  #left({ frames, done }: { readonly frames: number; readonly done: number }): number {
    return frames - done;
  }

  /** What follows when a fade is done. */
  #faded(frame: number): void {
    if (this.#fade === null || this.#left(this.#fade) > 0) return;
    const { up } = this.#fade;
    this.#fade = null;
    if (up) return;
    this.#last = 0;
    this.#still("still", frame);
    this.#closing = true;
  }

  #shade(out: Float32Array, from: number, to: number): void {
    if (this.#fade === null) return;
    for (let i = from; i < to; i++) {
      const x = ++this.#fade.done / (this.#fade.frames + 1);
      out[i] = (out[i] ?? 0) * rise(this.#fade.up ? x : 1 - x);
    }
  }

  #copy(out: Float32Array, from: number, to: number): number {
    let i = from;
    while (i < to) {
      const samples = this.#queue[0];
      if (samples === undefined) break;
      const count = Math.min(to - i, samples.length - this.#head);
      out.set(samples.subarray(this.#head, this.#head + count), i);
      i += count;
      this.#head += count;
      if (this.#head === samples.length) {
        // Let go at once: nothing played is kept here.
        this.#queue.shift();
        this.#head = 0;
      }
    }
    this.#shade(out, from, i);
    this.#position += i - from;
    this.#queued -= i - from;
    this.#last = out[i - 1] ?? 0;
    return i;
  }

  #silence(out: Float32Array, from: number, to: number): number {
    let i = from;
    for (; i < to && this.#leaving > 0; i++) {
      out[i] = this.#last * rise(this.#leaving / (this.#ramp + 1));
      this.#leaving--;
    }
    out.fill(0, i, to);
    return to;
  }

  #still(event: "still" | "dry", frame: number): void {
    this.#entry = null;
    if (!this.#playing) return;
    // Held on the way up to the first sample: that ramp's height is not worth following down.
    this.#leaving = this.#entering > 0 || this.#last === 0 ? 0 : this.#ramp;
    this.#entering = 0;
    this.#fade = null;
    this.#playing = false;
    this.#say(event, frame);
  }

  #say(event: Report["event"], frame: number): void {
    this.#reported = frame;
    this.#report({ event, frame, position: this.#position, queued: this.#queued });
  }
}

/** From 0 to 1 without a corner at either end. */
function rise(x: number): number {
  return 0.5 - 0.5 * Math.cos(Math.PI * x);
}
