"""An abx test in a real JupyterLab, done by keys: reloaded in the middle, and gone on with after
the kernel was started anew."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Locator, expect

from cartesia_nb.engine.process import EngineProcess
from tests.browser.lab import Lab
from tests.browser.page import NotebookPage

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]

TRIALS = 3
TEXT = "Your table is booked."
NAMES = ("quicksilver", "molasses")

# In a file: what stands in a cell is in the page.
SPEAK = """
import time
from pathlib import Path
import cartesia_nb as cnb
tts = cnb.connect(api_key={key!r}, base_url={url!r})
folder = Path("takes")
folder.mkdir(exist_ok=True)
for name, speed in (({names[0]!r}, 1.3), ({names[1]!r}, 0.9)):
    if not (folder / f"{{name}}.json").exists():
        tts.say({text!r}, play=False, speed=speed).wait().save(folder / name)
takes = {{path.stem: cnb.Take.load(path) for path in sorted(folder.glob("*.json"))}}
"""
TEST = f"""
test = cnb.blind_test(takes, kind="abx", trials={TRIALS}, file="answers.jsonl")
test
"""
BUSY = """
end = time.monotonic() + 20
while not Path("enough").exists() and time.monotonic() < end:
    time.sleep(0.05)
print(test)
"""
TELL = """
print(*test.results().lines(), sep="\\n")
print(all(row["heard_a"] > 0 and row["heard_b"] > 0 and row["heard_x"] > 0
          and row["seconds"] > 0 and row["switches"] >= 2 for row in test.records))
"""


@pytest.fixture
def engine() -> Iterator[EngineProcess]:
    with EngineProcess(fast=True) as engine:
        yield engine


def test_an_abx_test_by_keys_goes_on_after_a_reload_and_a_new_kernel(
    lab: Lab, notebook: NotebookPage, engine: EngineProcess, pictures: Path
) -> None:
    speak = SPEAK.format(key=engine.api_key, url=engine.url, names=NAMES, text=TEXT)
    (lab.folder / "speaking.py").write_text(speak)
    name = lab.write("blind.ipynb", 'exec(open("speaking.py").read())', TEST, BUSY, TELL)
    notebook.open(lab, name)
    notebook.run_cell(0)
    notebook.run_cell(1)
    assert notebook.failures() == []
    page = notebook.page
    card = page.get_by_role("group", name=f"A blind test of {TRIALS} trials")
    file = lab.folder / "answers.jsonl"

    # By keys alone, from the card on: nothing counts before all were heard and it is confirmed.
    expect(card).to_contain_text(f"Trial 1 of {TRIALS}")
    card.focus()
    page.keyboard.press("a")
    expect(card).to_contain_text("Listen to A, B and X before you answer.")
    hear(notebook, card)
    assert len({round(where(notebook, card, key), 2) for key in "123"}) == 1, "the eye is not told"
    page.keyboard.press("Enter")
    page.keyboard.press("a")
    page.keyboard.press("b")
    expect(card).to_contain_text("B is chosen. Press Enter to confirm it")
    card.screenshot(path=pictures / "blind-test.png")
    assert answers(file) == []
    page.keyboard.press("Enter")
    expect(card).to_contain_text(f"Trial 2 of {TRIALS}")
    assert [row["trial"] for row in answers(file)] == [1]
    kinds = "() => window.jupyterapp.shell.currentWidget.content.widgets.map(c => c.model.type)"
    assert page.evaluate(kinds) == ["code"] * 4, "no key was taken by the notebook"

    # The page is loaded anew in the middle of a trial: it is asked again, and counts once.
    hear(notebook, card)
    page.keyboard.press("a")
    notebook.save()
    notebook.open(lab, name)
    expect(card).to_contain_text(f"Trial 2 of {TRIALS}", timeout=20_000)
    expect(card).to_contain_text("Listen to A, B and X before you answer.")

    # While a cell runs the answer is taken, the page says that it waits, and the next comes after.
    notebook.start_cell(2)
    hear(notebook, card)
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    expect(card).to_contain_text("Waiting for the kernel: it is busy with a cell.")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    expect(card).to_contain_text(f"Trial 2 of {TRIALS}")
    (lab.folder / "enough").touch()
    notebook.wait_until_idle()
    expect(card).to_contain_text(f"Trial 3 of {TRIALS}")
    assert [row["trial"] for row in answers(file)] == [1, 2]
    nothing_is_told(notebook)

    # In a new kernel the same cells go on from the file.
    page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    expect(card).to_contain_text(
        "The kernel has ended, so nothing can be answered any more.", timeout=20_000
    )
    notebook.run_cell(0)
    notebook.run_cell(1)
    expect(card).to_contain_text(f"Trial 3 of {TRIALS}")
    hear(notebook, card)
    page.keyboard.press("a")
    page.keyboard.press("Enter")

    # Then it is told, and not before.
    expect(card).to_contain_text(f"All {TRIALS} trials are answered.")
    expect(card).to_contain_text("molasses and quicksilver: X was named rightly in ")
    notebook.run_cell(3)
    rows = answers(file)
    assert [row["trial"] for row in rows] == [1, 2, 3]
    right = sum(cast("bool", row["correct"]) for row in rows)
    told = notebook.text(3).splitlines()
    assert told[0].startswith(
        f"molasses and quicksilver: X was named rightly in {right} of {TRIALS} trials ("
    )
    assert told[-1] == "True"
    for line in told[:-1]:
        expect(card).to_contain_text(line)
    assert len(engine.log()) == 2, "what was spoken once is not spoken again"
    assert notebook.failures() == []
    assert notebook.errors == []


def hear(notebook: NotebookPage, card: Locator) -> None:
    """Each of the trial for a moment, by its number, then silence."""
    card.focus()
    for key, name in (("1", "A"), ("2", "B"), ("3", "X")):
        notebook.page.keyboard.press(key)
        # It is named as one that was not heard until it sounds.
        expect(card.get_by_role("button", name=f"Pause {name}", exact=True)).to_be_visible()
    notebook.page.keyboard.press("Space")
    expect(card).to_contain_text("Choose one; it counts when you confirm it.")


def where(notebook: NotebookPage, card: Locator, key: str) -> float:
    """Where the page shows that a word of one of the trial lies."""
    card.focus()
    notebook.page.keyboard.press(key)
    expect(card.get_by_role("button", name=re.compile("^Pause [ABX]"))).to_be_visible()
    notebook.page.keyboard.press("Space")
    card.locator(".word").last.click()
    notebook.page.wait_for_timeout(100)
    return float(card.get_by_role("slider", name="Position").input_value())


def nothing_is_told(notebook: NotebookPage) -> None:
    """Neither by anything that the page holds, nor by what the notebook would keep."""
    assert b"What was right is told at the end." in (held := heap(notebook)), "it is looked through"
    assert not [name for name in NAMES if name.encode() in held]
    assert not [name for name in NAMES if name in json.dumps(notebook.outputs(1))]


def heap(notebook: NotebookPage) -> bytes:
    """All that the page has in memory, its strings in clear."""
    devtools = notebook.page.context.new_cdp_session(notebook.page)
    parts: list[str] = []
    devtools.on("HeapProfiler.addHeapSnapshotChunk", lambda event: parts.append(event["chunk"]))
    devtools.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    devtools.detach()
    return "".join(parts).encode()


def answers(file: Path) -> list[dict[str, object]]:
    """What is in the file behind its first line."""
    return [json.loads(line) for line in file.read_text().splitlines()[1:]]
