"""Views of a take come and go: a reload, a second view, a cell out of sight. Sound goes on once."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from cartesia_nb.speech.take import Take
from tests.browser import tap
from tests.browser.ears import Ears
from tests.browser.lab import Lab
from tests.browser.page import NotebookPage

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]

LONG = (
    "This sentence is long enough to be interrupted in its middle. People reload a page, they "
    "look at another cell, they show the same take twice, and none of that may spoil the sound."
)
CONNECT = "import cartesia_nb as cnb\ntts = cnb.connect()"
SAY = f"take = tts.say({LONG!r})\ntake"


def players(notebook: NotebookPage) -> Locator:
    return notebook.page.get_by_role("group", name="Speech player")


def past(player: Locator, second: int) -> None:
    """Wait until a player has been heard for some whole seconds."""
    position = player.get_by_role("slider", name="Position")
    reached = "|".join(str(n) for n in range(second, 60))
    expect(position).to_have_attribute(
        "aria-valuetext", re.compile(f"^({reached}) seconds? of"), timeout=30_000
    )


def heard(notebook: NotebookPage, take: Take) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """What the page has put out so far, silence around it cut away."""
    (tape,) = (t for t in tap.read(notebook.page) if t.sample_rate == take.sample_rate)
    (sounding,) = np.nonzero(tape.samples)
    return tape.samples[sounding[0] : sounding[-1] + 1]


def played_once(notebook: NotebookPage, take: Take) -> bool:
    """Whether all of it went out, bit for bit, and nothing besides."""
    (sounding,) = np.nonzero(take.samples)
    return np.array_equal(heard(notebook, take), take.samples[sounding[0] : sounding[-1] + 1])


def test_a_reloaded_page_stands_where_it_was_heard_and_is_silent_until_asked(
    lab: Lab, notebook: NotebookPage, ears: Ears
) -> None:
    name = lab.write("reload.ipynb", CONNECT, SAY, "take.wait(30)\ntake.save('reloaded')")
    notebook.open(lab, name)
    notebook.run_cell(0)
    notebook.run_cell(1)
    notebook.run_cell(2)
    past(players(notebook), 3)
    notebook.save()
    notebook.open(lab, name)
    player = players(notebook)
    expect(player).to_contain_text("Paused", timeout=30_000)
    position = player.get_by_role("slider", name="Position")
    expect(position).to_have_attribute("aria-valuetext", re.compile("^[2-6] seconds? of"))
    # All of it has come: until then the slider ends where what is here ends.
    expect(player.get_by_role("button", name="Download WAV", exact=True)).to_be_visible()
    at = float(str(position.get_attribute("aria-valuenow")))
    assert not any(tape.samples.any() for tape in tap.read(notebook.page))
    player.get_by_role("button", name="Play", exact=True).click()
    expect(player.get_by_role("button", name="Play again")).to_be_visible(timeout=30_000)
    take = Take.load(lab.folder / "reloaded")
    (tape,) = tap.read(notebook.page)
    # From a little after where it stood: it begins with a short ramp, and is shown in tenths.
    assert tape.find(take.samples[round((at + 0.2) * take.sample_rate) :]) is not None
    assert tape.find(take.samples[: round((at - 0.2) * take.sample_rate)]) is None
    assert notebook.failures() == []


def test_a_take_shown_twice_plays_once_and_goes_on_when_one_view_is_closed(
    lab: Lab, notebook: NotebookPage, ears: Ears
) -> None:
    name = lab.write("twice.ipynb", CONNECT, SAY, "take", "take.wait(30)\ntake.save('twice')")
    notebook.open(lab, name)
    for index in range(3):
        notebook.run_cell(index)
    expect(players(notebook)).to_have_count(2)
    for index in range(2):
        past(players(notebook).nth(index), 1)
    notebook.page.evaluate(
        "() => { const notebook = window.jupyterapp.shell.currentWidget.content;"
        " notebook.activeCellIndex = 1;"
        " return window.jupyterapp.commands.execute('notebook:clear-cell-output'); }"
    )
    expect(players(notebook)).to_have_count(1)
    expect(players(notebook)).to_contain_text("Speaking")
    again = players(notebook).get_by_role("button", name="Play again")
    expect(again).to_be_visible(timeout=30_000)
    notebook.run_cell(3)
    assert played_once(notebook, Take.load(lab.folder / "twice"))
    assert notebook.failures() == []


@pytest.fixture
def windowed() -> Iterator[Lab]:
    """A Lab that draws only the cells in sight."""
    with Lab(windowing="contentVisibility") as lab:
        yield lab


def test_a_cell_scrolled_out_of_sight_and_back_plays_on(
    windowed: Lab, notebook: NotebookPage, ears: Ears
) -> None:
    lab = windowed
    cells = [f"# A cell to scroll over: {n}\n" + "\n" * 12 for n in range(30)]
    name = lab.write("scroll.ipynb", CONNECT, SAY, "take.wait(30)\ntake.save('scroll')", *cells)
    notebook.open(lab, name)
    notebook.run_cell(0)
    notebook.run_cell(1)
    past(players(notebook), 1)
    last = notebook.page.locator(".jp-CodeCell").filter(has_text="to scroll over: 29")
    last.scroll_into_view_if_needed()
    expect(players(notebook)).not_to_be_in_viewport()
    players(notebook).scroll_into_view_if_needed()
    expect(players(notebook)).to_be_in_viewport(ratio=0.9)
    again = players(notebook).get_by_role("button", name="Play again")
    expect(again).to_be_visible(timeout=30_000)
    notebook.run_cell(2)
    assert played_once(notebook, Take.load(lab.folder / "scroll"))
    assert notebook.failures() == []


def test_a_cell_run_again_is_heard_in_place_of_what_it_was_saying(
    lab: Lab, notebook: NotebookPage, ears: Ears
) -> None:
    say = f"takes = [*globals().get('takes', []), tts.say({LONG!r})]\ntakes[-1]"
    save = "takes[0].wait(30).save('before')\ntakes[1].wait(30).save('after')"
    notebook.open(lab, lab.write("again.ipynb", CONNECT, say, save))
    notebook.run_cell(0)
    notebook.run_cell(1)
    past(players(notebook), 2)
    notebook.run_cell(1)
    expect(players(notebook)).to_have_count(1)
    past(players(notebook), 2)
    notebook.run_cell(2)
    before, after = (Take.load(lab.folder / name) for name in ("before", "after"))
    (tape,) = tap.read(notebook.page)
    assert tape.find(before.samples[: before.sample_rate]) is not None
    assert tape.find(before.samples[-before.sample_rate :]) is None
    assert tape.find(after.samples[: after.sample_rate]) is not None
    assert notebook.failures() == []
