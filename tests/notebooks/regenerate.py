"""Run the lessons and keep their outputs, so that they read well before they are run.

``make notebooks``, or ``python -m tests.notebooks.regenerate 3_where`` for the lessons whose names
begin so. Each lesson is run in a real JupyterLab in Chromium with a loudspeaker, cell by cell, as a
person does who listens to a cell before running the next: only then are the figures those of what
was heard. It needs what the tests in ``tests/browser`` need: Chromium and PulseAudio, which
``make test`` installs, and a machine that has nothing else to do, as a busy one makes dry spells.

Text and pictures are kept, those that players leave too; the players themselves are not, as they
are nothing without a kernel, nor is what differs from machine to machine. A cell that fails or
warns ends the run, and the lesson stays as it was. Some figures go to ``docs/`` for the README too.
"""

from __future__ import annotations

import argparse
import base64
import io
from pathlib import Path

import nbformat
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from cartesia_nb.player.snapshot import is_ours
from tests.browser.ears import Ears
from tests.browser.lab import Lab
from tests.browser.page import NotebookPage, launch
from tests.machine import NEEDS

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
WIDGET = "application/vnd.jupyter.widget-view+json"
DOCS = NOTEBOOKS.parent / "docs"
PICTURES = {
    "first.plot_latency();": "latency.png",
    "plot_alignment([takes[name] for name in two], labels=two);": "alignment.png",
    'speeds.plot_realised("speed");': "realised.png",
}
"""Cells whose figures stand in the README, and under which name."""

LARGE = 60_000
"""Bytes of a picture from which on it is kept as JPEG."""

# Half a second of silence: the next take of a queue begins at once.
_SILENT = """() => {
  const sounding = globalThis[Symbol.for('cartesia_nb')]?.stage.sounding ?? false;
  const now = performance.now();
  if (sounding || window.silentSince === undefined) window.silentSince = now;
  return !sounding && now - window.silentSince > 500;
}"""


def smaller(png: str) -> tuple[str, str]:
    """A picture in few bytes: its type and base64. 256 colours are all that most plots need.

    A spectrogram is more of a photograph.
    """
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    packed = io.BytesIO()
    picture.quantize(256).save(packed, "PNG", optimize=True)
    kind = "image/png"
    if packed.tell() > LARGE:
        packed = io.BytesIO()
        picture.save(packed, "JPEG", quality=50, optimize=True)
        kind = "image/jpeg"
    return kind, base64.b64encode(packed.getvalue()).decode("ascii")


def listen(page: Page, lab: Lab, path: Path) -> nbformat.NotebookNode:
    """Run a copy of a lesson from top to bottom, each cell after what the last said was heard.

    Returns:
        The notebook as JupyterLab saved it.

    Raises:
        RuntimeError: a cell failed.
    """
    notebook = NotebookPage(page)
    name = lab.put(path)
    notebook.open(lab, name)
    cells = nbformat.read(path, as_version=4).cells
    for index, cell in enumerate(cells):
        if cell.cell_type != "code":
            continue
        page.evaluate("() => { window.silentSince = undefined; }")
        notebook.run_cell(index, timeout=120)
        page.wait_for_function(_SILENT, timeout=120_000)
        if failures := notebook.failures():
            raise RuntimeError(f"{name}: {failures}")
    # The picture that a player leaves takes the place of one pixel when the kernel has drawn it.
    page.wait_for_function(
        """(count) => Array.from({length: count}, (_, i) =>
          window.jupyterapp.shell.currentWidget.content.model.cells.get(i).toJSON().outputs ?? []
        ).flat().every((output) => output.metadata?.['image/png']?.width !== 1)""",
        arg=len(cells),
        timeout=30_000,
    )
    notebook.save()
    saved: nbformat.NotebookNode = nbformat.read(lab.folder / name, as_version=4)
    return saved


def tidied(output: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    """An output as it is kept, or nothing if it is nothing without a kernel.

    Raises:
        RuntimeError: it is a warning.
    """
    if output.get("name") == "stderr":
        raise RuntimeError(f"A cell warned: {output.text}")
    data = output.get("data")
    if data is None:
        return output
    data.pop(WIDGET, None)
    # What a player leaves is small already, and is known by what would be lost.
    if "image/png" in data and not is_ours(data["image/png"]):
        kind, packed = smaller(data.pop("image/png"))
        data[kind] = packed
        if "image/png" in output.metadata:
            output.metadata[kind] = output.metadata.pop("image/png")
    return output if data else None


def regenerate(page: Page, lab: Lab, path: Path) -> None:
    """Run one lesson and write it back with its outputs; all else in it stays as it was."""
    lesson = nbformat.read(path, as_version=4)
    run = listen(page, lab, path)
    for cell, ran in zip(lesson.cells, run.cells, strict=True):
        if cell.cell_type == "code":
            cell.execution_count = ran.execution_count
            picture = PICTURES.get(cell.source)
            if picture is not None:
                (shown,) = (each for each in ran.outputs if "image/png" in each.get("data", {}))
                (DOCS / picture).write_bytes(base64.b64decode(shown.data["image/png"]))
            cell.outputs = [kept for each in ran.outputs if (kept := tidied(each)) is not None]
    nbformat.write(lesson, path)


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the lessons and keep their outputs.")
    parser.add_argument("names", nargs="*", help="how the lessons' names begin; unless given, all")
    wanted = tuple(parser.parse_args().names) or ("",)
    for need in (NEEDS["browser"], NEEDS["sound"]):
        if not need.present():
            parser.exit(1, f"The lessons are run in a browser that is heard: {need.advice}\n")
    lessons = sorted(path for path in NOTEBOOKS.glob("*.ipynb") if path.name.startswith(wanted))
    if not lessons:
        parser.exit(1, f"No lesson's name begins with {' or '.join(wanted)}.\n")
    with (
        Ears() as ears,
        Lab() as lab,
        sync_playwright() as playwright,
        launch(playwright, ears.environment) as browser,
    ):
        for lesson in lessons:
            # Recorded, as the null sink takes its time where nobody listens: half a second and more
            # until the page's first sound.
            with (
                ears.record(),
                browser.new_context(viewport={"width": 1100, "height": 900}) as context,
            ):
                regenerate(context.new_page(), lab, lesson)
            print(f"{lesson.name}: {lesson.stat().st_size / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    main()
