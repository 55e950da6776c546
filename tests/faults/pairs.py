"""Which faults, moments and consumers are tried together over real sockets. Pure.

All of them would be some 250 cases, and a real socket takes its time. So each fault is met at each
of its moments and before each consumer, and each moment before each consumer, but not each fault
at each moment before each consumer: the router alone is held to that (``alone``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tests.faults.promises import CONSUMERS, MOMENTS, Consumer, Moment, Outcome, Row


class Case(NamedTuple):
    """A fault at a moment before a consumer.

    Attributes:
        again: whether this fault came to the same end in an earlier case.
    """

    row: Row
    moment: Moment
    consumer: Consumer
    again: bool

    @property
    def promised(self) -> Outcome:
        return self.row.promised[self.moment]

    @property
    def name(self) -> str:
        return f"{self.row.name} {self.moment} {self.consumer}".replace(",", "")


Pair = tuple[Moment, Consumer]


def cover(rows: Iterable[Row]) -> list[Case]:
    """Few cases in which all pairs meet; the same ones for the same rows."""
    cases: list[Case] = []
    met: set[Pair] = set()
    for row in rows:
        pairs = max(_turns(row), key=lambda turn: len(set(turn) - met))
        met.update(pairs)
        ends: set[Outcome] = set()
        for moment, consumer in pairs:
            cases.append(Case(row, moment, consumer, row.promised[moment] in ends))
            ends.add(row.promised[moment])
    return cases


def _turns(row: Row) -> list[list[Pair]]:
    """Each moment and each consumer once, or more often where there are fewer of the one."""
    moments: Sequence[Moment] = [moment for moment in MOMENTS if moment in row.promised]
    steps = range(max(len(moments), len(CONSUMERS)))
    return [
        [
            (moments[step % len(moments)], CONSUMERS[(step + turn) % len(CONSUMERS)])
            for step in steps
        ]
        for turn in range(len(CONSUMERS))
    ]
