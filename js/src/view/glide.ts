/**
 * Moves what follows the voice, without the page's main thread: an animation runs at the speed of
 * sound, and is set right when the position that is heard has come away from it.
 */

/** CSS pixels that an animation may be off before it is set right. */
const SLACK = 1;

interface Moved {
  readonly el: HTMLElement;
  /** Where the element's left edge belongs for a place on the axis. */
  readonly left: (x: number) => number;
}

export class Glide {
  readonly #moved: readonly Moved[];
  #running: Animation[] = [];
  /** Place and time at which the animation began, and CSS pixels a second. */
  #from = 0;
  #since = 0;
  #speed = 0;

  constructor(moved: readonly Moved[]) {
    this.#moved = moved;
  }

  /** Stand at a place. */
  stand(x: number): void {
    this.halt();
    for (const { el, left } of this.#moved) put(el, left(x));
  }

  /** Go on from `x` at `speed` CSS pixels a second, no further than `to`. */
  go(x: number, speed: number, to: number): void {
    const now = performance.now();
    const expected = Math.min(to, this.#from + (this.#speed * (now - this.#since)) / 1000);
    const right = Math.abs(expected - x) <= SLACK && speed === this.#speed;
    if (this.#running.length > 0 && right) return;
    this.halt();
    const seconds = (to - x) / speed;
    if (!(seconds > 0)) {
      this.stand(x);
      return;
    }
    this.#from = x;
    this.#since = now;
    this.#speed = speed;
    const timing = { duration: 1000 * seconds, fill: "forwards" } as const;
    // What is not shown would be moved by the main thread, for nobody.
    const shown = this.#moved.filter(({ el }) => el.getClientRects().length > 0);
    this.#running = shown.map(({ el, left }) => {
      put(el, left(x));
      const frames = [x, to].map((place) => ({ transform: `translateX(${left(place)}px)` }));
      const animation = el.animate(frames, timing);
      // From now on, not from when the browser has got it ready.
      animation.startTime = document.timeline.currentTime;
      return animation;
    });
  }

  /** Stop moving by itself: what is shown, or how wide it is, has changed. */
  halt(): void {
    for (const animation of this.#running) animation.cancel();
    this.#running = [];
  }
}

function put(el: HTMLElement, left: number): void {
  const transform = `translateX(${left.toFixed(2)}px)`;
  if (el.style.transform !== transform) el.style.transform = transform;
}
