/** What the kernel is told of the playing of one take: at once where it matters, else twice a second. */

import type { Link } from "./link";
import type { Listening } from "./listening";
import { outputFacts } from "./output/facts";
import type { Playback } from "./playback";
import { Reports } from "./report";
import type { Take } from "./take/take";

/** Seconds between two reports: at most two a second may be sent. */
const EVERY = 0.5;

export class Telling {
  readonly #take: Take;
  readonly #playback: Playback;
  readonly #link: Link;
  readonly #reports: Reports;
  #next = 0;
  /** It stands elsewhere than the kernel was told. */
  #owed = false;

  constructor(take: Take, playback: Playback, link: Link) {
    this.#take = take;
    this.#playback = playback;
    this.#link = link;
    this.#reports = new Reports(take.arrivals);
  }

  /** A listening has begun. */
  follow(listening: Listening): void {
    this.#reports.follow(listening);
  }

  /** It stands elsewhere: to be told soon, or not (any more). */
  owe(owed = true): void {
    this.#owed = owed;
  }

  /** Called a few times a second. */
  tick(): void {
    const { phase } = this.#playback;
    if (phase === "playing" || this.#owed || this.#pending) this.tell(false);
  }

  /** `now`: at a moment that matters, and with all that is left of former listenings. */
  tell(now: boolean): void {
    const time = performance.now() / 1000;
    if (!now && time < this.#next) return;
    if (this.#take.format === null) return;
    this.#next = time + EVERY;
    this.#owed = false;
    while (now && this.#reports.pendingBefore) this.#send();
    this.#send();
  }

  /**
   * Facts that nobody will tell otherwise. Before its first sound here it tells none: to have told
   * of a take is to have heard it, and it would start by itself in no other page. What comes of one
   * that rests is told when it sounds again, or has ended.
   */
  get #pending(): boolean {
    const { active, sounded } = this.#playback;
    if (!sounded) return false;
    return this.#reports.pending || (this.#reports.arrivals && (active || !this.#take.live));
  }

  #send(): void {
    const { phase, position, prebuffer, sounded, output } = this.#playback;
    // How a former one ended was told when it did.
    const former = this.#reports.pendingBefore;
    this.#link.send({
      type: "heard",
      take: this.#take.id,
      position,
      // In a dry spell it plays as far as anybody outside can tell: nobody has to do anything.
      playing: phase === "playing" || (phase === "waiting" && sounded),
      ended: phase === "ended" && !former,
      prebuffer: prebuffer.seconds,
      ...this.#reports.next(),
      output: output === null ? null : outputFacts(output),
      down: this.#link.takeDown(),
    });
  }
}
