/** The small tools at a player's foot: stop, loop, download, volume. */

import type { Outputs } from "../output/outputs";
import type { Rendition } from "../rendition";
import { IconButton, Volume } from "./controls";
import { download } from "./download";
import { make } from "./elements";
import { looperOf } from "./looper";
import { fileName } from "./text";

export class Tools {
  readonly el = make("div", "tools");
  readonly volume: Volume;
  readonly #rendition: Rendition;
  readonly #outputs: Outputs;
  readonly #stop: IconButton;
  readonly #loop: IconButton;
  readonly #save: IconButton;

  /** `loop`: loop, or loop no longer. */
  constructor(rendition: Rendition, outputs: Outputs, loop: () => void) {
    this.#rendition = rendition;
    this.#outputs = outputs;
    this.#stop = new IconButton("tool stop", "stop", () => rendition.stop(true), "Escape");
    this.#loop = new IconButton("tool", "loop", loop, "L");
    this.#save = new IconButton("tool", "download", () => this.#download());
    this.volume = new Volume(
      () => outputs.volume,
      (volume) => {
        outputs.volume = volume;
      },
    );
    const buttons = [this.#stop, this.#loop, this.#save, this.volume.button];
    this.el.append(...buttons.map((button) => button.el), this.volume.input);
  }

  get stoppable(): boolean {
    const { take, playback, queued } = this.#rendition;
    if (take.format === null) return false;
    return playback.active || queued || take.live || playback.phase === "paused";
  }

  show(): void {
    const { take } = this.#rendition;
    this.#stop.show("stop", "Stop", this.stoppable);
    const looping = looperOf(this.#rendition).loop.region !== null;
    this.#loop.show("loop", "Loop a region", take.received > 0);
    this.#loop.press(looping);
    const { saved, reachable } = this.#rendition;
    // What was let go is fetched again for the file, as long as there is somebody to ask.
    const all = take.total !== null && take.received >= take.total && take.gaps.length === 0;
    const whole = all && (reachable || !take.away);
    const part = whole ? "Download WAV" : "Download WAV of what is here";
    const percent = Math.floor(100 * (saved ?? 0));
    const name = saved === null ? part : `Give up the download (${percent} % fetched)`;
    this.#save.show("download", name, take.received > 0);
    this.volume.show(this.#outputs.volume);
  }

  /** What this page holds, whether or not there is still a kernel. */
  #download(): void {
    const { text } = this.#rendition.take;
    void this.#rendition.wav().then((file) => {
      if (file !== null) download(file, "audio/wav", fileName(text, "wav"));
    });
  }
}
