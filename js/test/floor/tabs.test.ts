import { describe, expect, it } from "vitest";
import { ROUNDS, type TabMessage, type TabStep, Tabs } from "../../src/floor/tabs";
import { random } from "../random";

const LOOK = 0.2;

/** Tabs of one browser, each with a floor of one queue; messages arrive when `air` is called. */
class Browser {
  now = 1000;
  readonly said: string[] = [];
  /** What the kernel has been told that it was heard. */
  readonly heard = new Set<string>();
  readonly tabs: Tab[] = [];
  #flying: TabMessage[] = [];

  open(visible = true): Tab {
    const tab = new Tab(this, `p${this.tabs.length}`, visible);
    this.tabs.push(tab);
    tab.tabs.seen(visible);
    tab.tabs.join(this.now);
    this.air();
    // The kernel tells a newcomer of what was said and not heard yet.
    for (const take of this.said) if (!this.heard.has(take)) tab.said(take);
    this.air();
    return tab;
  }

  fly(message: TabMessage): void {
    this.#flying.push(message);
  }

  get silent(): boolean {
    return this.#flying.length === 0;
  }

  air(): void {
    for (let rounds = 0; this.#flying.length > 0; rounds++) {
      expect(rounds).toBeLessThan(50);
      const flying = this.#flying;
      this.#flying = [];
      for (const message of flying) {
        for (const tab of this.tabs) if (tab.alive) tab.does(tab.tabs.received(message));
      }
    }
  }

  /** Seconds pass. */
  pass(seconds: number): void {
    for (let passed = 0; passed < seconds; passed += LOOK) {
      this.now += LOOK;
      for (const tab of this.tabs) if (tab.alive) tab.does(tab.tabs.tick(this.now));
      this.air();
    }
  }

  use(tab: Tab): void {
    this.now += 1;
    tab.tabs.used(this.now, true);
    this.air();
  }

  /** The kernel says a take to every page. */
  say(take: string): void {
    this.said.push(take);
    for (const tab of this.tabs) if (tab.alive) tab.said(take);
    this.air();
  }

  get sounding(): string[] {
    return this.tabs.flatMap(({ page, queue }) => (queue[0] ? [`${page}:${queue[0]}`] : []));
  }
}

class Tab {
  readonly tabs: Tabs;
  queue: string[] = [];
  readonly paused: string[] = [];
  blocked = false;
  alive = true;

  constructor(
    readonly browser: Browser,
    readonly page: string,
    visible: boolean,
  ) {
    this.tabs = new Tabs(
      page,
      {
        post: (message) => browser.fly(message),
        holds: () => ({ takes: this.queue, blocked: this.blocked }),
      },
      browser.now,
    );
    this.tabs.seen(visible);
  }

  said(take: string): void {
    if (this.tabs.said(take, this.browser.now)) this.start(take);
  }
  start(take: string): void {
    this.queue.push(take);
    if (this.queue.length === 1) this.tabs.took(take, false, this.browser.now);
  }
  play(take: string): void {
    this.queue = [take, ...this.queue.filter((one) => one !== take)];
    this.tabs.took(take, true, this.browser.now);
    this.browser.air();
  }
  end(): void {
    this.queue.shift();
    const next = this.queue[0];
    if (next !== undefined) this.tabs.took(next, false, this.browser.now);
    this.tabs.tick(this.browser.now);
    this.browser.air();
  }
  does(steps: readonly TabStep[]): void {
    for (const { act, take } of steps) {
      if (act === "start") this.start(take);
      else if (act === "play") this.play(take);
      else if (act === "stop") this.queue = this.queue.filter((one) => one !== take);
      else {
        const [sounding, ...waiting] = this.queue;
        this.queue = [];
        if (sounding !== undefined) this.paused.push(sounding);
        for (const one of waiting) this.said(one);
      }
    }
  }
}

