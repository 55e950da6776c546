"""Firefox: the same bits, the same sound, and the same wait for a click, in JupyterLab too."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypedDict, cast

import numpy as np
import pytest

from cartesia_nb.protocol.encodings import BYTES_PER_SAMPLE, ENCODINGS, decode
from cartesia_nb.speech.take import Take
from tests.browser import tap
from tests.browser.ears import Ears
from tests.browser.firefox import Firefox, Tab
from tests.browser.hearing import at_the_tap, heard_whole
from tests.browser.lab import Lab
from tests.browser.offline import RATES, chunks_of_any_size, expect_exact, offline, rendered, sound
from tests.browser.page import Notebook

pytestmark = [pytest.mark.needs("firefox", "sound"), pytest.mark.timeout(180)]

TEXT = (
    "You hear the first words of this sentence before its last ones exist, "
    "and nothing of it is lost on the way to your ear."
)

# Of the players on the page, what each says about itself, and where its ask button is in sight.
_PLAYERS = """() => [...document.querySelectorAll('.jp-OutputArea *')].flatMap((el) => {
  const card = el.shadowRoot?.querySelector('.card');
  if (!card) return [];
  const ask = [...card.querySelectorAll('button')].find((b) => b.textContent === 'Click to hear');
  const box = ask?.getBoundingClientRect();
  const position = card.querySelector('[role=slider][aria-label=Position]');
  return [{
    phase: card.dataset.phase,
    at: Number(position?.ariaValueNow), end: Number(position?.ariaValueMax),
    ask: box?.width ? [box.x + box.width / 2, box.y + box.height / 2] : null,
  }];
})"""


class Player(TypedDict):
    """What a player shows. Seconds; and its ask button's middle, if that is in sight."""

    phase: str
    at: float
    end: float
    ask: tuple[float, float] | None


def players(tab: Tab) -> list[Player]:
    return cast("list[Player]", tab.evaluate(_PLAYERS))


def until(reached: Callable[[], object], timeout: float = 30.0) -> None:
    """Wait until something is so."""
    end = time.monotonic() + timeout
    while not reached():
        assert time.monotonic() < end, f"not so within {timeout:g} s"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def firefox(ears: Ears) -> Iterator[Firefox]:
    """Firefox, heard by `ears`, in which pages may sound."""
    with Firefox(ears.environment) as firefox:
        yield firefox


@pytest.fixture(scope="module")
def offline_page(firefox: Firefox) -> Iterator[Tab]:
    tab = firefox.tab()
    with offline(tab):
        yield tab
    assert tab.errors == []
    tab.close()


def cases() -> list[tuple[int, str, str]]:
    """Every rate with both outputs, and with both every encoding."""
    return [
        (rate, ENCODINGS[(at + shift) % len(ENCODINGS)], output)
        for at, rate in enumerate(RATES)
        for shift, output in enumerate(("worklet", "scheduled"))
    ]


@pytest.mark.parametrize(("rate", "encoding", "output"), cases())
def test_chunks_of_any_size_come_out_bit_for_bit(
    offline_page: Tab, rate: int, encoding: str, output: str
) -> None:
    rng = np.random.default_rng([rate, len(encoding), ENCODINGS.index(encoding)])
    chunks = chunks_of_any_size(rng)
    cuts = [0, *(int(cut) * BYTES_PER_SAMPLE[encoding] for cut in np.cumsum(chunks))]
    pcm = sound(rng, sum(chunks), encoding)
    worklet = output == "worklet"
    tape = rendered(offline_page, pcm, cuts, rate=rate, encoding=encoding, worklet=worklet)
    expect_exact(tape, decode(pcm, encoding))


@pytest.mark.parametrize("output", ["worklet", "scheduled"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("count", [1, 127, 129])
def test_a_stream_shorter_than_a_render_quantum_comes_out_whole(
    offline_page: Tab, count: int, encoding: str, output: str
) -> None:
    pcm = sound(np.random.default_rng(count), count, encoding)
    # Cut at every byte: inside samples too.
    cuts = list(range(len(pcm) + 1))
    worklet = output == "worklet"
    tape = rendered(offline_page, pcm, cuts, rate=24_000, encoding=encoding, worklet=worklet)
    expect_exact(tape, decode(pcm, encoding))


def test_a_sentence_is_shown_and_heard_whole(
    lab: Lab, firefox: Firefox, ears: Ears, pictures: Path
) -> None:
    tab = firefox.tab()
    tap.install(tab)
    notebook = Notebook(tab)
    cells = ["import cartesia_nb as cnb\ntts = cnb.connect()", f"take = tts.say({TEXT!r})\ntake"]
    notebook.open(lab, lab.write("firefox.ipynb", *cells, "take.save('firefox');"))
    notebook.run_cell(0)
    with ears.record() as recording:
        notebook.run_cell(1)
        recording.wait_for_sound(20)
        until(lambda: [one["at"] > 2 for one in players(tab)] == [True])
        tab.screenshot(path=pictures / "firefox-speaking.png")
        recording.wait_for_silence(1, timeout=30)
    until(lambda: [one["phase"] for one in players(tab)] == ["ended"])
    tab.screenshot(path=pictures / "firefox-ended.png")
    notebook.run_cell(2)
    assert notebook.failures() == []
    take = Take.load(lab.folder / "firefox")
    (player,) = players(tab)
    assert player["at"] == player["end"] == pytest.approx(take.duration, abs=0.1)
    assert heard_whole(recording, take)
    assert at_the_tap(tab, take)
    assert tab.errors == []
    tab.close()


def test_where_sound_waits_for_a_click_the_player_says_so_and_nothing_is_lost(
    lab: Lab, ears: Ears, pictures: Path
) -> None:
    say = f"import cartesia_nb as cnb\ntake = cnb.say({TEXT!r})\ntake"
    name = lab.write("waits.ipynb", say, "take.wait(30)\ntake.save('waits');")
    with Firefox(ears.environment, autoplay=False) as firefox, ears.record() as recording:
        tab = firefox.tab()
        notebook = Notebook(tab)
        notebook.open(lab, name)
        notebook.run_all()
        until(lambda: [one["ask"] is not None for one in players(tab)] == [True])
        assert notebook.failures() == []
        assert recording.first_sound is None
        tab.screenshot(path=pictures / "firefox-waits-for-a-click.png")
        (player,) = players(tab)
        assert player["ask"] is not None
        tab.click(*player["ask"])
        recording.wait_for_sound(10)
        recording.wait_for_silence(1, timeout=30)
        until(lambda: [one["phase"] for one in players(tab)] == ["ended"])
        assert tab.errors == []
    assert heard_whole(recording, Take.load(lab.folder / "waits"))
