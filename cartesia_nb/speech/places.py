"""Who may speak now: so many contexts at once, the others in the order of their coming."""

from __future__ import annotations

from bisect import insort
from typing import Final

from cartesia_nb.speech.backoff import Backoff
from cartesia_nb.speech.route import Route

CAUTIOUS_S: Final = 60.0
"""For so long after a refusal the server is not trusted to have room for all that is allowed."""


class Places:
    """The limit on contexts in flight, and the queue before it. No I/O; times are passed in.

    Cartesia's plans allow 2, 3, 5 or 15 contexts at once, over all sockets of an account, and
    count a cancelled one until it is really over. So a refusal (429) can come with places left
    here; others then try one at a time: when one of ours is over, else after a growing wait.

    Args:
        limit: contexts in flight at once, 1 or more.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken: dict[Route, None] = {}  # a set in the order of joining
        self._queue: list[Route] = []
        self._backoff = Backoff(0.25, 4.0)
        self._refused: float | None = None
        self._hold = 0.0
        self._freed = 0

    @property
    def queue(self) -> tuple[Route, ...]:
        """Those that wait, the next one first. Any thread."""
        return tuple(self._queue)

    def before(self, route: Route) -> int:
        """How many wait that are to come before it. Any thread."""
        return sum(waiting.order < route.order for waiting in self.queue)

    def join(self, route: Route) -> None:
        """Wait for a place, in the order of the contexts' making."""
        insort(self._queue, route, key=lambda waiting: waiting.order)

    def leave(self, route: Route) -> None:
        """Give the place back, or stop waiting."""
        if route in self.taken:
            del self.taken[route]
            self._freed += 1
        elif route in self._queue:
            self._queue.remove(route)

    def refused(self, route: Route, now: float) -> None:
        """The server had no room for it: its place is void, and it is to ``join`` again."""
        self.taken.pop(route, None)
        self._refused = now
        self._freed = 0
        if now >= self._hold:  # several refusals at once are one
            self._hold = now + self._backoff.next()

    def accepted(self) -> None:
        """The server speaks."""
        self._backoff.reset()

    def next(self, now: float) -> Route | None:
        """The next one that may speak now, which takes its place; ``None`` if none may."""
        if not self._queue or len(self.taken) >= self.limit:
            return None
        if self._cautious(now):
            if self._freed:
                self._freed -= 1
            elif now >= self._hold:
                self._hold = now + self._backoff.next()
            else:
                return None
        route = self._queue.pop(0)
        self.taken[route] = None
        return route

    @property
    def due(self) -> float | None:
        """When it is worth asking again although nothing happened; ``None``: not at all."""
        waits = self._queue and len(self.taken) < self.limit and self._refused is not None
        return self._hold if waits else None

    def _cautious(self, now: float) -> bool:
        if self._refused is not None and now - self._refused > CAUTIOUS_S:
            self._refused = None
        return self._refused is not None
