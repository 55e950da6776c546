/** One take as it is rendered in this page: what it holds, how it plays, what the kernel is told. */

import { wallClock } from "./floor/channel";
import { Tabs } from "./floor/tabs";
import type { Hub } from "./hub";
import type { Link } from "./link";
import type { Cue } from "./output/renderer";
import { type Entry, Playback } from "./playback";
import { Residence } from "./residence";
import type { Range } from "./take/ranges";
import { missingOf, Repair } from "./take/repair";
import { Saving } from "./take/saving";
import { Take } from "./take/take";
import { wavFile } from "./take/wav";
import { Telling } from "./telling";

/** What all takes of one Speaker share. */
export interface House {
  /** The fixed prebuffer that is asked for, in seconds; null for one that adapts. */
  readonly prebuffer: number | null;
  readonly tabs: Tabs;
}

/** The pieces of a WAV file, to be put one after the other. */
export type WavFile = readonly (Blob | Uint8Array<ArrayBuffer>)[];

/** Milliseconds for another tab to say where a take stood there. */
const HAND_OVER = 150;
/** Seconds before a take's end from which on it counts as heard. */
const AT_END = 0.1;

export class Rendition {
  readonly take: Take;
  readonly playback: Playback;
  /** Unique in the page. */
  readonly name: string;
  readonly #hub: Hub;
  readonly #link: Link;
  readonly #tabs: Tabs;
  readonly #repair = new Repair();
  readonly #residence: Residence;
  #saving: { readonly saving: Saving; readonly done: (file: WavFile | null) => void } | null = null;
  #views = 0;
  #shown = false;
  #said = false;
  /** A person's Play is under way: the other tabs know. */
  #taken = false;
  /** A person's Play waits for the place where it stood in another tab. */
  #handOver: ReturnType<typeof setTimeout> | undefined;
  /** A person has gone to a place in it here, since it last began in another tab. */
  #placed = false;
  readonly #telling: Telling;
  readonly #over = new AbortController();
  /** How often the kernel was asked for something lost. */
  asked = 0;

