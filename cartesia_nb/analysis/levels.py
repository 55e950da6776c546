"""What came of each value that a setting was asked for, and what would have if it did as asked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from cartesia_nb.analysis.measures import Measure
from cartesia_nb.analysis.within import Floats, Indices, Within

_MOST_LOG: Final = 300.0
"""An interval ends here, beyond sense, so that it stays a number."""

_RATES: Final = frozenset({"speaking_rate", "articulation_rate"})
_LENGTHS: Final = frozenset({"speech_seconds", "duration"})


@dataclass(frozen=True, slots=True)
class Level:
    """What came of one value that was asked for.

    Attributes:
        value: what was asked for; ``None`` where it was not set.
        name: the same for people: what the rows have as ``voice_name`` and the like, else short.
        n: takes of it whose measure is known.
        mean: their mean; this, and all of the measure's unit, with each text's own level taken out.
        sd: standard deviation of takes of one setting and text; ``None`` without two such takes.
        low: the least.
        high: the greatest.
        change: the realised factor against the effect's ``reference``, or the difference where
            the measure is compared so.
        change_low: from where to where it lies with 95 % confidence; ``None`` if that is unknown.
        change_high: likewise.
        asked: what ``change`` would be if it came as asked; ``None`` where asking says nothing.
    """

    value: object
    name: str
    n: int
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    change: float | None
    change_low: float | None
    change_high: float | None
    asked: float | None

    def miss(self, measure: Measure) -> float | None:
        """By how much ``change`` is off ``asked``: of a ratio a share (0.03 is 3 % off), else in
        the measure's unit; ``None`` where asking says nothing."""
        if self.change is None or self.asked is None:
            return None
        if measure.ratio:
            return abs(self.change / self.asked - 1)
        return abs(self.change - self.asked)


def as_asked(parameter: str, measure: Measure, value: object, reference: object) -> float | None:
    """What the change against a reference would be if the parameter did what it says; ``None``
    where it says nothing of the measure.

    Speed is a factor of rates, and of lengths the other way round; volume one of amplitude. Not
    set is 1.0.
    """
    if parameter not in ("speed", "volume"):
        return None
    factor, base = (1.0 if one is None else one for one in (value, reference))
    if not isinstance(factor, (int, float)) or not isinstance(base, (int, float)):
        return None
    if factor <= 0 or base <= 0:
        return None
    if parameter == "speed" and measure.name in _RATES and measure.ratio:
        return float(factor / base)
    if parameter == "speed" and measure.name in _LENGTHS and measure.ratio:
        return float(base / factor)
    if parameter == "volume" and measure.name == "loudness":
        return 20 * math.log10(factor / base)
    return None


@dataclass(frozen=True, eq=False, slots=True)
class Levels:
    """Makes each level from the takes of all."""

    parameter: str
    measure: Measure
    asked: list[object]
    names: list[str]
    levels: Indices
    values: Floats
    blocks: Indices
    present: list[int]
    within: Within | None

    def level(self, index: int, reference: object) -> Level:
        chosen = self.levels == index
        own = self.values[chosen]
        base = self.asked.index(reference)
        change = self.change(index, base) if self.within is not None and len(own) else None
        low, high = self.ends(index, base)
        known = len(own) > 0
        return Level(
            value=self.asked[index],
            name=self.names[index],
            n=len(own),
            mean=float(own.mean()) if known else None,
            sd=_pooled(own, self.blocks[chosen]),
            low=float(own.min()) if known else None,
            high=float(own.max()) if known else None,
            change=change,
            change_low=low,
            change_high=high,
            asked=as_asked(self.parameter, self.measure, self.asked[index], reference),
        )

    def change(self, index: int, base: int) -> float | None:
        """From the level ``base`` to another; ``None`` if there is nothing known of one."""
        if self.within is None or index not in self.present or base not in self.present:
            return None
        effects = self.within.effects
        difference = float(effects[self.present.index(index)] - effects[self.present.index(base)])
        return math.exp(difference) if self.measure.ratio else difference

    def ends(self, index: int, base: int) -> tuple[float | None, float | None]:
        """From where to where ``change`` lies with 95 % confidence."""
        change = self.change(index, base)
        if self.within is None or change is None:
            return None, None
        half = self.within.half_width(self.present.index(index), self.present.index(base))
        if half is None:
            return None, None
        if self.measure.ratio:
            half = min(half, _MOST_LOG)
            return change * math.exp(-half), change * math.exp(half)
        return change - half, change + half


def _pooled(values: Floats, blocks: Indices) -> float | None:
    cells = [values[blocks == block] for block in np.unique(blocks)]
    freedom = sum(len(cell) - 1 for cell in cells)
    if freedom < 1:
        return None
    return math.sqrt(sum(float(((cell - cell.mean()) ** 2).sum()) for cell in cells) / freedom)
