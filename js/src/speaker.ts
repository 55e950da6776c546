/** The Speaker's module for anywidget: takes in what the kernel sends and lets Players find it. */

import { type Deck, SoundDeck } from "./deck";
import { type Channel, openChannel, wallClock } from "./floor/channel";
import { type TabMessage, type TabStep, Tabs } from "./floor/tabs";
import { type Hub, hub, type SpeakerExports } from "./hub";
import { clock, Link, type Model } from "./link";
import { type FromKernel, parse } from "./messages";
import { Outputs } from "./output/outputs";
import { MOST_FIXED } from "./output/prebuffer";
import { type House, Rendition } from "./rendition";
import { hideStill } from "./still";
import { Looks } from "./view/looks";
import { showTake } from "./view/view";

/** Milliseconds between two looks at what is missing and what was heard. */
const TICK = 200;
/** Takes that nobody has opened and nobody shows: so many are kept, for so many seconds. */
const MOST_UNKNOWN = 50;
const UNKNOWN_SECONDS = 60;
/** Reasons shown in the console; all are counted. */
const REASONS_SHOWN = 20;

class Speaker implements SpeakerExports, House {
  readonly speaker_id: string;
  readonly #hub: Hub = hub();
  readonly #link: Link;
  readonly #takes = new Map<string, Rendition>();
  /** Those of them of which it was not known what they are, and since when. */
  readonly #unknown = new Map<string, number>();
  #messages = 0;
  #refused = 0;
  readonly tabs: Tabs;
  prebuffer: number | null = null;
  /** Goes on without a kernel: what is here is still played, left to other tabs, and saved. */
  readonly #timer: ReturnType<typeof setInterval>;
  /** Aborted when the kernel is gone. */
  readonly #over = new AbortController();
  /** Aborted when the page lets this Speaker go; its kernel may be gone long before. */
  readonly #left = new AbortController();

  constructor(model: Model, signal: AbortSignal | undefined) {
    // First of all and at once: what comes before a listener is there is lost for good.
    model.on("msg:custom", (content: unknown, buffers?: unknown) =>
      this.#receive(content, buffers),
    );
    this.speaker_id = String(model.get("speaker_id"));
    this.#link = new Link(model, this.#hub.page);
    this.#timer = setInterval(() => this.#tick(), TICK);
    signal?.addEventListener("abort", () => {
      clearInterval(this.#timer);
      this.#close();
    });
    // Jupyter's widget manager says so when the kernel restarts or dies.
    model.on("comm_live_update", () => this.#close());
    this.#shareVolume(model);
    this.#followPrebuffer(model);
    this.tabs = this.#meetTabs();
    signal?.addEventListener("abort", () => this.#left.abort());
    this.#hub.speakers.set(this.speaker_id, this);
    this.#link.send({ type: "hello", output: Outputs.kind });
  }

  mount(take: string, el: HTMLElement, signal: AbortSignal, looks = new Looks()): void {
    const rendition = this.#rendition(take);
    rendition.watched(signal);
    hideStill(rendition.take, el, signal);
    signal.addEventListener("abort", () => this.#releaseIfLeft(rendition));
    showTake(rendition, this.#hub.outputs, el, signal, looks);
    this.#tick();
  }

  deck(takes: readonly string[], signal: AbortSignal): Deck {
    const renditions = new Map(takes.map((take) => [take, this.#rendition(take)]));
    const deck = new SoundDeck(renditions, this.#hub.outputs, signal);
    signal.addEventListener("abort", () => {
      for (const rendition of renditions.values()) this.#releaseIfLeft(rendition);
    });
    this.#tick();
    return deck;
  }

  stats(): { messages: number; refused: number; asked: number } {
    let asked = 0;
    for (const rendition of this.#takes.values()) asked += rendition.asked;
    return { messages: this.#messages, refused: this.#refused, asked };
  }

  #rendition(take: string): Rendition {
    let rendition = this.#takes.get(take);
    if (rendition === undefined) {
      rendition = new Rendition(this.speaker_id, take, this.#hub, this.#link, this);
      if (!this.#link.open) rendition.close();
      this.#takes.set(take, rendition);
      this.#unknown.set(take, clock());
      if (this.#unknown.size > MOST_UNKNOWN) this.#forgetUnknown(Number.POSITIVE_INFINITY);
    }
    return rendition;
  }

  /**
   * Let go of takes that came before `before` without ever being opened, which nobody shows; of more
   * than there is room for the oldest. What was lost of a real one is asked for long before.
   */
  #forgetUnknown(before: number): void {
    for (const [take, since] of [...this.#unknown]) {
      const rendition = this.#takes.get(take);
      const known = rendition === undefined || rendition.take.format !== null;
      if (known) this.#unknown.delete(take);
      if (known || rendition.views > 0 || since >= before) continue;
      if (before === Number.POSITIVE_INFINITY && this.#unknown.size <= MOST_UNKNOWN) return;
      this.#unknown.delete(take);
      this.#takes.delete(take);
      rendition.release();
    }
  }

  #receive(content: unknown, buffers: unknown): void {
    const now = clock();
    this.#messages++;
    const parsed = parse(content, buffers);
    if (!parsed.ok) {
      this.#refuse(parsed.reason);
      return;
    }
    this.#link.arrived(parsed.message.sent, now);
    try {
      const problem = this.#act(parsed.message, now);
      if (problem !== null) this.#refuse(problem);
    } catch (error) {
      this.#refuse("it could not be used", error);
    }
  }

  #refuse(reason: string, ...error: unknown[]): void {
    this.#refused++;
    this.#hub.refused++;
    if (this.#refused > REASONS_SHOWN) return;
    console.warn(`[cartesia_nb] a message from the kernel was refused: ${reason}`, ...error);
  }

  /** Do what it says; what of it could not be used is returned. */
  #act(message: FromKernel, now: number): string | null {
    if (message.type === "command") {
      this.#obey(message);
      return null;
    }
    const rendition = this.#rendition(message.take);
    const problem = rendition.take.accept(message, now);
    if (message.type === "audio") this.#hub.budget.keep();
    // What some page has already heard is silent until asked: a reload repeats nothing.
    if (message.type === "open" && message.heard !== null) rendition.standAt(message.heard);
    else if (message.type === "open" && message.play) {
      // The output is got ready while the first chunk is still on its way.
      void this.#hub.outputs.get(message.sample_rate).catch(() => {});
      rendition.said(message.interrupt);
    }
    return problem;
  }

  #obey(message: Extract<FromKernel, { type: "command" }>): void {
    if (message.take === null) {
      this.tabs.forget(null);
      this.#hub.stage.stop(null);
      return;
    }
    const rendition = this.#rendition(message.take);
    switch (message.command) {
      case "play":
        if (message.position !== null) rendition.seek(message.position, false);
        rendition.ordered();
        break;
      case "pause":
        rendition.pause();
        break;
      case "stop":
        rendition.stop(false);
        break;
      case "seek":
        rendition.seek(message.position ?? 0, false);
        break;
    }
  }

  #tick(): void {
    const now = clock();
    for (const rendition of [...this.#takes.values()]) {
      rendition.tick(now);
      this.#releaseIfLeft(rendition);
    }
    this.#step(this.tabs.tick(wallClock()));
    this.#forgetUnknown(now - UNKNOWN_SECONDS);
    if (this.#link.open || this.#takes.size > 0) return;
    // Each kernel of a long day would leave its timer and its channel behind.
    clearInterval(this.#timer);
    this.tabs.forget(null);
    this.#left.abort();
  }

  #meetTabs(): Tabs {
    const { document } = globalThis;
    const visible = () => document?.visibilityState !== "hidden";
    const channel: { open: Channel | null } = { open: null };
    const tabs = new Tabs(
      this.#hub.page,
      {
        post: (message) => channel.open?.post(message),
        holds: () => ({ takes: this.#held(), blocked: this.#hub.outputs.blocked }),
      },
      wallClock(),
    );
    const events = {
      received: (message: TabMessage) => {
        this.#step(tabs.received(message));
        if (message.type === "took") this.#takes.get(message.take)?.begunElsewhere();
        // What sounds elsewhere shows so in every player.
        for (const { views, take } of this.#takes.values()) if (views > 0) take.changed();
      },
      used: () => tabs.used(wallClock(), visible()),
      seen: () => tabs.seen(visible()),
      leaving: () => tabs.leave(),
      back: () => tabs.join(wallClock()),
    };
    channel.open = openChannel(this.speaker_id, events, this.#left.signal);
    if (document?.hasFocus?.()) tabs.used(wallClock(), visible());
    else tabs.seen(visible());
    tabs.join(wallClock());
    return tabs;
  }

  /** The takes that sound here or wait for their turn. */
  #held(): string[] {
    return [...this.#takes.values()]
      .filter(({ playback, queued }) => playback.active || queued)
      .map(({ take }) => take.id);
  }

  #step(steps: readonly TabStep[]): void {
    for (const { act, take, person, seconds } of steps) {
      const rendition = this.#takes.get(take);
      if (act === "yield") this.#yield(person === true);
      if (rendition === undefined) continue;
      if (act === "start") rendition.fallen();
      else if (act === "play") rendition.play();
      else if (act === "stop") rendition.stop(false);
      else if (act === "stand") rendition.standing(seconds ?? 0);
    }
  }

  #yield(person: boolean): void {
    const all = [...this.#takes.values()];
    // The queue first: else the next of it would begin when the one that sounds ends.
    const queued = all.filter((rendition) => rendition.queued);
    for (const rendition of queued) rendition.yield(person);
    for (const rendition of all) if (rendition.playback.active) rendition.yield(person);
    for (const rendition of queued) rendition.saidAgain();
  }

  /** The kernel is gone or let the Speaker go; what the page holds stays and can be played. */
  #close(): void {
    if (!this.#link.open) return;
    this.#link.close();
    this.#over.abort();
    for (const rendition of [...this.#takes.values()]) {
      rendition.close();
      this.#releaseIfLeft(rendition);
    }
  }

  #releaseIfLeft(rendition: Rendition): void {
    if (this.#link.open || rendition.views > 0 || rendition.playback.active) return;
    rendition.release();
    this.#takes.delete(rendition.take.id);
    this.#unknown.delete(rendition.take.id);
  }

  #followPrebuffer(model: Model): void {
    const read = () => {
      const wished = model.get("prebuffer");
      const usable = typeof wished === "number" && wished >= 0 && wished <= MOST_FIXED;
      this.prebuffer = usable ? wished : null;
      // One that waits for more than is wanted now begins.
      for (const { take } of this.#takes.values()) take.changed();
    };
    read();
    model.on("change:prebuffer", read);
  }

  #shareVolume(model: Model): void {
    const outputs = this.#hub.outputs;
    const read = () => {
      const volume = model.get("volume");
      if (typeof volume === "number" && Number.isFinite(volume)) outputs.volume = volume;
    };
    read();
    model.on("change:volume", read);
    outputs.onChange(() => {
      if (!this.#link.open || model.get("volume") === outputs.volume) return;
      model.set("volume", outputs.volume);
      model.save_changes();
    }, this.#over.signal);
  }
}

export default {
  initialize({ model, signal }: { model: Model; signal?: AbortSignal }): SpeakerExports {
    return new Speaker(model, signal);
  },
};
