"""The takes of a sweep as places on a sheet: which of them, and what tells each from the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from cartesia_nb.plots.contact import Cell, fact
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.wording import plain, shortened
from cartesia_nb.tuning import rows
from cartesia_nb.tuning.folder import Folder

if TYPE_CHECKING:
    from cartesia_nb.tuning.sweep import Sweep

WAITING: Final = "not spoken yet"
_REASON_LENGTH: Final = 120


def chosen(sweep: Sweep, where: Mapping[str, object]) -> list[int]:
    """The numbers of the takes that match; unless it is said which repeats, one of each settings
    and text: the first that is there, else one that failed.

    Raises:
        SettingsError: the sweep has no such column.
    """
    folder = sweep._folder
    folder.catch_up()
    rows.check_where(where, sweep._columns())
    numbers: Iterable[int] = range(1, sweep.total + 1)
    if where:
        numbers = [n for n, row in enumerate(sweep, 1) if rows.matches(row, where)]
    if {"repeat", "number", "take"} & where.keys():
        return list(numbers)
    order = {"done": 0, "failed": 1, "waiting": 2}
    best: dict[object, int] = {}
    for number in numbers:
        job = folder.plan.job(number)
        key = (job.text_number, job.settings)
        before = best.setdefault(key, number)
        if order[folder.index.state(number)] < order[folder.index.state(before)]:
            best[key] = number
    return list(best.values())


def facts(folder: Folder, number: int) -> dict[str, object]:
    """What tells a take from the others, by name: the settings that vary, and its text."""
    job = folder.plan.job(number)
    values = job.settings.to_dict()
    found: dict[str, object] = {name: values[name] for name in folder.plan.varying}
    if "voice" in found:
        voice = job.settings.voice
        found["voice"] = folder.plan.voices.get(voice, voice)
    if len(folder.plan.texts) > 1:
        found["text"] = job.text
    return found


def label(folder: Folder, number: int) -> str:
    """What a take is called among all of its sweep."""
    job = folder.plan.job(number)
    said = [fact(name, value) for name, value in facts(folder, number).items()]
    if folder.plan.repeats > 1:
        said.append(fact("repeat", job.repeat))
    return ", ".join(said) or fact("take", number)


def instead(folder: Folder, number: int) -> str:
    """Why there is no take to show, in a few words; empty where there is one."""
    state = folder.index.state(number)
    if state == "done":
        return ""
    if state == "waiting":
        return WAITING
    why = plain(str(folder.index.ending(number).get("error") or ""))
    return shortened(f"failed: {why}" if why else "failed", _REASON_LENGTH)


def cell(folder: Folder, number: int, *, named: bool = False) -> Cell:
    """A take's place on a sheet; it is loaded when its turn comes.

    Args:
        named: give it a label of its own, instead of one that depends on what else is shown.
    """
    path = folder.path_of(number)
    there = folder.index.state(number) == "done"
    return Cell(
        (lambda: Take.load(path)) if there else None,
        f"{number}: {label(folder, number)}" if named else None,
        facts(folder, number),
        instead(folder, number),
    )
