"""What the player says when a take waits, fails or is stopped: looked at in a real page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab
from tests.browser.page import NotebookPage

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]

LONG = "This one is said first, and it takes its time so that the others have to wait for it."
CELLS = (
    "import cartesia_nb as cnb\n"
    "tts = cnb.connect(max_contexts=1, autoplay=False, bounds=cnb.Bounds(silence=9, alive=1))\n"
    "tts.engine.misbehave()",
    f"tts.say({LONG!r})",
    "tts.say('This one waits for its turn.')",
    "last = tts.say('And so does this one.'); last",
)


def status(notebook: NotebookPage, index: int) -> Locator:
    return notebook.page.get_by_role("group", name="Speech player").nth(index)


def test_takes_that_wait_say_so_and_how_many_are_before_them(
    lab: Lab, notebook: NotebookPage, pictures: Path
) -> None:
    first, *cells = CELLS
    first = first.replace("silence=9", "silence=90") + "\ntts.engine.control(hold_last_chunk=True)"
    release = "last.cancel(); tts.engine.control(hold_last_chunk=False)"
    notebook.open(lab, lab.write("waiting.ipynb", first, *cells, release))
    for index in range(4):
        notebook.run_cell(index)
    expect(status(notebook, 1)).to_contain_text("Waiting for its turn, next", timeout=15_000)
    expect(status(notebook, 2)).to_contain_text("Waiting for its turn, 1 before it", timeout=15_000)
    notebook.screenshot(pictures / "waiting.png")
    notebook.run_cell(4)
    expect(status(notebook, 2)).to_contain_text(re.compile("cancel", re.IGNORECASE))
    expect(status(notebook, 1)).to_contain_text("Done", timeout=30_000)
    assert notebook.failures() == []
    assert notebook.errors == []


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("drop@3", "The connection to the server was lost"),
        ("silence@3", "The server fell silent"),
        ("error@3", "The server reported an error (500"),
        ("half-open@3", "no sign of life"),
    ],
)
def test_a_take_that_breaks_off_says_why_and_keeps_what_came(
    lab: Lab, notebook: NotebookPage, pictures: Path, fault: str, says: str
) -> None:
    cells = (
        CELLS[0],
        f"tts.engine.misbehave({fault!r})\nbroken = tts.say({LONG!r}); broken",
        "broken.duration > 0.1, broken.state",
    )
    notebook.open(lab, lab.write("broken.ipynb", *cells))
    for index in range(2):
        notebook.run_cell(index)
    expect(status(notebook, 0)).to_contain_text(says, timeout=30_000)
    notebook.run_cell(2)
    expect(notebook.page.get_by_text("(True, 'failed')")).to_be_visible()
    notebook.screenshot(pictures / f"broken-{fault.partition('@')[0]}.png")
    assert notebook.errors == []
