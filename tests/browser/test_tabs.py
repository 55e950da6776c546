"""Two tabs of one browser with the same notebook: one sounds, the other when it is asked to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from cartesia_nb.speech.take import Take
from tests.browser import tap
from tests.browser.lab import Lab
from tests.browser.page import NotebookPage
from tests.browser.tap import Samples

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]

CONNECT = "import cartesia_nb as cnb\ntts = cnb.connect('local')"
SAY = "take = tts.say('One of the two tabs says this, and the other one is silent.')\ntake"
SAY_LONG = (
    f"take = tts.say({'It goes on and on, so that there is time to look at both tabs. ' * 4!r})"
)

MOST = 0.7
RUN = """async (code) => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  await kernel.requestExecute({ code }).done;
}"""
SOUNDS = """() => globalThis[Symbol.for('cartesia_nb')].stage.sounding"""
HAS_SPEAKER = "() => (globalThis[Symbol.for('cartesia_nb')]?.speakers.size ?? 0) > 0"


@pytest.fixture
def pages(context: BrowserContext) -> Iterator[tuple[NotebookPage, NotebookPage]]:
    """Two pages of one browser."""
    yield NotebookPage(context.new_page()), NotebookPage(context.new_page())


def open_both(pages: tuple[NotebookPage, NotebookPage], lab: Lab, *cells: str) -> str:
    """A notebook in both pages, the second one having found the Speaker that the first made."""
    first, second = pages
    name = lab.write("tabs.ipynb", *cells)
    first.open(lab, name)
    first.run_cell(0)
    second.open(lab, name)
    second.page.wait_for_function(HAS_SPEAKER, timeout=30_000)
    return name


def player(notebook: NotebookPage, phase: str = "") -> Locator:
    """The player that the page shows, once it is in a phase."""
    found = notebook.page.get_by_role("group", name="Speech player")
    if phase:
        expect(found).to_have_attribute("data-phase", phase, timeout=60_000)
    return found


def sound(notebook: NotebookPage) -> int:
    """How many samples that are not silence the page has put out."""
    return sum(int(np.count_nonzero(tape.samples)) for tape in tap.read(notebook.page))


def share(notebook: NotebookPage, samples: Samples, rate: int) -> float:
    """Which share of the quarter seconds of these samples the page put out, unaltered.

    On a machine that is short of time a take can run dry: then it is in more than one piece.
    """
    tapes = tap.read(notebook.page)
    parts = [samples[at : at + rate // 4] for at in range(0, samples.size, rate // 4)]
    loud = [part for part in parts if np.any(part)]
    return sum(any(tape.find(part) is not None for tape in tapes) for part in loud) / len(loud)


def test_what_is_said_sounds_in_the_tab_that_was_used_last_and_in_no_other(
    lab: Lab, pages: tuple[NotebookPage, NotebookPage]
) -> None:
    first, second = pages
    save = "take.wait(30)\ntake.save('tabs');"
    open_both(pages, lab, CONNECT, SAY, save, SAY + " ", "take.wait(30)\ntake.save('tabs2');")
    first.page.keyboard.press("Escape")
    first.run_cell(1)
    player(first, "ended")
    first.run_cell(2)
    take = Take.load(lab.folder / "tabs")
    assert share(first, take.samples, take.sample_rate) > MOST
    assert sound(second) == 0
    before = sound(first)

    # The same in the other tab, once a person is there.
    second.page.keyboard.press("Escape")
    second.run_cell(3)
    player(second, "ended")
    second.run_cell(4)
    again = Take.load(lab.folder / "tabs2")
    assert share(second, again.samples, again.sample_rate) > MOST
    assert sound(first) == before, "the first tab sounded again"
    assert first.errors == []
    assert second.errors == []


def test_a_tab_that_joins_is_silent_until_asked_and_then_the_other_one_pauses(
    lab: Lab, pages: tuple[NotebookPage, NotebookPage]
) -> None:
    first, second = pages
    save = "take.wait(30)\ntake.save('tabs3');"
    name = lab.write("joins.ipynb", CONNECT, SAY_LONG + "\ntake", save)
    first.open(lab, name)
    first.run_cell(0)
    first.run_cell(1)
    player(first, "playing")
    first.save()
    second.open(lab, name)
    there = player(second)
    expect(there).to_contain_text("Playing in another tab", timeout=20_000)
    player(first, "playing")
    assert sound(second) == 0

    there.get_by_role("button", name="Play here").first.click()
    player(second, "playing")
    player(first, "paused")
    player(second, "ended")
    first.run_cell(2)
    take = Take.load(lab.folder / "tabs3")
    # The one that joined stood where the first had been heard, and played from there.
    tail = take.samples[-2 * take.sample_rate :]
    assert sound(first) > 0
    assert share(first, tail, take.sample_rate) == 0
    assert share(second, tail, take.sample_rate) > MOST


def test_a_tab_that_was_closed_does_not_keep_the_other_one_silent(
    lab: Lab, pages: tuple[NotebookPage, NotebookPage]
) -> None:
    first, second = pages
    open_both(pages, lab, CONNECT)
    # Used last: the second one leaves what is said to it.
    first.page.keyboard.press("Escape")
    first.page.close()
    # From Python, so that nobody uses the second tab.
    second.page.evaluate(RUN, SAY)
    second.page.wait_for_function(SOUNDS, timeout=20_000)
    assert second.errors == []
