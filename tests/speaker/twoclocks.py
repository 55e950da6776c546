"""A kernel and a page, each with a clock of its own that drifts and sleeps, and their messages.

The true time is known here and to nobody else. Messages of a direction keep their order, take up
to `LATEST_S`, and wait for a sleeper to wake.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

from hypothesis import strategies as st

from cartesia_nb.speaker.clock import IntervalClock
from cartesia_nb.speech.placing import DRIFT

LATEST_S = 4.0
SLEEP_S = (10.0, 4_000.0)

_T = TypeVar("_T")


class Draw(Protocol):
    """What hypothesis draws with."""

    def __call__(self, strategy: st.SearchStrategy[_T], /) -> _T: ...


class TwoClocks:
    """The two of them; ``happen`` lets one more thing happen."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self.clock = IntervalClock()
        self._kernel = draw(st.floats(-1e6, 1e6))
        self._page = draw(st.floats(-1e6, 1e6))
        self._rate = 1.0 + draw(st.floats(-0.9, 0.9)) * DRIFT  # of the kernel's to the page's
        self._time = 0.0
        self._down: list[tuple[float, float]] = []  # when it is there, the kernel's moment
        self._up: list[tuple[float, float, tuple[float, float] | None]] = []
        self._best: tuple[float, float] | None = None
        self._slept = False
        #: Moments of the page, and where they truly are on the kernel's clock.
        self.moments: list[tuple[float, float]] = []

    def happen(self) -> None:
        """Something happens."""
        draw = self._draw
        what = draw(st.sampled_from(["wait", "down", "up", "down", "up", "page", "kernel"]))
        if what == "wait":
            self._wait(draw(st.floats(0.001, 60.0)))
        elif what == "down":
            self._send_down(draw(_latencies))
        elif what == "up":
            self._send_up(draw(_latencies))
        else:
            if self._slept:  # between two sleeps a message each way gets through
                self._exchange()
            self._slept = True
            self._wait(draw(st.floats(0.001, 1.0)))
            self._note()
            self._sleep(draw(st.floats(*SLEEP_S)), page=what == "page")
            self._note()
        self._wait(draw(st.floats(0.001, 1.0)))
        self._note()

    def settle(self) -> None:
        """What is on its way arrives, and a prompt message each way; then the last of ``moments``
        is vouched for."""
        self._exchange()
        self._exchange()

    def _exchange(self) -> None:
        self._wait(2 * LATEST_S)
        self._send_down(0.01)
        self._wait(0.02)
        self._note()
        self._send_up(0.01)
        self._wait(0.02)

    def _note(self) -> None:
        self.moments.append((self._page, self._kernel))

    def _send_down(self, latency: float) -> None:
        there = max([self._time + latency, *(row[0] for row in self._down[-1:])])
        self._down.append((there, self._kernel))

    def _send_up(self, latency: float) -> None:
        there = max([self._time + latency, *(row[0] for row in self._up[-1:])])
        self._up.append((there, self._page, self._best))
        self._best = None

    def _wait(self, seconds: float) -> None:
        end = self._time + seconds
        while True:
            coming = [row[0][0] for row in (self._down, self._up) if row]
            if not coming or min(coming) > end:
                break
            self._pass(max(min(coming) - self._time, 0.0))
            self._deliver()
        self._pass(end - self._time)

    def _pass(self, seconds: float) -> None:
        self._time += seconds
        self._page += seconds
        self._kernel += seconds * self._rate

    def _sleep(self, seconds: float, *, page: bool) -> None:
        """One of the two stops; what is on its way to it is there when it wakes."""
        self._time += seconds
        if page:
            self._kernel += seconds * self._rate
            self._deliver_up_during(seconds)
        else:
            self._page += seconds
            self._deliver_down_during(seconds)

    def _deliver_up_during(self, seconds: float) -> None:
        """While the page slept the kernel received what was on its way."""
        while self._up and self._up[0][0] <= self._time:
            there, sent, best = self._up.pop(0)
            ago = min(self._time - there, seconds)
            self._feed(sent, best, self._kernel - ago * self._rate)

    def _deliver_down_during(self, seconds: float) -> None:
        while self._down and self._down[0][0] <= self._time:
            there, sent = self._down.pop(0)
            self._arrive(sent, self._page - min(self._time - there, seconds))

    def _deliver(self) -> None:
        while self._down and self._down[0][0] <= self._time:
            self._arrive(self._down.pop(0)[1], self._page)
        while self._up and self._up[0][0] <= self._time:
            _, sent, best = self._up.pop(0)
            self._feed(sent, best, self._kernel)

    def _arrive(self, sent: float, arrived: float) -> None:
        if self._best is None or sent - arrived > self._best[0] - self._best[1]:
            self._best = (sent, arrived)

    def _feed(self, sent: float, best: tuple[float, float] | None, received: float) -> None:
        if best is not None:
            self.clock.down(*best)
        self.clock.up(sent, received)


_latencies = st.one_of(st.floats(0.0005, 0.02), st.floats(0.0005, LATEST_S))
