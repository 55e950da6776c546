"""What became of a take's chunks, as figures draw and tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cartesia_nb.plots.takes import TakeLike
from cartesia_nb.speech.metrics import Metrics, measure
from cartesia_nb.speech.timeline import Chunk, Due, playout

Floats = npt.NDArray[np.float64]

DRY_S: Final = 0.001
"""A chunk later than this is a dry spell; less is within the jitter of a thread's wake-up."""


@dataclass(frozen=True)
class Course:
    """One take's chunks and figures.

    Attributes:
        take: whose they are.
        metrics: its figures.
        chunks: a snapshot, so that all of a figure is of one moment.
        dues: how each met its playback.
        zero: the moment that moments count from: the request, else the first chunk.
    """

    take: TakeLike
    metrics: Metrics
    chunks: tuple[Chunk, ...]
    dues: tuple[Due, ...]
    zero: float

    @classmethod
    def of(cls, take: TakeLike) -> Course:
        """Read ``take`` as it is now."""
        timeline = take.timeline
        chunks = timeline.chunks
        requested = timeline.requested
        return cls(
            take=take,
            metrics=measure(timeline, take.samples, take.sample_rate),
            chunks=chunks,
            dues=playout(chunks),
            zero=requested if requested is not None else chunks[0].received if chunks else 0.0,
        )

    @property
    def dry(self) -> list[tuple[Chunk, Due]]:
        """The chunks for which playback had to wait."""
        pairs = zip(self.chunks, self.dues, strict=True)
        return [(chunk, due) for chunk, due in pairs if due.dry > DRY_S]

    @property
    def least_ahead(self) -> float | None:
        """Seconds; the first chunk is left out, as playback begins with it."""
        return min((due.ahead for due in self.dues[1:]), default=None)

    def arrivals(self) -> tuple[Floats, Floats]:
        """The staircase of what was received: x in the take, y since ``zero``."""
        x = np.array([(chunk.start, chunk.end) for chunk in self.chunks]).ravel()
        y = np.repeat([chunk.received - self.zero for chunk in self.chunks], 2)
        return x, y

    def playback(self) -> tuple[Floats, Floats]:
        """The line of what sounds when; it steps up where playback had to wait."""
        x, _ = self.arrivals()
        y = []
        for chunk, due in zip(self.chunks, self.dues, strict=True):
            begin = max(due.due, chunk.received) - self.zero
            y += [begin, begin + chunk.duration]
        return x, np.array(y)


def dry_in_words(course: Course) -> str:
    """How many dry spells there were, and how long together."""
    spells = course.dry
    return f"{count(len(spells), 'dry spell')}, {span(sum(due.dry for _, due in spells))}"


def count(number: int, noun: str) -> str:
    """``1 chunk``, ``2 chunks``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def span(seconds: float | None) -> str:
    """A time for people, in ms up to 10 s; ``None`` is unknown."""
    if seconds is None:
        return "unknown"
    return f"{seconds:,.1f} s" if seconds >= 10 else f"{seconds * 1000:,.0f} ms"
