"""Every line of Python in the README runs, in order, in a real kernel."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.notebook.kernel import kernel

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.timeout(120)
def test_the_readmes_code_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) >= 3
    with kernel(CARTESIA_API_KEY="") as running:
        running.run(f"%cd -q {tmp_path}")
        printed = [running.run(block) for block in blocks]
    assert "built-in engine" in printed[0]
    assert "<Take" in printed[0]
    assert "real-time factor" in printed[1]
    assert "Received audio chunk" in printed[2]
    assert (tmp_path / "answer.wav").is_file()
    assert "TTFA" in printed[4] and "first audio came" in printed[4]
    assert (tmp_path / "chunks.csv").is_file()
    assert "cnb.connect" in printed[6] and "speed=0.9" in printed[6]
    assert "18 takes" in printed[7] and "An effect is seen" in printed[7]
    assert "12 trials are left" in printed[8]
    assert " s came." in printed[10], "the connection was lost, and what came is kept"


def test_the_readmes_make_targets_and_files_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\S+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for link in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / link).exists(), link
