/** How a take's chunks came and when they sounded in this page, as its latency is shown. No DOM. */

import { clock } from "../link";
import type { Playback } from "../playback";
import type { Rendition } from "../rendition";
import type { ChunkFact } from "../take/chunks";
import { Dues, here, Least, Paper, type Silence } from "./dues";
import type { Facts, Summary } from "./figures";
import { Onset } from "./onset";

/** A chunk that came this long before it was to sound was not waited for. */
const AT_ONCE = 0.02;
const STOOD_STILL = "Unknown: a clock stood still about then, as in a sleep";

/** As much of a rendition as is looked at. */
export interface Watched extends Pick<Rendition, "take" | "blocked"> {
  readonly playback: Pick<
    Playback,
    | "active"
    | "ahead"
    | "asked"
    | "first"
    | "firstSound"
    | "output"
    | "phase"
    | "position"
    | "prebuffer"
    | "problem"
    | "soundError"
    | "sounded"
  >;
}

export class Course {
  readonly #rendition: Watched;
  #paper = new Paper();
  #paperKey = "";
  readonly #least = new Least();
  readonly #onset: Onset;
  /** How far the sound was behind its own clock when last looked at, since the last silence. */
  #behind = 0;
  /** The browser held its first sound back. */
  #heldBack = false;

  /** Follows the take until `signal` is aborted. */
  constructor(rendition: Watched, signal: AbortSignal) {
    this.#rendition = rendition;
    const { take, playback } = rendition;
    this.#onset = new Onset(take);
    const over = new AbortController();
    signal.addEventListener("abort", () => over.abort());
    take.onChange(() => {
      if (playback.firstSound !== null) over.abort();
      else if (rendition.blocked) this.#heldBack = true;
    }, over.signal);
  }

  get count(): number {
    return this.#rendition.take.chunks.length;
  }

  /** The request was seen: times count from it. */
  get requested(): boolean {
    return this.#rendition.take.chunks.requested !== null;
  }

  /** More may come. */
  get growing(): boolean {
    return this.#rendition.take.live;
  }

  chunk(index: number): ChunkFact | undefined {
    return this.#rendition.take.chunks.get(index);
  }

  /** When the first sample became audible here, since the request; else why that says nothing. */
  get sound(): number | string {
    const { take, playback } = this.#rendition;
    const { chunks } = take;
    if (playback.firstSound === null) {
      return playback.problem === null
        ? "Not heard in this page yet"
        : "This page has no way to make it sound";
    }
    if (!this.requested) return "Unknown: when the text was sent was not seen";
    const why = this.#untold;
    return why ?? chunks.place(playback.firstSound) ?? STOOD_STILL;
  }

