/** Takes to listen to beside each other, with their names or without. */

import type { Deck } from "../deck";
import { type DeskModel, room } from "../desk/room";
import type { SpeakerExports } from "../hub";
import { IconButton, Volume } from "../view/controls";
import { make, put, write } from "../view/elements";
import { STYLES, scaled } from "../view/styles";
import { clockText, positionText, type Status } from "../view/text";
import { Asking, whyText } from "./asking";
import { type Act, actFor, type Focus } from "./keys";
import { hear, lengthOf, placesOf, sounding, toggle } from "./moves";
import { countText, keysText, saidOf } from "./says";
import { across, type Compared, comparedOf, halfway, wordAt } from "./stimuli";
import { COMPARING_STYLES } from "./styles";
import { Tiles } from "./tiles";
import { PATIENCE, Trial } from "./trial";

const GONE = "The sound is not here any more: its kernel has ended. Run the cell again.";
const TRAITS = ["stimuli", "places", "words", "note", "trial", "trials", "phase", "results"];

export class ComparingView {
  readonly #model: DeskModel;
  readonly #signal: AbortSignal;
  readonly #card = make("div", "card compared", { role: "group", tabindex: "0" });
  readonly #count = make("div", "count");
  readonly #play = new IconButton("play", "play", () => this.#toggle(), "Space");
  readonly #tiles = new Tiles((index) => this.#press(index));
  readonly #way = make("input", "", { type: "range", min: "0", step: "any" });
  readonly #clock = make("span", "clock");
  readonly #words = make("div", "words", { dir: "auto" });
  readonly #asking = new Asking(
    (choice) => this.#choose(choice),
    () => this.#confirm(),
  );
  readonly #results = make("ul", "results", { "aria-label": "Results" });
  readonly #status = make("span", "says");
  readonly #note = make("div", "note");
  readonly #keys = make("div", "keys");
  readonly #announced = make("div", "unseen", { role: "status" });
  readonly #volume = new Volume(
    () => this.#deck?.volume ?? 1,
    (volume) => {
      if (this.#deck !== null) this.#deck.volume = volume;
      this.#follow();
    },
  );
  readonly #sound = make("div", "sound compared");
  readonly #foot = make("div", "foot");
  #speaker: SpeakerExports | null = null;
  #lost = false;
  #compared: Compared;
  #trial: Trial;
  #deck: Deck | null = null;
  #shown = new AbortController();
  #takes = "";
  #spans: HTMLElement[] = [];
  #frame = 0;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(model: DeskModel, el: HTMLElement, signal: AbortSignal) {
    this.#model = model;
    this.#signal = signal;
    this.#compared = comparedOf((name) => model.get(name));
    this.#trial = this.#begun();
    this.#build(el);
    this.#listen();
    this.#renew();
  }

  /** The Speaker was found; null: it is not there. */
  found(speaker: SpeakerExports | null): void {
    this.#speaker = speaker;
    this.#lost = speaker === null;
    this.#stand();
    this.#draw();
  }

  #build(el: HTMLElement): void {
    const root = room(el, this.#signal);
    const style = make("style", "");
    style.textContent = scaled(STYLES + COMPARING_STYLES);
    put(this.#card, "aria-label", String(this.#model.get("label") ?? "Takes to compare"));
    const deck = make("div", "deck");
    deck.append(this.#play.el, this.#tiles.el);
    const way = make("div", "way");
    way.append(this.#way, this.#clock);
    this.#sound.append(deck, way, this.#words);
    const status = make("div", "status");
    status.append(make("span", "dot", { "aria-hidden": "true" }), this.#status);
    const tools = make("div", "tools");
    tools.append(this.#volume.button.el, this.#volume.input);
    this.#foot.append(status, tools);
    this.#card.append(this.#count, this.#sound, this.#asking.el, this.#results);
    this.#card.append(this.#foot, this.#note, this.#keys, this.#announced);
    root.append(style, this.#card);
    put(this.#way, "aria-label", "Position");
  }

  #listen(): void {
    let soon = false;
    // Traits that came together change one after the other.
    const changed = () => {
      if (soon) return;
      soon = true;
      queueMicrotask(() => {
        soon = false;
        if (!this.#signal.aborted) this.#renew();
      });
    };
    const ended = () => {
      this.#lost = true;
      this.#draw();
    };
    for (const name of TRAITS) this.#model.on(`change:${name}`, changed);
    // Jupyter's widget manager says so when the kernel restarts or dies.
    this.#model.on("comm_live_update", ended);
    this.#way.addEventListener("input", () => {
      this.#deck?.seek(across(this.#scale, this.#here, Number(this.#way.value)));
    });
    this.#words.addEventListener("click", (event) => this.#toWord(event));
    this.#card.addEventListener("keydown", (event) => this.#key(event));
    this.#card.addEventListener("click", (event) => this.#clicked(event));
    this.#signal.addEventListener("abort", () => {
      for (const name of TRAITS) this.#model.off(`change:${name}`, changed);
      this.#model.off("comm_live_update", ended);
      clearTimeout(this.#patience);
      this.#leave();
    });
  }

  get #blind(): boolean {
    return this.#compared.mode !== "listen";
  }

  #begun(): Trial {
    const { trial, stimuli } = this.#compared;
    const names = stimuli.map(({ name }) => name);
    return new Trial(trial, names, performance.now());
  }

  /** What the kernel says is shown: another trial perhaps, or the results. */
  #renew(): void {
    const compared = comparedOf((name) => this.#model.get(name));
    const takes = compared.stimuli.map(({ take }) => take).join();
    this.#compared = compared;
    if (takes !== this.#takes || compared.trial !== this.#trial.number) {
      this.#takes = takes;
      this.#trial = this.#begun();
      this.#leave();
      this.#stand();
      if (compared.trial > 0) this.#announce(countText(compared));
    }
    const over = compared.done;
    this.#keepFocus(over);
    this.#tiles.name(compared.stimuli, this.#blind);
    this.#spans = compared.words.map(({ text }) => {
      const span = make("span", "word");
      write(span, text);
      return span;
    });
    this.#words.replaceChildren(...this.#spans.flatMap((span) => [span, " "]));
    this.#words.toggleAttribute("data-off", this.#spans.length === 0);
    this.#asking.ask(compared.question, compared.choices);
    this.#results.replaceChildren(
      ...compared.results.map((line) => {
        const item = make("li", "", { dir: "auto" });
        write(item, line);
        return item;
      }),
    );
    write(this.#count, countText(compared));
    write(this.#note, compared.note);
    write(this.#keys, keysText(compared));
    this.#sound.toggleAttribute("data-off", over);
    for (const el of [this.#keys, this.#note]) el.toggleAttribute("data-off", over);
    this.#foot.toggleAttribute("data-off", over);
    this.#asking.el.toggleAttribute("data-off", over || !this.#blind);
    this.#results.toggleAttribute("data-off", !over);
    if (over) this.#announce("All trials are answered.");
    this.#draw();
  }

  /** What is taken away does not take the focus along: the notebook's keys would be pressed next. */
  #keepFocus(over: boolean): void {
    const root = this.#card.getRootNode();
    const focused = root instanceof ShadowRoot ? root.activeElement : null;
    if (focused === null || focused === this.#card) return;
    if (over || !this.#tiles.keeps(focused, this.#compared.stimuli.length)) {
      this.#card.focus({ preventScroll: true });
    }
  }

  #stand(): void {
    const takes = this.#compared.stimuli.map(({ take }) => take);
    if (this.#speaker === null || this.#deck !== null || takes.length === 0) return;
    this.#shown = new AbortController();
    this.#deck = this.#speaker.deck(takes, this.#shown.signal);
    const heard = () => {
      this.#hear();
      this.#follow();
    };
    this.#deck.onChange(heard, this.#shown.signal);
  }

  #leave(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#deck?.active === true) this.#deck.pause();
    this.#shown.abort();
    this.#deck = null;
  }

  // What a person does.

  #press(index: number): void {
    if (this.#deck !== null) hear(this.#deck, this.#compared, index);
    this.#follow();
  }

  #toggle(): void {
    if (this.#deck !== null) toggle(this.#deck);
    this.#follow();
  }

  #seek(seconds: number): void {
    const deck = this.#deck;
    deck?.seek(Math.min(this.#length, Math.max(0, seconds)));
    this.#follow();
  }

  #toWord(event: Event): void {
    const index = this.#spans.findIndex((span) => event.composedPath().includes(span));
    const word = this.#compared.words[index];
    if (word !== undefined) this.#seek(this.#here[word.anchor] ?? 0);
  }

  #choose(choice: string): void {
    const chosen = !this.#lost && this.#trial.choose(choice);
    // Why not stands beneath the answers, and is said to who does not see it.
    const said = chosen ? `${choice} is chosen. Enter confirms it.` : this.#why(false);
    this.#announce(said);
    this.#draw();
  }

  #why(waits: boolean): string {
    return whyText(this.#trial, waits, this.#lost);
  }

  #confirm(): void {
    if (this.#lost) return;
    const answer = this.#trial.confirm(performance.now());
    if (answer === null) return;
    if (this.#deck?.active === true) this.#deck.pause();
    try {
      this.#model.send(answer);
    } catch {
      // Its comm is closed.
      this.#lost = true;
    }
    this.#patience = setTimeout(() => {
      this.#draw();
      if (this.#trial.waits(performance.now())) this.#announce(this.#why(true));
    }, PATIENCE + 10);
    // From the button a Space, meant for the sound, would confirm the next answer.
    this.#card.focus({ preventScroll: true });
    this.#draw();
  }

  #key(event: KeyboardEvent): void {
    const { stimuli, choices, done } = this.#compared;
    // A notebook would run the cell, or change its kind.
    event.stopPropagation();
    const asked = this.#blind ? choices : [];
    const focus = this.#focus(event.composedPath()[0]);
    const act = done ? null : actFor(event, stimuli.length, asked, focus);
    if (act === null) return;
    event.preventDefault();
    this.#do(act);
  }

  #focus(target: EventTarget | undefined): Focus {
    if (target === this.#volume.input) return "volume";
    if (this.#asking.is(target, this.#trial.chosen)) return "chosen";
    return target instanceof HTMLButtonElement ? "button" : "card";
  }

  /** A mouse leaves the focus on the card, where Enter confirms; keys leave it on their button. */
  #clicked(event: MouseEvent): void {
    const pointed = event instanceof PointerEvent && event.pointerType !== "";
    const button = event.composedPath().some((el) => el instanceof HTMLButtonElement);
    if (pointed && button) this.#card.focus({ preventScroll: true });
  }

  #do(act: Act): void {
    const position = this.#deck?.position() ?? 0;
    if (act.act === "hear") this.#press(act.index);
    else if (act.act === "choose") this.#choose(act.choice);
    else if (act.act === "by") this.#seek(position + act.seconds);
    else if (act.act === "toggle") this.#toggle();
    else if (act.act === "start") this.#seek(0);
    else if (act.act === "end") this.#seek(this.#length);
    else if (act.act === "confirm") this.#confirm();
    else if (act.act === "mute") this.#volume.toggle();
  }

  // What is shown.

  #announce(text: string): void {
    write(this.#announced, text);
  }

  /** The places of the one that is heard. */
  get #here(): readonly number[] {
    const { stimuli } = this.#compared;
    return placesOf(this.#compared, this.#deck?.current ?? stimuli[0]?.take ?? "");
  }

  /** The places on which it is shown how far it has come. */
  get #scale(): readonly number[] {
    return this.#blind ? halfway(this.#compared.places) : this.#here;
  }

  get #length(): number {
    return lengthOf(this.#deck, this.#compared);
  }

  #follow(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#move());
  }

  #move(): void {
    this.#frame = 0;
    this.#draw();
    if (this.#deck?.active === true) this.#follow();
  }

  #draw(): void {
    const deck = this.#deck;
    const { stimuli, words } = this.#compared;
    const index = (take: string | null | undefined) =>
      stimuli.findIndex((stimulus) => stimulus.take === take);
    const heard = index(deck?.current ?? stimuli[0]?.take);
    const sounds = deck !== null && sounding(deck);
    this.#hear();
    const { unheard } = this.#trial;
    const begun = (one: number) => !unheard.includes(stimuli[one]?.name ?? "");
    this.#tiles.show(heard, index(deck?.awaited), sounds, begun);
    if (sounds) this.#play.show("pause", "Pause");
    else if (deck?.phase === "ended") this.#play.show("again", "Play again");
    else this.#play.show("play", "Play", deck !== null);
    this.#drawWay(deck?.position() ?? 0);
    const reading = deck === null || deck.phase === "idle" ? -1 : this.#reading(deck);
    this.#words.toggleAttribute("data-reading", reading >= 0);
    this.#spans.forEach((span, one) => {
      span.classList.toggle("said", one <= reading);
      span.classList.toggle("now", one === reading && words.length > 0);
    });
    this.#volume.show(deck?.volume ?? 1);
    const waits = this.#trial.waits(performance.now());
    if (this.#blind) this.#asking.show(this.#trial, waits, this.#lost);
    this.#drawStatus();
  }

  /** Told at once: frames are not drawn where nobody looks, but sound goes on there. */
  #hear(): void {
    const deck = this.#deck;
    const heard = this.#compared.stimuli.findIndex(({ take }) => take === deck?.current);
    const sounds = deck?.phase === "playing" && !deck.blocked && heard >= 0;
    this.#trial.sounds(sounds ? heard : null, performance.now());
  }

  #reading(deck: Deck): number {
    return wordAt(this.#compared.words, this.#here, deck.position());
  }

  #drawWay(heard: number): void {
    const length = this.#length;
    const position = across(this.#here, this.#scale, heard);
    put(this.#way, "max", length.toFixed(3));
    // Not while a person drags it.
    if (!this.#way.matches(":active")) this.#way.value = String(Math.min(position, length));
    put(this.#way, "aria-valuetext", positionText(position, length, true));
    write(this.#clock, `${clockText(position, true)} / ${clockText(length, true)}`);
  }

  #drawStatus(): void {
    const deck = this.#deck;
    const status: Status = deck?.status ?? { text: "Looking for the sound", tone: "busy" };
    const lost = this.#lost && (deck === null || status.tone === "alert");
    const tone = lost ? "alert" : deck?.awaited != null ? "busy" : status.tone;
    put(this.#foot, "data-tone", tone);
    write(this.#status, lost ? GONE : saidOf(deck, status));
  }
}
