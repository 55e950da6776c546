"""What a setting did: rows of takes in, what came of each value that was asked for out."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from cartesia_nb.analysis.levels import Level, Levels
from cartesia_nb.analysis.measures import Measure
from cartesia_nb.analysis.takerows import PARAMETERS, Row, TakeRows, block, key, text_of
from cartesia_nb.analysis.verdict import in_words
from cartesia_nb.analysis.within import Floats, Indices, compare

SEEN_BELOW: Final = 0.01
"""An effect counts as seen when chance alone would differ as much less often than this."""

_ROUNDING: Final = 1e-9
"""What is left of a value by taking out its text's level, where there should be nothing."""

_LARGE: Final = 3.0
"""So many standard deviations are a difference that nobody would want to miss."""

_USUAL: Final = {"speed": "speaking_rate", "volume": "loudness"}


@dataclass(frozen=True, eq=False, slots=True)
class Effect:
    """What a parameter did to a measure. ``print`` says whether an effect is seen.

    Attributes:
        parameter: what was asked for.
        measure: what came.
        levels: for each value asked for; numbers in order, ``None`` first, else as they come.
        reference: the value that ``Level.change`` is against: of speed and volume 1.0 or not
            set, or what is nearest to it; else not set, or the first.
        change: from the level with the least mean to the one with the greatest, in the order in
            which they were asked for: a factor, or a difference.
        change_low: from where to where it lies with 95 % confidence; ``None`` if that is unknown.
        change_high: likewise.
        extremes: the values of these two levels, in that order.
        spread: standard deviation of takes of one setting and text: a share of the value where
            the measure is compared by ratio; ``None`` without repeats.
        explained: share of the variance within texts and other settings that the parameter
            explains; ``None`` where nothing varies.
        p: the chance that a parameter without effect gives as much (F test); ``None`` without
            anything to hold it against.
        takes: that were measured.
        texts: how many different ones.
        failed: takes that did not come to their end.
        unknown: takes that did, of which the measure is unknown.
        with_it: what else changed whenever the parameter did, so that the two can't be told apart:
            settings, ``"text"``, or ``"rate_source"``; empty as it should be.
        points: of each take measured, the index of its level and its value as ``Level.mean`` has
            it, shapes ``(takes,)``.
    """

    parameter: str
    measure: Measure
    levels: tuple[Level, ...]
    reference: object
    change: float | None
    change_low: float | None
    change_high: float | None
    extremes: tuple[object, object] | None
    spread: float | None
    explained: float | None
    p: float | None
    takes: int
    texts: int
    failed: int
    unknown: int
    with_it: tuple[str, ...]
    points: tuple[Indices, Floats]

    @property
    def seen(self) -> bool | None:
        """Whether the parameter has an effect on the measure that chance hardly explains;
        ``None`` if that can't be said: also where takes are so few that the change may be larger
        than ``Measure.least`` (or than 3 times ``spread``, of a measure that has none)."""
        if self.p is None or self.p < SEEN_BELOW:
            return None if self.p is None else True
        return None if self._may_be_large else False

    @property
    def _may_be_large(self) -> bool:
        low, high, least = self.change_low, self.change_high, self.measure.least
        if low is None or high is None:
            return False
        if least is None:
            least = 0.0 if self.spread is None else _LARGE * self.spread
        most = max(high, 1 / low) - 1 if self.measure.ratio else max(high, -low)
        return most > least

    @property
    def furthest(self) -> Level | None:
        """The level whose change is furthest from what was asked; ``None`` where that is nothing.

        Of speed, by the ratio; of loudness, in dB.
        """
        asked = [one for one in self.levels if one.miss(self.measure) is not None]
        return max(asked, key=lambda one: one.miss(self.measure) or 0.0, default=None)

    @property
    def miss(self) -> float | None:
        """By how much that is: a share (0.03 is 3 % off), or dB."""
        return None if self.furthest is None else self.furthest.miss(self.measure)

    def to_records(self) -> list[dict[str, object]]:
        """The levels as rows of plain values, for pandas."""
        names = [field.name for field in fields(Level) if field.name != "value"]
        return [
            {self.parameter: one.value, **{name: getattr(one, name) for name in names}}
            for one in self.levels
        ]

    def describe(self) -> str:
        """In a sentence or three: whether an effect is seen, how large, and against what spread."""
        return in_words(self)

    def __str__(self) -> str:
        return self.describe()


