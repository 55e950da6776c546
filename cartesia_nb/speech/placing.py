"""A page's moments on the kernel's clock, while the page can be asked and afterwards."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Protocol, TypeAlias, cast

DRIFT: Final = 100e-6
"""How much two clocks may part, in seconds a second: quartz is within 100 ppm."""

_REACH_S: Final = 2.0
_SPACING_S: Final = 1.0
_SAME_S: Final = 1e-4


class Placed(NamedTuple):
    """A moment on the kernel's clock, in seconds, give or take ``error`` seconds."""

    moment: float
    error: float


class PageClock(Protocol):
    """What places a page's moments on the kernel's clock."""

    def place(self, moment: float) -> Placed | None:
        """The page's ``moment`` on the kernel's clock; ``None`` if it is unknown. Any thread."""
        ...


_Point: TypeAlias = tuple[float, float, float]


class FrozenClock:
    """Where a page's moments were placed, when the page can no longer be asked.

    Args:
        points: page moment, offset (kernel minus page) and error, in seconds, in order; an error
            that is not finite marks a moment whose place is unknown.
    """

    def __init__(self, points: Sequence[_Point] = ()) -> None:
        self._points = tuple(points)
        self._moments = [point[0] for point in self._points]

    @classmethod
    def of(cls, clock: PageClock, moments: Iterable[float]) -> FrozenClock:
        """The clock's answers for ``moments``, one a second where they say the same."""
        points: list[_Point] = []
        last: _Point | None = None
        for moment in sorted(set(moments)):
            placed = clock.place(moment)
            point = (moment, 0.0, math.inf)
            if placed is not None:
                point = (moment, placed.moment - moment, placed.error)
            if not points or not _same(points[-1], point):
                # Of what changes both sides are kept, so that each moment's nearest is its own.
                if last is not None and last is not points[-1] and not _alike(last, point):
                    points.append(last)
                points.append(point)
            last = point
        return cls(points)

    def place(self, moment: float) -> Placed | None:
        """The page's ``moment`` on the kernel's clock; ``None`` if nothing near it is known."""
        if not math.isfinite(moment):
            return None
        at = bisect_left(self._moments, moment)
        near = self._points[max(at - 1, 0) : at + 1]
        if not near:
            return None
        known, offset, error = min(near, key=lambda point: abs(point[0] - moment))
        away = abs(known - moment)
        if away > _REACH_S or not math.isfinite(error):
            return None
        return Placed(moment + offset, error + away * DRIFT)

    def to_list(self) -> list[list[float | None]]:
        """Its points as JSON can hold them."""
        return [[a, b, c if math.isfinite(c) else None] for a, b, c in self._points]

    @classmethod
    def from_list(cls, rows: Iterable[Sequence[float | None]]) -> FrozenClock:
        """Read what ``to_list`` gave."""
        return cls(
            [
                (float(cast(float, a)), float(cast(float, b)), math.inf if c is None else float(c))
                for a, b, c in rows
            ]
        )


def _same(one: _Point, other: _Point) -> bool:
    return other[0] - one[0] < _SPACING_S and _alike(one, other)


def _alike(one: _Point, other: _Point) -> bool:
    if not (math.isfinite(one[2]) and math.isfinite(other[2])):
        return math.isfinite(one[2]) == math.isfinite(other[2])
    return abs(one[1] - other[1]) < _SAME_S and abs(one[2] - other[2]) < _SAME_S
