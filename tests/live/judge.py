"""Runs the tests that any server has to pass, and keeps what was not so, as sentences."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.live.meter import Meter

ROOT = Path(__file__).resolve().parents[2]
TESTS = (
    "tests/engine/test_conformance.py",
    "tests/engine/test_conformance_sdk.py",
    "tests/engine/test_quickstart.py",
)
LEFT_OUT = ("engine_alone", "dear")
URL_VARIABLE = "CARTESIA_NB_CONFORMANCE_URL"
KEY_VARIABLE = "CARTESIA_NB_CONFORMANCE_KEY"

_LONGEST_REASON = 300


@dataclass
class Verdict:
    """What came of a run."""

    ran: int = 0
    """How many tests ran."""
    left_out: int = 0
    """How many are the engine's alone, or dear."""
    differences: list[str] = field(default_factory=list)
    """A sentence for each test that failed."""
    ended_early: str = ""
    """Why not all tests ran, or nothing."""


class Judge:
    """A pytest plugin: chooses the tests, and hears how they ended.

    Args:
        secrets: what must stand in no sentence.
    """

    def __init__(self, *secrets: str) -> None:
        self.verdict = Verdict()
        self._secrets = secrets

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what is the engine's alone, or dear."""
        kept = [item for item in items if not any(map(item.get_closest_marker, LEFT_OUT))]
        self.verdict.left_out = len(items) - len(kept)
        items[:] = kept

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of a test has ended."""
        self.verdict.ran += report.when == "setup"
        if report.failed:
            self.verdict.differences.append(f"{sentence(report.nodeid)}: {self._reason(report)}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file was read."""
        if report.failed:
            self.verdict.ended_early = f"{report.nodeid} cannot be read: {report.longreprtext}"

    def _reason(self, report: pytest.TestReport) -> str:
        crash = getattr(report.longrepr, "reprcrash", None)
        return hush(crash.message if crash is not None else report.longreprtext, self._secrets)


def sentence(nodeid: str) -> str:
    """A test's name as the sentence it is, with its case: ``Not so: Flush says ... [case]``."""
    name, _, case = nodeid.rpartition("::")[2].partition("[")
    words = name.removeprefix("test_").replace("_", " ").replace(" sdk", " SDK")
    return f"Not so: {words[:1].upper()}{words[1:]}" + (f" [{case}" if case else "")


def hush(text: str, secrets: tuple[str, ...]) -> str:
    """One line, not too long, without keys and tokens."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[key]")
    text = re.sub(r"(access_token=|api_key=|token=')[^&\s'\"]+", r"\1[...]", text)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 3]}..."


def run(meter: Meter, url: str | None = None, key: str = "") -> Verdict:
    """Run the tests in this process, quietly.

    Args:
        meter: counts what they send.
        url: the server to judge; ``None``: a built-in engine, started for it.
        key: one that the server accepts.
    """
    judge = Judge(key)
    arguments = [
        *(str(ROOT / test) for test in TESTS),
        f"--rootdir={ROOT}",
        # What pytest keeps between runs is about the ordinary tests.
        *("-p", "no:cacheprovider", "--tb=short", "-q"),
        # The network may be slow; and the usual way of ending a slow test ends the process.
        *("-o", "timeout=120", "-o", "timeout_method=signal"),
    ]
    printed = io.StringIO()
    with _server(url, key), meter.in_place(), contextlib.redirect_stdout(printed):
        status = pytest.main(arguments, plugins=[judge])
    verdict = judge.verdict
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        last = hush(printed.getvalue()[-_LONGEST_REASON:], (key,))
        verdict.ended_early = hush(verdict.ended_early, (key,)) or f"{status!r}: {last}"
    return verdict


@contextlib.contextmanager
def _server(url: str | None, key: str) -> Iterator[None]:
    """By the environment the tests know whom to judge."""
    before = {name: os.environ.pop(name, None) for name in (URL_VARIABLE, KEY_VARIABLE)}
    if url is not None:
        os.environ.update({URL_VARIABLE: url, KEY_VARIABLE: key})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