describe("one tab of a browser sounds", () => {
  it("at once where there is no other", () => {
    const browser = new Browser();
    const alone = browser.open();
    expect(alone.tabs.said("a", browser.now)).toBe(true);
    expect(alone.tabs.ordered("b", browser.now)).toBe(true);
    expect(alone.tabs.elsewhere("a")).toBe(false);
  });

  it("the one that came first, if none was used", () => {
    const browser = new Browser();
    browser.open();
    browser.pass(1);
    const second = browser.open();
    browser.say("a");
    expect(browser.sounding).toEqual(["p0:a"]);
    expect(second.tabs.elsewhere("a")).toBe(true);
  });

  it("the one that was used last, and a visible one before a hidden one", () => {
    const browser = new Browser();
    const [first, second] = [browser.open(), browser.open()];
    browser.use(first);
    browser.use(second);
    browser.say("a");
    expect(browser.sounding).toEqual(["p1:a"]);
    second.end();
    second.tabs.seen(false);
    browser.air();
    browser.say("b");
    expect(browser.sounding).toEqual(["p0:b"]);
  });

  it("the one that sounds already, whichever was used meanwhile, in the order of what was said", () => {
    const browser = new Browser();
    const [first, second] = [browser.open(), browser.open()];
    browser.use(first);
    browser.say("a");
    browser.use(second);
    browser.say("b");
    expect(first.queue).toEqual(["a", "b"]);
    expect(second.tabs.elsewhere("b")).toBe(true);
    first.end();
    first.end();
    expect(second.tabs.elsewhere("a")).toBe(false);
    browser.say("c");
    expect(browser.sounding).toEqual(["p1:c"]);
  });

  it("and a take that it had begun is not begun by a page that joins later", () => {
    const browser = new Browser();
    const first = browser.open();
    browser.say("a");
    browser.heard.add("a");
    first.end();
    const second = browser.open();
    browser.use(second);
    second.said("a");
    browser.pass(10);
    expect(browser.sounding).toEqual([]);
    expect(second.tabs.elsewhere("a")).toBe(false);
  });

  it("also where the newcomer had begun it before it heard of the other", () => {
    const browser = new Browser();
    browser.open();
    browser.say("a");
    browser.now += 1;
    const second = new Tab(browser, "p1", true);
    browser.tabs.push(second);
    second.tabs.join(browser.now);
    second.said("a");
    expect(second.queue).toEqual(["a"]);
    browser.air();
    expect(browser.sounding).toEqual(["p0:a"]);
  });
});

describe("a person's Play", () => {
  it("is heard in their tab; the other pauses and its queue comes after", () => {
    const browser = new Browser();
    const [first, second] = [browser.open(), browser.open()];
    browser.use(first);
    browser.say("a");
    browser.say("b");
    browser.use(second);
    second.play("a");
    expect(browser.sounding).toEqual(["p1:a"]);
    expect(first.paused).toEqual(["a"]);
    expect(first.tabs.elsewhere("a")).toBe(true);
    browser.pass(1);
    expect(second.queue).toEqual(["a", "b"]);
    expect(first.queue).toEqual([]);
    first.play("z");
    expect(browser.sounding).toEqual(["p0:z"]);
    expect(second.tabs.elsewhere("z")).toBe(true);
  });

  it("from Python is obeyed by the elected tab alone, also while another take sounds there", () => {
    const browser = new Browser();
    const [first, second] = [browser.open(), browser.open()];
    browser.use(second);
    expect(first.tabs.ordered("a", browser.now)).toBe(false);
    expect(second.tabs.ordered("a", browser.now)).toBe(true);
    second.play("a");
    browser.pass(10);
    expect(browser.sounding).toEqual(["p1:a"]);
    expect(first.tabs.elsewhere("a")).toBe(true);
  });

  it("stopped in one tab is stopped in the other", () => {
    const browser = new Browser();
    const [first, second] = [browser.open(), browser.open()];
    browser.say("a");
    second.tabs.stopped("a");
    browser.air();
    expect(first.queue).toEqual([]);
  });
});

