"""What a page said of playing a take once: when its bytes came, and when its samples sounded.

A page has a clock of its own. Its moments are kept as it told them, in seconds, and placed on the
kernel's clock (``time.monotonic``) when they are asked for, with the error of doing so: what a
page told early is placed better once later messages have tied the clocks closer together.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, cast

from cartesia_nb.speech.milestones import Arrival as Arrival
from cartesia_nb.speech.milestones import Decoded as Decoded
from cartesia_nb.speech.milestones import Milestones
from cartesia_nb.speech.placing import FrozenClock as FrozenClock
from cartesia_nb.speech.placing import PageClock as PageClock
from cartesia_nb.speech.placing import Placed as Placed

SEEN_S: Final = 0.3
"""How long after a sample was to be heard a page has seen whether the output slipped meanwhile."""

_REGROWN_S: Final = 1.0
_REGROWING: Final = 500
"""Of so many spans, the last, one may grow."""


class Span(NamedTuple):
    """Samples that sounded without a break, at the take's rate.

    ``audible``: when the first of them left the loudspeaker, by the page's clock and estimate.
    """

    sample: int
    count: int  # type: ignore[assignment]  # hides tuple.count, which says nothing of a span
    audible: float


class DrySpell(NamedTuple):
    """The page had nothing to play: ``at`` seconds into the take, by the page's clock from
    ``began`` to ``ended``; ``None`` while it lasts."""

    at: float
    began: float
    ended: float | None


class OutputError(NamedTuple):
    """At ``at``, by the page's clock, the output's moments were sure to ``error`` seconds."""

    at: float
    error: float | None


@dataclass(eq=False)
class Listening:
    """One page playing a take once. All moments by the page's clock, in seconds.

    Written on the network loop, read on any thread: each tuple is replaced whole.

    Attributes:
        page: the page's id, another after a reload.
        number: 1 for the page's first listening of the take.
        clock: places the page's moments on the kernel's clock.
        sample_rate: the take's, in Hz.
        asked: when the take was to be heard: its turn had come, a person pressed Play or, where
            the browser held sound back until then, clicked anywhere.
        by_person: whether it was a person.
        disturbed: when a person first paused, stopped or sought, or ``None``.
        arrivals: when live bytes came; in a page's first listening only.
        decoded: when samples were handed to the output.
        spans: when samples sounded, in the order of their sounding.
        dry: when there was nothing to play.
        prebuffer: seconds that the page waited to have in hand, or ``None``.
        output: how it sounds, such as "worklet 44100 Hz", or ``None``.
        output_latency: seconds from the output to the loudspeaker by the page's estimate.
        output_error: how far off that may be, in seconds; ``None`` if nobody knows, and then no
            sample's moment is known either. The largest that the page told.
        output_errors: which one it told when, as an output may slip and recover; a moment's is the
            larger of those told just before and just after it. Without any, ``output_error``.
        ended: whether it was played to its end.
    """

    page: str
    number: int
    clock: PageClock
    sample_rate: int
    asked: float | None = None
    by_person: bool = False
    disturbed: float | None = None
    arrivals: Milestones[Arrival] = field(default_factory=lambda: Milestones(Arrival))
    decoded: Milestones[Decoded] = field(default_factory=lambda: Milestones(Decoded))
    spans: tuple[Span, ...] = ()
    dry: tuple[DrySpell, ...] = ()
    prebuffer: float | None = None
    output: str | None = None
    output_latency: float | None = None
    output_error: float | None = None
    output_errors: tuple[OutputError, ...] = ()
    ended: bool = False
    _cover: tuple[tuple[Span, ...], list[int], list[Span]] | None = field(
        default=None, init=False, repr=False
    )

    def place(self, moment: float | None) -> Placed | None:
        """A moment of the page on the kernel's clock; ``None`` if it is unknown."""
        return None if moment is None else self.clock.place(moment)

    def audible_on_page(self, sample: int) -> float | None:
        """When ``sample`` first sounded, by the page's clock; ``None`` if that is not known."""
        starts, spans = self._covered()
        index = bisect_right(starts, sample) - 1
        if index < 0 or sample >= spans[index].sample + spans[index].count:
            return None
        span = spans[index]
        return span.audible + (sample - span.sample) / self.sample_rate

    def audible_at(self, sample: int) -> Placed | None:
        """When ``sample`` first sounded, on the kernel's clock; ``None`` if that is not known."""
        return self.sounding(self.audible_on_page(sample))

    def sounding(self, moment: float | None) -> Placed | None:
        """As ``place``, for a moment at which something sounded or fell silent: the error of the
        output's own estimate comes on top.

        Such a moment is told before it has come: what the page has seen is when the sound was
        rendered, and that is what is placed; the output's latency is a length of time.
        """
        lead = self.output_latency or 0.0
        if moment is None:
            return None
        placed = self.clock.place(moment - lead)
        error = self._output_error(moment - lead, moment + SEEN_S)
        if placed is None or error is None:
            return None
        return Placed(placed.moment + lead, placed.error + error)

    def _output_error(self, rendered: float, seen: float) -> float | None:
        told = self.output_errors
        if not told:
            return self.output_error
        # A report sent when the sample was rendered does not know yet what became of it.
        first = bisect_left(told, rendered, key=lambda row: row.at) - 1
        last = bisect_left(told, seen, key=lambda row: row.at)
        near = [row.error for row in told[max(first, 0) : last + 1]]
        known = [error for error in near if error is not None]
        return max(known) if len(known) == len(near) else None

    def _covered(self) -> tuple[list[int], list[Span]]:
        spans, known = self.spans, self._cover
        if known is None or known[0] is not spans:
            # One assignment, so that another thread sees a whole one.
            known = self._cover = (spans, *_cover(spans, self.sample_rate))
        return known[1], known[2]

    def add_output(self, at: float, latency: float | None, error: float | None) -> None:
        """Note what the page told at its moment ``at`` of its output. Network loop only."""
        self.output_latency = latency
        told = self.output_errors
        if error is not None:
            self.output_error = max(error, self.output_error or 0.0)
        # In order, and of what stays the same the first and the last.
        if told and at <= told[-1].at:
            return
        if len(told) > 1 and told[-2].error == told[-1].error == error:
            told = told[:-1]
        if len(told) < MAX_SPANS:
            self.output_errors = (*told, OutputError(at, error))

    def add_arrivals(self, rows: Iterable[Arrival]) -> None:
        """Note what has come since. Rows that go back are left out. Network loop only."""
        self.arrivals = self.arrivals.and_then(rows)

    def add_decoded(self, rows: Iterable[Decoded]) -> None:
        """Note what was handed to the output since. Network loop only."""
        self.decoded = self.decoded.and_then(rows)

    def add_spans(self, rows: Iterable[Span]) -> None:
        """Note what sounded since; a span told again has grown. Network loop only."""
        # Only what a report may tell again is looked through, as an hour has thousands.
        older, spans = self.spans[:-_REGROWING], list(self.spans[-_REGROWING:])
        known = {span.sample: index for index, span in enumerate(spans)}
        for row in rows:
            index = known.get(row.sample)
            if index is not None and abs(spans[index].audible - row.audible) < _REGROWN_S:
                spans[index] = row
            elif len(older) + len(spans) < MAX_SPANS:
                known[row.sample] = len(spans)
                spans.append(row)
        self.spans = older + tuple(spans)

    def add_dry(self, rows: Iterable[DrySpell]) -> None:
        """Note dry spells; one told again has changed, and one that ended as it began was none.
        Network loop only."""
        dry = {(row.at, row.began): row for row in self.dry}
        dry.update({(row.at, row.began): row for row in rows})
        self.dry = tuple(row for row in dry.values() if row.ended != row.began)[:MAX_SPANS]

    def to_dict(self) -> dict[str, object]:
        """Everything in plain values, with its place on the kernel's clock."""
        plain: dict[str, object] = {name: getattr(self, name) for name in _PLAIN}
        for name in ("arrivals", "decoded", *_ROWS):
            plain[name] = [list(row) for row in getattr(self, name)]
        plain["clock"] = FrozenClock.of(self.clock, self._moments()).to_list()
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, object]) -> Listening:
        """Rebuild a listening from ``to_dict()``.

        Raises:
            KeyError, TypeError, ValueError: if ``plain`` is not what ``to_dict()`` gives.
        """
        clock = FrozenClock.from_list(cast("Sequence[Sequence[float]]", plain["clock"]))
        made = cls(str(plain["page"]), int(cast(int, plain["number"])), clock, 0)
        for name in _PLAIN:
            setattr(made, name, plain[name])
        for name, kind in _ROWS.items():
            rows = cast("Iterable[Iterable[float]]", plain[name])
            setattr(made, name, tuple(kind(*row) for row in rows))
        made.add_arrivals(Arrival(end, at) for end, at in _milestones(plain, "arrivals"))
        made.add_decoded(Decoded(end, at) for end, at in _milestones(plain, "decoded"))
        return made

    def _moments(self) -> list[float]:
        moments = [row.at for row in self.arrivals if row.at is not None]
        moments += [row.at for row in self.decoded if row.at is not None]
        lead = self.output_latency or 0.0
        for span in self.spans:
            began = span.audible - lead
            moments += [began, began + span.count / self.sample_rate]
        for spell in self.dry:
            ended = spell.began if spell.ended is None else spell.ended
            moments += [spell.began - lead, ended - lead]
        return moments + [one for one in (self.asked, self.disturbed) if one is not None]


