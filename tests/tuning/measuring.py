"""Figures of one's own for the tests, in a module that processes of a pool can import."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time

import numpy as np

from cartesia_nb.speech.take import Take


def peak(take: Take) -> object:
    """A NumPy scalar."""
    return np.abs(take.samples).max()


def letters(take: Take) -> object:
    return len(take.text)


def raises(take: Take) -> object:
    raise ValueError("not today")


def slow(take: Take) -> object:
    time.sleep(0.3)
    return 1


def ends_its_process(take: Take) -> object:
    """As a fault in C code does."""
    assert multiprocessing.parent_process() is not None, "it runs in the kernel"
    os.kill(os.getpid(), signal.SIGKILL)
    return None


def ends_its_process_at_second(take: Take) -> object:
    return ends_its_process(take) if take.text.startswith("Second") else 1


def started_here(take: Take) -> object:
    """What importing the package has started in this process, and heavy things it has loaded."""
    threads = [t.name for t in threading.enumerate() if t.name.startswith("cartesia_nb")]
    heavy = [name for name in ("matplotlib", "tornado", "dask") if name in sys.modules]
    return ",".join([*threads, *heavy, *(str(c.pid) for c in multiprocessing.active_children())])


class OnlyHere:
    """A measure that is pickled, and can't be unpickled in another process."""

    def __call__(self, take: Take) -> object:
        return 1

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return _only_in, (os.getpid(),)


def _only_in(process: int) -> OnlyHere:
    if os.getpid() != process:
        raise AttributeError("module '__main__' has no attribute 'brightness'")
    return OnlyHere()
