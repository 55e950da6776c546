"""What tests of sweeps wait for, count, and take away."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cartesia_nb.engine.process import EngineProcess


def until(reached: Callable[[], object], what: str) -> None:
    """Wait for a condition, for 20 s at most."""
    deadline = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def asked(engine: EngineProcess) -> int:
    """How many takes an engine was asked for, since it began."""
    return int(str(engine.control()["contexts"]))


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    """What a full disk is to who writes: the beginning is there, and the rest is refused."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
