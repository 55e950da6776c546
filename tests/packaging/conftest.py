"""A copy of what git would hand out: no bundle, no node_modules, whatever this checkout holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The sources alone, in a folder of their own."""
    target = tmp_path / "clone"
    shutil.copytree(
        ROOT,
        target,
        ignore=shutil.ignore_patterns(
            ".git",
            ".venv",
            ".*_cache",
            "node_modules",
            "static",
            "dist",
            "artifacts",
            "__pycache__",
        ),
    )
    shutil.copyfile(ROOT / ".gitignore", target / ".gitignore")
    return target
