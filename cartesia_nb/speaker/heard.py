"""What a page reports of playing a take, read row by row.

A page may be of another version, or broken: a row that can't be right is left out, and the rest
of the report stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from cartesia_nb.speech.listening import Arrival, Decoded, DrySpell, Span

MOST_ROWS: Final = 500
"""Rows of each kind in one report; what a page sends beyond them is left out."""

MOST_LISTENINGS: Final = 1_000_000

_MOST_MOMENT_S: Final = 1e9
_MOST_COUNT: Final = 2**53
_MOST_NAME: Final = 64
_KINDS: Final = ("worklet", "scheduled", "none")


class Output(NamedTuple):
    """How a page sounds: by what, at which rate in Hz, how long until it is audible and how far
    off that may be, in seconds."""

    kind: str
    rate: float
    latency: float | None
    error: float | None

    def __str__(self) -> str:
        return f"{self.kind} {self.rate:g} Hz"


class Down(NamedTuple):
    """A message down: when it left, by the kernel's clock, and arrived, by the page's."""

    sent: float
    arrived: float


@dataclass(frozen=True)
class Heard:
    """How far a page played a take, in seconds, and what is new of a listening there.

    Attributes:
        take: its id.
        position: seconds of the take.
        ended: whether it was heard to its end.
        page: which page; "" if it did not say.
        playing: whether it plays there now.
        prebuffer: seconds in hand before it starts or goes on, or ``None``.
        listening: which of the page's listenings the rest is about, from 1; 0: none has begun.
        asked, by_person, disturbed, arrivals, decoded, spans, dry: as in ``Listening``; the rows
            are those that are new, or have changed, since the page's last report.
        output: how it sounds, or ``None``.
        down: the quickest message down since the last report, or ``None``.
    """

    take: str
    position: float
    ended: bool
    page: str = ""
    playing: bool = False
    prebuffer: float | None = None
    listening: int = 0
    asked: float | None = None
    by_person: bool = False
    disturbed: float | None = None
    arrivals: tuple[Arrival, ...] = ()
    decoded: tuple[Decoded, ...] = ()
    spans: tuple[Span, ...] = ()
    dry: tuple[DrySpell, ...] = ()
    output: Output | None = None
    down: Down | None = None


def read(content: Mapping[object, object], take: str) -> Heard | None:
    """A page's report on ``take``; ``None`` if it does not even say how far it is."""
    position = seconds(content.get("position"))
    if position is None:
        return None
    listening = whole(content.get("listening"), MOST_LISTENINGS)
    return Heard(
        take,
        position,
        content.get("ended") is True,
        page=name(content.get("page")),
        playing=content.get("playing") is True,
        prebuffer=seconds(content.get("prebuffer")),
        listening=0 if listening is None else listening,
        asked=moment(content.get("asked")),
        by_person=content.get("by_person") is True,
        disturbed=moment(content.get("disturbed")),
        arrivals=_rows(content.get("arrivals"), 2, _arrival),
        decoded=_rows(content.get("decoded"), 2, _decoded),
        spans=_rows(content.get("spans"), 3, _span),
        dry=_rows(content.get("dry"), 3, _spell),
        output=_output(content.get("output")),
        down=_down(content.get("down")),
    )


def moment(value: object) -> float | None:
    """A moment on some clock, in seconds, if ``value`` can be one."""
    # Compared before it is converted: an int may be too large for a float.
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not -_MOST_MOMENT_S <= value <= _MOST_MOMENT_S:  # nor is NaN
        return None
    return float(value)


def seconds(value: object) -> float | None:
    """A length of time, if ``value`` can be one."""
    number = moment(value)
    return None if number is None or number < 0 else number


def whole(value: object, most: int = _MOST_COUNT) -> int | None:
    """A whole number from 0 to ``most``, if ``value`` is one."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
        return value
    return None


def name(value: object) -> str:
    """A page's name, or "" if ``value`` is none."""
    return value if isinstance(value, str) and len(value) <= _MOST_NAME else ""


_Row = TypeVar("_Row")


def _rows(
    value: object, width: int, read_row: Callable[[list[object]], _Row | None]
) -> tuple[_Row, ...]:
    if not isinstance(value, list):
        return ()
    rows = (
        read_row(row) for row in value[:MOST_ROWS] if isinstance(row, list) and len(row) == width
    )
    return tuple(row for row in rows if row is not None)


def _arrival(row: list[object]) -> Arrival | None:
    end, at = whole(row[0]), moment(row[1])
    return None if end is None or (at is None and row[1] is not None) else Arrival(end, at)


def _decoded(row: list[object]) -> Decoded | None:
    end, at = whole(row[0]), moment(row[1])
    return None if end is None or (at is None and row[1] is not None) else Decoded(end, at)


def _span(row: list[object]) -> Span | None:
    sample, count, audible = whole(row[0]), whole(row[1]), moment(row[2])
    if sample is None or not count or audible is None:
        return None
    return Span(sample, count, audible)


def _spell(row: list[object]) -> DrySpell | None:
    at, began, ended = seconds(row[0]), moment(row[1]), moment(row[2])
    if at is None or began is None or (ended is None and row[2] is not None):
        return None
    return None if ended is not None and ended < began else DrySpell(at, began, ended)


def _output(value: object) -> Output | None:
    if not isinstance(value, Mapping):
        return None
    kind, rate = value.get("kind"), seconds(value.get("rate"))
    if kind not in _KINDS or not rate:
        return None
    return Output(kind, rate, seconds(value.get("latency")), seconds(value.get("error")))


def _down(value: object) -> Down | None:
    if not isinstance(value, Mapping):
        return None
    sent, arrived = moment(value.get("sent")), moment(value.get("arrived"))
    return None if sent is None or arrived is None else Down(sent, arrived)
