"""Tests whose needs this machine does not meet are not run, and are named at the end, loudly.

``@pytest.mark.needs("browser", "sound")`` names needs of ``tests/machine.py``. Where ``CI`` is set
an absent need fails the run: a build machine has to have everything.
"""

from __future__ import annotations

import os
from collections import defaultdict

import pytest

from tests.machine import NEEDS

_left_out = pytest.StashKey[defaultdict[str, list[str]]]()


def pytest_configure(config: pytest.Config) -> None:
    left_out: defaultdict[str, list[str]] = defaultdict(list)
    config.stash[_left_out] = left_out


# After -m and -k, so that only what would have run is named.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    known: dict[str, bool] = {}
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        names = [name for mark in item.iter_markers("needs") for name in mark.args]
        if unknown := [name for name in names if name not in NEEDS]:
            raise pytest.UsageError(
                f"{item.nodeid} needs {unknown[0]!r}, which tests/machine.py does not know. "
                f"It knows {', '.join(sorted(NEEDS))}."
            )
        for name in names:
            if name not in known:
                known[name] = NEEDS[name].present()
        lacking = [name for name in names if not known[name]]
        for name in lacking:
            config.stash[_left_out][name].append(item.nodeid)
        (dropped if lacking else kept).append(item)
    # Playwright's sync interface leaves a loop running on the main thread until it is closed, and
    # asyncio.run() refuses to work beside it: the browser comes last.
    kept.sort(key=lambda item: "tests/browser/" in item.path.as_posix())
    items[:] = kept
    if dropped:
        config.hook.pytest_deselected(items=dropped)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.stash[_left_out] and os.environ.get("CI"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    left_out = config.stash[_left_out]
    if not left_out:
        return
    ci = bool(os.environ.get("CI"))
    terminalreporter.section(
        "NOT RUN: this machine lacks something", bold=True, red=ci, yellow=not ci
    )
    for name, tests in sorted(left_out.items()):
        many = f"{len(tests)} tests need" if len(tests) > 1 else "1 test needs"
        terminalreporter.line(f"{many} {name}. Install it: {NEEDS[name].advice}")
        for test in tests:
            terminalreporter.line(f"    {test}")
    if ci:
        terminalreporter.line("CI is set, so this is a failure.")
