"""What a person hears: the whole take, while it is generated, whatever the kernel does."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Playwright, expect

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.speech.take import Take
from tests.browser import tap
from tests.browser.correlate import Alignment, align
from tests.browser.ears import RATE, Ears, Recording
from tests.browser.lab import ROOT, Lab
from tests.browser.page import NotebookPage, launch

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]

WHOLE = 0.98
"""Correlation of a take with its recording: below it something is missing or doubled."""

TEXT = (
    "You hear the first words of this sentence before its last ones exist, "
    "and nothing of it is lost on the way to your ear."
)


@dataclass
class Stage:
    """An engine of the test's own, and what a notebook's first cell says to speak through it."""

    engine: EngineProcess

    @property
    def connect(self) -> str:
        key, url = self.engine.api_key, self.engine.url
        return f"import cartesia_nb as cnb\ntts = cnb.connect(api_key={key!r}, base_url={url!r})"

    def control(self, **settings: object) -> None:
        """Tell the engine how to behave from now on."""
        request = urllib.request.Request(
            f"{self.engine.url}/engine/control",
            data=json.dumps(settings).encode(),
            headers={"X-API-Key": self.engine.api_key, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200


@pytest.fixture
def stage() -> Iterator[Stage]:
    with EngineProcess() as engine:
        yield Stage(engine)


def saved(lab: Lab, name: str) -> Take:
    return Take.load(lab.folder / name)


def heard(recording: Recording, take: Take) -> Alignment:
    return align(
        recording.samples, take.samples, recording_rate=RATE, reference_rate=take.sample_rate
    )


def test_the_first_lesson_is_heard_take_after_take(
    lab: Lab, notebook: NotebookPage, ears: Ears
) -> None:
    name = lab.put(ROOT / "notebooks" / "1_first_sound.ipynb")
    notebook.open(lab, name)
    with ears.record() as recording:
        notebook.run_all()
        assert notebook.failures() == []
        recording.wait_for_silence(1.5, timeout=60)
    notebook.page.evaluate(
        "async (code) => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
        ".requestExecute({ code }).done",
        'take.save("a"); answer.save("b"); context.take.save("c")',
    )
    found = [heard(recording, saved(lab, each)) for each in "abc"]
    assert [each.correlation > WHOLE for each in found] == [True] * 3
    ends = [each.start + saved(lab, n).duration for each, n in zip(found, "abc", strict=True)]
    assert ends[0] <= found[1].start and ends[1] <= found[2].start
    assert notebook.errors == []


def test_the_first_words_are_heard_while_the_last_chunk_is_held_back(
    lab: Lab, notebook: NotebookPage, ears: Ears, stage: Stage
) -> None:
    stage.control(hold_last_chunk=True)
    name = lab.write(
        "held.ipynb",
        stage.connect,
        f"take = tts.say({TEXT!r})\ntake",
        "await take\ntake.save('d');",
    )
    notebook.open(lab, name)
    notebook.run_cell(0)
    with ears.record() as recording:
        notebook.run_cell(1)
        recording.wait_for_sound(20)
        player = notebook.page.get_by_role("group").filter(has_text="Speaking")
        expect(player).to_be_visible()
        stage.control(hold_last_chunk=False)
        notebook.run_cell(2)
        recording.wait_for_silence(1, timeout=30)
    found = heard(recording, saved(lab, "d"))
    assert found.correlation > WHOLE
    assert found.worst > 0.9


def test_a_busy_cell_does_not_stop_the_sound(
    lab: Lab, notebook: NotebookPage, ears: Ears, stage: Stage
) -> None:
    busy = (
        f"import time\ntake = tts.say({TEXT!r})\nend = time.monotonic() + 5\n"
        "while time.monotonic() < end:\n    sum(range(1000))\nprint('cell over', take.state)"
    )
    name = lab.write("busy.ipynb", stage.connect, busy, "take.save('e');")
    notebook.open(lab, name)
    notebook.run_cell(0)
    with ears.record() as recording:
        notebook.start_cell(1)
        recording.wait_for_sound(4)
        assert notebook.text(1) == "", "the cell was over before anything was heard"
        notebook.wait_until_idle()
        assert notebook.text(1) == "cell over done\n"
        recording.wait_for_silence(1, timeout=30)
    notebook.run_cell(2)
    found = heard(recording, saved(lab, "e"))
    assert found.correlation > WHOLE
    assert found.worst > 0.9


@pytest.mark.parametrize(
    ("encoding", "sample_rate"),
    [("pcm_f32le", 44100), ("pcm_s16le", 22050), ("pcm_mulaw", 8000), ("pcm_alaw", 48000)],
)
def test_at_a_tap_in_the_page_not_a_bit_is_missing_or_altered(
    lab: Lab, notebook: NotebookPage, stage: Stage, encoding: str, sample_rate: int
) -> None:
    say = f"take = tts.say('Not one bit.', encoding={encoding!r}, sample_rate={sample_rate})"
    name = lab.write(
        "tap.ipynb", stage.connect, say, "take.wait(30, heard=True)", "take.save('f');"
    )
    notebook.open(lab, name)
    notebook.run_all()
    assert notebook.failures() == []
    take = saved(lab, "f")
    assert take.duration > 0.5
    (tape,) = tap.read(notebook.page)
    assert tape.sample_rate == sample_rate
    assert (tape.late, tape.gaps) == (False, 0)
    assert tape.find(take.samples) is not None
    assert np.count_nonzero(tape.samples) == np.count_nonzero(take.samples), "more than the take"


def test_what_is_said_in_a_loop_is_heard_in_order_and_shown_or_not(
    lab: Lab, notebook: NotebookPage, ears: Ears, stage: Stage
) -> None:
    say = "takes = [tts.say(text) for text in ('Number one.', 'Number two.', 'Number three.')];"
    save = (
        "takes[-1].wait(60, heard=True)\nfor n, take in enumerate(takes):\n    take.save(f'g{n}')"
    )
    name = lab.write("loop.ipynb", stage.connect, say, save)
    notebook.open(lab, name)
    with ears.record() as recording:
        notebook.run_all()
        recording.wait_for_silence(1, timeout=30)
    assert notebook.failures() == []
    takes = [saved(lab, f"g{n}") for n in range(3)]
    places = [heard(recording, take) for take in takes]
    assert [place.correlation > WHOLE for place in places] == [True] * 3
    for before, after, take in zip(places, places[1:], takes, strict=False):
        assert after.start >= before.start + take.duration


def test_a_browser_that_waits_for_a_click_shows_that_and_loses_nothing(
    lab: Lab, playwright: Playwright, ears: Ears, stage: Stage, pictures: Path
) -> None:
    name = lab.write("click.ipynb", stage.connect, f"take = tts.say({TEXT!r})\ntake")
    with launch(playwright, ears.environment, autoplay=False) as browser:
        context = browser.new_context(viewport={"width": 1100, "height": 900})
        notebook = NotebookPage(context.new_page())
        notebook.open(lab, name)
        with ears.record() as recording:
            notebook.run_all()
            hear = notebook.page.get_by_role("button", name="Click to hear")
            expect(hear).to_be_visible(timeout=20_000)
            notebook.page.evaluate(
                "async (code) => window.jupyterapp.shell.currentWidget.sessionContext.session"
                ".kernel.requestExecute({ code }).done",
                "take.wait(30); take.save('h')",
            )
            notebook.screenshot(pictures / "waiting-for-a-click.png")
            assert recording.first_sound is None
            hear.click()
            recording.wait_for_sound(10)
            recording.wait_for_silence(1, timeout=30)
    assert heard(recording, saved(lab, "h")).correlation > WHOLE


def test_a_failed_take_says_why_in_the_player_and_in_the_cell(
    lab: Lab, notebook: NotebookPage, stage: Stage, pictures: Path
) -> None:
    url = stage.engine.url
    name = lab.write(
        "failed.ipynb",
        f"import cartesia_nb as cnb\ntts = cnb.connect(api_key='sk_wrong', base_url={url!r})",
        "take = tts.say('Nobody will hear this.')\ntake",
        "await take",
    )
    notebook.open(lab, name)
    notebook.run_all()
    player = notebook.page.get_by_role("group").filter(has_text="refused the API key")
    expect(player).to_be_visible(timeout=20_000)
    (failure,) = notebook.failures()
    assert failure.startswith("cell 2: AuthenticationError: The server at ws://")
    assert "sk_wrong" not in failure
    notebook.screenshot(pictures / "failed.png")
