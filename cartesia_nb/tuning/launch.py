"""The beginning of a sweep: what is checked and said before anything is sent."""

from __future__ import annotations

import atexit
import math
import os
import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Final

from cartesia_nb.errors import ConnectError, SettingsError
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.wording import count
from cartesia_nb.tuning import analysing, grid, rows
from cartesia_nb.tuning.folder import MANIFEST, Folder
from cartesia_nb.tuning.plan import Plan, duration
from cartesia_nb.tuning.sweep import Sweep

BUDGET: Final = 10_000
"""Characters that a sweep may send where they cost something, unless told otherwise."""


def begin(
    connection: Connection,
    session: Settings,
    texts: object,
    *,
    settings: object,
    repeats: int,
    measure: analysing.Measures | None,
    folder: str | Path | None,
    budget: float | None,
    executor: Executor | None,
    axes: Mapping[str, object],
) -> Sweep:
    """Check all that can be checked, say what is to come, and begin. As ``session.sweep``."""
    plan = Plan(
        grid.texts_of(texts),
        grid.settings_of(session, settings, axes),
        grid.checked_repeats(repeats),
        grid.voice_names(settings, axes),
    )
    checked = analysing.checked(measure, rows.settings_columns(plan))
    if connection.closed:
        raise ConnectError("This session is closed. Make a new one with connect().")
    analysing.Analysis(executor, checked, lambda number, found: None)  # checks the executor
    most = _checked_budget(budget, connection)
    known = None if folder is None else Path(folder).expanduser()
    if known is None or not (known / MANIFEST).exists():  # before there is anything on the disk
        _check_budget(plan.characters(), most)
    where = _temporary() if known is None else known
    found = Folder.make(where, plan, connection.backend, session)
    waiting = [n for n in plan.order() if found.index.state(n) == "waiting"]
    _check_budget(plan.characters(iter(waiting)), most)
    for each in plan.settings:
        connection._warn_of_ignored(each)
    sweep = Sweep(found, connection, measure=checked, executor=executor)
    print(_announced(plan, waiting, connection.max_contexts, folder))
    return sweep.start()


def _announced(plan: Plan, waiting: list[int], at_once: int, folder: str | Path | None) -> str:
    estimate = plan.estimate(iter(waiting), at_once)
    there = plan.total - len(waiting)
    takes = f"{count(plan.total, 'take')} ({plan.shape()})"
    if there:
        takes += f", {there:,} of them done before"
    line = f"Sweep: {takes}"
    if waiting:
        line += (
            f"; {count(estimate.characters, 'character')} to send, about "
            f"{duration(estimate.seconds)} (if speech is made three times as fast as it is spoken, "
            f"15 characters a second, {at_once} at once)"
        )
    if folder is None:
        return f'{line}. They are gone when this process ends; folder="..." keeps them.'
    # As it was given: a notebook that is passed on need not tell of its machine.
    return f"{line}. In {folder}."


def _checked_budget(budget: object, connection: Connection) -> float:
    if budget is None:
        return math.inf if connection.backend.name == "engine" else BUDGET
    good = isinstance(budget, int | float) and not isinstance(budget, bool)
    if not good or not budget >= 0:  # type: ignore[operator]  # a number, as was just seen
        raise SettingsError(f"budget is {budget!r}; it takes a number of characters, 0 or more.")
    return float(budget)  # type: ignore[arg-type]  # the same


def _check_budget(characters: int, most: float) -> None:
    if characters > most:
        raise SettingsError(
            f"This sweep would send {characters:,} characters, and its budget is {most:,.0f}. Give "
            f"fewer texts, values or repeats, or budget={characters}."
        )


_made: Final[list[tuple[int, str]]] = []


def _temporary() -> Path:
    path = tempfile.mkdtemp(prefix="cartesia_nb_sweep_")
    _made.append((os.getpid(), path))
    return Path(path)


# When this module is imported, so before sessions have their own closed at exit: what comes first
# is done last.
@atexit.register
def _remove_temporaries() -> None:
    for owner, path in _made:
        if os.getpid() == owner:  # not a forked child, at its own end
            shutil.rmtree(path, ignore_errors=True)
