"""Pictures of the player and of the first lesson, for people to look at (in ``artifacts/``).

Those that stand in the README are copied to ``docs/`` by hand.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, expect

import cartesia_nb as cnb
from tests.browser.alone import Alone
from tests.browser.lab import ROOT, Lab
from tests.browser.page import NotebookPage

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]

TEXT = (
    "You hear the first words of this sentence before its last ones exist, "
    "and every word lights up as it is spoken."
)


def speaking(notebook: NotebookPage, lab: Lab, name: str) -> Locator:
    """A player that is past the second second of its sentence."""
    cells = ["import cartesia_nb as cnb\ntts = cnb.connect()", f"tts.say({TEXT!r})"]
    notebook.open(lab, lab.write(name, *cells))
    notebook.run_cell(0)
    notebook.run_cell(1)
    player = notebook.page.get_by_role("group", name="Speech player")
    position = player.get_by_role("slider", name="Position")
    expect(position).to_have_attribute("aria-valuetext", re.compile("^[2-5]"), timeout=30_000)
    return player


@pytest.mark.parametrize("look", ["light", "dark", "narrow"])
def test_a_player_in_the_middle_of_its_sentence(
    lab: Lab, notebook: NotebookPage, pictures: Path, look: str
) -> None:
    width = 560 if look == "narrow" else 1100
    notebook.page.set_viewport_size({"width": width, "height": 760})
    notebook.open(lab, lab.write("theme.ipynb", ""))
    notebook.theme(dark=look == "dark")
    player = speaking(notebook, lab, f"{look}.ipynb")
    player.screenshot(path=pictures / f"player-{look}.png")
    notebook.screenshot(pictures / f"lab-{look}.png")
    box = player.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width, "wider than the page"
    assert notebook.errors == []


def test_a_tuner_with_a_take_on_its_shelf(lab: Lab, notebook: NotebookPage, pictures: Path) -> None:
    page = notebook.page
    page.set_viewport_size({"width": 1000, "height": 1500})
    cells = [
        "import cartesia_nb as cnb\ntts = cnb.connect('local')\n"
        "tts.settings = tts.settings.replace(voice=tts.voices()[1].id)",
        f"tuner = tts.tune({TEXT!r})\ntuner",
        "await tuner.speak()",
        "tuner.settings = tuner.settings.replace(speed=1.2, volume=1.3)\nawait tuner.speak()",
    ]
    notebook.open(lab, lab.write("tuning.ipynb", *cells))
    notebook.theme(dark=False)
    page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    for cell in range(len(cells)):
        notebook.run_cell(cell)
    tuner = page.locator(".cartesia-nb-tuner")
    position = tuner.get_by_role("slider", name="Position")
    expect(position).to_have_attribute("aria-valuetext", re.compile("^[2-5]"), timeout=30_000)
    expect(tuner.locator(".cartesia-nb-shelf").get_by_text("TTFA")).to_have_count(2)
    page.mouse.move(0, 0)
    tuner.screenshot(path=pictures / "tuner-light.png")
    with Image.open(pictures / "tuner-light.png") as image:  # a third of the bytes
        image.convert("RGB").quantize(256).save(pictures / "tuner-light.png", optimize=True)
    notebook.theme(dark=True)
    tuner.screenshot(path=pictures / "tuner-dark.png")
    notebook.theme(dark=False)
    for fold in ("Voice: ", "Format and buffering", "Code to paste"):
        tuner.get_by_role("button", name=fold).click()
    # A telephone, and a projector of 1600 pixels that is zoomed in twice.
    for name, width in (("wide", 1600), ("narrow", 420), ("projector", 800)):
        page.set_viewport_size({"width": width, "height": 3000})
        page.wait_for_timeout(500)
        tuner.screenshot(path=pictures / f"tuner-{name}.png")
        assert not tuner.evaluate("(el) => el.scrollWidth > el.clientWidth + 1"), name
    assert notebook.failures() == []
    assert notebook.errors == []


def test_the_first_lesson_as_it_is_seen(lab: Lab, notebook: NotebookPage, pictures: Path) -> None:
    notebook.page.set_viewport_size({"width": 1000, "height": 4600})
    notebook.open(lab, lab.put(ROOT / "notebooks" / "1_first_sound.ipynb"))
    notebook.theme(dark=False)
    notebook.run_all()
    expect(notebook.page.locator(".jp-OutputArea img:visible")).to_have_count(2, timeout=30_000)
    notebook.screenshot(pictures / "lesson-1.png")
    assert notebook.failures() == []
    assert notebook.errors == []


def test_the_waterfall_of_a_stream_on_a_bad_line(browser: Browser, pictures: Path) -> None:
    context = browser.new_context(viewport={"width": 800, "height": 900}, device_scale_factor=2)
    with context, cnb.connect("local", autoplay=False) as tts:
        assert tts.engine is not None
        tts.engine.start()
        tts.engine.misbehave(bandwidth=190_000, jitter_ms=400, seed=2)
        alone = Alone(context.new_page())
        take = tts.say("Each row is a chunk: received, waiting its turn, sounding.")
        player = alone.show(take, {"show": ["wave", "latency"]})
        player.get_by_role("button", name=re.compile("^Latency")).click()
        alone.page.mouse.move(0, 0)
        alone.carry(take, play=True)
        alone.pump_until(lambda: player.get_by_role("button", name="Play again").count())
        expect(player).to_contain_text("ran dry")
        player.screenshot(path=pictures / "player-waterfall.png")
        assert alone.errors == []
