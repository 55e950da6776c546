"""The news of a player for those who observe it, in the one thread that widgets are set in."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import threading
from collections.abc import Callable
from typing import Final

import traitlets
from traitlets.utils.bunch import Bunch

from cartesia_nb.speaker.speaker import PATIENCE_S
from cartesia_nb.speech import loops

_log: Final = logging.getLogger(__name__)


class Observers:
    """Tells the observers of an object's traits what has changed, between cells.

    To be made in the main thread, on whose loop the observers are called. ipywidgets takes no
    lock, and what observes a player sets other widgets.

    Args:
        owner: whose observers.
        look: the values now, by the trait's name; ``playing`` is among them.
    """

    def __init__(self, owner: traitlets.HasTraits, look: Callable[[], dict[str, object]]) -> None:
        self._owner = owner
        self._values = look
        self._loop = loops.running_loop()
        # What an observer prints appears under the cell that made the owner.
        self._context = contextvars.copy_context()
        self._lock = threading.Lock()
        self._coming = False
        self._timer: asyncio.TimerHandle | None = None
        self._told = look()

    def look_soon(self) -> None:
        """Something may have changed. Any thread."""
        with self._lock:
            if self._coming or self._loop is None:
                return
            self._coming = True
        with contextlib.suppress(RuntimeError):  # the loop is closed: the kernel ends
            self._loop.call_soon_threadsafe(self._look, context=self._context.copy())

    def _look(self) -> None:
        with self._lock:
            self._coming = False
        before, self._told = self._told, self._values()
        self._expect_silence()
        for name, new in self._told.items():
            old = before[name]
            if new == old:
                continue
            change = Bunch(name=name, old=old, new=new, owner=self._owner, type="change")
            try:
                self._owner.notify_change(change)
            except Exception:  # one observer's fault is not to keep the others from the news
                _log.exception("An observer of %s failed", name)

    def _expect_silence(self) -> None:
        # A page that was closed while it played says nothing of that.
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._told["playing"] and self._loop is not None:
            wait = PATIENCE_S + 0.1
            self._timer = self._loop.call_later(wait, self._look, context=self._context.copy())
