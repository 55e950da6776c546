/** The player as it is seen: one card in a shadow root, drawn only when something has changed. */

import type { Outputs } from "../output/outputs";
import type { Rendition } from "../rendition";
import { IconButton } from "./controls";
import { make, put, write } from "./elements";
import { listenToKeys } from "./keys";
import { LatencyPart } from "./latency";
import { LATENCY_STYLES } from "./latency-styles";
import type { Looks } from "./looks";
import type { Loop } from "./loop";
import { type Looper, looperOf } from "./looper";
import { StatusLine } from "./status";
import { STYLES, scaled } from "./styles";
import { clockText, loopText, positionText } from "./text";
import { type Theme, themeOf, watchTheme } from "./theme";
import { Timeline } from "./timeline";
import { Tools } from "./tools";
import { Words } from "./words";

/** Takes of fewer seconds show tenths. */
const SHORT = 10;
/** Milliseconds between two drawings of what changes as it is heard: words, times, figures. */
const EVERY = 40;

/** Show a take in `el` until `signal` is aborted. */
export function showTake(
  rendition: Rendition,
  outputs: Outputs,
  el: HTMLElement,
  signal: AbortSignal,
  looks: Looks,
): void {
  new View(rendition, outputs, el, signal, looks);
}

class View {
  readonly #rendition: Rendition;
  readonly #looper: Looper;
  readonly #looks: Looks;
  readonly #host = make("div", "");
  readonly #card = make("div", "card", { role: "group", "data-lm-suppress-shortcuts": "true" });
  readonly #play: IconButton;
  readonly #ask = make("button", "ask", { type: "button" });
  readonly #elapsed = make("span", "elapsed");
  readonly #length = make("span", "length");
  readonly #timeline: Timeline;
  readonly #words: Words;
  readonly #latency: LatencyPart;
  readonly #status = new StatusLine();
  readonly #tools: Tools;
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #theme: Theme | null = null;
  #visible = true;
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #gone = false;
  /** More than the position may have changed since the last drawing. */
  #stale = true;
  /** The browser held sound back when this press began: it asks for sound, never for a pause. */
  #pressedBlocked = false;

