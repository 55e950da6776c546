"""An hour's take in one page: what it holds, and how long it keeps the main thread.

``python -m tests.benchmarks.hour``; a few minutes. A synthetic take of 45,000 chunks and 10,800
words comes over one WebSocket as fast as the page takes it; then it is played, sought through, and
shown anew. Times are of the main thread's own clock, the longest task also by the wall. Memory is
what V8 counts after a collection (objects; what typed arrays lie in), and what the renderer's
process has in memory all in all.
"""

from __future__ import annotations

import argparse
import time
from typing import Final

import numpy as np
import psutil
from playwright.sync_api import Browser, sync_playwright

from cartesia_nb.speech import loops
from cartesia_nb.speech.backend import ENGINE
from cartesia_nb.speech.recording import Recording, Word
from cartesia_nb.speech.settings import Settings
from tests.benchmarks.counters import MainThread, Phase
from tests.benchmarks.wire import Wire
from tests.browser.alone import Alone
from tests.browser.ears import Ears
from tests.browser.page import launch

FORMATS: Final[tuple[tuple[str, int], ...]] = (("pcm_s16le", 22050), ("pcm_f32le", 44100))
CHUNK: Final = 0.08
WORDS_PER_S: Final = 3
MB: Final = 1e6


def long_take(encoding: str, rate: int, minutes: float) -> Recording:
    """A finished take of a tone that swells and fades, with a word every third of a second."""
    recording = Recording(Settings(encoding=encoding, sample_rate=rate), ENGINE)
    seconds = 60 * minutes
    time_of = np.arange(round(CHUNK * rate)) / rate
    tone = 0.5 * np.sin(2 * np.pi * 440 * time_of) * np.sin(np.pi * time_of / CHUNK)
    chunk = (32767 * tone).astype("<i2") if encoding == "pcm_s16le" else tone.astype("<f4")
    pcm = chunk.tobytes()

    async def fill() -> None:
        now = time.monotonic()
        recording.begin()
        words = [f"word{index} " for index in range(round(seconds * WORDS_PER_S))]
        recording.add_text("".join(words))
        recording.add_words(
            [
                Word(word.strip(), index / WORDS_PER_S, (index + 0.9) / WORDS_PER_S)
                for index, word in enumerate(words)
            ],
            0,
        )
        for index in range(round(seconds / CHUNK)):
            recording.add_audio(pcm, received=now + index * 0.01, step_time=None, flush_id=0)
        recording.end("done", now)

    loops.finish(fill(), 120)
    return recording


def renderers() -> dict[int, float]:
    """Bytes of memory of each renderer process that this one has started, directly or not."""
    found = {}
    for process in psutil.Process().children(recursive=True):
        try:
            if "--type=renderer" in process.cmdline():
                found[process.pid] = float(process.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
    return found


def line(what: str, phase: Phase) -> None:
    print(
        f"  {what:34} {phase.wall:6.1f} s, main thread {1000 * phase.task:6.0f} ms,"
        f" longest task {1000 * phase.longest:5.0f} ms"
        f" ({1000 * phase.longest_wall:.0f} by the wall)"
    )


def hour(browser: Browser, encoding: str, rate: int, minutes: float) -> None:
    recording = long_take(encoding, rate, minutes)
    print(f"\n{minutes:g} minutes of {encoding} at {rate} Hz: {recording.store.size / MB:.0f} MB")
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    alone = Alone(page)
    with Wire(alone) as wire:
        thread = MainThread(browser, page)

        def holds(when: str) -> None:
            held = thread.held()
            resident = max(renderers().values())
            print(
                f"  {when}: objects {held['objects'] / MB:.0f} MB,"
                f" arrays {held['arrays'] / MB:.0f} MB, process {resident / MB:.0f} MB"
            )

        holds("before")
        with thread.phase() as arriving:
            wire.pour(recording)
            player = alone.show(recording.id)
            player.get_by_text("Done").wait_for(timeout=300_000)
        line("arriving", arriving)
        holds("all has come")
        with thread.phase() as playing:
            player.get_by_role("button", name="Play", exact=True).click()
            page.wait_for_timeout(5000)
        line("playing from the start for 5 s", playing)
        slider = player.get_by_role("slider", name="Position")
        with thread.phase() as seeking:
            slider.press("End")
            for _ in range(3):
                slider.press("PageDown")
            player.get_by_role("button", name="Play", exact=True).click()
            page.wait_for_timeout(3000)
        line("sought to the end, playing", seeking)
        with thread.phase() as again:
            slider.press("Home")
            page.wait_for_timeout(3000)
        assert player.get_attribute("data-phase") == "playing"
        line("sought to the start, playing", again)
        with thread.phase() as anew:
            page.evaluate("() => document.querySelector('main > div').remove_player()")
            alone.show(recording.id)
            page.wait_for_timeout(1000)
        line("shown anew", anew)
        holds("in the end")
        print(f"  the page's complaints: {alone.errors or 'none'}")
    page.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=60.0)
    options.add_argument("--only", help="formats whose name has this in it")
    chosen = options.parse_args()
    with (
        Ears() as ears,
        sync_playwright() as playwright,
        launch(playwright, ears.environment) as browser,
    ):
        for encoding, rate in FORMATS:
            if chosen.only is None or chosen.only in encoding:
                hour(browser, encoding, rate, chosen.minutes)


if __name__ == "__main__":
    main()
