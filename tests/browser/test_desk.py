"""Voices, takes and code to copy in a real JupyterLab, also while a cell runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import expect

from cartesia_nb.engine.process import EngineProcess
from tests.browser.lab import ROOT, Lab
from tests.browser.page import NotebookPage

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]

AXE = (ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js").read_text
CHECK = """async () => {
  const found = await axe.run('.the-desk', {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  });
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}"""

SHOW = """
import ipywidgets as w
from cartesia_nb.tuning.desk import Copyable, Waits
from cartesia_nb.tuning.shelf import Shelf
from cartesia_nb.tuning.voicebrowser import VoiceBrowser
chosen = []
voices, shelf = VoiceBrowser(tts, chosen.append), Shelf("kept")
speed = w.FloatSlider(description="Speed", value=1.0, min=0.6, max=1.5, continuous_update=False)
code = w.Accordion([Copyable("one\\ntwo", label="Some code")], titles=["Folded away"])
box = w.VBox([Waits(), voices.widget, speed, shelf.widget, code])
box.add_class("the-desk")
box
"""
SPEAK = """
for text in ("The first take.", "The second take."):
    shelf.add(tts.say(text, play=False))
"""


@pytest.fixture
def engine() -> Iterator[EngineProcess]:
    with EngineProcess(fast=True) as engine:
        yield engine


def test_voices_and_takes_are_worked_by_a_person_and_wait_for_the_kernel(
    lab: Lab, notebook: NotebookPage, engine: EngineProcess, pictures: Path
) -> None:
    key, url = engine.api_key, engine.url
    connect = f"import cartesia_nb as cnb\ntts = cnb.connect(api_key={key!r}, base_url={url!r})"
    busy, tell = "import time; time.sleep(8)", "print(chosen, speed.value)"
    notebook.open(lab, lab.write("desk.ipynb", connect, SHOW, SPEAK, busy, tell))
    page, desk = notebook.page, notebook.page.locator(".the-desk")
    page.set_viewport_size({"width": 1100, "height": 1800})
    for cell in range(3):
        notebook.run_cell(cell)
    assert notebook.failures() == []

    # A voice is found and heard.
    expect(desk.get_by_text("101 voices")).to_be_visible(timeout=20_000)
    desk.get_by_label("Search voices").fill("british high")
    voices = desk.get_by_label("Voices", exact=True)
    expect(voices.locator("option")).to_have_count(1)
    voices.select_option(index=0)
    desk.get_by_role("button", name="Preview").click()
    page.wait_for_timeout(500)
    assert "how I sound" in str(engine.log()[-1]["transcript"])

    # Takes are replayed, pinned, noted and deleted.
    desk.get_by_role("button", name="Play take 1").click()
    player = desk.get_by_role("group", name="Speech player: The first take.")
    expect(player.get_by_role("button", name=re.compile("^Pause|^Play again"))).to_be_visible()
    desk.get_by_role("button", name="Pin take 1").click()
    expect(desk.get_by_title("Delete take 1: unpin it first")).to_be_disabled()
    note = desk.get_by_label("Note on take 1")
    note.fill("the one")
    note.press("Enter")
    desk.get_by_role("button", name="Delete take 2").click()
    expect(desk.get_by_text("1 take", exact=True)).to_be_visible()
    assert len(engine.log()) == 3, "a replay is no generation"

    # While a cell runs, what the page does by itself does not wait; what the kernel does, does.
    waits = desk.get_by_text("The kernel is busy with a cell: this waits until it is done.")
    page.wait_for_timeout(700)  # what was done just now is asked after once more
    notebook.start_cell(3)
    fold = desk.get_by_role("button", name="Folded away")
    fold.focus()
    page.keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    page.evaluate("() => Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    copy = desk.get_by_role("button", name="Copy: Some code")
    copy.click()
    expect(copy).to_have_text("Copied")
    page.wait_for_timeout(700)
    expect(waits).to_have_count(0)
    desk.get_by_role("button", name="Use this voice").click()
    desk.get_by_role("slider", name="Speed").press("ArrowRight")
    expect(waits).to_be_visible(timeout=2500)
    notebook.wait_until_idle()
    expect(waits).to_have_count(0)
    notebook.run_cell(4)
    voice = cast("dict[str, str]", engine.log()[-1]["voice"])["id"]
    assert notebook.text(4) == f"['{voice}'] 1.1\n"
    field = desk.get_by_label("Search voices")
    field.fill("")
    field.press("Control+v")
    expect(field).to_have_value(re.compile("^one ?two$"))
    field.fill("")

    # Nobody is kept out, in any theme.
    page.evaluate(AXE())
    for dark in (False, True):
        notebook.theme(dark=dark)
        assert page.evaluate(CHECK) == []
        notebook.screenshot(pictures / f"desk-{'dark' if dark else 'light'}.png")

    # All of it is back after the kernel was started anew.
    page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    desk.get_by_role("slider", name="Speed").press("ArrowRight")
    expect(desk.get_by_text("The kernel of these controls has ended")).to_be_visible()
    for cell in (0, 1):
        notebook.run_cell(cell)
    expect(desk.get_by_label("Note on take 1")).to_have_value("the one")
    expect(desk.get_by_title("Delete take 1: unpin it first")).to_be_disabled()
    desk.get_by_role("button", name="Play take 1").click()
    expect(player.get_by_role("button", name=re.compile("^Pause|^Play again"))).to_be_visible()
    assert notebook.errors == []
