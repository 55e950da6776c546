/** All that shares a player's one time axis: wave, arrivals, spectrogram, labels, ruler, playhead. */

import { clock } from "../link";
import type { Rendition } from "../rendition";
import { ArrivalsPart } from "./arrivals";
import { Axis } from "./axis";
import { make } from "./elements";
import { Glide } from "./glide";
import { Lane } from "./lane";
import type { Look } from "./looks";
import { looperOf } from "./looper";
import { secondsText, spotReading, waveReading } from "./readings";
import { Readout } from "./readout";
import { RegionView } from "./region";
import { Ruler } from "./ruler";
import { ColourKey, FrequencyScale, ScaleButton } from "./scale";
import { makeSeeker, type Pointed } from "./seeker";
import { coloursAt } from "./sheet";
import { SpectrogramPart } from "./spectrogram";
import type { Theme } from "./theme";
import { WavePart } from "./wave";

export interface TimelineActions {
  /** Something has to be drawn. */
  changed(): void;
  toggle(): void;
}

export class Timeline {
  /** Beside the axis: what its height means. */
  readonly side = make("div", "side");
  readonly el = make("div", "axis");
  readonly readout = new Readout();
  readonly key = new ColourKey();
  readonly seeker: HTMLElement;
  readonly axis = new Axis();
  readonly #rendition: Rendition;
  readonly #changed: () => void;
  /** What the playhead goes through. */
  readonly #pictures = make("div", "pictures");
  readonly #wave: WavePart;
  readonly #arrivals: ArrivalsPart;
  readonly #spectrogram: SpectrogramPart;
  readonly #frequencies = new FrequencyScale();
  readonly #scale: ScaleButton;
  readonly #lanes: readonly Lane[];
  readonly #ruler = new Ruler();
  readonly #region: RegionView;
  readonly #playhead = make("div", "playhead", { "aria-hidden": "true" });
  readonly #track = make("div", "track", { "aria-hidden": "true" });
  readonly #glide: Glide;
  readonly #cross = make("div", "cross", { "aria-hidden": "true" });
  #look: Look = { show: [], size: 1 };
  #pointed: Pointed | null = null;
  #preview: number | null = null;
  #drag: readonly [number, number] | null = null;