MAX_SPANS: Final = 20_000
"""Spans, and so many dry spells, that one listening keeps: over five hours of one a second."""

_MOST_END: Final = 2**53

_ROWS: Final = {
    "spans": Span,
    "dry": DrySpell,
    "output_errors": OutputError,
}
_PLAIN: Final = (
    "page",
    "number",
    "sample_rate",
    "asked",
    "by_person",
    "disturbed",
    "prebuffer",
    "output",
    "output_latency",
    "output_error",
    "ended",
)


def _milestones(plain: Mapping[str, object], name: str) -> Iterable[tuple[int, float | None]]:
    rows = list(cast("Iterable[tuple[int, float | None]]", plain[name]))
    if any(end > _MOST_END for end, _ in rows):
        raise ValueError(f"{name} reach beyond any take")
    return rows


def _cover(spans: Sequence[Span], rate: int) -> tuple[list[int], list[Span]]:
    """Spans that do not overlap, in the order of their samples: of two, the one that came first."""
    starts: list[int] = []
    covered: list[Span] = []
    for span in spans:
        sample, end = span.sample, span.sample + span.count
        while sample < end:
            index = bisect_right(starts, sample)
            if index and covered[index - 1].sample + covered[index - 1].count > sample:
                sample = covered[index - 1].sample + covered[index - 1].count
                continue
            stop = min(end, starts[index]) if index < len(starts) else end
            audible = span.audible + (sample - span.sample) / rate
            starts.insert(index, sample)
            covered.insert(index, Span(sample, stop - sample, audible))
            sample = stop
    return starts, covered
