"""A gallery of a sweep in a real JupyterLab: clicked, heard, turned by keys, and let go again."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Locator, expect

from cartesia_nb.speech.take import Take
from cartesia_nb.tuning.sweep import Sweep
from tests.browser.ears import Ears
from tests.browser.hearing import at_the_tap
from tests.browser.lab import ROOT, Lab
from tests.browser.page import NotebookPage

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]

AXE = (ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js").read_text
TEXT = "The quick brown fox jumps over the lazy dog."

SWEEP = f"""
import gc, time
import cartesia_nb as cnb
from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.speech.recording import Recording

engine = EngineProcess(fast=True)
engine.start()
tts = cnb.connect(api_key=engine.api_key, base_url=engine.url)
sweep = tts.sweep({TEXT!r}, speed=[0.8, 0.9, 1.0, 1.2, 1.4], repeats=3, folder="sweep").wait(60)
sweep._folder.lock()
sweep._folder.enter(4, "failed", "Too many requests at once (429). Give max_contexts=2.")
sweep._folder.release()
"""
HELD = """
gc.collect()
alive = sum(isinstance(one, Recording) for one in gc.get_objects())
print(len(gallery.takes), alive, len(gallery._speaker._known))
"""
NAMES = "print(*(f'{gallery.speaker_id}/{take.id}' for take in gallery.takes))"
_HERE = """(names) => names.every((name) => {
  const take = globalThis[Symbol.for('cartesia_nb')].stage.playback(name)?.take;
  return take !== undefined && take.settled && take.store.size === take.promised.bytes;
})"""

_CHECK = """async () => {
  const found = await axe.run(document.querySelector('[data-lm-suppress-shortcuts]'), {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  });
  const rows = (results) => results.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, any }) => [id, help, target.flat().join(' '),
      any.map(({ message }) => message).join('; ')].join(' | ')));
  return [rows(found.violations), found.passes.length];
}"""
_PAINTED = """(gallery) => [...gallery.querySelectorAll('canvas')].map((canvas) => {
  const pen = canvas.getContext('2d');
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(new Uint32Array(pixels.buffer)).size;
})"""


def axe(notebook: NotebookPage) -> None:
    notebook.page.evaluate(AXE())
    broken, passed = cast("tuple[list[str], int]", notebook.page.evaluate(_CHECK))
    assert broken == []
    assert passed > 5


def cell(gallery: Locator, number: int) -> Locator:
    return gallery.locator(f'.cell[aria-label*="take {number}, "i]')


def held(notebook: NotebookPage) -> list[int]:
    """Takes in the gallery, recordings alive, and takes that pages can ask for."""
    notebook.run_cell(2)
    return [int(each) for each in notebook.text(2).split()]


def said(gallery: Locator) -> Locator:
    return gallery.locator(".foot")


@pytest.fixture(scope="module")
def name(lab: Lab) -> str:
    """A notebook with a sweep of 15 takes, of which one has failed, and its gallery."""
    cells = (
        SWEEP,
        "gallery = sweep.gallery(per_page=6)\ngallery",
        HELD,
        "time.sleep(5)",
        "gallery._work.submit(time.sleep, 3); None",
        NAMES,
    )
    return lab.write("gallery.ipynb", *cells)


def test_takes_are_seen_clicked_heard_and_let_go_page_by_page(
    lab: Lab, name: str, notebook: NotebookPage, ears: Ears, pictures: Path
) -> None:
    notebook.open(lab, name)
    notebook.run_cell(0)
    notebook.run_cell(1)
    page = notebook.page
    gallery = page.get_by_role("group", name="A gallery of 15 takes")
    expect(gallery.locator(".cell")).to_have_count(6)
    expect(gallery).to_contain_text("Page 1 of 3 · 15 takes")
    expect(cell(gallery, 4)).to_contain_text("failed: Too many requests")
    expect(gallery.locator("canvas")).to_have_count(5)
    page.wait_for_function(f"(g) => Math.min(...({_PAINTED})(g)) > 30",
                           arg=gallery.element_handle())  # fmt: skip
    assert held(notebook) == [5, 5, 5]

    # The picture that is left behind stands back while the gallery is alive.
    expect(page.locator(".jp-OutputArea img")).to_have_count(1)
    expect(page.locator(".jp-OutputArea img")).not_to_be_visible()

    # All of a page's sound comes by itself: then it is heard without a break, whatever happens.
    notebook.run_cell(5)
    page.wait_for_function(_HERE, arg=notebook.text(5).split())
    take = Take.load(Sweep.load(lab.folder / "sweep")._folder.path_of(2))
    with ears.record() as recording:
        cell(gallery, 2).click()
        expect(cell(gallery, 2)).to_have_attribute("data-standing", "playing")
        recording.wait_for_sound(10)
        line = cell(gallery, 2).locator(".at")
        page.wait_for_function("(line) => parseFloat(line.style.left) > 10",
                               arg=line.element_handle())  # fmt: skip
        gallery.screenshot(path=pictures / "gallery-light.png")
        expect(cell(gallery, 2)).to_have_attribute("data-standing", "idle", timeout=10_000)
    assert at_the_tap(page, take)

    worked_by_keys(notebook, gallery)
    chosen_by_a_value(notebook, gallery)
    looked_at(notebook, gallery, pictures)
    while_the_kernel_works(notebook, gallery)
    assert notebook.failures() == []
    assert notebook.errors == []
    left_in_the_file(lab, notebook, name)


def worked_by_keys(notebook: NotebookPage, gallery: Locator) -> None:
    press = notebook.page.keyboard.press
    cell(gallery, 2).focus()
    press("ArrowRight")
    expect(cell(gallery, 3)).to_be_focused()
    press("Space")
    expect(cell(gallery, 3)).to_have_attribute("data-standing", "playing")
    press("ArrowLeft")
    press("Enter")
    expect(cell(gallery, 2)).to_have_attribute("data-standing", "playing")
    expect(cell(gallery, 3)).to_have_attribute("data-standing", "idle")
    press("Space")
    expect(cell(gallery, 2)).to_have_attribute("data-standing", "paused")
    expect(cell(gallery, 2)).to_have_attribute("aria-label", re.compile("^Play take 2, speed 0.9"))

    press("PageDown")
    expect(gallery).to_contain_text("Page 2 of 3")
    expect(cell(gallery, 7)).to_be_focused()
    assert held(notebook) == [6, 6, 6], "what the page had before is let go"
    cell(gallery, 7).focus()
    press("Space")
    expect(cell(gallery, 7)).to_have_attribute("data-standing", "playing")
    press("PageDown")
    expect(gallery).to_contain_text("Page 3 of 3")
    sounding = "() => globalThis[Symbol.for('cartesia_nb')].stage.sounding"
    assert not notebook.page.evaluate(sounding), "what was on the page that is left is silent"
    assert held(notebook) == [3, 3, 3]
    cell(gallery, 13).focus()
    press("PageDown")  # there is none
    press("PageUp")
    press("PageUp")
    expect(gallery).to_contain_text("Page 1 of 3")
    kinds = "() => window.jupyterapp.shell.currentWidget.content.widgets.map(c => c.model.type)"
    assert notebook.page.evaluate(kinds) == ["code"] * 6, "no key was taken by the notebook"


def chosen_by_a_value(notebook: NotebookPage, gallery: Locator) -> None:
    gallery.get_by_role("combobox", name="speed").select_option("1.2")
    expect(gallery).to_contain_text("3 takes")
    expect(gallery.locator(".number")).to_have_text(["4", "9", "14"])
    gallery.get_by_role("combobox", name="repeat").select_option("3")
    expect(gallery.locator(".number")).to_have_text(["14"])
    gallery.get_by_role("combobox", name="speed").select_option("all")
    gallery.get_by_role("combobox", name="repeat").select_option("all")
    expect(gallery).to_contain_text("Page 1 of 3")


def looked_at(notebook: NotebookPage, gallery: Locator, pictures: Path) -> None:
    axe(notebook)
    notebook.theme(dark=True)
    axe(notebook)
    gallery.screenshot(path=pictures / "gallery-dark.png")
    notebook.theme(dark=False)
    gallery.evaluate("(el) => { el.getRootNode().host.style.width = '300px'; }")
    axe(notebook)
    gallery.screenshot(path=pictures / "gallery-narrow.png")
    assert gallery.evaluate("(el) => el.scrollWidth - el.clientWidth") <= 0
    gallery.evaluate("(el) => { el.getRootNode().host.style.width = ''; }")


def while_the_kernel_works(notebook: NotebookPage, gallery: Locator) -> None:
    """A take of the page is heard; another page says that it waits where no answer comes."""
    notebook.start_cell(3)
    cell(gallery, 5).click()
    expect(cell(gallery, 5)).to_have_attribute("data-standing", "playing", timeout=4_000)
    notebook.wait_until_idle()
    notebook.run_cell(4)
    gallery.get_by_role("button", name="Next page").click()
    expect(said(gallery)).to_contain_text("busy with a cell", timeout=2_500)
    expect(gallery).to_contain_text("Page 2 of 3", timeout=10_000)
    expect(said(gallery)).to_contain_text("Every picture")


def left_in_the_file(lab: Lab, notebook: NotebookPage, name: str) -> None:
    """A picture of the first page, which is seen where the kernel is gone."""
    notebook.save()
    path = lab.folder / name
    deadline = time.monotonic() + 10
    while not (outputs := json.loads(path.read_text())["cells"][1]["outputs"]):
        assert time.monotonic() < deadline, "it was not saved"
        time.sleep(0.05)
    widget, picture = outputs
    assert "image/png" not in widget["data"]
    assert "speed 0.8, repeat 1: " in picture["metadata"]["image/png"]["alt"]
    assert len(picture["data"]["image/png"]) < 150_000
    notebook.page.goto(lab.address(lab.put(path, "gallery-reopened.ipynb")))
    expect(notebook.page.locator(".jp-OutputArea img")).to_be_visible(timeout=30_000)
