"""How far a sweep is, as one output of a cell that is updated in place.

It is HTML and no widget: it needs no model in the page, and stays readable where there is none, in
a saved notebook or one run by nbclient.
"""

from __future__ import annotations

import contextvars
import html
import logging
import sys
import threading
import time
import uuid
from collections import deque
from typing import Any, Final, Literal, NamedTuple

from cartesia_nb.speaker.host import notebook_host
from cartesia_nb.speech.wording import count, plain

_log: Final = logging.getLogger(__name__)

PERIOD_S: Final = 0.5
"""A bar is published this often at most: too many messages are dropped on their way."""

_LAST: Final = 50
"""So many of the last updates make the pace."""

_BASIS: Final = 3
"""So many takes have to end before there is a pace."""

Phase = Literal["running", "stopped", "done", "failed"]


class Standing(NamedTuple):
    """How far something with a known number of takes is.

    Attributes:
        total: how many takes there are.
        done: how many are done; failed ones are not among them.
        failed: how many have failed.
        characters: how many were sent.
        state: ``running``, or how it ended.
        note: a sentence to stand below: why it failed, what to do next.
        unmeasured: of how many done ones the figures are still to come.
    """

    total: int
    done: int = 0
    failed: int = 0
    characters: int = 0
    state: Phase = "running"
    note: str = ""
    unmeasured: int = 0

    @property
    def ended(self) -> int:
        """How many are over, one way or the other."""
        return self.done + self.failed

    @property
    def settled(self) -> int:
        """How many are over and measured: what the bar and the pace are of."""
        return self.ended - self.unmeasured


class Pace:
    """How long it takes to the end, at the pace of the last takes. Not for several threads."""

    def __init__(self) -> None:
        self._ends: deque[tuple[float, int]] = deque(maxlen=_LAST)

    def follow(self, ended: int, now: float) -> None:
        """So many were over at a time in seconds; the first ones cost no time."""
        if self._ends and ended < self._ends[-1][1]:  # one that was over is to be measured
            return
        if not self._ends or ended != self._ends[-1][1]:
            self._ends.append((now, ended))

    def left(self, total: int, now: float) -> float | None:
        """Seconds, or ``None`` while there is nothing to tell it from."""
        if not self._ends:
            return None
        (began, before), (_, ended) = self._ends[0], self._ends[-1]
        if ended - before < _BASIS or now <= began:
            return None
        return max(total - ended, 0) * (now - began) / (ended - before)


