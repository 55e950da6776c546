"""What the player costs the page's main thread, part by part, while a take streams at 10x.

``make bench``. For each choice of parts a fresh page shows one player; a take of the engine comes
over one WebSocket at ten times real time and is heard meanwhile. Times are of the main thread's
own clock (CPU time of that thread, by CDP's `TaskDuration`, and `tdur` in Chromium's trace), so
that a busy machine counts little; an idle page's share is subtracted. The longest task is told on
both clocks. Painting and compositing outside the main thread are not in it. A page that does
nothing but move one line stands above, for what a browser takes for any motion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.speech.backend import ENGINE
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.socket import Endpoint
from tests.benchmarks.counters import MainThread, Phase
from tests.benchmarks.wire import Wire
from tests.browser.alone import Alone
from tests.browser.ears import Ears
from tests.browser.page import launch

SPEEDUP: Final = 10.0
PARTS: Final = ("wave", "spectrogram", "words", "latency")
SHOWN: Final[tuple[tuple[str, ...], ...]] = ((), *((part,) for part in PARTS), PARTS)
TEXT: Final = "One after the other they come, the words of a long story, and each is drawn. " * 5
#: Seconds: of the idle page, and of the take's playing after all of it has come.
IDLE: Final = 1.0
PLAYING: Final = 2.0


@dataclass(frozen=True)
class Row:
    """One choice of parts."""

    shown: tuple[str, ...]
    idle: Phase
    arriving: Phase
    playing: Phase
    #: Seconds of audio that came.
    received: float


def measure(browser: Browser, connection: Connection, shown: tuple[str, ...]) -> Row:
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    alone = Alone(page)
    with Wire(alone) as wire:
        # Everything is compiled and the audio device is open before anything is counted.
        first = connection.say("Ready.")
        wire.carry(first, play=True)
        alone.show(first, {"show": list(shown)})
        page.get_by_role("button", name="Play again").wait_for()
        page.evaluate("() => document.querySelector('main > div').remove_player()")
        page.wait_for_timeout(500)
        thread = MainThread(browser, page)
        with thread.phase(traced=False) as idle:
            page.wait_for_timeout(1000 * IDLE)
        with thread.phase() as arriving:
            take = connection.say(TEXT)
            wire.carry(take, play=True)
            alone.show(take, {"show": list(shown)})
            while take.state != "done":
                page.wait_for_timeout(100)
        with thread.phase() as playing:
            page.wait_for_timeout(1000 * PLAYING)
    page.close()
    return Row(shown, idle, arriving, playing, take.duration)


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
    with MainThread(browser, page).phase(traced=False) as moving:
        page.wait_for_timeout(1000 * PLAYING)
    page.close()
    return moving.task / moving.wall


def report(row: Row) -> None:
    idle = row.idle.task / row.idle.wall
    arriving = row.arriving.task - idle * row.arriving.wall
    playing = row.playing.task - idle * row.playing.wall
    name = "all four" if row.shown == PARTS else ", ".join(row.shown) or "none"
    own = max(row.arriving.longest, row.playing.longest)
    wall = max(row.arriving.longest_wall, row.playing.longest_wall)
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
