"""What a machine lacks is named, never left out in silence; a build machine must lack nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

TESTS = """
import pytest

def test_plain():
    pass

@pytest.mark.needs("sound")
def test_heard():
    pass
"""


def run(tests: str, folder: Path, *, ci: bool) -> subprocess.CompletedProcess[str]:
    """pytest with this project's settings on a machine whose PATH is empty."""
    (folder / "test_them.py").write_text(tests)
    environment = {k: v for k, v in os.environ.items() if k not in {"CI", "PYTEST_ADDOPTS"}}
    environment |= {"PATH": str(folder), **({"CI": "true"} if ci else {})}
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "-c", str(ROOT / "pyproject.toml"), str(folder / "test_them.py")],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_an_absent_need_is_named_with_what_to_install(tmp_path: Path) -> None:
    done = run(TESTS, tmp_path, ci=False)
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 deselected" in done.stdout
    assert "1 test needs sound. Install it: apt-get install pulseaudio" in done.stdout
    assert "test_heard" in done.stdout


def test_on_a_build_machine_an_absent_need_fails_the_run(tmp_path: Path) -> None:
    done = run(TESTS, tmp_path, ci=True)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "CI is set, so this is a failure." in done.stdout


def test_a_need_that_no_one_knows_is_an_error(tmp_path: Path) -> None:
    done = run(TESTS.replace("sound", "smell"), tmp_path, ci=False)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "needs 'smell', which tests/machine.py does not know" in done.stderr
