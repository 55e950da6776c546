"""Every lesson runs from top to bottom in a real kernel, without a key, and reads well before."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))

LARGEST = 500_000
"""Bytes of a lesson with its outputs."""


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def failures(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [
        output
        for output in outputs(notebook)
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


@pytest.fixture(scope="module")
def runs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[Path, nbformat.NotebookNode | BaseException]:
    """The lessons that are asked for, run at the same time: they mostly wait for a voice.

    Each as it is afterwards, or what it raised.
    """
    wanted = [path for path in NOTEBOOKS if f"[{path.stem}]" in _names(request.session.items)]

    async def run(path: Path) -> nbformat.NotebookNode:
        notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)
        resources = {"metadata": {"path": str(tmp_path_factory.mktemp(path.stem))}}
        client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources)
        await client.async_execute()
        return notebook

    async def run_all() -> list[nbformat.NotebookNode | BaseException]:
        return await asyncio.gather(*map(run, wanted), return_exceptions=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CARTESIA_API_KEY", raising=False)
        return dict(zip(wanted, asyncio.run(run_all()), strict=True))


def _names(items: list[pytest.Item]) -> str:
    return "".join(item.name for item in items if item.name.startswith("test_it_runs"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.timeout(300)
def test_it_runs(path: Path, runs: dict[Path, nbformat.NotebookNode | BaseException]) -> None:
    ran = runs[path]
    if isinstance(ran, BaseException):
        raise ran
    assert failures(ran) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_carries_no_sound_no_widget_state_and_no_path_of_a_machine(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert "widgets" not in notebook.metadata
    assert path.stat().st_size < LARGEST
    text = path.read_text()
    assert os.path.expanduser("~") + os.sep not in text
    assert "widget-view" not in text
    assert not any(kind.startswith("audio/") for each in outputs(notebook) for kind in kinds(each))


def kinds(output: nbformat.NotebookNode) -> list[str]:
    return list(output.get("data", {}))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_reads_well_unrun(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert failures(notebook) == []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        if re.search(r"^(?!from|import).*\bplot_\w+\(", cell.source, re.MULTILINE):
            shown = [kind for output in cell.outputs for kind in kinds(output)]
            assert any(kind.startswith("image/") for kind in shown), cell.source
        if re.match(r"(\w+\.)?plot_\w+\(.*\);$", cell.source):
            (figure,) = (each for each in cell.outputs if "data" in each)
            assert any(about.get("alt") for about in figure.metadata.values()), cell.source
    for output in outputs(notebook):
        picture = output.get("metadata", {}).get("image/png", {})
        # What a player leaves: drawn, and said in words.
        assert "width" not in picture or (picture["width"] > 1 and picture["alt"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_begins_with_its_number_and_ends_with_something_to_try(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    first, last = notebook.cells[0], notebook.cells[-1]
    number = path.stem.partition("_")[0]
    assert first.source.startswith(f"# {number}. ")
    assert last.cell_type == "markdown"
    assert re.search(r"^## To try\n\n- ", last.source, re.MULTILINE)


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS
