"""What became of a take's chunks, as figures draw and tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from cartesia_nb.plots.takes import TakeLike
from cartesia_nb.speech.listening import Listening
from cartesia_nb.speech.metrics import DRY_S, Metrics
from cartesia_nb.speech.recording import Word
from cartesia_nb.speech.stages import Stages, stages
from cartesia_nb.speech.timeline import Chunk, Due, playout
from cartesia_nb.speech.wording import count

Floats: TypeAlias = npt.NDArray[np.float64]
Stage: TypeAlias = Literal["pushed", "received", "sent", "arrived", "decoded", "audible"]
Zero: TypeAlias = Literal["request", "say()", "first text", "first chunk"]

STEPS: Final[tuple[tuple[Stage, Stage, str], ...]] = (
    ("pushed", "received", "text sent → received"),
    ("received", "sent", "→ sent to the page"),
    ("sent", "arrived", "→ arrived there"),
    ("arrived", "decoded", "→ decoded"),
    ("decoded", "audible", "→ audible"),
)
"""A chunk's way, from stage to stage, and what each step is called."""

_JOINED_S: Final = 1e-6


@dataclass(frozen=True)
class Course:
    """One take's chunks and figures, all of one moment. Times in seconds after ``zero``.

    Attributes:
        take: whose they are.
        metrics: its figures.
        rows: the stages of each chunk, on the kernel's clock.
        dues: how each chunk met its playback on paper, on the kernel's clock.
        listening: what a page told of playing it, or ``None``.
        zero: the moment that times count from, on the kernel's clock.
        since: what that moment is.
    """

    take: TakeLike
    metrics: Metrics
    rows: tuple[Stages, ...]
    dues: tuple[Due, ...]
    listening: Listening | None
    zero: float
    since: Zero

    @classmethod
    def of(cls, take: TakeLike, *, from_say: bool = False) -> Course:
        """Read ``take`` as it is now.

        Args:
            take: ended or not.
            from_say: count from when its first text was given where a connection was opened for
                it: from ``say()``, or from the first piece of text that was fed.
        """
        timeline = take.timeline
        # The plots' own protocol asks of a word only what it draws.
        rows = stages(timeline, cast("Sequence[Word]", take.words), take.text)
        since: Zero = "request"
        zero = timeline.requested
        began = timeline.created if timeline.given is None else timeline.given
        if from_say and timeline.cold and zero is not None and began <= zero:
            # Of a text that is given whole, say() is that moment.
            since, zero = "say()" if began == timeline.created else "first text", began
        if zero is None:
            since, zero = "first chunk", rows[0].received if rows else 0.0
        return cls(
            take=take,
            metrics=take.metrics,
            rows=rows,
            dues=playout(row.chunk for row in rows),
            listening=timeline.listening,
            zero=zero,
            since=since,
        )

    @property
    def with_connecting(self) -> bool:
        """Whether it begins before the request, so that connecting lies in the figure."""
        return self.since in ("say()", "first text")

    @property
    def since_in_words(self) -> str:
        """What times count from, as it stands in a sentence."""
        return self.since if self.since == "say()" else f"the {self.since}"

    def after_zero(self, moment: float | None) -> float | None:
        """A moment of the kernel's clock as a time in the figure."""
        return None if moment is None else moment - self.zero

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """Those received."""
        return tuple(row.chunk for row in self.rows)

    @cached_property
    def starts(self) -> Floats:
        """Where in the audio each chunk begins."""
        return np.array([row.chunk.start for row in self.rows])

    @cached_property
    def ends(self) -> Floats:
        """Where in the audio each chunk ends."""
        return np.array([row.chunk.end for row in self.rows])

    def stage(self, name: Stage) -> Floats:
        """When each chunk was there; NaN where it is unknown."""
        moments: list[float | None] = [getattr(row, name) for row in self.rows]
        return np.array([np.nan if at is None else at - self.zero for at in moments])

    @cached_property
    def due(self) -> Floats:
        """When each chunk was due on paper."""
        return np.array([due.due for due in self.dues]) - self.zero

    @property
    def dry(self) -> list[tuple[Chunk, Due]]:
        """The chunks for which playback on paper had to wait."""
        pairs = zip(self.chunks, self.dues, strict=True)
        return [(chunk, due) for chunk, due in pairs if due.dry > DRY_S]

    @property
    def least_ahead(self) -> float | None:
        """On paper; the first chunk is left out, as playback begins with it."""
        return min((due.ahead for due in self.dues[1:]), default=None)

    @property
    def least_in_hand(self) -> float | None:
        """In the page: how early the latest chunk came for the ear; the first is left out."""
        known = [row.in_hand for row in self.rows[1:] if row.in_hand is not None]
        return min(known, default=None)

    @property
    def heard_dry_in_words(self) -> str:
        """How many dry spells the page told of, and how long together; empty if none."""
        number, seconds = self.metrics.heard_dry_spells, self.metrics.heard_dry_seconds
        if not number:
            return ""
        return f"{count(number, 'dry spell')}, {span(seconds)}"

    @property
    def clock_error(self) -> float | None:
        """The largest error of a page's moment, or ``None`` if none is known."""
        return max((row.clock_error for row in self.rows if row.clock_error is not None),
                   default=None)  # fmt: skip

    def received(self) -> tuple[Floats, Floats]:
        """The staircase of what was received: x the time, y the position in the audio."""
        x = np.repeat(self.stage("received"), 2)
        return x, np.column_stack((self.starts, self.ends)).ravel()

    def playback(self) -> tuple[Floats, Floats]:
        """Playback on paper, flat where it had to wait: x the time, y the position."""
        received = self.stage("received")
        begins = np.maximum(self.due, received)
        x = np.column_stack((self.due, begins, begins + (self.ends - self.starts))).ravel()
        return x, np.column_stack((self.starts, self.starts, self.ends)).ravel()

    @cached_property
    def heard(self) -> tuple[Floats, Floats]:
        """What sounded when in the page, NaN between pieces that do not join; may be empty."""
        x: list[float] = []
        y: list[float] = []
        if self.listening is not None:
            rate = self.listening.sample_rate
            for span in self.listening.spans:
                began = self.listening.sounding(span.audible)
                ended = self.listening.sounding(span.audible + span.count / rate)
                if began is None or ended is None:
                    continue
                first, last = span.sample / rate, (span.sample + span.count) / rate
                if y and abs(y[-1] - first) > _JOINED_S:
                    x.append(np.nan)
                    y.append(np.nan)
                x += [began.moment - self.zero, ended.moment - self.zero]
                y += [first, last]
        return np.array(x), np.array(y)

    @cached_property
    def heard_dry(self) -> list[tuple[float, float, float]]:
        """Dry spells in the page that are over: position in the audio, began, ended.

        As in ``Metrics``, those after a person paused, stopped or sought are left out.
        """
        found: list[tuple[float, float, float]] = []
        if self.listening is None:
            return found
        disturbed = self.listening.disturbed
        for spell in self.listening.dry:
            if spell.ended is None or (disturbed is not None and spell.began >= disturbed):
                continue
            began = self.listening.sounding(spell.began)
            ended = self.listening.sounding(spell.ended)
            if began is not None and ended is not None:
                found.append((spell.at, began.moment - self.zero, ended.moment - self.zero))
        return found

    def ahead(self) -> tuple[Floats, Floats]:
        """On paper, seconds of audio in hand over time."""
        if not self.rows:
            return np.empty(0), np.empty(0)
        return _difference(self.stage("received"), self.ends, *self.playback())

    def ahead_in_page(self) -> tuple[Floats, Floats]:
        """The same in the page, as far as it is known; may be empty.

        It ends where a person interfered: what they skip or hold back says nothing of the stream.
        """
        x, y = self.heard
        x, y = x[~np.isnan(x)], y[~np.isnan(x)]
        arrived = self.stage("arrived")
        nothing = np.empty(0), np.empty(0)
        if self.listening is None or len(x) == 0 or np.isnan(arrived[0]):
            return nothing
        known = ~np.isnan(arrived)
        disturbed = self.listening.place(self.listening.disturbed)
        if disturbed is not None:
            until = disturbed.moment - self.zero
            known &= np.nan_to_num(arrived, nan=np.inf) <= until
            x, y = _cut(x, y, until)
        if not known.any() or not len(x):
            return nothing
        return _difference(np.maximum.accumulate(arrived[known]), self.ends[known], x, y)


