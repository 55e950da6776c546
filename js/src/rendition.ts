/** One take as it is rendered in this page: what it holds, how it plays, what the kernel is told. */

import type { Hub } from "./hub";
import type { Link } from "./link";
import { Playback } from "./playback";
import { missingOf, Repair } from "./take/repair";
import { Take } from "./take/take";

/** Seconds between two reports of one page: at most two a second may be sent. */
const HEARD_EVERY = 0.5;

export class Rendition {
  readonly take: Take;
  readonly playback: Playback;
  /** Unique in the page. */
  readonly name: string;
  readonly #hub: Hub;
  readonly #link: Link;
  readonly #repair = new Repair();
  #views = 0;
  #said = false;
  #nextHeard = 0;
  /** It stands elsewhere than the kernel was told. */
  #owed = false;
  /** How often the kernel was asked for something lost. */
  asked = 0;

  /** `prebuffer`: the fixed one that is asked for, in seconds; null for one that adapts. */
  constructor(
    speaker: string,
    id: string,
    hub: Hub,
    link: Link,
    prebuffer: () => number | null = () => null,
  ) {
    this.name = `${speaker}/${id}`;
    this.#hub = hub;
    this.#link = link;
    this.take = new Take(id);
    this.playback = new Playback(this.take, {
      output: (rate) => hub.outputs.get(rate),
      ended: () => hub.stage.ended(this.name),
      heard: () => this.#tell(true),
      prebuffer,
    });
    hub.stage.add(this.name, this.playback);
  }

  /** Somebody looks at it, until `signal` is aborted. */
  watched(signal: AbortSignal): void {
    this.#views++;
    this.#repair.hurry(this.take.live);
    signal.addEventListener("abort", () => {
      this.#views--;
    });
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
    return false;
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
    this.#hub.stage.said(this.name, interrupt);
  }

  play(): void {
    this.#hub.outputs.wake();
    this.#hub.stage.play(this.name);
  }

  pause(): void {
    this.#hub.stage.pause(this.name);
  }

  /** Ends it here at once; `upstream` also tells the kernel to end generating it. */
  stop(upstream: boolean): void {
    // A paused one tells nothing of it by itself.
    this.#owed = this.playback.phase !== "idle";
    this.#hub.stage.stop(this.name);
    if (upstream && this.take.live) this.#link.send({ type: "cancel", take: this.take.id });
  }

  seek(seconds: number): void {
    this.playback.seek(seconds);
    this.#owed = true;
    // One that plays is told of when it plays again, not as if it had been paused.
    if (!this.playback.active) this.#tell(false);
  }

  /** Called a few times a second: ask for what is missing, tell what is heard. */
  tick(now: number): void {
    if (this.playback.phase === "playing" || this.#owed) this.#tell(false);
    const wanted = this.#views > 0 || this.playback.active || this.queued || this.take.live;
    if (!wanted || !this.reachable) return;
    const awaited = this.playback.phase === "waiting";
    const due = this.#repair.due(now, missingOf(this.take), awaited);
    if (due === null) return;
    this.asked++;
    this.#link.send({ type: "need", take: this.take.id, ...due });
  }

  close(): void {
    this.take.cutOff();
  }

  release(): void {
    this.#hub.stage.remove(this.name);
  }

  /** `now`: at a moment that matters; else at most twice a second. */
  #tell(now: boolean): void {
    const time = performance.now() / 1000;
    if (!now && time < this.#nextHeard) return;
    if (this.take.format === null) return;
    this.#nextHeard = time + HEARD_EVERY;
    this.#owed = false;
    this.#link.send({
      type: "heard",
      take: this.take.id,
      position: this.playback.position,
      playing: this.playback.phase === "playing",
      ended: this.playback.phase === "ended",
      dry: this.playback.dry.length,
      prebuffer: this.playback.prebuffer.seconds,
      latency: this.#link.latency,
    });
  }
}
