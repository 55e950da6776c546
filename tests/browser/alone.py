"""The built Speaker and Player in a page without a notebook; Python plays the kernel.

For looking at the player, and for what would be slow or hard to bring about in JupyterLab: the
modules as they are shipped, their real messages, a real browser.

    with launch(playwright) as browser, cnb.connect("local") as tts:
        take = tts.say("Hello.")           # or a saved one: cnb.Take.load(path)
        alone = Alone(browser.new_page())
        player = alone.show(take)          # a Locator of the card
        alone.carry(take, play=True)       # and whatever it still receives, as a kernel would
        alone.pump_until(lambda: player.get_by_role("button", name="Play again").count())
        player.screenshot(path="artifacts/player.png")

Nothing happens between the calls: messages move while `pump` or `pump_until` runs.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from playwright.sync_api import Locator, Page, Route

from cartesia_nb.speaker import messages
from cartesia_nb.speaker.lane import Lane, Parcel
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.take import Take
from tests.browser.lab import ROOT

_STATIC = ROOT / "cartesia_nb" / "static"

_PAGE = """<!doctype html><html lang="en"><title>alone</title><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<style>body { margin: 12px; background: var(--page, #fff); } [data-theme=dark] { --page: #111418; }
</style><main></main>"""

_INSTALL = """async () => {
  const [speaker, player] = await Promise.all([import('/speaker.js'), import('/player.js')]);
  const model = (traits) => {
    const listeners = {};
    return {
      traits,
      get: (name) => traits[name],
      set(name, value) { traits[name] = value; this.fire('change:' + name); },
      save_changes() {},
      on(name, listener) { (listeners[name] ??= []).push(listener); },
      off(name, listener) {
        listeners[name] = (listeners[name] ?? []).filter((one) => listener && one !== listener);
      },
      fire(name, ...args) { for (const one of listeners[name] ?? []) one(...args); },
    };
  };
  const sent = [];
  const kernel = model({ speaker_id: 's', volume: 1, prebuffer: null });
  kernel.send = (message) => { sent.push(JSON.parse(JSON.stringify(message))); };
  const closed = new AbortController();
  closed.signal.addEventListener('abort', () => alone.models.listening?.fire('comm_live_update'));
  globalThis.alone = {
    sent,
    models: {},
    speaker: speaker.default.initialize({ model: kernel, signal: closed.signal }),
    kernel,
    say(rows) {
      for (const { message, pcm } of rows) {
        const bytes = pcm === null ? [] : [new DataView(
          Uint8Array.from(atob(pcm), (c) => c.charCodeAt(0)).buffer)];
        kernel.fire('msg:custom', message, bytes);
      }
    },
    async listen(traits) {
      const listening = await import('/listening.js');
      const el = document.createElement('div');
      document.querySelector('main').append(el);
      const shown = model({ speaker_id: 's', speaker: 'anywidget:s', label: '', note: '',
        question: '', choices: [], words: [], trial: 0, trials: 0, phase: 'asking', results: [],
        ...traits });
      const answers = [];
      shown.send = (message) => { answers.push(JSON.parse(JSON.stringify(message))); };
      alone.models.listening = shown;
      alone.answers = answers;
      const gone = new AbortController();
      const over = listening.default.render({ model: shown, el, signal: gone.signal });
      el.remove_player = () => { over?.(); gone.abort(); el.remove(); };
    },
    show(take, traits) {
      const el = document.createElement('div');
      document.querySelector('main').append(el);
      const shown = model({ speaker_id: 's', speaker: 'anywidget:s', take, label: '', ...traits });
      alone.models[take] = shown;
      const gone = new AbortController();
      const over = player.default.render({ model: shown, el, signal: gone.signal });
      el.remove_player = () => { over?.(); gone.abort(); el.remove(); };
    },
    die() { closed.abort(); },
  };
}"""


class Alone:
    """One page with a Speaker in it, and the kernel's side of the comm.

    Args:
        page: a page of any browser context; it is led to a page of our own.
        dark: which theme the page says it has.
    """

    def __init__(self, page: Page, *, dark: bool = False) -> None:
        self.page = page
        self._lanes: dict[str, Lane] = {}
        self._answered = 0
        #: What the page refused or failed at, from its console.
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console",
            lambda said: (
                self.errors.append(said.text) if said.type in ("error", "warning") else None
            ),
        )
        page.route(
            "http://localhost/", lambda route: route.fulfill(body=_PAGE, content_type="text/html")
        )
        for name in ("speaker.js", "player.js", "listening.js"):
            page.route(f"http://localhost/{name}", _serve(_STATIC / name))
        page.goto("http://localhost/")
        self.theme(dark=dark)
        page.evaluate(_INSTALL)

    def theme(self, *, dark: bool) -> None:
        """Switch the page's theme."""
        theme = "dark" if dark else "light"
        self.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)

    def show(self, take: Take | str, traits: Mapping[str, object] | None = None) -> Locator:
        """Show a player; further traits of its model as JSON, such as `show` or `size`."""
        name = take if isinstance(take, str) else take.id
        players = self.page.get_by_role("group")
        before = players.count()
        self.page.evaluate(
            "([take, traits]) => alone.show(take, traits)", [name, dict(traits or {})]
        )
        players.nth(before).wait_for()
        return players.nth(before)

    def listen(self, traits: Mapping[str, object]) -> Locator:
        """Show takes beside each other, with the traits of their widget (`tuning.listen.Stage`)."""
        groups = self.page.get_by_role("group")
        before = groups.count()
        self.page.evaluate("(traits) => alone.listen(traits)", dict(traits))
        groups.nth(before).wait_for()
        return groups.nth(before)

    def set_listening(self, traits: Mapping[str, object]) -> None:
        """The kernel says something new of what is listened to."""
        self.page.evaluate(
            """(traits) => {
              for (const [name, value] of Object.entries(traits))
                alone.models.listening.set(name, value);
            }""",
            dict(traits),
        )

    def answers(self) -> list[dict[str, object]]:
        """What a blind test's page has answered."""
        return cast("list[dict[str, object]]", self.page.evaluate("() => alone.answers"))

    def carry(self, take: Take, *, play: bool = False, interrupt: bool = False) -> None:
        """Carry a take to the page, as it grows from now on."""
        self._lanes[take.id] = Lane(_recording(take), play=play, interrupt=interrupt)
        self.pump()

    def send(self, message: messages.Message, buffer: bytes | None = None) -> None:
        """Send one message."""
        self._say([Parcel(message, buffer)])

    def pump(self) -> None:
        """Send what there is to send, and answer what the page asked."""
        asked = cast(
            "list[dict[str, object]]",
            self.page.evaluate("(from) => alone.sent.slice(from)", self._answered),
        )
        self._answered += len(asked)
        for message in asked:
            need = messages.parse(message)
            if not isinstance(need, messages.Need):
                continue
            lane = self._lanes.get(need.take)
            if lane is None:
                self.send(messages.gone(need.take, now=time.monotonic()))
            else:
                lane.ask(need)
        for lane in self._lanes.values():
            while parcel := (
                lane.next(now := time.monotonic()) or lane.next_chunks(now) or lane.next_answer()
            ):
                self._say([parcel])

    def pump_until(self, over: Callable[[], object], timeout: float = 30.0) -> None:
        """Be the kernel until `over()` is true; fails after `timeout` seconds."""
        end = time.monotonic() + timeout
        while not over():
            assert time.monotonic() < end, f"not within {timeout:g} s"
            self.pump()
            # Not `time.sleep`: Playwright's own loop goes on.
            self.page.wait_for_timeout(20)
        self.pump()

    def sent(self) -> list[dict[str, object]]:
        """All that the page has told the kernel."""
        return cast("list[dict[str, object]]", self.page.evaluate("() => alone.sent"))

    def die(self) -> None:
        """The kernel dies."""
        self._lanes.clear()
        self.page.evaluate("() => alone.die()")

    def _say(self, parcels: list[Parcel]) -> None:
        rows = [
            {
                "message": parcel.message,
                "pcm": None if parcel.buffer is None else base64.b64encode(parcel.buffer).decode(),
            }
            for parcel in parcels
        ]
        self.page.evaluate("(rows) => alone.say(rows)", rows)


def _serve(module: Path) -> Callable[[Route], None]:
    source = module.read_text()
    return lambda route: route.fulfill(body=source, content_type="text/javascript")


def _recording(take: Take) -> Recording:
    return take._recording
