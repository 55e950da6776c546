"""What a take leaves in a notebook, in a real JupyterLab: never seen beside its living player."""

from __future__ import annotations

import json
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.sign import NotebookNotary
from playwright.sync_api import BrowserContext, Locator, expect

from tests.browser.lab import Lab
from tests.browser.page import NotebookPage

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]

CELLS = (
    "import cartesia_nb as cnb\ntts = cnb.connect(autoplay=False)",
    "take = tts.say('You see it once, whoever looks.'); take",
    "await take;",
    "import matplotlib.pyplot as plt\ndisplay(take)\n_ = plt.plot([1, 2])",
)


def pictures_of(notebook: NotebookPage) -> Locator:
    return notebook.page.locator(".jp-OutputArea img")


def players_of(notebook: NotebookPage) -> Locator:
    return notebook.page.get_by_role("group", name="Speech player")


def saved(lab: Lab, name: str) -> bool:
    """Whether the file has what the last cell shows."""
    cells = json.loads((lab.folder / name).read_text())["cells"]
    return len(cells[3]["outputs"]) == 3 and len(cells[1]["outputs"]) == 2


def test_a_take_is_seen_once_alive_and_again_when_only_its_file_is_left(
    lab: Lab, notebook: NotebookPage, context: BrowserContext, pictures: Path
) -> None:
    name = lab.write("still.ipynb", *CELLS)
    notebook.open(lab, name)
    for index in range(3):
        notebook.run_cell(index)
    expect(players_of(notebook)).to_have_count(1)
    expect(players_of(notebook)).to_contain_text("Done", timeout=15_000)
    # It is there, updated under the cell that had ended before it came, and not to be seen.
    expect(pictures_of(notebook)).to_have_count(1)
    wide = "image => image.naturalWidth"
    assert pictures_of(notebook).evaluate(wide) == 1520
    expect(pictures_of(notebook)).not_to_be_visible()

    # Beside a second player and a plot of the user's, only the plot is seen.
    notebook.run_cell(3)
    expect(players_of(notebook)).to_have_count(2)
    expect(pictures_of(notebook)).to_have_count(3)
    for index, visible in enumerate([False, False, True]):
        expect(pictures_of(notebook).nth(index)).to_be_visible(visible=visible)
    assert notebook.failures() == []
    assert notebook.errors == []
    notebook.save()
    deadline = time.monotonic() + 10
    while not saved(lab, name):
        assert time.monotonic() < deadline, "it was not saved"
        time.sleep(0.05)

    # Reopened, with another kernel: nothing is left of the players but their pictures.
    copy = lab.put(lab.folder / name, "reopened.ipynb")
    notebook.page.close()
    reopened = NotebookPage(context.new_page())
    reopened.open(lab, copy)
    expect(pictures_of(reopened)).to_have_count(3)
    expect(players_of(reopened)).to_have_count(0)
    for index in range(3):
        expect(pictures_of(reopened).nth(index)).to_be_visible()
    box = pictures_of(reopened).first.bounding_box()
    assert box is not None
    assert 500 < box["width"] <= 760
    assert box["width"] / box["height"] == pytest.approx(
        pictures_of(reopened).first.evaluate("i => i.naturalWidth / i.naturalHeight"), rel=0.02
    )
    pictures_of(reopened).first.scroll_into_view_if_needed()
    reopened.screenshot(pictures / "still-reopened.png")
    reopened.theme(dark=True)
    reopened.screenshot(pictures / "still-dark.png")
    reopened.theme(dark=False)  # as the next test expects it


def test_a_notebook_saved_with_its_widgets_shows_pictures_in_place_of_empty_players(
    lab: Lab, notebook: NotebookPage, pictures: Path
) -> None:
    """JupyterLab brings the widgets of such a file back, but nobody is there to ask for a take."""
    name = lab.write("widgets.ipynb", *CELLS[:3])
    path = lab.folder / name
    run = nbformat.read(path, as_version=4)
    NotebookClient(run, timeout=60, store_widget_state=True).execute()
    assert "widgets" in run.metadata
    nbformat.write(run, path)
    # Only what is trusted comes back.
    NotebookNotary(data_dir=str(lab.folder.parent / "data")).sign(run)
    notebook.open(lab, name)
    expect(pictures_of(notebook)).to_be_visible()
    brought_back = notebook.page.locator("[data-cartesia-nb-lost]")
    expect(brought_back).to_have_count(1, timeout=15_000)
    expect(brought_back).to_be_hidden()
    expect(pictures_of(notebook)).to_be_visible()
    notebook.screenshot(pictures / "still-with-widgets.png")
    # Run again, the player is back and the picture makes way.
    notebook.run_all()
    expect(players_of(notebook)).to_contain_text("Done", timeout=30_000)
    expect(pictures_of(notebook)).not_to_be_visible()
    assert notebook.failures() == []
