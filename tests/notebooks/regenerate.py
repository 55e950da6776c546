"""Run the lessons and keep their outputs, so that they read well before they are run.

``make notebooks``. Text and pictures are kept, those that players leave too; the players themselves
are not, as they are nothing without a kernel, nor is what differs from machine to machine.
"""

from __future__ import annotations

import base64
import io
import os
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image

from cartesia_nb.player.snapshot import is_ours

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
WIDGET = "application/vnd.jupyter.widget-view+json"


def smaller(png: str) -> str:
    """A picture with 256 colours, which is all that these plots need; base64 in and out."""
    packed = io.BytesIO()
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    picture.quantize(256).save(packed, "PNG", optimize=True)
    return base64.b64encode(packed.getvalue()).decode("ascii")


def regenerate(path: Path) -> None:
    """Run one notebook from top to bottom and write it back with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop(WIDGET, None)
            # What a player leaves is small already, and is known by what would be lost.
            if "image/png" in data and not is_ours(data["image/png"]):
                data["image/png"] = smaller(data["image/png"])
        if "outputs" in cell:
            cell.outputs = [each for each in cell.outputs if each.get("data", True)]
    nbformat.write(notebook, path)


if __name__ == "__main__":
    os.environ.pop("CARTESIA_API_KEY", None)
    for lesson in sorted(NOTEBOOKS.glob("*.ipynb")):
        regenerate(lesson)
        print(f"{lesson.name}: {lesson.stat().st_size / 1000:.0f} kB")
