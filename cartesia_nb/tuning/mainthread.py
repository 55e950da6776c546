"""The thread that widgets are set in, for whoever has news for them."""

from __future__ import annotations

import contextlib
import contextvars
import logging
import threading
from collections.abc import Callable
from typing import Final

from cartesia_nb.speech import loops

_log: Final = logging.getLogger(__name__)


class MainThread:
    """Calls functions in the thread that made it, between cells: ipywidgets takes no lock.

    To be made in the kernel's main thread, on whose loop the functions are called. Where no loop
    runs, as in a script, there is no kernel whose widgets could be disturbed, and a function is
    called where it is.
    """

    def __init__(self) -> None:
        self._loop = loops.running_loop()
        self._thread = threading.current_thread()
        # What a function prints appears under the cell that made this.
        self._context = contextvars.copy_context()

    def soon(self, function: Callable[[], object]) -> None:
        """Call a function there, soon, in the order of the calls. Any thread."""
        if self._loop is None:
            self._call(function)
            return
        with contextlib.suppress(RuntimeError):  # the loop is closed: the kernel ends
            self._loop.call_soon_threadsafe(self._call, function, context=self._context.copy())

    def here(self, function: Callable[[], object]) -> None:
        """Call a function now if this is the thread, else there, soon.

        For the handlers of pages' messages, which may run in the thread of a kernel's subshell.
        """
        if threading.current_thread() is self._thread:
            self._call(function)
        else:
            self.soon(function)

    def _call(self, function: Callable[[], object]) -> None:
        try:
            function()
        except Exception:  # one fault is not to end what calls
            _log.exception("What a thread had to tell the widgets failed")
