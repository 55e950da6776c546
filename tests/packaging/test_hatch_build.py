"""When the build hook builds, when it leaves things alone, and what it says when it can't."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import hatch_build


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A tree whose bundle is newer than its one source."""
    source = tmp_path / "js" / "src" / "speaker.ts"
    source.parent.mkdir(parents=True)
    source.write_text("export {};")
    os.utime(source, (1000, 1000))
    for name in hatch_build.BUNDLES:
        path = tmp_path / "cartesia_nb" / "static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("export {};")
        os.utime(path, (2000, 2000))
    return tmp_path


def test_a_bundle_newer_than_its_sources_is_left_alone(built: Path) -> None:
    assert not hatch_build.stale(built)


def test_a_changed_source_makes_it_stale(built: Path) -> None:
    os.utime(built / "js" / "src" / "speaker.ts", (3000, 3000))
    assert hatch_build.stale(built)


@pytest.mark.parametrize("name", hatch_build.BUNDLES)
def test_a_missing_half_makes_it_stale(built: Path, name: str) -> None:
    (built / "cartesia_nb" / "static" / name).unlink()
    assert hatch_build.stale(built)


def test_an_unpacked_sdist_without_js_is_never_stale(built: Path) -> None:
    shutil.rmtree(built / "js")
    assert not hatch_build.stale(built)


def test_with_neither_bundle_nor_sources_it_says_what_to_install_from(tmp_path: Path) -> None:
    with pytest.raises(hatch_build.BuildError, match="Install from a clone of the repository"):
        hatch_build.build(tmp_path)


@pytest.mark.needs("node")
def test_what_npm_said_is_in_the_error(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "package.json").write_text('{"name": "x", "version": "0.0.0"}')
    with pytest.raises(hatch_build.BuildError, match=r"npm ci[^:]*ended with \d+[\s\S]*lock"):
        hatch_build.build(tmp_path)