describe("a tab that is gone", () => {
  it("and said so leaves what it had not begun to the next, at once", () => {
    const browser = new Browser();
    const [first, second] = [browser.open(), browser.open()];
    browser.say("a");
    browser.say("b");
    first.alive = false;
    first.queue = [];
    first.tabs.leave();
    browser.air();
    expect(second.queue).toEqual(["b"]);
    expect(second.tabs.elsewhere("a")).toBe(false);
  });

  it("without a word is noticed: what was left to it is heard within 5 seconds", () => {
    const browser = new Browser();
    const [first, second] = [browser.open(), browser.open()];
    browser.say("a");
    browser.say("b");
    first.alive = false;
    first.queue = [];
    browser.pass(5);
    expect(second.queue).toEqual(["b"]);
  });

  it("when something is said is passed over within a second", () => {
    const browser = new Browser();
    const [first, second] = [browser.open(), browser.open()];
    browser.pass(1);
    first.alive = false;
    browser.say("a");
    expect(browser.sounding).toEqual([]);
    expect(second.tabs.elsewhere("a")).toBe(true);
    browser.pass(1);
    expect(browser.sounding).toEqual(["p1:a"]);
  });

  it("for the kernel only, though it answers, is passed over within three seconds", () => {
    const browser = new Browser();
    const [, second] = [browser.open(), browser.open()];
    second.said("a");
    browser.air();
    browser.pass(ROUNDS);
    expect(browser.sounding).toEqual(["p1:a"]);
  });

  it("though takes are said so fast that a question is always open", () => {
    const browser = new Browser();
    const [first, second] = [browser.open(), browser.open()];
    first.alive = false;
    for (let i = 0; i < 20; i++) {
      browser.say(`t${i}`);
      browser.pass(LOOK);
    }
    expect(second.queue.length).toBeGreaterThan(10);
  });
});

describe("tabs that disagree", () => {
  it("both having begun in the same moment, keep the earlier alone", () => {
    const browser = new Browser();
    const [first, second] = [browser.open(), browser.open()];
    first.start("a");
    browser.now += 0.001;
    second.start("a");
    browser.air();
    expect(browser.sounding).toEqual(["p0:a"]);
    expect(second.tabs.elsewhere("a")).toBe(true);
  });

  it("one blocked by its browser gives way to one that can sound", () => {
    const browser = new Browser();
    const [first, second] = [browser.open(), browser.open()];
    browser.use(first);
    first.blocked = true;
    browser.say("a");
    browser.use(second);
    browser.say("b");
    expect(browser.sounding).toEqual(["p1:b"]);
  });

  it("never sound together for long, and never leave a take out, whatever happens", () => {
    for (let seed = 0; seed < 80; seed++) {
      const next = random(seed);
      const browser = new Browser();
      browser.open();
      const { heard, said } = browser;
      for (let i = 0; i < 60; i++) {
        const living = browser.tabs.filter(({ alive }) => alive);
        const tab = living[Math.floor(next() * living.length)];
        const what = next();
        if (what < 0.3) browser.say(`t${said.length}`);
        else if (what < 0.4 && living.length < 4) browser.open(next() < 0.7);
        else if (what < 0.6 && tab) browser.use(tab);
        else if (what < 0.7 && tab && living.length > 1) {
          tab.alive = false;
          // What sounded there was begun; the rest must be heard in another.
          if (tab.queue[0]) heard.add(tab.queue[0]);
          tab.queue = [];
          if (next() < 0.5) tab.tabs.leave();
        } else browser.pass(next() * 2);
        for (const one of browser.tabs) {
          if (one.queue[0] === undefined || next() < 0.5) continue;
          heard.add(one.queue[0]);
          one.end();
        }
        for (const one of browser.tabs) for (const take of one.paused) heard.add(take);
      }
      for (let i = 0; i < 40; i++) {
        browser.pass(2);
        expect(browser.sounding.length, `seed ${seed}`).toBeLessThanOrEqual(1);
        for (const one of browser.tabs) {
          if (one.queue[0] === undefined) continue;
          heard.add(one.queue[0]);
          one.end();
        }
      }
      expect(heard.size, `seed ${seed}`).toBe(said.length);
    }
  });
});
