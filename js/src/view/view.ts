/** The player as it is seen: one card in a shadow root, drawn only when something has changed. */

import type { Outputs } from "../output/outputs";
import type { Rendition } from "../rendition";
import { wavFile } from "../take/wav";
import { IconButton, slide, Volume } from "./controls";
import { download } from "./download";
import { make, put, write } from "./elements";
import { listenToKeys } from "./keys";
import type { Looks } from "./looks";
import { STYLES } from "./styles";
import { clockText, fileName, positionText, type Status, statusOf } from "./text";
import { themeOf, watchTheme } from "./theme";
import { Waveform } from "./waveform";
import { Words } from "./words";

/** Takes of fewer seconds show tenths. */
const SHORT = 10;

/** Show a take in `el` until `signal` is aborted. */
export function showTake(
  rendition: Rendition,
  outputs: Outputs,
  el: HTMLElement,
  signal: AbortSignal,
  _looks: Looks,
): void {
  new View(rendition, outputs, el, signal);
}

class View {
  readonly #rendition: Rendition;
  readonly #outputs: Outputs;
  readonly #host = make("div", "");
  readonly #card = make("div", "card", { role: "group", "data-lm-suppress-shortcuts": "true" });
  readonly #play: IconButton;
  readonly #stop: IconButton;
  readonly #save: IconButton;
  readonly #volume: Volume;
  readonly #wave = make("div", "wave", { role: "slider", tabindex: "0", "aria-label": "Position" });
  readonly #waveform = new Waveform();
  readonly #ask = make("button", "ask", { type: "button" });
  readonly #elapsed = make("span", "elapsed");
  readonly #length = make("span", "length");
  readonly #words: Words;
  readonly #status = make("div", "status");
  readonly #says = make("span", "says");
  readonly #label = make("span", "label");
  readonly #announced = make("div", "unseen", { role: "status" });
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)");
  readonly #born = performance.now();
  #preview: number | null = null;
  #visible = true;
  #frame = 0;
  #gone = false;
  /** The browser held sound back when this press began: it asks for sound, never for a pause. */
  #pressedBlocked = false;

  constructor(rendition: Rendition, outputs: Outputs, el: HTMLElement, signal: AbortSignal) {
    this.#rendition = rendition;
    this.#outputs = outputs;
    this.#play = new IconButton("play", "play", 30, () => this.#toggle());
    this.#stop = new IconButton("tool stop", "stop", 22, () => rendition.stop(true), "Escape");
    this.#save = new IconButton("tool", "download", 20, () => this.#download());
    this.#volume = new Volume(
      () => outputs.volume,
      (volume) => {
        outputs.volume = volume;
      },
    );
    this.#words = new Words(rendition.take, (seconds) => rendition.seek(seconds));
    this.#build();
    this.#listen(signal);
    // JupyterLab looks for this on the element that a key event seems to come from.
    this.#host.setAttribute("data-lm-suppress-shortcuts", "true");
    el.append(this.#host);
    this.#recolour();
    this.#draw();
    signal.addEventListener("abort", () => {
      this.#gone = true;
      cancelAnimationFrame(this.#frame);
      this.#host.remove();
    });
  }

  #build(): void {
    const root = this.#host.attachShadow({ mode: "open" });
    const style = make("style", "");
    style.textContent = STYLES;
    write(this.#ask, "Click to hear");
    this.#wave.append(this.#waveform.canvas, this.#ask);
    const times = make("div", "times");
    times.append(this.#elapsed, this.#length);
    const top = make("div", "top");
    top.append(this.#play.el, this.#wave, times);
    this.#status.append(make("span", "dot", { "aria-hidden": "true" }), make("span", ""));
    this.#status.lastElementChild?.append(this.#says, this.#label);
    const tools = make("div", "tools");
    tools.append(this.#stop.el, this.#save.el, this.#volume.button.el, this.#volume.input);
    const foot = make("div", "foot");
    foot.append(this.#status, tools);
    this.#card.append(top, this.#words.el, foot, this.#announced);
    root.append(style, this.#card);
  }

  #listen(signal: AbortSignal): void {
    const rendition = this.#rendition;
    const changed = () => this.#invalidate();
    rendition.take.onChange(changed, signal);
    this.#outputs.onChange(changed, signal);
    const pressed = () => {
      this.#pressedBlocked = rendition.blocked;
    };
    this.#card.addEventListener("pointerdown", pressed, { capture: true });
    this.#card.addEventListener("keydown", pressed, { capture: true });
    listenToKeys(this.#card, {
      stop: () => {
        const stoppable = this.#stoppable;
        if (stoppable) rendition.stop(true);
        return stoppable;
      },
      mute: () => this.#volume.toggle(),
    });
    this.#ask.addEventListener("click", () => rendition.play());
    slide(this.#wave, {
      to: (place) => rendition.seek(place * this.#waveform.span),
      preview: (place) => {
        this.#preview = place;
        this.#invalidate();
      },
      by: (seconds) => rendition.seek(rendition.playback.position + seconds),
      toStart: () => rendition.seek(0),
      toEnd: () => rendition.seek(rendition.take.seconds),
      toggle: () => this.#toggle(),
    });
    watchTheme(() => this.#recolour(), signal);
    const seen = new IntersectionObserver((entries) => {
      this.#visible = entries.at(-1)?.isIntersecting ?? true;
      this.#invalidate();
    });
    seen.observe(this.#host);
    const sized = new ResizeObserver(changed);
    sized.observe(this.#host);
    // Only for the sentence about a kernel that does not answer.
    const slow = setTimeout(changed, 5000);
    signal.addEventListener("abort", () => {
      seen.disconnect();
      sized.disconnect();
      clearTimeout(slow);
    });
  }

  #toggle(): void {
    const rendition = this.#rendition;
    if (rendition.playback.active && !this.#pressedBlocked && !rendition.blocked) rendition.pause();
    else rendition.play();
  }

  /** What this page holds, whether or not there is still a kernel. */
  #download(): void {
    const { store, format, text } = this.#rendition.take;
    if (format === null) return;
    download(wavFile(store, format.encoding, format.rate), "audio/wav", fileName(text, "wav"));
  }

  get #stoppable(): boolean {
    const { take, playback, queued } = this.#rendition;
    if (take.format === null) return false;
    return playback.active || queued || take.live || playback.phase === "paused";
  }

  #recolour(): void {
    put(this.#host, "data-theme", themeOf(this.#host.parentElement ?? document.body));
    this.#waveform.recolour();
    this.#invalidate();
  }

  #invalidate(): void {
    if (this.#frame !== 0 || this.#gone || !this.#visible) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const { take, playback } = this.#rendition;
    const position = this.#preview === null ? playback.position : this.#previewed(this.#preview);
    const moving = this.#waveform.draw(take, position, this.#calm.matches);
    const begun = playback.phase !== "idle" && playback.phase !== "ended";
    this.#words.draw(begun && (position > 0 || playback.phase === "playing") ? position : null);
    this.#drawSlider(position);
    this.#drawButtons();
    this.#drawStatus();
    if (moving || playback.phase === "playing") this.#invalidate();
  }

  #previewed(place: number): number {
    return Math.min(place * this.#waveform.span, this.#rendition.take.seconds);
  }

  #drawSlider(position: number): void {
    const { take } = this.#rendition;
    const total = take.total === null || take.rate === 0 ? null : take.total / take.rate;
    const length = total ?? take.seconds;
    const tenths = length < SHORT;
    write(this.#elapsed, clockText(position, tenths));
    const soFar = total === null ? "…" : "";
    write(this.#length, length === 0 ? "" : clockText(length, tenths) + soFar);
    this.#length.title = total === null ? "Received so far" : "Length";
    put(this.#wave, "aria-valuemin", "0");
    put(this.#wave, "aria-valuemax", length.toFixed(1));
    // Whole tenths: a screen reader is not told sixty times a second.
    put(this.#wave, "aria-valuenow", Math.min(position, length).toFixed(1));
    put(this.#wave, "aria-valuetext", positionText(position, length, total !== null));
    put(this.#wave, "aria-disabled", String(take.received === 0));
  }

  #drawButtons(): void {
    const { take, playback, blocked } = this.#rendition;
    const playable = take.format !== null && (take.live || take.received > 0 || !take.cut);
    const empty = take.total === 0;
    if (playback.active && !blocked) this.#play.show("pause", "Pause");
    else if (playback.phase === "ended") this.#play.show("again", "Play again", !empty);
    else this.#play.show("play", "Play", playable && !empty);
    this.#stop.show("stop", "Stop", this.#stoppable);
    const whole = take.total !== null && take.reach(0) >= take.total;
    const name = whole ? "Download WAV" : "Download WAV of what is here";
    this.#save.show("download", name, take.received > 0);
    this.#volume.show(this.#outputs.volume);
    this.#ask.hidden = !blocked;
  }

  #drawStatus(): void {
    const { take, playback, blocked, queued, reachable } = this.#rendition;
    const status: Status = statusOf({
      state: take.state,
      phase: playback.phase,
      known: take.format !== null,
      live: take.live,
      cut: take.cut,
      reachable,
      queued,
      blocked,
      bytes: take.store.end,
      error: take.error,
      detail: take.detail,
      problem: playback.problem,
      age: (performance.now() - this.#born) / 1000,
    });
    put(this.#status, "data-tone", status.tone);
    write(this.#says, status.text);
    write(this.#label, take.label);
    this.#label.hidden = take.label === "";
    // Only what a person must know is spoken: a reader would otherwise talk over the voice.
    write(this.#announced, status.tone === "alert" ? status.text : "");
    const text = take.text.length > 60 ? `${take.text.slice(0, 60)}…` : take.text;
    put(this.#card, "aria-label", text === "" ? "Speech player" : `Speech player: ${text}`);
    put(this.#card, "data-phase", playback.phase);
    put(this.#card, "data-state", take.state);
  }
}