  constructor(
    rendition: Rendition,
    outputs: Outputs,
    el: HTMLElement,
    signal: AbortSignal,
    looks: Looks,
  ) {
    this.#rendition = rendition;
    this.#looper = looperOf(rendition);
    this.#looks = looks;
    this.#play = new IconButton("play", "play", () => this.#toggle());
    this.#timeline = new Timeline(rendition, {
      changed: () => this.#invalidate(),
      toggle: () => this.#toggle(),
    });
    this.#words = new Words(rendition.take, (seconds) => rendition.seek(seconds));
    this.#latency = new LatencyPart(rendition, signal);
    this.#tools = new Tools(rendition, outputs, () => this.#loop(toggled));
    this.#build();
    // JupyterLab looks for this on the element that a key event seems to come from.
    this.#host.setAttribute("data-lm-suppress-shortcuts", "true");
    el.append(this.#host);
    this.#listen(outputs, signal);
    this.#wear();
    this.#recolour();
    this.#draw();
    signal.addEventListener("abort", () => {
      this.#gone = true;
      cancelAnimationFrame(this.#frame);
      clearTimeout(this.#timer);
      this.#host.remove();
    });
  }

  #build(): void {
    const root = this.#host.attachShadow({ mode: "open" });
    const style = make("style", "");
    style.textContent = scaled(STYLES + LATENCY_STYLES);
    const side = make("div", "left");
    side.append(this.#play.el, this.#timeline.side);
    this.#timeline.el.append(this.#ask);
    const times = make("div", "times");
    const clocks = make("span", "");
    clocks.append(this.#elapsed, this.#length);
    times.append(clocks, this.#timeline.key.el);
    const top = make("div", "top");
    top.append(side, this.#timeline.el, times);
    const foot = make("div", "foot");
    foot.append(this.#status.el, this.#tools.el);
    this.#card.append(top, this.#words.el, this.#latency.el, foot, this.#status.announced);
    this.#card.append(this.#timeline.readout.el);
    root.append(style, this.#card);
  }

  #listen(outputs: Outputs, signal: AbortSignal): void {
    const rendition = this.#rendition;
    const changed = () => this.#changed();
    rendition.take.onChange(changed, signal);
    outputs.onChange(changed, signal);
    this.#looks.onChange(() => this.#wear(), signal);
    const pressed = () => {
      this.#pressedBlocked = rendition.blocked;
    };
    this.#card.addEventListener("pointerdown", pressed, { capture: true });
    this.#card.addEventListener("keydown", pressed, { capture: true });
    listenToKeys(this.#card, {
      stop: () => this.#endLoop() || this.#stop(),
      mute: () => this.#tools.volume.toggle(),
      loop: () => this.#loop(toggled),
      loopStart: () => this.#loop((loop, at, length) => loop.begin(at, length)),
      loopEnd: () => this.#loop((loop, at, length) => loop.finish(at, length)),
    });
    this.#ask.addEventListener("click", () => rendition.play());
    watchTheme(() => this.#recolour(), signal);
    const seen = new IntersectionObserver((entries) => {
      this.#visible = entries.at(-1)?.isIntersecting ?? true;
      this.#invalidate();
    });
    seen.observe(this.#host);
    const sized = new ResizeObserver(() => {
      this.#recolour();
      this.#timeline.fit();
      this.#changed();
    });
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
    else this.#looper.play();
  }

  #stop(): boolean {
    const { stoppable } = this.#tools;
    if (stoppable) this.#rendition.stop(true);
    return stoppable;
  }

  #loop(how: (loop: Loop, position: number, length: number) => void): void {
    if (this.#rendition.take.received === 0) return;
    this.#looper.change(how);
    const { region } = this.#looper.loop;
    this.#status.announce(region === null ? "Loop off" : `Looping ${loopText(region)}`);
  }

  #endLoop(): boolean {
    if (this.#looper.loop.region === null) return false;
    this.#looper.change((loop) => loop.clear());
    this.#status.announce("Loop cleared");
    return true;
  }

  /** Put on what the model says: which parts, and how large. */
  #wear(): void {
    const look = this.#looks.now;
    this.#host.style.setProperty("--size", String(look.size));
    put(this.#card, "data-show", look.show.join(" "));
    this.#words.el.toggleAttribute("data-off", !look.show.includes("words"));
    this.#latency.el.toggleAttribute("data-off", !look.show.includes("latency"));
    this.#timeline.wear(look);
    this.#changed();
  }

  #recolour(): void {
    const theme = themeOf(this.#host.parentElement ?? document.body);
    if (theme === this.#theme) return;
    // Outside the page nothing has a colour: a host may attach the output only later.
    this.#theme = this.#host.isConnected ? theme : null;
    put(this.#host, "data-theme", theme);
    this.#timeline.recolour(theme);
    this.#latency.recolour();
    this.#changed();
  }

  #changed(): void {
    this.#stale = true;
    this.#invalidate();
  }

  #invalidate(): void {
    if (this.#frame !== 0 || this.#gone || !this.#visible) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  /** In a moment: what moves with every frame does so by itself. */
  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#invalidate(), EVERY);
  }

  #draw(): void {
    const { playback } = this.#rendition;
    const { position } = this.#timeline;
    const look = this.#looks.now;
    const begun = playback.phase !== "idle" && playback.phase !== "ended";
    const reading = begun && (position > 0 || playback.phase === "playing") ? position : null;
    const moving = this.#timeline.draw(position, reading, this.#calm.matches);
    const writing = look.show.includes("words") && this.#words.draw(reading);
    const counting = look.show.includes("latency") && this.#latency.draw();
    this.#drawTimes(position);
    if (this.#stale) {
      this.#stale = false;
      this.#drawButtons();
      this.#drawCard();
    }
    if (moving || writing) this.#invalidate();
    else if (counting || playback.phase === "playing") this.#soon();
  }

  #drawTimes(position: number): void {
    const { take } = this.#rendition;
    const { seeker } = this.#timeline;
    const total = take.total === null || take.rate === 0 ? null : take.total / take.rate;
    const length = total ?? take.seconds;
    const tenths = length < SHORT;
    write(this.#elapsed, clockText(position, tenths));
    const soFar = total === null ? "…" : "";
    write(this.#length, length === 0 ? "" : clockText(length, tenths) + soFar);
    put(this.#length, "title", total === null ? "Received so far" : "Length");
    put(seeker, "aria-valuemin", "0");
    put(seeker, "aria-valuemax", length.toFixed(1));
    // Whole tenths: a screen reader is not told sixty times a second.
    put(seeker, "aria-valuenow", Math.min(position, length).toFixed(1));
    const { region } = this.#looper.loop;
    put(seeker, "aria-valuetext", positionText(position, length, total !== null, region));
    put(seeker, "aria-disabled", String(take.received === 0));
  }

  #drawButtons(): void {
    const { take, playback, blocked, elsewhere } = this.#rendition;
    const playable = take.format !== null && (take.live || take.received > 0 || !take.cut);
    const empty = take.total === 0;
    if (playback.active && !blocked) this.#play.show("pause", "Pause");
    else if (playback.phase === "ended") this.#play.show("again", "Play again", !empty);
    else this.#play.show("play", "Play", playable && !empty);
    this.#tools.show();
    this.#ask.hidden = !blocked && !elsewhere;
    write(this.#ask, blocked || !elsewhere ? "Click to hear" : "Play here");
  }

  #drawCard(): void {
    const { take, playback } = this.#rendition;
    this.#status.show(this.#rendition);
    const text = take.text.length > 60 ? `${take.text.slice(0, 60)}…` : take.text;
    put(this.#card, "aria-label", text === "" ? "Speech player" : `Speech player: ${text}`);
    put(this.#card, "data-phase", playback.phase);
    put(this.#card, "data-state", take.state);
  }
}

function toggled(loop: Loop, position: number, length: number): void {
  loop.toggle(position, length);
}
