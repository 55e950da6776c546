/**
 * Which tab of a browser sounds for a kernel, where several show it. A pure policy: messages to the
 * other tabs are handed to `post`, what to do here comes back as steps, the time is passed in.
 *
 * - A tab that sounds goes on to: what is said queues in it. Of silent ones the visible come before the
 *   hidden, then the one that a person used last, then the one that was there first.
 * - What is said is left to the tab so elected, and watched until that tab has taken it. One that does
 *   not answer is gone, and one that answers and takes nothing is passed over: there is sound within
 *   three seconds. What another tab had begun is not begun again here.
 * - A person's Play is heard in their own tab. The other one pauses, and gives up its queue.
 * - Tabs that both begin by themselves in the same moment agree: the earlier goes on.
 * - A tab that has never heard of another waits for nobody.
 */

/** Seconds between two questions whether the others are still there, while something is left to them. */
export const WATCH_EVERY = 2;
/** Looks after which no answer is none. The others answer when asked, however rarely their timers run. */
export const LOOKS = 3;
/** Times a tab that is there may be waited for to take what was left to it. */
export const ROUNDS = 3;
/** Takes that a newcomer is told were begun. */
const BEGUN_TOLD = 200;

/** How a tab stands; times are seconds since 1970, which tabs of one browser share. */
export interface Standing {
  readonly born: number;
  /** When a person last used it; 0: never. */
  readonly used: number;
  readonly visible: boolean;
  /** Its browser waits for a click before it may sound. */
  readonly blocked: boolean;
  /** The takes that sound in it or wait for their turn. */
  readonly holds: readonly string[];
}

export type TabMessage =
  | (Standing & {
      readonly type: "here";
      readonly page: string;
      /** The others are to say how they stand. */
      readonly asks: boolean;
      readonly begun: readonly string[];
    })
  | {
      readonly type: "took";
      readonly page: string;
      readonly take: string;
      readonly person: boolean;
      readonly at: number;
    }
  /** It gave way here, at this second of the take. */
  | {
      readonly type: "stood";
      readonly page: string;
      readonly take: string;
      readonly seconds: number;
    }
  | { readonly type: "stopped"; readonly page: string; readonly take: string }
  | { readonly type: "left"; readonly page: string };

/**
 * start: let it be heard by itself; play: as a person's Play; yield: another tab sounds, be silent and
 * let the queue go; stop: it was stopped in another tab; stand: so far it was heard in another tab.
 */
export interface TabStep {
  readonly act: "start" | "play" | "yield" | "stop" | "stand";
  readonly take: string;
  /** Of yield: a person wanted it. */
  readonly person?: boolean;
  readonly seconds?: number;
}

/** What the policy asks the page for. */
export interface TabHost {
  post(message: TabMessage): void;
  /** The takes that sound here or wait for their turn, and whether they wait for a click. */
  holds(): { readonly takes: readonly string[]; readonly blocked: boolean };
}

interface Peer extends Standing {
  /** It has said something since the open question was asked. */
  readonly answered: boolean;
}

interface Left {
  readonly act: "start" | "play";
  readonly rounds: number;
}

export class Tabs {
  readonly page: string;
  readonly #host: TabHost;
  readonly #born: number;
  readonly #peers = new Map<string, Peer>();
  /** What was left to other tabs, in order. */
  readonly #left = new Map<string, Left>();
  /** When this tab began each take. */
  readonly #begun = new Map<string, number>();
  readonly #begunElsewhere = new Set<string>();
  #used = 0;
  #visible = true;
  /** How many looks ago the open question was asked. */
  #question: number | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  #told = "";

  constructor(page: string, host: TabHost, now: number) {
    this.page = page;
    this.#host = host;
    this.#born = now;
  }

  /** Tell the others of this tab, and ask who they are. */
  join(now: number): void {
    this.#ask(now);
  }

