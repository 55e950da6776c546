"""What a page of a gallery shows: which takes, their pictures, and what can be chosen.

Pictures are the levels of spectrograms, grey, as PNG: the page colours them as its theme asks.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from cartesia_nb.analysis.miniature import ROWS, Miniature, miniature
from cartesia_nb.errors import TakeFileError
from cartesia_nb.plots.contact import NO_BREAK, fact
from cartesia_nb.plots.spectrogram import DEFAULT_MAX_FREQUENCY
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning import cells
from cartesia_nb.tuning.folder import Folder

COLUMNS: Final = 240
"""Of the picture of the longest take."""

RANGE_DB: Final = 70.0
_LOWEST_TOP_DB: Final = -60.0
_MOST_FILTERS: Final = 4
_MOST_VALUES: Final = 40


class Shown(NamedTuple):
    """A take as a page has it, and its picture if it has one.

    ``content`` is plain values: ``number``, ``label``, ``take`` (an id, or ``None``), ``seconds``,
    ``rows`` (the share of the frequency axis that it reaches) and ``says`` (why there is none).
    """

    content: dict[str, object]
    picture: bytes | None


class Filter(NamedTuple):
    """Something that takes differ in, and its values in words."""

    name: str
    values: list[str]


@dataclass(frozen=True)
class Choice:
    """The takes of a sweep that were chosen, by what they differ in.

    Attributes:
        where: for each name, which of its filter's values; others are all taken.
    """

    folder: Folder
    where: Mapping[str, int]

    @property
    def filters(self) -> list[Filter]:
        """What takes can be chosen by: what varies, where it has few values."""
        plan = self.folder.plan
        found = [
            Filter(name, [_value(name, each.to_dict()[name]) for each in plan.settings])
            for name in plan.varying
        ]
        found.append(Filter("text", [_value("text", text) for text in plan.texts]))
        found.append(Filter("repeat", [str(repeat + 1) for repeat in range(plan.repeats)]))
        unique = [Filter(each.name, list(dict.fromkeys(each.values))) for each in found]
        return [each for each in unique if 1 < len(each.values) <= _MOST_VALUES][:_MOST_FILTERS]

    def checked(self) -> Choice:
        """Without what there is not to choose."""
        known = {each.name: len(each.values) for each in self.filters}
        good = {
            name: index for name, index in self.where.items() if 0 <= index < known.get(name, 0)
        }
        return Choice(self.folder, good)

    def numbers(self) -> Sequence[int]:
        """The takes, in the order of their numbers."""
        plan = self.folder.plan
        every = range(1, plan.total + 1)
        if not self.where:
            return every
        wanted = {
            each.name: each.values[self.where[each.name]]
            for each in self.filters
            if each.name in self.where
        }
        said = {id(each): each.to_dict() for each in plan.settings}
        result = []
        for number in every:
            job = plan.job(number)
            facts = {**said[id(job.settings)], "text": job.text, "repeat": job.repeat}
            if all(_value(name, facts[name]) == value for name, value in wanted.items()):
                result.append(number)
        return result


def _value(name: str, value: object) -> str:
    said = fact(name, value).replace(NO_BREAK, " ")
    return said.removeprefix(name.replace("_", " ")).strip()


def shown(
    folder: Folder, numbers: Sequence[int], takes: Mapping[int, Take | str]
) -> tuple[list[Shown], float]:
    """What a page shows of these takes, and the seconds of its time axis.

    Args:
        takes: of each that is there, the take, or why it can't be read.
    """
    there = {number: take for number, take in takes.items() if isinstance(take, Take)}
    longest = max((take.duration for take in there.values()), default=0.0)
    small: dict[int, Miniature] = {}
    for number, take in there.items():
        columns = max(8, round(COLUMNS * take.duration / longest)) if longest else 8
        small[number] = miniature(
            take.samples, take.sample_rate, columns=columns, max_frequency=DEFAULT_MAX_FREQUENCY
        )
    loudest = [each.loudest for each in small.values() if each.loudest is not None]
    top = max([_LOWEST_TOP_DB, *loudest])
    result = []
    for number in numbers:
        found = takes.get(number)
        one = small.get(number)
        says = found if isinstance(found, str) else cells.instead(folder, number)
        if one is not None and one.loudest is None:
            says = "only silence" if one.seconds else "no audio was received"
        audible = one is not None and one.seconds > 0
        content: dict[str, object] = {
            "number": number,
            "label": cells.label(folder, number).replace(NO_BREAK, " "),
            "take": found.id if isinstance(found, Take) and audible else None,
            "seconds": 0.0 if one is None else one.seconds,
            "rows": 1.0 if one is None else one.levels.shape[1] / ROWS,
            "says": says,
        }
        drawn = None if one is None or one.loudest is None else png(one, top)
        result.append(Shown(content, drawn))
    return result, longest


def png(small: Miniature, top: float) -> bytes:
    """Levels as grey: 255 is ``top`` dB, 0 is ``RANGE_DB`` beneath; the highest row first."""
    from PIL import Image

    share = (small.levels.T[::-1] - (top - RANGE_DB)) / RANGE_DB
    grey = (255 * share.clip(0, 1)).round().astype(np.uint8)
    packed = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(grey)).save(packed, "PNG")
    return packed.getvalue()


def load(folder: Folder, number: int, mark: str) -> Take | str:
    """A take that is there, by an id of its own: it may be shown elsewhere too, and be let go here.

    Returns:
        The take, or why it can't be read.
    """
    try:
        take = Take.load(folder.path_of(number))
    except TakeFileError as fault:
        return str(fault)
    take._recording.id = f"{take.id}.{mark}"
    return take
