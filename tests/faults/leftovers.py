"""What a connection may leave behind: tasks on the network loop, threads, sockets."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import psutil

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.speech import loops

PATIENCE_S: Final = 20.0

LEAVING_S: Final = 8.0
"""Seconds to leave; a socket that nobody ends is ended by a keepalive after 20."""


class Traces(NamedTuple):
    """What there is now."""

    tasks: frozenset[asyncio.Task[object]]
    threads: frozenset[threading.Thread]
    sockets: int
    """Of this process to the engine, in whatever state."""


class Leftovers:
    """What is there that was not when this was made. Not on the network loop."""

    def __init__(self, engine: EngineProcess) -> None:
        self._engine = engine
        self._port = urlsplit(engine.url).port
        self.before = self.now()

    def now(self) -> Traces:
        """All there is."""
        return Traces(
            loops.finish(_tasks(), PATIENCE_S),
            frozenset(threading.enumerate()),
            sum(
                bool(each.raddr) and each.raddr.port == self._port
                for each in psutil.Process().net_connections("tcp")
            ),
        )

    def found(self) -> list[str]:
        """What is left, in words; nothing is good."""
        now, before, gauges = self.now(), self.before, self._engine.control()
        left = [f"task {task.get_coro()}" for task in now.tasks - before.tasks]
        left += [f"thread {thread.name}" for thread in now.threads - before.threads]
        if now.sockets > before.sockets:
            left.append(f"{now.sockets - before.sockets} sockets here")
        left += [f"{gauges[name]} {name} there" for name in ("sockets", "running") if gauges[name]]
        return left

    def vanish(self) -> None:
        """Wait until nothing is left.

        Raises:
            AssertionError: something stays.
        """
        left: list[str] = []

        def gone() -> bool:
            left[:] = self.found()
            return not left

        wait_for(gone, lambda: f"these are left: {', '.join(left)}", LEAVING_S)


def wait_for(
    condition: Callable[[], bool], else_: Callable[[], str], seconds: float = PATIENCE_S
) -> None:
    """Until it holds.

    Raises:
        AssertionError: it does not within so many seconds; says ``else_()``.
    """
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, else_()
        time.sleep(0.01)


async def _tasks() -> frozenset[asyncio.Task[object]]:
    return frozenset(asyncio.all_tasks()) - {asyncio.current_task()}
