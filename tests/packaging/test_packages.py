"""What is handed out carries the page half, and can be made where no Node is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

BUNDLE = {
    f"cartesia_nb/static/{name}"
    for name in ("speaker.js", "player.js", "desk.js", "gallery.js", "listening.js")
}


def without_node(folder: Path) -> dict[str, str]:
    """This environment with a PATH that has every program of this machine but Node and npm."""
    folder.mkdir()
    for place in os.environ.get("PATH", os.defpath).split(os.pathsep):
        for program in Path(place).glob("*") if place else ():
            link = folder / program.name
            if program.stem not in {"node", "nodejs", "npm", "npx"} and not link.is_symlink():
                link.symlink_to(program)
    return {**os.environ, "PATH": str(folder)}


def run(*command: str | Path, where: Path, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=where,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.needs("node")
@pytest.mark.timeout(300)
def test_wheel_and_sdist_carry_the_bundle(clone: Path, tmp_path: Path) -> None:
    # The wheel is made from the sdist, which therefore holds all that it takes.
    run(sys.executable, "-m", "build", "--no-isolation", "-o", tmp_path / "dist", where=clone)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    (sdist,) = (tmp_path / "dist").glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as opened:
        packed = opened.namelist()
        assert set(packed) >= BUNDLE
        assert all(opened.getinfo(name).file_size > 0 for name in BUNDLE)
    assert not [name for name in packed if name.startswith(("js/", "tests/"))]
    assert "cartesia_nb/py.typed" in packed
    with tarfile.open(sdist) as archive:
        carried = {name.partition("/")[2] for name in archive.getnames()}
    assert carried >= BUNDLE | {"js/package-lock.json", "js/src/speaker.ts", "hatch_build.py"}
    assert not [name for name in carried if "node_modules" in name or "__pycache__" in name]


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("editable", [False, True], ids=["plain", "editable"])
def test_pip_installs_from_the_repository_with_no_node(
    clone: Path, tmp_path: Path, editable: bool
) -> None:
    environment = without_node(tmp_path / "programs")
    assert shutil.which("node", path=environment["PATH"]) is None
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    options = ["-e"] if editable else []
    run(
        python, "-m", "pip", "install", "--no-deps", *options, clone,
        where=tmp_path, environment=environment,
    )  # fmt: skip
    # Found without importing the package: its dependencies were left out for speed.
    find = "import importlib.util as u; print(u.find_spec('cartesia_nb').origin)"
    package = Path(run(python, "-c", find, where=tmp_path).strip()).parent
    assert {f"cartesia_nb/static/{path.name}" for path in (package / "static").iterdir()} >= BUNDLE