  /** Tell them that this one is gone; of them nothing is known any more until it joins again. */
  leave(): void {
    this.#host.post({ type: "left", page: this.page });
    this.#peers.clear();
  }

  /** A person did something here, or looked here; `visible`: the tab can be seen. */
  used(now: number, visible: boolean): void {
    this.#used = now;
    this.seen(visible);
  }

  seen(visible: boolean): void {
    this.#visible = visible;
    this.#tell();
  }

  /** A take is to be heard by itself: true if it is this tab that sounds. */
  said(take: string, now: number): boolean {
    if (this.#begunElsewhere.has(take)) return false;
    return this.#mine(take, "start", now);
  }

  /** Python wants a take to be played: true if it is this tab that sounds. */
  ordered(take: string, now: number): boolean {
    return this.#mine(take, "play", now);
  }

  /** A take begins to sound here. */
  took(take: string, person: boolean, now: number): void {
    this.#left.delete(take);
    this.#begun.delete(take);
    this.#begun.set(take, now);
    this.#host.post({ type: "took", page: this.page, take, person, at: now });
  }

  /** It has given way to the tab that took it, at this second of the take. */
  stood(take: string, seconds: number): void {
    this.#host.post({ type: "stood", page: this.page, take, seconds });
  }

  /** Another tab has it, sounding or in its queue. */
  held(take: string): boolean {
    return this.#holder(take) !== undefined;
  }

  /** A person stopped it here. */
  stopped(take: string): void {
    this.forget(take);
    this.#host.post({ type: "stopped", page: this.page, take });
  }

  /** It, or with null everything, is no longer to be heard. */
  forget(take: string | null): void {
    if (take === null) this.#left.clear();
    else this.#left.delete(take);
  }

  /** Another tab sounds for it, or is about to. */
  elsewhere(take: string): boolean {
    if (this.#host.holds().takes.includes(take)) return false;
    return this.#left.has(take) || this.#holder(take) !== undefined;
  }

  received(message: TabMessage): TabStep[] {
    if (message.page === this.page) return [];
    switch (message.type) {
      case "here": {
        this.#peers.set(message.page, { ...message, answered: true });
        if (message.asks) this.#answer();
        return [
          ...message.begun.flatMap((take) => this.#begunBy(message.page, take)),
          ...this.#ripe(),
        ];
      }
      case "took":
        return this.#taken(message);
      case "stood":
        return [{ act: "stand", take: message.take, seconds: message.seconds }];
      case "stopped":
        this.#left.delete(message.take);
        return [{ act: "stop", take: message.take }];
      case "left":
        this.#peers.delete(message.page);
        return this.#ripe();
    }
  }

  /** To be called a few times a second. */
  tick(now: number): TabStep[] {
    this.#tell();
    if (this.#question !== null) {
      // Counted in looks: answers that came while the page was busy are read between two of them.
      this.#question++;
      if (this.#question < LOOKS) return [];
      this.#question = null;
      for (const [page, { answered }] of [...this.#peers]) if (!answered) this.#peers.delete(page);
      return this.#decide(now);
    }
    const watched = this.#left.size > 0 || [...this.#peers.values()].some(({ holds }) => holds[0]);
    if (watched && now - this.#askedAt >= WATCH_EVERY) this.#ask(now);
    return [];
  }

  #mine(take: string, act: Left["act"], now: number): boolean {
    if (this.#elected()) {
      this.#left.delete(take);
      return true;
    }
    this.#left.set(take, { act, rounds: 0 });
    this.#ask(now);
    return false;
  }

  /** What was left to others and has fallen to this tab, now that it is the one that sounds. */
  #ripe(): TabStep[] {
    return this.#elected() ? this.#claim(() => true) : [];
  }

  /** All have answered or are gone: what was left to tabs that do not take it. */
  #decide(now: number): TabStep[] {
    const steps = [...this.#ripe(), ...this.#claim(({ rounds }) => rounds >= ROUNDS)];
    for (const [take, { act, rounds }] of this.#left) {
      if (this.#kept(take, act)) continue;
      this.#left.set(take, { act, rounds: rounds + 1 });
      this.#ask(now);
    }
    return steps;
  }

  #claim(which: (left: Left) => boolean): TabStep[] {
    const claimed = [...this.#left].filter(
      ([take, left]) => which(left) && !this.#kept(take, left.act),
    );
    for (const [take] of claimed) this.#left.delete(take);
    return claimed.map(([take, { act }]) => ({ act, take }));
  }

  /** It waits for its turn in another tab. To an order that is no answer: who obeys says so. */
  #kept(take: string, act: Left["act"]): boolean {
    return act === "start" && this.#holder(take) !== undefined;
  }

  #taken(message: Extract<TabMessage, { type: "took" }>): TabStep[] {
    const { page, take, person, at } = message;
    this.#left.delete(take);
    this.#begunElsewhere.add(take);
    const peer = this.#peers.get(page) ?? UNKNOWN;
    const holds = peer.holds.includes(take) ? peer.holds : [take, ...peer.holds];
    this.#peers.set(page, { ...peer, holds, answered: true });
    const { takes, blocked } = this.#host.holds();
    if (takes.length === 0) return [];
    const since = Math.min(...takes.map((one) => this.#begun.get(one) ?? Number.POSITIVE_INFINITY));
    const earlier = at < since || (at === since && page < this.page);
    return person || blocked || earlier ? [{ act: "yield", take, person }] : [];
  }

  /** What another had begun before this tab came, and this one has begun in ignorance of it. */
  #begunBy(page: string, take: string): TabStep[] {
    if (this.#begunElsewhere.has(take)) return [];
    this.#begunElsewhere.add(take);
    this.#left.delete(take);
    const older = (this.#peers.get(page)?.born ?? Number.POSITIVE_INFINITY) < this.#born;
    return older && this.#host.holds().takes.includes(take)
      ? [{ act: "yield", take, person: false }]
      : [];
  }

  #elected(): boolean {
    const me = this.#standing();
    return [...this.#peers].every(([page, peer]) => before(this.page, me, page, peer));
  }

  #holder(take: string): Peer | undefined {
    return [...this.#peers.values()].find(({ holds }) => holds.includes(take));
  }

  #standing(): Standing {
    const { takes, blocked } = this.#host.holds();
    return {
      born: this.#born,
      used: this.#used,
      visible: this.#visible,
      blocked,
      holds: takes,
    };
  }

  #ask(now: number): void {
    this.#askedAt = now;
    // One that is open stays: a flood of takes must not put the answer off for ever.
    if (this.#question === null) {
      this.#question = 0;
      for (const [page, peer] of this.#peers) this.#peers.set(page, { ...peer, answered: false });
    }
    this.#here(true, []);
  }

  #answer(): void {
    this.#here(false, [...this.#begun.keys()].slice(-BEGUN_TOLD));
  }

  /** Say how this tab stands, if that has changed. */
  #tell(): void {
    if (JSON.stringify(this.#standing()) !== this.#told) this.#here(false, []);
  }

  #here(asks: boolean, begun: readonly string[]): void {
    const standing = this.#standing();
    this.#told = JSON.stringify(standing);
    this.#host.post({ type: "here", page: this.page, asks, begun, ...standing });
  }
}

const UNKNOWN: Standing = { born: 0, used: 0, visible: false, blocked: false, holds: [] };

/** Whether tab `a` comes before tab `b`. */
function before(pageA: string, a: Standing, pageB: string, b: Standing): boolean {
  const sounding = (one: Standing) => one.holds.length > 0 && !one.blocked;
  if (sounding(a) !== sounding(b)) return sounding(a);
  if (a.visible !== b.visible) return a.visible;
  if (a.used !== b.used) return a.used > b.used;
  if (a.born !== b.born) return a.born < b.born;
  return pageA < pageB;
}
