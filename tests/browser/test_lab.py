"""A cell runs in a real JupyterLab in Chromium."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from tests.browser.lab import Lab
from tests.browser.page import NotebookPage

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]


def test_cells_run_and_what_they_print_and_raise_is_seen(lab: Lab, notebook: NotebookPage) -> None:
    name = lab.write("runs.ipynb", "print(6 * 7)", "raise KeyError('gone')")
    notebook.open(lab, name)
    notebook.run_cell(0)
    assert notebook.text(0) == "42\n"
    assert notebook.failures() == []
    notebook.run_all()
    assert notebook.failures() == ["cell 1: KeyError: 'gone'"]


def test_the_theme_switches_and_is_pictured(
    lab: Lab, notebook: NotebookPage, tmp_path: Path
) -> None:
    notebook.open(lab, lab.write("theme.ipynb", "1 + 1"))
    pictures = []
    for dark in (True, False):
        notebook.theme(dark=dark)
        pictures.append(notebook.screenshot(tmp_path / f"{dark}.png").read_bytes())
    assert pictures[0] != pictures[1]


def test_the_kernel_has_no_key_of_the_environment(lab: Lab, notebook: NotebookPage) -> None:
    notebook.open(lab, lab.write("key.ipynb", "import os; print('CARTESIA_API_KEY' in os.environ)"))
    notebook.run_all()
    assert notebook.text(0) == "False\n"


def test_it_ends_with_its_kernels(notebook: NotebookPage) -> None:
    with Lab() as lab:
        notebook.open(lab, lab.write("pid.ipynb", "import os; print(os.getpid())"))
        notebook.run_all()
        kernel = int(notebook.text(0))
        assert psutil.pid_exists(kernel)
        home = lab.folder.parent
    assert not psutil.pid_exists(kernel)
    assert not home.exists()