  constructor(speaker: string, id: string, hub: Hub, link: Link, house: House = alone()) {
    this.name = `${speaker}/${id}`;
    this.#hub = hub;
    this.#link = link;
    this.#tabs = house.tabs;
    this.take = new Take(id, hub.page);
    this.playback = new Playback(this.take, {
      output: (rate) => hub.outputs.get(rate),
      ended: () => hub.stage.ended(this.name),
      heard: () => this.#telling.tell(true),
      begins: () => {
        if (!this.#taken) this.#tabs.took(id, false, wallClock());
        return this.#taken;
      },
      listens: (listening) => this.#telling.follow(listening),
      prebuffer: () => house.prebuffer,
    });
    this.#telling = new Telling(this.take, this.playback, link);
    hub.stage.add(this.name, this.playback, () => this.#shown && this.#views === 0);
    this.#residence = new Residence(
      this.take,
      this.playback,
      () => this.queued,
      () => hub.budget.roomy,
    );
    hub.budget.add(this.#residence);
    this.take.onChange(() => this.#save());
    hub.outputs.onChange(() => {
      const { released } = hub.outputs;
      if (released !== null) this.playback.released(released);
    }, this.#over.signal);
  }

  /** Somebody looks at it, until `signal` is aborted. */
  watched(signal: AbortSignal): void {
    this.#views++;
    this.#shown = true;
    this.#repair.hurry(this.take.live);
    signal.addEventListener("abort", () => {
      this.#views--;
    });
  }

  /** It is compared with others, until `signal` is aborted: all of it is asked for. */
  compared(signal: AbortSignal): void {
    this.watched(signal);
    this.#residence.compare(signal);
  }

  get views(): number {
    return this.#views;
  }

  /** The browser holds back this take's sound until somebody clicks. */
  get blocked(): boolean {
    return this.playback.active && this.#hub.outputs.blocked;
  }

  /** Another tab of this browser sounds for this take; here it is silent until asked. */
  get elsewhere(): boolean {
    return this.#tabs.elsewhere(this.take.id);
  }

  /** It is its turn after others. */
  get queued(): boolean {
    return this.#hub.stage.waiting(this.name);
  }

  /** Whether the kernel can still be asked. */
  get reachable(): boolean {
    return this.#link.open && this.take.state !== "gone";
  }

  /** The kernel opened it to be heard; once is enough. */
  said(interrupt: boolean): void {
    if (this.#said) return;
    this.#said = true;
    if (this.#tabs.said(this.take.id, wallClock())) this.#hub.stage.said(this.name, interrupt);
    else if (interrupt) this.#hub.stage.stop(null);
  }

  /** Some page heard it up to `seconds`: one that is loaded later stands there, silent until asked. */
  standAt(seconds: number): void {
    if (this.#said) return;
    this.#said = true;
    if (this.playback.phase !== "idle" || this.playback.sounded) return;
    const goesOn = this.take.live && !this.take.endless;
    if (goesOn || seconds < this.take.known - AT_END) this.playback.seek(seconds);
  }

  /** Its turn to be heard has come to this tab. */
  fallen(): void {
    this.#hub.stage.said(this.name, false);
  }

  /** It waited for its turn here until another tab sounded, and may be heard in that one. */
  saidAgain(): void {
    if (this.#tabs.said(this.take.id, wallClock())) this.fallen();
  }

  play(): void {
    this.#hub.outputs.wake();
    const held = !this.playback.active && !this.#placed && this.#tabs.held(this.take.id);
    this.#tabs.took(this.take.id, true, wallClock());
    this.#giveUp();
    // The tab that had it says where it stood, so that it goes on from there.
    if (!held) {
      this.#begin();
      return;
    }
    this.#handOver = setTimeout(() => this.#begin(), HAND_OVER);
    // Some browsers let go of sound only within the gesture itself.
    if (this.take.rate > 0) void this.#hub.outputs.get(this.take.rate).catch(() => {});
  }

  /** A person goes on with this one, at a second of it, where `left` is heard, which falls silent. */
  takeOver(left: Rendition, seconds: number, entry: Entry, exit: Cue): void {
    this.#giveUp();
    this.#placed = true;
    this.playback.seek(seconds);
    this.#tabs.took(this.take.id, true, wallClock());
    left.#tabs.forget(left.take.id);
    this.#taken = true;
    this.#hub.stage.handOver(left.name, this.name, entry, exit);
    this.#taken = false;
  }

  /** It has begun in another tab. */
  begunElsewhere(): void {
    this.#placed = false;
  }

  /** So far it was heard in another tab, which has given way. */
  standing(seconds: number): void {
    if (this.#handOver === undefined) return;
    this.playback.seek(seconds);
    this.#begin();
  }

  #begin(): void {
    this.#giveUp();
    this.#taken = true;
    this.#repair.hurryBack();
    this.#hub.stage.play(this.name);
    this.#taken = false;
  }

  #giveUp(): void {
    clearTimeout(this.#handOver);
    this.#handOver = undefined;
  }

  /** Python wants it played: only one tab obeys. */
  ordered(): void {
    if (this.#tabs.ordered(this.take.id, wallClock())) this.play();
  }

  pause(): void {
    this.#giveUp();
    this.#tabs.forget(this.take.id);
    this.#hub.stage.pause(this.name);
  }

  /** Another tab sounds: `person`: because somebody wants that. */
  yield(person: boolean): void {
    this.#giveUp();
    if (this.playback.active) this.#tabs.stood(this.take.id, this.playback.position);
    if (person && !this.queued) this.#hub.stage.pause(this.name);
    else this.#hub.stage.stop(this.name);
  }

  /**
   * Ends it here at once; `upstream`, as a person means it, also in the other tabs, and tells the
   * kernel to end generating it.
   */
  stop(upstream: boolean): void {
    this.#giveUp();
    if (upstream) this.#tabs.stopped(this.take.id);
    else this.#tabs.forget(this.take.id);
    // A paused one tells nothing of it by itself.
    this.#telling.owe(this.playback.phase !== "idle");
    this.#hub.stage.stop(this.name);
    if (upstream && this.take.live) this.#link.send({ type: "cancel", take: this.take.id });
  }

  /** `person`: here; else it was Python, which all tabs obey. */
  seek(seconds: number, person = true): void {
    if (person) this.#placed = true;
    this.playback.seek(seconds);
    this.#residence.sought();
    this.#repair.hurryBack();
    this.#telling.owe();
    // One that plays is told of when it plays again, not as if it had been paused.
    if (!this.playback.active) this.#telling.tell(false);
  }

  /**
   * A WAV file of what there is of the take: at once, or where some was let go once the kernel has
   * sent that again. Null if there is none, and when asked for once more meanwhile, which gives it up.
   */
  wav(): Promise<WavFile | null> {
    const { store, format, away } = this.take;
    const given = this.#saving;
    this.#saving = null;
    given?.done(null);
    if (format === null || given !== null) return Promise.resolve(null);
    if (!away || !this.reachable) {
      return Promise.resolve(wavFile(store, format.encoding, format.rate));
    }
    return new Promise((done) => {
      this.#saving = { saving: new Saving(this.take, format.encoding), done };
      this.#repair.hurryBack();
      this.#save();
    });
  }

  /** How much of a file that is being put together is there, from 0 to 1; null: none is. */
  get saved(): number | null {
    return this.#saving === null ? null : this.#saving.saving.share;
  }

  #save(): void {
    const current = this.#saving;
    if (current === null || !current.saving.step()) return;
    this.#saving = null;
    current.done(current.saving.parts);
    this.take.changed();
  }

  /** What was let go and is wanted again. */
  get #missed(): Range[] {
    return [...this.#residence.missed, ...(this.#saving?.saving.missed ?? [])];
  }

  /** Called a few times a second: ask for what is missing, tell what is heard. */
  tick(now: number): void {
    if (this.playback.phase === "playing") this.#residence.heardAt = now;
    this.#telling.tick();
    this.#save();
    const needed = this.#residence.wanted || this.#saving !== null;
    const wanted = this.#views > 0 || needed || this.take.live;
    if (!wanted || !this.reachable) return;
    const awaited = this.playback.phase === "waiting";
    const due = this.#repair.due(now, missingOf(this.take, this.#missed), awaited);
    if (due === null) return;
    this.asked++;
    this.#link.send({ type: "need", take: this.take.id, ...due });
  }

  close(): void {
    this.take.cutOff();
  }

  release(): void {
    this.#giveUp();
    this.#over.abort();
    this.#hub.stage.remove(this.name);
    this.#hub.budget.remove(this.#residence);
  }
}

/** No other tab, and nothing asked for. */
function alone(): House {
  const host = { post: () => {}, holds: () => ({ takes: [], blocked: false }) };
  return { prebuffer: null, tabs: new Tabs("alone", host, 0) };
}
