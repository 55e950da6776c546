"""The tuner in a real JupyterLab, worked as a person would. The engine's log is the witness."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Locator, Page, expect

from cartesia_nb.engine.process import EngineProcess
from tests.browser.lab import ROOT, Lab
from tests.browser.page import NotebookPage

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]

TEXT = "A sentence to try things out on, and it goes on for long enough to be stopped."

AXE = (ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js").read_text
CHECK = """async () => {
  const found = await axe.run('.cartesia-nb-tuner', {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  });
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}"""


@pytest.fixture
def engine() -> Iterator[EngineProcess]:
    """Paced, so that there is something to stop."""
    with EngineProcess() as engine:
        yield engine


class Bench:
    """A notebook with a tuner in it."""

    def __init__(self, lab: Lab, notebook: NotebookPage, engine: EngineProcess, more: str) -> None:
        self.notebook = notebook
        self.page: Page = notebook.page
        self.engine = engine
        key, url = engine.api_key, engine.url
        connect = f"import cartesia_nb as cnb\ntts = cnb.connect(api_key={key!r}, base_url={url!r})"
        tune = f"tuner = tts.tune({TEXT!r}{more})\ntuner"
        busy = "import time\ntime.sleep(4)\nprint('before', tuner.settings.speed)"
        tell = "print(tuner.settings.speed, tuner.settings.voice)"
        notebook.open(lab, lab.write("tuner.ipynb", connect, tune, busy, tell))
        command = "() => window.jupyterapp.commands.execute('application:toggle-left-area')"
        self.page.evaluate(command)
        # All of it in sight.
        self.page.set_viewport_size({"width": 1100, "height": 2400})
        self.show()

    def show(self) -> None:
        """Run the cells that show the tuner."""
        self.notebook.run_cell(0)
        self.notebook.run_cell(1)
        assert self.notebook.failures() == []
        expect(self.tuner).to_be_visible(timeout=20_000)

    @property
    def tuner(self) -> Locator:
        return self.page.locator(".cartesia-nb-tuner")

    def press(self, name: str, within: Locator | None = None) -> None:
        (within or self.tuner).get_by_role("button", name=name).first.click()

    def row(self, number: int) -> Locator:
        """A take's row on the shelf."""
        rows = self.tuner.locator(".cartesia-nb-shelf .widget-hbox")
        return rows.filter(has=self.page.get_by_label(f"#{number}", exact=True)).last

    def slide(self, **shares: float) -> None:
        """Click on the tracks of sliders, one right after the other."""
        places = []
        for name, share in shares.items():
            track = self.tuner.locator(".widget-slider").filter(has_text=name).locator(".noUi-base")
            box = track.bounding_box()
            assert box is not None and box["width"] > 60, f"{name} has no track"
            places.append((box["x"] + share * box["width"], box["y"] + box["height"] / 2))
        for x, y in places:
            self.page.mouse.click(x, y)

    def requests(self) -> list[dict[str, object]]:
        """What the engine was asked for."""
        return self.engine.log()

    def until(self, reached: Callable[[], object], timeout: float = 20.0) -> None:
        end = time.monotonic() + timeout
        while not reached():
            assert time.monotonic() < end, f"not so within {timeout:g} s"
            self.page.wait_for_timeout(50)

    def until_over(self, count: int) -> list[dict[str, object]]:
        """The requests, when so many came and none runs any more."""
        self.until(
            lambda: (
                len(log := self.requests()) == count
                and all(request["state"] != "running" for request in log)
            )
        )
        return self.requests()


def asked(request: dict[str, object]) -> dict[str, object]:
    """Of a request what it asks for, without what is each one's own."""
    own = ("number", "context_id", "state", "faults", "over")
    return {name: value for name, value in request.items() if name not in own}


