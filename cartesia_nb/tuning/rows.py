"""The rows of a sweep: one dict of plain values for each take, every column always there."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final, TypeAlias, cast

from cartesia_nb.analysis.measures import Measure
from cartesia_nb.errors import SettingsError
from cartesia_nb.speech.rowtable import FIGURES, SETTINGS, Column
from cartesia_nb.speech.wording import plain, shortened
from cartesia_nb.tuning import analysing, grid
from cartesia_nb.tuning.plan import Job, Plan

Row: TypeAlias = "dict[str, str | float | int | bool | None]"
"""``number`` counts from 1; ``text``, ``text_number`` and ``repeat`` say what was spoken, ``state``
("waiting", "done", "failed") and ``error`` what became of it, ``backend`` who spoke, ``take`` where
its sound is in the folder, ``characters`` how many were sent. Then come the settings, and
``voice_name`` where the voice was given as a row of ``voices()``, the figures of ``Metrics`` and of
``Realised``, those of one's own, and ``measure_error``."""

HEAD: Final = (
    "number",
    "text",
    "text_number",
    "repeat",
    "state",
    "error",
    "backend",
    "take",
    "characters",
)


def settings_columns(plan: Plan) -> tuple[str, ...]:
    """The settings that are columns: the usual ones, and what else varies."""
    return (*SETTINGS, *(name for name in plan.varying if name not in SETTINGS), "voice_name")


def columns(plan: Plan, measures: tuple[str, ...]) -> tuple[str, ...]:
    """The names of all columns, in their order."""
    return (*HEAD, *settings_columns(plan), *analysing.columns(measures))


def row(
    job: Job,
    backend: str,
    ending: Mapping[str, object],
    figures: Mapping[str, object],
    names: tuple[str, ...],
    voices: Mapping[str, str],
) -> Row:
    """A take's row.

    Args:
        job: what was to be spoken.
        backend: who speaks.
        ending: its line in the index; empty for one that waits.
        figures: what was computed from it; empty for nothing.
        names: of ``columns``.
        voices: what voices are called, by their ids.
    """
    known: dict[str, object] = {
        **{name: figures.get(name) for name in names},
        "voice_name": voices.get(job.settings.voice),
        "number": job.number,
        "text": job.text,
        "text_number": job.text_number,
        "repeat": job.repeat,
        "state": ending.get("state", "waiting"),
        "error": ending.get("error"),
        "backend": backend,
        "take": ending.get("take"),
        "characters": len(job.text),
    }
    for name, value in job.settings.to_dict().items():
        if name in names:
            known[name] = value
    return {name: _plain(known[name]) for name in names}


def _plain(value: object) -> str | float | int | bool | None:
    if value is None or isinstance(value, str | float | int):
        return value
    return plain(json.dumps(value, ensure_ascii=False))  # fields of a request, of ``extra``


def matches(found: Row, where: Mapping[str, object]) -> bool:
    """Whether a row has these values; of a list of values, one of them."""
    for name, wanted in where.items():
        listed = getattr(wanted, "tolist", None)  # arrays, and columns of data frames
        values = listed() if callable(listed) else wanted
        many = isinstance(values, list | tuple | range | set | frozenset)
        options = cast("Iterable[object]", values) if many else [values]
        if not any(_same(found[name], getattr(each, "id", each)) for each in options):
            return False
    return True


def check_where(where: Mapping[str, object], names: tuple[str, ...]) -> None:
    """Check what rows are to be chosen by.

    Raises:
        SettingsError: there is no such column.
    """
    for name in where:
        if name not in names:
            raise SettingsError(f"A sweep has no column {name!r}. {grid.near(name, names)}")


def _same(mine: object, wanted: object) -> bool:
    if isinstance(mine, float | int) and isinstance(wanted, float | int):
        return math.isclose(mine, wanted, rel_tol=1e-9)
    return mine == wanted


def table_columns(plan: Plan, measures: tuple[str, ...]) -> dict[str, Column]:
    """What a sweep's table shows of a row: what varies, and some of what came."""
    wanted = {
        name: Column(name, str, number=name in ("speed", "volume", "max_buffer_delay_ms"))
        for name in plan.varying
    }
    if "voice" in wanted:
        wanted["voice"] = Column("voice", lambda voice: plan.voices.get(str(voice), str(voice)))
    figures = {"ttfb": FIGURES["ttfb"], "duration": FIGURES["duration"]}
    for name in ("speaking_rate", "loudness", "f0_median", *measures):
        figures[name] = Column(Measure.of(name).title, partial(_shown, name))
    return {**wanted, **figures}


def _shown(name: str, value: object) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return Measure.of(name).say(float(cast(float, value))) if number else shortened(str(value), 40)