class Progress:
    """A bar in a cell that is updated in place; outside of a notebook nothing is shown.

    Args:
        title: what it is of, as its line begins: "Sweep".
    """

    def __init__(self, title: str) -> None:
        self._title = plain(title)
        self._id = f"cartesia_nb-progress-{uuid.uuid4().hex}"
        self._standing = Standing(0)
        self._pace = Pace()
        self._began: float | None = None
        self._took: float | None = None
        self._shown_in: object = None
        self._published = float("-inf")
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        # One after the other, so that what is older is not published last.
        self._publishing = threading.Lock()

    @property
    def left(self) -> float | None:
        """Seconds to the end at the pace of the last takes; ``None`` for unknown. Any thread."""
        with self._lock:
            return self._left()

    @property
    def text(self) -> str:
        """What it says: a line, and a second one if there is a note. Any thread.

        For example "Sweep: 120 of 200 takes, 3 failed, 5,400 characters, about 40 s left".
        """
        with self._lock:
            return self._plain()

    def show(self) -> None:
        """Show the bar in the running cell, in the thread of the cell; once a cell at most.

        In another cell there is then another bar, and both are updated.
        """
        if notebook_host() != "jupyter":
            return
        cell = _shell().execution_count
        with self._lock:
            if cell == self._shown_in:
                return
            self._shown_in = cell
        self._publish(update=False)

    def update(self, standing: Standing) -> None:
        """Say how far it is. Any thread.

        It is published by a thread of its own, at most twice a second. How it ended is
        published before this returns, so that it is there when a cell that waits for it ends.

        The first one after an end, or at all, is where the pace begins: what is over by then cost
        no time.
        """
        with self._lock:
            self._follow(standing)
            if self._shown_in is None:
                return
            if standing.state == "running":
                self._soon()
                return
            self._cancel()
        self._publish(update=True)

    def _follow(self, standing: Standing) -> None:
        now = time.monotonic()
        began, running = self._began, standing.state == "running"
        if running and began is None:
            self._began, self._took, self._pace = now, None, Pace()
        elif not running and began is not None:
            self._began, self._took = None, now - began
        self._standing = standing
        self._pace.follow(standing.settled, now)

    def _soon(self) -> None:
        if self._timer is not None:
            return
        wait = max(self._published + PERIOD_S - time.monotonic(), 0.0)
        self._timer = threading.Timer(wait, self._due)
        self._timer.name = "cartesia_nb progress"
        self._timer.daemon = True
        self._timer.start()

    def _due(self) -> None:
        with self._lock:
            if self._timer is not threading.current_thread():
                return
            self._timer = None
        self._publish(update=True)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _publish(self, *, update: bool) -> None:
        with self._publishing:
            with self._lock:
                self._published = time.monotonic()
                data = {"text/html": self._html(), "text/plain": self._plain()}
            try:
                if update:
                    # In no context of a cell's: the message belongs to whatever cell runs by now.
                    # Pages find the output by its id; nbclient reads no messages but those.
                    contextvars.Context().run(_display, data, self._id, update=True)
                else:
                    _display(data, self._id, update=False)
            except Exception:  # the kernel ends, say; the sweep is what matters
                _log.debug("The progress could not be published", exc_info=True)

    # What follows is called with the lock held.

    def _left(self) -> float | None:
        standing = self._standing
        if standing.state != "running":
            return None
        return self._pace.left(standing.total, time.monotonic())

    def _plain(self) -> str:
        return "\n".join(part for part in (self._line(), self._standing.note) if part)

    def _line(self) -> str:
        standing = self._standing
        over = standing.state if standing.state in ("stopped", "failed") else ""
        parts = [f"{standing.ended:,} of {count(standing.total, 'take')}"]
        if standing.failed:
            parts.append(f"{standing.failed:,} failed")
        if standing.unmeasured and standing.ended == standing.total:
            parts.append(f"{standing.unmeasured:,} to be measured")
        if standing.characters:
            parts.append(count(standing.characters, "character"))
        if standing.state == "running":
            left = self._left()
            parts.append("time left unknown" if left is None else f"about {rounded(left)} left")
        elif self._took is not None:
            parts.append(f"in {rounded(self._took)}")
        return f"{self._title}{' ' * bool(over)}{over}: {', '.join(parts)}"

    def _html(self) -> str:
        standing, line = self._standing, html.escape(self._line())
        note = f"<div>{html.escape(standing.note)}</div>" if standing.note else ""
        # Colours are the page's own: an element that browsers paint, and text that inherits.
        return (
            '<div style="display: flex; flex-wrap: wrap; gap: 0.3em 0.8em; align-items: center; '
            'font-variant-numeric: tabular-nums">'
            f'<progress max="{max(standing.total, 1)}" value="{standing.settled}" '
            f'aria-label="{html.escape(self._title)}" aria-valuetext="{line}" '
            'style="width: 16em; max-width: 100%"></progress>'
            f"<span>{line}</span></div>{note}"
        )


def rounded(seconds: float) -> str:
    """A length that is not known exactly: ``40 s``, ``3 min``, ``1 h 20 min``."""
    if seconds < 58:
        return f"{round(seconds) if seconds < 10 else 5 * round(seconds / 5)} s"
    minutes = max(round(seconds / 60), 1)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours:,} h {rest} min" if rest else f"{hours:,} h"


def _display(data: dict[str, str], display_id: str, *, update: bool) -> None:
    _shell().display_pub.publish(data, {}, transient={"display_id": display_id}, update=update)


# Any: IPython's shell, whose attributes have no types.
def _shell() -> Any:
    return sys.modules["IPython"].get_ipython()