  constructor(rendition: Rendition, actions: TimelineActions) {
    this.#rendition = rendition;
    this.#changed = actions.changed;
    const { take, playback } = rendition;
    this.#wave = new WavePart(take);
    this.#glide = new Glide([{ el: this.#playhead, left: (x) => x }, ...this.#wave.moved]);
    this.#arrivals = new ArrivalsPart(take.chunks, () => playback.dry);
    this.#spectrogram = new SpectrogramPart(take);
    this.#scale = new ScaleButton(() => this.#switchScale());
    this.#lanes = [
      new Lane("spoken", take.words, () => take.live),
      new Lane("sounds", take.phonemes, () => false),
    ];
    const looper = looperOf(rendition);
    this.#region = new RegionView({
      move: (edge, to) => looper.change((loop, _, length) => loop.move(edge, to, length)),
    });
    this.seeker = makeSeeker({
      to: (x) => rendition.seek(this.axis.seconds(x)),
      preview: (x) => {
        this.#preview = x;
        actions.changed();
      },
      choose: (a, b, done) => this.#choose(a, b, done),
      point: (at) => {
        this.#pointed = at;
        actions.changed();
      },
      by: (seconds) => rendition.seek(playback.position + seconds),
      toStart: () => rendition.seek(0),
      toEnd: () => rendition.seek(take.seconds),
      toggle: actions.toggle,
    });
    this.side.append(this.#frequencies.el, this.#scale.el);
    this.#cross.hidden = true;
    const pictures = this.#pictures;
    pictures.append(this.#wave.el, this.#track, this.#arrivals.el, this.#spectrogram.el);
    pictures.append(this.#cross, this.#playhead);
    this.el.append(pictures, ...this.#lanes.map((lane) => lane.el), this.#ruler.el);
    this.el.append(this.seeker, this.#region.el);
  }

  /** Seconds that are shown as heard: those audible now, or those a pointer is dragged to. */
  get position(): number {
    const { take, playback } = this.#rendition;
    if (this.#preview === null) return playback.position;
    return Math.min(this.axis.seconds(this.#preview), take.seconds);
  }

  /** Whether one of the loop's handles has the focus. */
  get handled(): boolean {
    return this.#region.focused;
  }

  wear(look: Look): void {
    this.#look = look;
    const shown = (part: Look["show"][number]) => look.show.includes(part);
    const spectrogram = shown("spectrogram");
    this.#wave.el.hidden = !shown("wave");
    this.#track.hidden = shown("wave");
    this.#arrivals.el.hidden = !shown("latency") || !(shown("wave") || spectrogram);
    for (const el of [this.#spectrogram.el, this.#frequencies.el, this.#scale.el, this.key.el]) {
      el.hidden = !spectrogram;
    }
    for (const lane of this.#lanes) lane.el.toggleAttribute("data-off", !spectrogram);
    const tall = shown("wave") || spectrogram;
    this.#pictures.toggleAttribute("data-tall", tall);
    this.#ruler.el.hidden = !tall;
    this.fit();
  }

  /** Look how large everything is now. */
  fit(): void {
    const { size } = this.#look;
    this.axis.width = this.el.clientWidth;
    this.#glide.halt();
    this.#wave.fit(size);
    this.#arrivals.fit(size);
    this.#spectrogram.fit();
    for (const lane of this.#lanes) lane.fit(size);
    this.#ruler.fit(size);
  }

  recolour(theme: Theme): void {
    const colours = coloursAt(this.el);
    this.#wave.recolour(colours);
    this.#arrivals.recolour(colours);
    this.#ruler.recolour(colours);
    this.#spectrogram.recolour(theme);
    this.key.recolour(theme);
  }

  /**
   * Draw what has changed; true while something has to be drawn in the next frame as well.
   * `position` as of `this.position`; `reading`: the same, or null when nothing is being heard.
   */
  draw(position: number, reading: number | null, calm: boolean): boolean {
    const { take } = this.#rendition;
    const { axis } = this;
    // A scale that moves under the pointer's hand would move what it holds.
    const moving = this.#preview === null && this.#drag === null && axis.follow(take, calm);
    if (!this.#wave.el.hidden) this.#wave.draw(axis);
    if (!this.#arrivals.el.hidden) this.#arrivals.draw(axis);
    let more = false;
    if (!this.#spectrogram.el.hidden) {
      more = this.#spectrogram.draw(axis);
      const { intake, height } = this.#spectrogram;
      this.#frequencies.draw(intake.shown, height, this.#look.size);
      this.#scale.show(intake.scale);
      for (const lane of this.#lanes) lane.draw(axis, reading);
    }
    if (!this.#ruler.el.hidden) this.#ruler.draw(axis);
    this.#drawHeard(position, moving || calm);
    this.#drawLoop();
    this.#drawPointed();
    return moving || more;
  }

  /** `stepwise`: from drawing to drawing, not by itself. */
  #drawHeard(position: number, stepwise: boolean): void {
    const { axis } = this;
    const { playback, take } = this.#rendition;
    const x = axis.x(position);
    const idle = position === 0 && playback.phase !== "playing";
    const hidden = playback.phase === "ended" || idle;
    if (this.#playhead.hidden !== hidden) this.#playhead.hidden = hidden;
    const goes = playback.phase === "playing" && this.#preview === null && !stepwise;
    if (goes) this.#glide.go(x, axis.width / axis.span, axis.x(take.seconds));
    else this.#glide.stand(x);
    if (!this.#track.hidden) this.#track.style.setProperty("--heard", `${x.toFixed(1)}px`);
  }

  #drawLoop(): void {
    const looper = looperOf(this.#rendition);
    const drag = this.#drag;
    const region = drag === null ? looper.loop.region : { from: drag[0], to: drag[1] };
    const focused = this.#region.focused;
    this.#region.draw(this.axis, region, looper.length);
    // Focus stays in the player.
    if (focused && region === null) this.seeker.focus();
  }

  #drawPointed(): void {
    const at = this.#pointed;
    this.#cross.hidden = at === null;
    if (at === null) {
      this.readout.hide();
      return;
    }
    this.#cross.style.transform = `translateX(${at.x.toFixed(1)}px)`;
    const card = this.readout.el.parentElement;
    if (card === null) return;
    const [box, outer] = [this.el.getBoundingClientRect(), card.getBoundingClientRect()];
    const x = box.x - outer.x - card.clientLeft + at.x;
    const y = box.y - outer.y - card.clientTop + at.y;
    this.readout.show(this.#reading(at), x, y, at.touch, card.clientWidth);
  }

  #reading({ x, y }: Pointed): string {
    const seconds = this.axis.seconds(x);
    const inside = (el: HTMLElement) =>
      !el.hidden && y >= el.offsetTop && y < el.offsetTop + el.offsetHeight;
    if (inside(this.#wave.el)) return waveReading(seconds, this.#wave.level(seconds));
    if (inside(this.#arrivals.el)) {
      return this.#arrivals.reading(this.axis, x, clock()) ?? secondsText(seconds);
    }
    const { el } = this.#spectrogram;
    if (!inside(el)) return secondsText(seconds);
    const height = 1 - (y - el.offsetTop) / el.offsetHeight;
    return spotReading(seconds, this.#spectrogram.spot(seconds, height));
  }

  #choose(a: number, b: number, done: boolean): void {
    const [from, to] = [this.axis.seconds(Math.min(a, b)), this.axis.seconds(Math.max(a, b))];
    this.#drag = done ? null : [from, to];
    if (done) looperOf(this.#rendition).change((loop, _, length) => loop.select(from, to, length));
    else this.#changed();
  }

  #switchScale(): void {
    const { intake } = this.#spectrogram;
    intake.scale = intake.scale === "mel" ? "linear" : "mel";
    this.#changed();
  }
}
