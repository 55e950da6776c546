"""The player's keys in a real JupyterLab: none is taken by the notebook, none stolen from it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab
from tests.browser.page import NotebookPage

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(120)]

LONG = "On and on it goes, and nobody listens to the end of it. " * 8


def test_keys_in_the_player_stay_there_and_keys_outside_stay_the_notebooks(
    lab: Lab, notebook: NotebookPage
) -> None:
    cells = (
        "import cartesia_nb as cnb\ntts = cnb.connect()\ntts.engine.misbehave()\n"
        "tts.engine.control(speedup=1); None",
        f"take = tts.say({LONG!r}); take",
        "take.wait(); print(take.state)",
    )
    notebook.open(lab, lab.write("keys.ipynb", *cells))
    notebook.run_cell(0)
    notebook.run_cell(1)
    player = notebook.page.get_by_role("group", name="Speech player")
    expect(player.get_by_role("button", name="Pause")).to_be_visible(timeout=20_000)
    player.get_by_role("slider", name="Position").focus()
    notebook.page.keyboard.press("m")
    expect(player.get_by_role("button", name="Unmute")).to_be_visible()
    notebook.page.keyboard.press("m")
    expect(player.get_by_role("button", name="Mute", exact=True)).to_be_visible()
    notebook.page.keyboard.press("Escape")
    expect(player.get_by_text("Cancelled")).to_be_visible(timeout=10_000)
    notebook.run_cell(2)
    assert notebook.text(2).strip() == "cancelled", "also upstream"
    kinds = "() => window.jupyterapp.shell.currentWidget.content.widgets.map(c => c.model.type)"
    assert notebook.page.evaluate(kinds) == ["code", "code", "code"], "M made no Markdown of a cell"
    assert notebook.errors == []
