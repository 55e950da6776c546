"""Whether a take was heard: at the loudspeaker, and at the tap in the page."""

from __future__ import annotations

from cartesia_nb.speech.take import Take
from tests.browser import tap
from tests.browser.correlate import pieces
from tests.browser.ears import RATE, Recording
from tests.browser.page import AnyPage

ALIKE = 0.95
"""Correlation of half a second of a take with its recording: below it something is wrong."""


def heard_whole(recording: Recording, take: Take, spoilt: int = 8) -> bool:
    """Whether a recording holds the whole take, its tail included.

    A loudspeaker on a busy machine stutters: one piece in ``spoilt`` may be spoilt by that. What
    left the page is compared bit for bit at the tap.
    """
    rate = take.sample_rate
    found = pieces(recording.samples, take.samples, recording_rate=RATE, reference_rate=rate)
    judged = [piece for piece in found if piece is not None]
    good = [piece > ALIKE for piece in judged]
    return good[-1] and good.count(False) <= len(good) // spoilt


def at_the_tap(page: AnyPage, take: Take) -> bool:
    """Whether the page put out every sample of the take, unaltered and in order."""
    tapes = [tape for tape in tap.read(page) if tape.sample_rate == take.sample_rate]
    return any(tape.find(take.samples) is not None for tape in tapes)
