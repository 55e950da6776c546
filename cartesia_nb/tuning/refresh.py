"""Brings widgets up to date soon after something has changed elsewhere, once for many changes."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Final

from cartesia_nb.speech import loops
from cartesia_nb.tuning.mainthread import MainThread

_log: Final = logging.getLogger(__name__)


class Timer:
    """Calls a function once, after a while, between cells. For the main thread alone.

    Args:
        function: what is called.
    """

    def __init__(self, function: Callable[[], object]) -> None:
        self._function = function
        self._handle: asyncio.TimerHandle | None = None

    def set(self, seconds: float) -> None:
        """Call it so many seconds from now, and not when it was to be called before."""
        self.cancel()
        loop = loops.running_loop()
        if loop is not None:  # else there is no kernel, and nobody to show anything to
            self._handle = loop.call_later(max(seconds, 0.0), self._now)

    def cancel(self) -> None:
        """Don't call it."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _now(self) -> None:
        self._handle = None
        try:
            self._function()
        except Exception:  # nothing here may end the kernel's loop
            _log.exception("What was due between cells failed")


class Refresh:
    """Has a function called in the main thread soon after a change, once for many.

    To be made in the main thread.

    Args:
        main: where.
        function: what brings the widgets up to date.
        pause: seconds that it waits for more changes, which bounds the messages to the page.
    """

    def __init__(
        self, main: MainThread, function: Callable[[], object], *, pause: float = 0.15
    ) -> None:
        self._main = main
        self._function = function
        self._pause = pause
        self._timer = Timer(self._now)
        self._lock = threading.Lock()
        self._coming = False

    def soon(self) -> None:
        """Something has changed. Any thread."""
        with self._lock:
            if self._coming:
                return
            self._coming = True
        self._main.soon(lambda: self._timer.set(self._pause))

    def _now(self) -> None:
        with self._lock:
            self._coming = False
        self._function()
