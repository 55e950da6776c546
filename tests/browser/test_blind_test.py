"""An abx test in a real JupyterLab, done by keys: reloaded in the middle, and gone on with after
the kernel was started anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Locator, expect

from cartesia_nb.engine.process import EngineProcess
from tests.browser.lab import Lab
from tests.browser.page import NotebookPage

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]

TRIALS = 4
TEXT = "Your table is booked."
NAMES = ("quicksilver", "molasses")

SPEAK = """
import time
from pathlib import Path
import cartesia_nb as cnb
tts = cnb.connect(api_key={key!r}, base_url={url!r})
if not Path("takes").exists():
    for name, speed in (({names[0]!r}, 1.3), ({names[1]!r}, 0.9)):
        (await tts.say({text!r}, play=False, speed=speed)).save(f"takes/{{name}}")
takes = {{path.stem: cnb.Take.load(path) for path in sorted(Path("takes").glob("*.json"))}}
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

# What of the page a program, or a person with the browser's tools, finds: its elements, and what
# its modules hold of the sound, as far as that can be walked through.
_FOUND = """(names) => {
  const seen = new Set();
  const found = [];
  const read = (text, where) => {
    for (const name of names) if (text.includes(name)) found.push(`${where}: ${name}`);
  };
  const walk = (thing, where, depth) => {
    if (typeof thing === 'string') read(thing, where);
    if (thing === null || typeof thing !== 'object' || seen.has(thing) || depth > 12) return;
    if (ArrayBuffer.isView(thing) || thing instanceof Node || thing === globalThis) return;
    seen.add(thing);
    if (thing instanceof Map || thing instanceof Set) {
      for (const one of thing) walk(one, where, depth + 1);
    }
    for (const key of Object.getOwnPropertyNames(thing)) {
      read(key, where);
      try { walk(thing[key], `${where}.${key}`, depth + 1); } catch { /* not to be read */ }
    }
  };
  walk(globalThis[Symbol.for('cartesia_nb')], 'memory', 0);
  const roots = [document];
  for (const root of roots) {
    read(root.documentElement?.outerHTML ?? root.innerHTML, 'elements');
    for (const el of root.querySelectorAll('*')) if (el.shadowRoot) roots.push(el.shadowRoot);
  }
  return [found, seen.size];
}"""


@pytest.fixture
def engine() -> Iterator[EngineProcess]:
    with EngineProcess(fast=True) as engine:
        yield engine


def test_an_abx_test_by_keys_goes_on_after_a_reload_and_a_new_kernel(
    lab: Lab, notebook: NotebookPage, engine: EngineProcess, pictures: Path
) -> None:
    speak = SPEAK.format(key=engine.api_key, url=engine.url, names=NAMES, text=TEXT)
    name = lab.write("blind.ipynb", speak, TEST, BUSY, TELL)
    notebook.open(lab, name)
    notebook.run_cell(0)
    notebook.run_cell(1)
    assert notebook.failures() == []
    page = notebook.page
    card = page.get_by_role("group", name=f"A blind test of {TRIALS} trials")
    file = lab.folder / "answers.jsonl"

    # By keys alone, from the card on: nothing counts before all were heard and it is confirmed.
    expect(card).to_contain_text(f"Trial 1 of {TRIALS}")
    nothing_is_told(notebook, card)
    card.focus()
    page.keyboard.press("a")
    expect(card).to_contain_text("Listen to A, B and X before you answer.")
    hear(notebook, card)
    page.keyboard.press("Enter")
    page.keyboard.press("a")
    page.keyboard.press("b")
    expect(card).to_contain_text("B is chosen. Press Enter to confirm it")
    nothing_is_told(notebook, card)
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
    nothing_is_told(notebook, card)

    # In a new kernel the same cells go on from the file.
    page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    expect(card).to_contain_text("its kernel has ended. Run the cell again.", timeout=20_000)
    notebook.run_cell(0)
    notebook.run_cell(1)
    for trial in (3, 4):
        expect(card).to_contain_text(f"Trial {trial} of {TRIALS}")
        nothing_is_told(notebook, card)
        hear(notebook, card)
        page.keyboard.press("a")
        page.keyboard.press("Enter")

    # Then it is told, and not before.
    expect(card).to_contain_text("All 4 trials are answered.")
    expect(card).to_contain_text("molasses and quicksilver: X was named rightly in ")
    notebook.run_cell(3)
    rows = answers(file)
    assert [row["trial"] for row in rows] == [1, 2, 3, 4]
    right = sum(cast("bool", row["correct"]) for row in rows)
    told = notebook.text(3).splitlines()
    assert told[0].startswith(
        f"molasses and quicksilver: X was named rightly in {right} of 4 trials ("
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


def nothing_is_told(notebook: NotebookPage, card: Locator) -> None:
    """Neither in what is seen nor in what the page holds, nor what the notebook would keep."""
    expect(card).not_to_contain_text("rightly")
    secrets = [*NAMES, "1.3", "speed"]
    own = card.evaluate("(el) => el.getRootNode().host?.outerHTML + el.outerHTML")
    assert not [secret for secret in secrets if secret in str(own)]
    # The first cell has the names, and is no part of the test: the editor's lines are left out.
    found, walked = cast(
        "tuple[list[str], int]",
        notebook.page.evaluate(_FOUND, [name for name in NAMES]),
    )
    assert walked > 3, "there is something to look through"
    assert [each for each in found if each.startswith("memory")] == []
    shown = json.dumps(notebook.outputs(1))
    assert not [name for name in NAMES if name in shown]


def answers(file: Path) -> list[dict[str, object]]:
    """What is in the file behind its first line."""
    return [json.loads(line) for line in file.read_text().splitlines()[1:]]
