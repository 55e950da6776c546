"""What the player costs the page's main thread, part by part, while a take streams at 10x.

``make bench``. For each choice of parts a fresh page shows one player; a take of the engine comes
over one WebSocket at ten times real time and is heard meanwhile. Times are of the main thread's
own clock (CPU time of that thread, by CDP's `TaskDuration`, and `tdur` in Chromium's trace), so
that a busy machine counts little; an idle page's share is subtracted. The longest task is told on
both clocks. Painting and compositing outside the main thread are not in it. A page that does
nothing but move one line stands above, for what a browser takes for any motion.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Final, TypedDict, cast

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.speech.backend import ENGINE
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.socket import Endpoint
from tests.benchmarks.wire import Wire
from tests.browser.alone import Alone
from tests.browser.ears import Ears
from tests.browser.page import launch

SPEEDUP: Final = 10.0
PARTS: Final = ("wave", "spectrogram", "words", "latency")
SHOWN: Final[tuple[tuple[str, ...], ...]] = ((), *((part,) for part in PARTS), PARTS)
TEXT: Final = "One after the other they come, the words of a long story, and each is drawn. " * 7
#: Seconds: of the idle page, and of the take's playing after all of it has come.
IDLE: Final = 1.0
PLAYING: Final = 2.0


TRACED: Final = ["-*", "devtools.timeline", "disabled-by-default-devtools.timeline", "toplevel"]


class _Event(TypedDict, total=False):
    name: str
    pid: int
    tid: int
    dur: int
    tdur: int
    args: dict[str, object]


@dataclass(frozen=True)
class Span:
    """Between two looks at the counters."""

    wall: float
    #: Seconds of the main thread: all tasks, and scripts among them.
    task: float
    script: float


class Counters:
    """A page's main thread, as CDP counts it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._at, self._before = time.monotonic(), self._read()

    def _read(self) -> dict[str, float]:
        answer = self._session.send("Performance.getMetrics")
        return {row["name"]: row["value"] for row in answer["metrics"]}

    def lap(self) -> Span:
        """Since the last look."""
        at, now = time.monotonic(), self._read()
        before, self._before = self._before, now
        began, self._at = self._at, at
        return Span(
            at - began,
            now["TaskDuration"] - before["TaskDuration"],
            now["ScriptDuration"] - before["ScriptDuration"],
        )


@dataclass(frozen=True)
class Row:
    """One choice of parts."""

    shown: tuple[str, ...]
    idle: Span
    arriving: Span
    playing: Span
    #: Seconds of audio that came.
    received: float
    #: Seconds: by the wall, and of the main thread.
    longest: tuple[float, float]


def longest_task(trace: bytes, mark: str) -> tuple[float, float]:
    """The longest task of the page that set ``mark``: seconds by the wall, and of its thread."""
    events = cast("list[_Event]", json.loads(trace)["traceEvents"])
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"].get("name") == "CrRendererMain"
    }
    marked = {
        event["pid"]
        for event in events
        if event["name"] == "TimeStamp" and mark in str(event["args"])
    }
    tasks = [
        event
        for event in events
        if event["name"] == "RunTask"
        and (event["pid"], event["tid"]) in mains
        and event["pid"] in marked
    ]
    return (
        max(event.get("dur", 0) for event in tasks) / 1e6,
        max(event.get("tdur", 0) for event in tasks) / 1e6,
    )


def measure(browser: Browser, connection: Connection, shown: tuple[str, ...]) -> Row:
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    alone = Alone(page)
    mark = "mark:" + ",".join(shown)
    with Wire(alone) as wire:
        # Everything is compiled and the audio device is open before anything is counted.
        first = connection.say("Ready.")
        wire.carry(first, play=True)
        alone.show(first, {"show": list(shown)})
        page.get_by_role("button", name="Play again").wait_for()
        page.evaluate("() => document.querySelector('main > div').remove_player()")
        page.wait_for_timeout(500)
        counters = Counters(page)
        page.wait_for_timeout(1000 * IDLE)
        idle = counters.lap()
        browser.start_tracing(page=page, categories=TRACED)
        page.evaluate("(mark) => console.timeStamp(mark)", mark)
        counters.lap()
        take = connection.say(TEXT)
        wire.carry(take, play=True)
        alone.show(take, {"show": list(shown)})
        while take.state != "done":
            page.wait_for_timeout(100)
        arriving = counters.lap()
        page.wait_for_timeout(1000 * PLAYING)
        playing = counters.lap()
        trace = browser.stop_tracing()
    page.close()
    return Row(shown, idle, arriving, playing, take.duration, longest_task(trace, mark))


def bare_line(browser: Browser) -> float:
    """What moving one line in an empty page costs, sixty times a second: task time a second."""
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    page.evaluate(
        """() => {
          const line = document.createElement('div');
          line.style.cssText = 'position: absolute; width: 2px; height: 80px; background: red';
          document.body.append(line);
          const move = (now) => {
            line.style.transform = `translateX(${(now / 10) % 900}px)`;
            requestAnimationFrame(move);
          };
          requestAnimationFrame(move);
        }"""
    )
    counters = Counters(page)
    page.wait_for_timeout(1000 * PLAYING)
    span = counters.lap()
    page.close()
    return span.task / span.wall


def report(row: Row) -> None:
    idle = row.idle.task / row.idle.wall
    arriving = row.arriving.task - idle * row.arriving.wall
    playing = row.playing.task - idle * row.playing.wall
    name = "all four" if row.shown == PARTS else ", ".join(row.shown) or "none"
    wall, own = row.longest
    print(
        f"{name:12} {1000 * arriving / row.received:8.1f} ms"
        f" {100 * arriving / row.arriving.wall:7.1f} %"
        f" {1000 * playing / row.playing.wall:9.1f} ms"
        f" {1000 * own:9.1f} ms {1000 * wall:8.1f} ms"
    )


def main() -> None:
    with (
        Ears() as ears,
        sync_playwright() as playwright,
        launch(playwright, ears.environment) as browser,
        EngineProcess(speedup=SPEEDUP) as engine,
    ):
        endpoint = Endpoint(engine.url, engine.websocket_url, Secret(engine.api_key))
        with Connection(endpoint, ENGINE, settings=Settings()) as connection:
            print(
                f"main thread; the take comes at {SPEEDUP:g} times real time and is heard meanwhile"
            )
            print("                 as it comes, for        when heard,     longest task")
            print("shown        a second of it   share     a second    its CPU    by the wall")
            print(f"a bare moving line {'':18}{1000 * bare_line(browser):11.1f} ms")
            for shown in SHOWN:
                report(measure(browser, connection, shown))


if __name__ == "__main__":
    main()