  /** How far off the first sound may be, either way. */
  get #soundError(): Facts["soundError"] {
    const { take, playback } = this.#rendition;
    const { firstSound, soundError } = playback;
    const error = firstSound === null ? null : take.chunks.clock.place(firstSound)?.error;
    return { clocks: error ?? null, output: soundError };
  }

  /** Why the first sound here says nothing about the stream; null if it does. */
  get #untold(): string | null {
    const { take, playback } = this.#rendition;
    const first = this.chunk(0);
    const asked = playback.asked === null ? null : take.chunks.place(playback.asked);
    if (this.#heldBack) return "The browser held sound back until somebody clicked";
    if (first === undefined) return "The rows about its chunks have not come yet";
    if (first.arrived === null) {
      return "Heard here only after it had been received: it was asked for again, or shown later";
    }
    if (asked === null) return STOOD_STILL;
    if (asked > first.arrived + AT_ONCE) {
      return "It was started after its first chunk had come: by a person, or when its turn came";
    }
    return this.#moved ? "A person paused or moved it before it sounded" : null;
  }

  get #moved(): boolean {
    const { first, firstSound } = this.#rendition.playback;
    const disturbed = first?.disturbed ?? null;
    return disturbed !== null && firstSound !== null && disturbed < firstSound;
  }

  /** It sounded, even if not from the first, while it still came. */
  get #joined(): boolean {
    const { take, playback } = this.#rendition;
    const last = this.chunk(this.count - 1);
    if (playback.firstSound === null || this.#moved) return false;
    if (last === undefined || this.chunk(0)?.arrived == null) return false;
    return take.live || (take.chunks.place(playback.firstSound) ?? 0) <= here(last);
  }

  /** Its first listening here, if it was heard as it came. */
  get #heard(): { readonly dues: Dues; readonly until: number | null } | null {
    const { take, playback } = this.#rendition;
    const { first, firstSound } = playback;
    if (first === null || firstSound === null) return null;
    if (this.#untold !== null && !this.#joined) return null;
    const place = (moment: number) => take.chunks.place(moment) ?? Number.NaN;
    const by = first.disturbed ?? Number.POSITIVE_INFINITY;
    const silences = first.dry
      .filter(({ from }) => from < by)
      .map(({ at, from, to }): Silence => ({ at, from: place(from), to: place(to ?? clock()) }));
    const sounded = place(firstSound);
    const disturbed = first.disturbed === null ? null : place(first.disturbed);
    // Around a sleep nobody knows when it was.
    const all = [sounded, disturbed ?? 0, ...silences.flatMap(({ from, to }) => [from, to])];
    if (all.some(Number.isNaN)) return null;
    const dues = new Dues(sounded, silences);
    const last = this.chunk(this.count - 1);
    const over = last === undefined ? 0 : dues.until(last.start + last.duration);
    // What a person did after all of it had sounded disturbed nothing.
    const nothing = disturbed !== null && take.ended && disturbed >= over;
    return { dues, until: nothing ? null : disturbed };
  }

  /** When its chunks sounded, or would have, played as they came. */
  get told(): Told {
    const heard = this.#heard;
    if (heard !== null) return { how: "heard", ...heard };
    const dues = this.#onPaper();
    return dues === null ? NONE : { how: "paper", dues, until: null };
  }

  #onPaper(): Dues | null {
    const first = this.chunk(0);
    // Whether arrivals are known may change when the take is opened late, and where they lie when
    // the kernel tells of the clocks; then all is done anew.
    const key = `${first?.arrived === null} ${this.#rendition.take.chunks.clock.version}`;
    if (key !== this.#paperKey) {
      this.#paperKey = key;
      this.#paper = new Paper();
    }
    const reach = this.count;
    while (this.#paper.count < reach) {
      const row = this.chunk(this.#paper.count);
      if (row === undefined) break;
      this.#paper.add(row);
    }
    return this.#paper.dues;
  }

  /** Look through what has come for where speech begins; true if there is more to look through. */
  listen(): boolean {
    return this.#onset.follow();
  }

  /** Look whether what is audible is where it should be; a few times a second. */
  watch(): void {
    const { take, playback } = this.#rendition;
    const { phase, position } = playback;
    const now = take.chunks.place(clock());
    const heard = this.#heard;
    if (heard === null || heard.until !== null || now === null) return;
    if (phase === "playing") this.#behind = Math.max(0, heard.dues.played(now) - position);
    else if (phase === "waiting") this.#behind = 0;
  }

  facts(): Facts {
    const { take, playback } = this.#rendition;
    const dry = playback.first?.dry ?? [];
    const going = playback.active && playback.sounded;
    return {
      state: take.state,
      chunks: this.count,
      promised: take.promised.chunks,
      requested: this.requested,
      first: this.chunk(0) ?? null,
      last: this.chunk(this.count - 1) ?? null,
      ended: take.ended,
      silence: this.#onset.seconds,
      sound: this.sound,
      soundError: this.#soundError,
      ahead: going ? playback.ahead : null,
      prebuffer: { seconds: playback.prebuffer.seconds, fixed: playback.prebuffer.fixed },
      dry:
        this.#heard === null
          ? null
          : dry.map(({ from, to }) => Math.max(0, (to ?? clock()) - from)),
      dries: dry.at(-1)?.to === null,
    };
  }

  summary(told: Told, perRow: number): Summary {
    const last = this.chunk(this.count - 1);
    const { dues, how, until } = told;
    const silences = dues?.silences ?? [];
    const { output } = this.#rendition.playback;
    return {
      chunks: this.count,
      seconds: last === undefined ? 0 : last.start + last.duration,
      growing: this.growing,
      perRow,
      told: how,
      least: how === "paper" ? this.#paper.least : this.#leastHeard(told),
      lost: how === "heard" && dues !== null ? dues.lost + this.#behind : 0,
      disturbed: until,
      dry: silences.map(({ from, to }) => to - from),
      error: this.#error,
      arrivals: this.count === 0 || this.chunk(0)?.arrived !== null,
      way: output === null ? null : { kind: output.kind, rate: output.context.sampleRate },
    };
  }

  /** How far off what is placed by this page's clock may be; null: the quickest message placed it. */
  get #error(): number | null {
    const [first, last] = [this.chunk(0)?.error ?? null, this.chunk(this.count - 1)?.error ?? null];
    return first === null || last === null ? null : Math.max(first, last);
  }

  #leastHeard({ dues, until }: Told): number | null {
    if (dues === null) return null;
    const { silences } = dues;
    const get = (i: number) => {
      const row = this.chunk(i);
      // What came after a person took over was due at no moment.
      return row === undefined || (until !== null && here(row) > until) ? undefined : row;
    };
    const sound = this.#rendition.playback.firstSound;
    const { version } = this.#rendition.take.chunks.clock;
    return this.#least.follow(dues, this.count, get, sound, silences.length, version);
  }

  /** The last moment that is to be seen, since the request. */
  end(told: Told): number {
    const { take, playback } = this.#rendition;
    const last = this.chunk(this.count - 1);
    if (last === undefined) return 0;
    const sounds = told.dues === null ? 0 : told.dues.until(last.start + last.duration);
    const silent = told.dues?.silences.at(-1)?.to ?? 0;
    const now = take.live && playback.active ? (take.chunks.place(clock()) ?? 0) : 0;
    return Math.max(here(last), sounds, silent, now);
  }
}

export interface Told {
  readonly how: "heard" | "paper" | "none";
  readonly dues: Dues | null;
  /** From here on, since the request, nothing is told: a person paused it or moved in it. */
  readonly until: number | null;
}

const NONE: Told = { how: "none", dues: null, until: null };