def run(code: str, key: str, folder: Path) -> None:
    """Run code as somebody who pasted it into a file, with their key in the environment."""
    file = folder / "pasted.py"
    file.write_text(f"{code}\ntry:\n    take.wait(30)\nexcept NameError:\n    pass\n")
    environment = {**os.environ, "CARTESIA_API_KEY": key, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(file)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_a_voice_is_settled_by_ear_and_the_copied_code_asks_for_the_same(
    lab: Lab, notebook: NotebookPage, engine: EngineProcess, tmp_path: Path
) -> None:
    bench = Bench(lab, notebook, engine, "")
    page, tuner = bench.page, bench.tuner
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    # A voice is searched for, heard and chosen.
    page.get_by_role("button", name="Voice: ").click()
    expect(tuner.get_by_text("101 voices")).to_be_visible(timeout=20_000)
    tuner.get_by_label("Search voices").fill("british high")
    voices = tuner.get_by_label("Voices", exact=True)
    expect(voices.locator("option")).to_have_count(1)
    voices.select_option(index=0)
    expect(tuner.get_by_text("espeak-ng's")).to_be_visible()
    bench.press("Preview")
    (preview,) = bench.until_over(1)
    assert "how I sound" in str(preview["transcript"])
    bench.press("Use this voice")
    expect(tuner.get_by_text("In use: British English High")).to_be_visible()
    expect(tuner.get_by_role("button", name="Voice: British English High")).to_be_visible()
    voice = preview["voice"]

    # Three sliders within a second are one generation.
    page.get_by_role("button", name="Format and buffering").click()
    tuner.get_by_label("Speak on every change").check()
    bench.slide(Speed=0.8, Volume=0.6, Buffering=0.1)
    bench.until(lambda: len(bench.requests()) > 1)
    page.wait_for_timeout(1500)
    _, spoken = bench.until_over(2)
    assert spoken["voice"] == voice
    config = cast("dict[str, float]", spoken["generation_config"])
    assert config["speed"] == round(config["speed"], 2), "a whole step"
    assert 1.25 < config["speed"] < 1.4 and 1.3 < config["volume"] < 1.5
    assert 0 < cast("int", spoken["max_buffer_delay_ms"]) < 1000
    tuner.get_by_label("Speak on every change").uncheck()

    # What is spoken is stopped, upstream too; to speak the same again is to speak it anew.
    bench.press("Speak")
    bench.until(lambda: len(bench.requests()) == 3)
    page.wait_for_timeout(300)
    bench.press("Stop")
    assert bench.until_over(3)[2]["state"] == "cancelled"

    # A take is replayed, pinned, noted; one is deleted.
    expect(bench.row(1)).to_contain_text("TTFA")
    bench.press("Play take 1")
    player = page.get_by_role("group", name="Speech player")
    expect(player.get_by_role("button", name="Pause").first).to_be_visible()
    bench.press("Pin take 1")
    expect(bench.row(1).get_by_title("unpin it first")).to_be_disabled()
    note = bench.row(1).get_by_placeholder("note")
    note.fill("the one")
    note.press("Enter")
    bench.press("Delete take 2")
    expect(tuner.get_by_text("1 take", exact=True)).to_be_visible()
    assert len(bench.requests()) == 3, "a replay is no generation"

    # The code is copied, and run.
    bench.press("Code to paste")
    for count, label in enumerate(["With this toolkit", "With Cartesia's SDK alone"], start=4):
        bench.press(f"Copy: {label}")
        expect(tuner.get_by_role("button", name=f"Copy: {label}")).to_have_text("Copied")
        code = str(page.evaluate("() => navigator.clipboard.readText()"))
        assert engine.api_key not in code
        run(code, engine.api_key, tmp_path)
        pasted = bench.until_over(count)[-1]
        assert asked(pasted) == asked(spoken), label
    assert notebook.errors == []


def test_while_a_cell_runs_controls_say_that_they_wait_and_take_effect_afterwards(
    lab: Lab, notebook: NotebookPage, engine: EngineProcess, pictures: Path
) -> None:
    bench = Bench(lab, notebook, engine, "")
    page, tuner = bench.page, bench.tuner
    waits = tuner.get_by_text("The kernel is busy with a cell: this waits until it is done.")
    bench.slide(Volume=0.2)
    bench.press("Speak")
    bench.until_over(1)
    # What folds, folds by keyboard, and needs no kernel.
    notebook.start_cell(2)
    fold = tuner.get_by_role("button", name="Code to paste")
    fold.focus()
    page.keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    bench.press("Copy: With this toolkit")
    bench.press("Mute", tuner.get_by_role("group", name="Speech player"))
    page.wait_for_timeout(700)
    expect(waits).to_have_count(0)
    bench.slide(Speed=0.8)
    expect(waits).to_be_visible(timeout=1500)
    notebook.screenshot(pictures / "tuner-waits.png")
    assert page.evaluate("() => window.cellsRunning") == 1, "the cell was over too soon"
    notebook.wait_until_idle()
    expect(waits).to_have_count(0)
    assert notebook.text(2) == "before None\n"
    notebook.run_cell(3)
    assert 1.25 < float(notebook.text(3).split()[0]) < 1.4

    # Where a page has no clipboard, as on plain http, the code is copied all the same.
    page.evaluate("() => Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    bench.press("Copy: With this toolkit")
    expect(tuner.get_by_role("button", name="Copy: With this toolkit")).to_have_text("Copied")
    field = bench.row(1).get_by_placeholder("note")
    field.focus()
    page.keyboard.press("Control+v")
    expect(field).to_have_value(re.compile("^import cartesia_nb as cnb.*speed=1.3"))
    field.fill("")

    # Nobody is kept out, in any theme and however narrow the page is.
    bench.press("Voice: ")
    expect(tuner.get_by_text("101 voices")).to_be_visible()
    page.evaluate(AXE())
    for dark in (False, True):
        notebook.theme(dark=dark)
        assert page.evaluate(CHECK) == []
    page.set_viewport_size({"width": 420, "height": 3000})
    page.wait_for_timeout(500)
    wide = "(el) => el.scrollWidth > el.clientWidth + 1"
    assert not tuner.evaluate(wide), "it is wider than the page"
    assert page.evaluate(CHECK) == []


def test_takes_kept_in_a_folder_are_there_after_the_kernel_is_started_anew(
    lab: Lab, notebook: NotebookPage, engine: EngineProcess
) -> None:
    bench = Bench(lab, notebook, engine, ", folder='tuned'")
    page, tuner = bench.page, bench.tuner
    for count in (1, 2):
        bench.press("Speak")
        bench.until_over(count)
    expect(bench.row(1)).to_contain_text("TTFA")
    bench.press("Pin take 1")
    note = bench.row(2).get_by_placeholder("note")
    note.fill("again")
    note.press("Tab")
    index = lab.folder / "tuned" / "shelf.json"
    bench.until(lambda: index.exists() and "again" in index.read_text())

    page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    bench.slide(Volume=0.2)
    expect(tuner.get_by_text("The kernel of these controls has ended")).to_be_visible()
    bench.show()
    expect(bench.row(2).get_by_placeholder("note")).to_have_value("again")
    expect(bench.row(1).get_by_title("unpin it first")).to_be_disabled()
    bench.press("Play take 1")
    player = tuner.get_by_role("group", name="Speech player")
    expect(player.get_by_role("button", name="Pause").first).to_be_visible()

    # Two of them are listened to beside each other, and switched by a key in mid-sentence.
    for number in (1, 2):
        tuner.get_by_label(f"#{number}", exact=True).check()
    bench.press("Compare 2")
    view = tuner.get_by_role("group", name="2 takes to listen to: #1, #2 again")
    view.get_by_role("button", name="Hear #1").click()
    way = view.get_by_role("slider", name="Position")
    bench.until(lambda: float(way.input_value()) > 0.2)
    page.keyboard.press("2")
    expect(view.get_by_role("button", name="Pause #2 again")).to_be_visible()
    left = float(way.input_value())
    bench.until(lambda: float(way.input_value()) > left + 0.2)
    expect(view.get_by_role("button", name="Hear #1")).to_be_visible()
    bench.press("End the comparison")
    expect(view).to_have_count(0)
    assert len(bench.requests()) == 2
    assert notebook.errors == []