def _cut(x: Floats, y: Floats, until: float) -> tuple[Floats, Floats]:
    """What of the pieces, each of two points, is before ``until``; one that it cuts ends there."""
    beyond = np.flatnonzero(x > until)
    if not len(beyond):
        return x, y
    first = int(beyond[0])
    if first % 2 == 0:  # it lies between two pieces
        return x[:first], y[:first]
    there = float(np.interp(until, x[first - 1 : first + 1], y[first - 1 : first + 1]))
    return np.append(x[:first], until), np.append(y[:first], there)


def _difference(came: Floats, ends: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """How far the staircase that reaches ``ends`` at ``came`` is over the line ``x, y``."""
    times = np.unique(np.concatenate((came, x)))
    stairs = np.concatenate(([0.0], ends))
    played = np.interp(times, x, y, left=float(y[0]))
    before = stairs[np.searchsorted(came, times, side="left")] - played
    after = stairs[np.searchsorted(came, times, side="right")] - played
    both = np.column_stack((before, after)).ravel()
    return np.repeat(times, 2), np.maximum(both, 0.0)


def dry_in_words(course: Course) -> str:
    """How many dry spells there were on paper, and how long together."""
    spells = course.dry
    return f"{count(len(spells), 'dry spell')}, {span(sum(due.dry for _, due in spells))}"


def span(seconds: float | None) -> str:
    """A time for people, in ms up to 10 s, finer under 10 ms; ``None`` is unknown."""
    if seconds is None:
        return "unknown"
    if seconds >= 10:
        return f"{seconds:,.1f} s"
    # The last figure of less than 10 ms is worth saying, and no more than that.
    return f"{seconds * 1000:,.{1 if 0 < seconds < 0.00995 else 0}f} ms".replace(".0 ms", " ms")