def effect(rows: Iterable[Row], parameter: str, measure: str | None = None) -> Effect:
    """What ``parameter`` did to ``measure``.

    Texts differ in length and pitch, and other settings may vary as well: takes are compared with
    those of the same text and the same other settings alone, and rates whose span of speech came
    from words' times not with those from the signal. Measures such as rates and frequencies are
    compared by their ratio, levels and counts by their difference. The chance and the intervals
    are of these texts: what a setting would do to others may differ by more.

    Args:
        rows: of takes, as ``sweep.to_records()`` or a DataFrame's ``to_dict("records")`` gives
            them. Takes that failed, and measures that are unknown, are counted and passed over.
        parameter: a setting that varies, or ``"backend"``.
        measure: a numeric column; ``None``: of speed the speaking rate, of volume the loudness,
            else the median pitch.

    Raises:
        SettingsError: there is no such parameter or measure, or the parameter does not vary.
    """
    table = TakeRows(rows)
    table.check_varying(parameter)
    return effect_of(table, parameter, measure)


def effect_of(table: TakeRows, parameter: str, measure: str | None = None) -> Effect:
    """As ``effect``, also where the parameter has but one value.

    Raises:
        SettingsError: there is no such parameter or measure.
    """
    asked = table.values(parameter)
    names = table.names(parameter)
    kind = Measure.of(_USUAL.get(parameter, "f0_median") if measure is None else measure)
    measured = table.measured(kind.name)
    values = np.array([value for _, value in measured], dtype=np.float64)
    if kind.ratio and (values <= 0).any():
        kind = replace(kind, ratio=False)
    place = {key(value): index for index, value in enumerate(asked)}
    levels = np.array([place[key(row.get(parameter))] for row, _ in measured], dtype=np.intp)
    blocks = _numbered(
        [(*block(row, parameter), _source(row) if kind.by_source else None) for row, _ in measured]
    )
    present = np.unique(levels)
    within = None
    if len(values):
        scaled = np.log(values) if kind.ratio else values
        within = compare(scaled, np.searchsorted(present, levels), blocks)
    if within is not None:
        values = np.exp(within.adjusted) if kind.ratio else within.adjusted
        values = np.where(np.abs(values) < _ROUNDING * np.abs(values).max(), 0.0, values)
    reference = _reference(parameter, [asked[index] for index in present] or asked)
    rows_of = Levels(
        parameter, kind, asked, names, levels, values, blocks, present.tolist(), within
    )
    made = tuple(rows_of.level(index, reference) for index in range(len(asked)))
    change, low, high, extremes = None, None, None, None
    if within is not None and len(present) > 1:
        least, most = present[within.effects.argmin()], present[within.effects.argmax()]
        if least == most:  # not one differs
            least, most = present[0], present[-1]
        first, last = sorted((int(least), int(most)))
        change, extremes = rows_of.change(last, first), (asked[first], asked[last])
        low, high = rows_of.ends(last, first)
    return Effect(
        parameter=parameter,
        measure=kind,
        levels=made,
        reference=reference,
        change=change,
        change_low=low,
        change_high=high,
        extremes=extremes,
        spread=None if within is None else within.spread,
        explained=None if within is None else within.explained,
        p=None if within is None else within.p,
        takes=len(measured),
        texts=len({text_of(row) for row, _ in measured}),
        failed=table.failed,
        unknown=len(table.done) - len(measured),
        with_it=_with_it(measured, parameter, kind, levels) if within is None else (),
        points=(levels, values),
    )


def _reference(parameter: str, asked: Sequence[object]) -> object:
    numbers = [one for one in asked if isinstance(one, (int, float))]
    if parameter in ("speed", "volume") and len(numbers) == sum(one is not None for one in asked):
        if None in asked and 1.0 not in numbers:
            return None
        return min(numbers, key=lambda one: abs(math.log(one)) if one > 0 else math.inf)
    return None if None in asked else asked[0]


def _source(row: Row) -> Hashable:
    return key(row.get("rate_source"))


def _with_it(
    measured: Sequence[tuple[Row, float]], parameter: str, kind: Measure, levels: Indices
) -> tuple[str, ...]:
    """What alone keeps the levels from being compared; if nothing does alone, all that varies."""
    if not measured:
        return ()
    columns = {one: [key(row.get(one)) for row, _ in measured] for one in PARAMETERS}
    columns["text"] = [text_of(row) for row, _ in measured]
    if kind.by_source:
        columns["rate_source"] = [_source(row) for row, _ in measured]
    place = np.unique(levels, return_inverse=True)[1]
    varying = [one for one, keys in columns.items() if one != parameter and len(set(keys)) > 1]
    zeros = np.zeros(len(measured))
    alone = [one for one in varying if compare(zeros, place, _numbered(columns[one])) is None]
    return tuple(alone or varying)


def _numbered(keys: Sequence[Hashable]) -> Indices:
    order: dict[Hashable, int] = {}
    return np.array([order.setdefault(one, len(order)) for one in keys], dtype=np.intp)
