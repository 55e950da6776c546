"""How far something had got, and when, as a page tells it: rows that grow by the hundred thousand.

Kept as numbers, not as objects: Python's garbage collector walks through every named tuple there
is, and an hour's would hold the network loop up for tens of milliseconds each time.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, Generic, NamedTuple, TypeVar


class Arrival(NamedTuple):
    """All bytes from the previous row's ``end`` up to this one's had arrived by ``at``; ``None`` if
    when they came says nothing of the stream, as the page asked for them."""

    end: int
    at: float | None


class Decoded(NamedTuple):
    """All samples from the previous row's ``end`` up to this one's had been handed to the output by
    ``at``; ``None`` if they were not."""

    end: int
    at: float | None


MAX_ROWS: Final = 250_000
"""Arrivals, and so many of what was decoded, that one listening keeps: over two hours of thirty
messages a second."""

_Row = TypeVar("_Row", Arrival, Decoded)


class Milestones(Generic[_Row]):
    """Rows in the order of their ends; they never change. Any thread.

    Args:
        kind: what a row is.
        rows: those that are there; one that goes back is left out, as is any beyond ``MAX_ROWS``.
    """

    def __init__(self, kind: type[_Row], rows: Iterable[_Row] = ()) -> None:
        self._kind: type[_Row] = kind
        self._ends = array("q")
        self._moments = array("d")
        self._count = 0
        self._add(rows)

    def and_then(self, rows: Iterable[_Row]) -> Milestones[_Row]:
        """These and further ones, at the cost of the further ones. One thread at a time."""
        more = Milestones(self._kind)
        more._ends, more._moments, more._count = self._ends, self._moments, self._count
        if len(self._ends) > self._count:  # others went on from here already
            more._ends, more._moments = self._ends[: self._count], self._moments[: self._count]
        more._add(rows)
        return more

    def _add(self, rows: Iterable[_Row]) -> None:
        # Readers count on what lies below their own count, and that stays.
        ends, moments = self._ends, self._moments
        end = ends[-1] if ends else 0
        for row in rows:
            if row.end > end and len(ends) < MAX_ROWS:
                end = row.end
                moments.append(math.nan if row.at is None else row.at)
                ends.append(end)
        self._count = len(ends)

    def reaching(self, end: int) -> float | None:
        """When all up to ``end`` was there; ``None`` if that is not known."""
        index = bisect_left(self._ends, end, 0, self._count)
        if index == self._count or math.isnan(self._moments[index]):
            return None
        return self._moments[index]

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[_Row]:
        rows = zip(self._ends, self._moments, strict=False)  # which may grow meanwhile
        for end, at in islice(rows, self._count):
            yield self._kind(end, None if math.isnan(at) else at)

    def __repr__(self) -> str:
        return f"<{self._count} rows of {self._kind.__name__}>"
