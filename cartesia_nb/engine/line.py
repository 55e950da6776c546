"""The way out of a socket: at once, or late, unevenly and slowly, always in order.

What is sent waits in a pipe, so that a delay does not slow the rate. The pipe holds what a link
of that delay and rate would, and a buffer; a sender then waits for room.

On the server's loop only.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from tornado.iostream import StreamClosedError

from cartesia_nb.engine.weather import Plan, Sky, Weather

BUFFER: Final = 64 * 1024
"""Bytes that wait before senders do, beside those that are on their way."""

_NOMINAL: Final = 4_000_000
"""Bytes a second that a link without a limit is taken to carry: some 17 times real time."""

Deliver = Callable[[], Awaitable[None]]


class Schedule:
    """When each message arrives. Pure: times are passed in (seconds, any monotonic clock).

    Args:
        plan: delay, jitter, bandwidth and where jitters are drawn from.
        socket: the socket's number on the engine.
        free: when the link is free for the first message.
    """

    def __init__(self, plan: Plan, socket: int, free: float) -> None:
        self.plan = plan
        self._free = free
        self._jitters = {pong: plan.jitters("pong" if pong else "message", socket)
                         for pong in (False, True)}  # fmt: skip

    def arrival(self, came: float, size: int, pong: bool) -> float:
        """When the next message is through: ``size`` bytes that were sent at ``came``.

        It may be earlier than the arrival of the one before, which it then follows at once.
        """
        weather = self.plan.weather
        leaves = came
        if weather.bandwidth is not None:
            leaves = self._free = max(came, self._free) + size / weather.bandwidth
        jitter = self._jitters[pong].uniform(0, weather.jitter_ms)
        return leaves + (weather.delay_ms + jitter) / 1000


@dataclass(frozen=True, slots=True)
class _Item:
    deliver: Deliver
    came: float
    size: int
    pong: bool


class Line:
    """One socket's way out.

    Args:
        sky: the weather; a change of it concerns what is on its way too.
        socket: the socket's number on the engine.
    """

    def __init__(self, sky: Sky, socket: int) -> None:
        self._sky = sky
        self._socket = socket
        self._schedule: Schedule | None = None
        self._queue: deque[_Item] = deque()
        self._held = 0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._pump: asyncio.Task[None] | None = None
        self._ended = False

    def carry(
        self, deliver: Callable[[], asyncio.Future[None]], size: int, pong: bool
    ) -> asyncio.Future[None]:
        """Take a message along.

        Args:
            deliver: hands it to TCP.
            size: its bytes.
            pong: whether it is one.

        Returns:
            A future that is done when there is room for the next. After ``end`` nothing is
            carried, and it is done at once.
        """
        if self._ended:
            return _done()
        if not self._queue and self._sky.plan.weather.clear:
            return deliver()
        self._put(deliver, size, pong)
        if self._held <= _room(self._sky.plan.weather):
            return _done()
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        return waiter

    def end(self, act: Deliver) -> None:
        """Carry nothing more; ``act`` comes when all that was carried is through."""
        self._ended = True
        self._put(act, 0, False)

    def cut(self) -> None:
        """The socket is gone: forget what is on its way."""
        self._ended = True
        if self._pump is not None:
            self._pump.cancel()
        self._queue.clear()
        self._held = 0
        self._let_in()

    def _put(self, deliver: Deliver, size: int, pong: bool) -> None:
        now = asyncio.get_running_loop().time()
        self._queue.append(_Item(deliver, now, size, pong))
        self._held += size
        if self._pump is None:
            self._pump = asyncio.ensure_future(self._carry_all())

    async def _carry_all(self) -> None:
        try:
            while self._queue:
                item = self._queue[0]
                if not await self._arrived(item):
                    continue
                # Still in the queue, so that nothing overtakes it.
                with contextlib.suppress(StreamClosedError):
                    await item.deliver()
                if not self._queue:  # It was cut meanwhile.
                    return
                self._queue.popleft()
                self._held -= item.size
                self._let_in()
        finally:
            self._pump = None

    async def _arrived(self, item: _Item) -> bool:
        """Wait until it is through; false if the weather changed meanwhile."""
        loop = asyncio.get_running_loop()
        plan = self._sky.plan
        if self._schedule is None or self._schedule.plan is not plan:
            before, self._schedule = self._schedule, None
            free = item.came if before is None else loop.time()
            self._schedule = Schedule(plan, self._socket, free)
        arrival = self._schedule.arrival(item.came, item.size, item.pong)
        while (wait := arrival - loop.time()) > 0:
            await self._sky.changed_within(wait)
            if self._sky.plan is not plan:
                return False
        return True

    def _let_in(self) -> None:
        room = _room(self._sky.plan.weather)
        while self._waiters and self._held <= room:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)


async def handshake_arrives(sky: Sky, socket: int) -> None:
    """Wait for as long as the answer to a handshake is on its way: delay and jitter, as it has no
    size to speak of. A change of the weather concerns it too.

    Args:
        socket: the number that the socket will have on the engine.
    """
    loop = asyncio.get_running_loop()
    came = loop.time()
    while True:
        weather = sky.plan.weather
        jitter = sky.plan.jitters("handshake", socket).uniform(0, weather.jitter_ms)
        wait = came + (weather.delay_ms + jitter) / 1000 - loop.time()
        if wait <= 0:
            return
        await sky.changed_within(wait)


def _room(weather: Weather) -> float:
    """How many bytes are on their way before senders wait."""
    latency = (weather.delay_ms + weather.jitter_ms) / 1000
    return BUFFER + latency * (weather.bandwidth or _NOMINAL)


def _done() -> asyncio.Future[None]:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future
