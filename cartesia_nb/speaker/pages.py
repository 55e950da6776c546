"""The pages that a Speaker hears of: their clocks, and what they tell of playing a take."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Final

from cartesia_nb.speaker.clock import IntervalClock
from cartesia_nb.speaker.heard import Down, Heard
from cartesia_nb.speaker.messages import Clocks, Signed
from cartesia_nb.speech.timeline import Timeline

MAX_PAGES: Final = 32
"""Pages whose clocks are kept; beyond, the one heard of longest ago goes. A reload makes a new
page."""

FRESH_S: Final = 60.0
"""What the clock of a page shows now is told for so long after its last message."""

GRAIN_S: Final = 0.001
"""How coarsely browsers read their clock: Firefox and Safari to a millisecond, Chromium finer."""


def downs(report: Heard, timeline: Timeline | None) -> Iterator[Down]:
    """The messages down of which a report tells when they had arrived: the quickest, and each that
    brought live audio of the take."""
    if report.down is not None:
        yield report.down
    if timeline is None or timeline.restored:
        return
    if report.asked is not None:
        # No page knows of a take before it is made: weak, and often the first that there is.
        yield Down(timeline.created, report.asked)
    for end, at in report.arrivals:
        sent = timeline.sent_at(end)
        if sent is not None and at is not None:
            yield Down(sent, at)


class Pages:
    """For the network loop alone; the clocks and listenings in it are read on any thread."""

    def __init__(self) -> None:
        self._clocks: OrderedDict[str, tuple[IntervalClock, float]] = OrderedDict()

    def came(self, message: Signed, received: float, downs: Iterable[Down] = ()) -> None:
        """A page's message was received at ``received`` on ``time.monotonic``.

        ``downs``: what it tells of messages down; left out are those that can't have been.
        """
        clock = self._clock(message.page, received)
        for down in downs:  # first, as they came first
            if down.sent <= received and down.arrived <= message.sent + GRAIN_S:
                clock.down(down.sent, down.arrived)
        clock.up(message.sent, received)

    def heard(self, timeline: Timeline, report: Heard, sent: float) -> None:
        """A page of which a message ``came`` told of playing a take: keep what is new in the
        take's timeline. ``sent``: when, by the page's clock."""
        known = self._clocks.get(report.page)
        # The moments of a take that was read back may be on another process's clock.
        if known is None or report.listening < 1 or timeline.restored:
            return
        listening = timeline.listening_of(
            report.page, report.listening, known[0], asked=report.asked
        )
        if listening is None:
            return
        if report.asked is not None:
            listening.asked = report.asked
        listening.by_person = report.by_person
        if listening.disturbed is None:
            listening.disturbed = report.disturbed
        if report.output is not None:
            listening.output = str(report.output)
            listening.add_output(sent, report.output.latency, report.output.error)
        if report.prebuffer is not None:
            listening.prebuffer = report.prebuffer
        listening.ended = listening.ended or report.ended
        listening.add_arrivals(report.arrivals)
        listening.add_decoded(report.decoded)
        listening.add_spans(report.spans)
        listening.add_dry(report.dry)

    def spans(self, now: float) -> Clocks:
        """Kernel clock minus page clock and its error, of the pages heard of lately."""
        return {
            page: span
            for page, (clock, at) in self._clocks.items()
            if now - at <= FRESH_S and (span := clock.span(now)) is not None
        }

    def _clock(self, page: str, received: float) -> IntervalClock:
        known = self._clocks.pop(page, None)
        clock = IntervalClock(grain=GRAIN_S) if known is None else known[0]
        self._clocks[page] = (clock, received)
        while len(self._clocks) > MAX_PAGES:
            self._clocks.popitem(last=False)
        return clock
