"""How a take stands in the pages that play it, as far as they have told. No I/O."""

from __future__ import annotations

import threading
from typing import Literal, NamedTuple

from cartesia_nb.speaker import messages
from cartesia_nb.speaker.speaker import PATIENCE_S

State = Literal["idle", "playing", "paused", "ended"]


class Report(NamedTuple):
    """One page's word on one take; ``position`` in seconds."""

    page: str
    position: float
    playing: bool
    ended: bool


class Standing(NamedTuple):
    """What is known of the playing of a take; ``position`` in seconds."""

    position: float
    playing: bool
    state: State


def read(content: object, take: str) -> Report | None:
    """A page's report on a take, or ``None`` if the message is none or is on another take."""
    heard = messages.parse(content)
    if not isinstance(heard, messages.Heard) or heard.take != take:
        return None
    return Report(heard.page, heard.position, heard.playing, heard.ended)


class Reports:
    """What all pages reported of one take. Any thread.

    A page that plays is believed before those that do not, and the one that began first before
    others. A page that plays tells twice a second: one that has been silent for ``PATIENCE_S``
    seconds was closed.

    Args:
        first: what is known before any page reports.
    """

    def __init__(self, first: Report) -> None:
        self._lock = threading.Lock()
        self._last = first
        self._playing: dict[str, tuple[float, Report]] = {}

    def add(self, report: Report, now: float) -> None:
        """A page reported, at ``now`` on ``time.monotonic``."""
        with self._lock:
            self._last = report
            if report.playing:
                # A page that is there already keeps its place in the order.
                self._playing[report.page] = (now, report)
            else:
                self._playing.pop(report.page, None)

    def standing(self, now: float) -> Standing:
        """How the take stands at ``now`` on ``time.monotonic``."""
        with self._lock:
            fresh = {
                page: (at, report)
                for page, (at, report) in self._playing.items()
                if now - at < PATIENCE_S
            }
            self._playing = fresh
            for _, report in fresh.values():
                return Standing(report.position, True, "playing")
            last = self._last
        if last.ended:
            return Standing(last.position, False, "ended")
        return Standing(last.position, False, "paused" if last.position > 0 else "idle")
