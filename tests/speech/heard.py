"""Timelines made by hand, with a page whose clock is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cartesia_nb.speech.listening import Arrival, Decoded, DrySpell, Listening, Placed, Span
from cartesia_nb.speech.timeline import Timeline

RATE = 8000
WIDTH = 4

OFFSET = 60.0
"""Kernel clock less page clock."""


@dataclass(frozen=True)
class KnownClock:
    """A page's clock that is ``OFFSET`` behind the kernel's, give or take ``error``."""

    error: float | None = 0.003

    def place(self, moment: float) -> Placed | None:
        return None if self.error is None else Placed(moment + OFFSET, self.error)


def timeline_of(
    *arrivals: tuple[float, float],
    requested: float | None = 50.0,
    given: float | None = 49.5,
    cold: bool | None = False,
) -> Timeline:
    """Chunks as (received, seconds of audio); the text was given at 49.5 and sent at 50.0."""
    timeline = Timeline(RATE, WIDTH, created=49.0)
    timeline.given, timeline.cold = given, cold
    if requested is not None:
        timeline.connected = requested
        timeline.sending(requested, 12)
    for received, duration in arrivals:
        timeline.add_chunk(round(duration * RATE) * WIDTH, received=received)
    return timeline


def heard(
    timeline: Timeline,
    *sounding: tuple[float, float, float],
    asked: float | None = 50.0,
    clock: KnownClock | None = None,
    output_error: float | None = 0.001,
    disturbed: float | None = None,
    arrived: Iterable[float] | None = None,
    dry: Iterable[tuple[float, float, float | None]] = (),
    number: int = 1,
) -> Listening:
    """A page hears it: spans as (seconds into the take, how many, audible when).

    All moments are given by the kernel's clock and told by the page's. Live audio arrives 10 ms
    after it was received, unless said otherwise; with an empty ``arrived`` none did.
    """
    listening = timeline.listening_of("page", number, clock or KnownClock())
    assert listening is not None
    listening.asked = None if asked is None else asked - OFFSET
    listening.disturbed = None if disturbed is None else disturbed - OFFSET
    listening.output_error = output_error
    moments = [chunk.received + 0.01 for chunk in timeline.chunks] if arrived is None else arrived
    for chunk, moment in zip(timeline.chunks, moments, strict=False):
        end = chunk.offset + chunk.size
        listening.add_arrivals([Arrival(end, moment - OFFSET)])
        listening.add_decoded([Decoded(end // WIDTH, moment + 0.002 - OFFSET)])
    listening.add_spans(
        Span(round(at * RATE), round(count * RATE), audible - OFFSET)
        for at, count, audible in sounding
    )
    listening.add_dry(
        DrySpell(at, began - OFFSET, None if ended is None else ended - OFFSET)
        for at, began, ended in dry
    )
    return listening
