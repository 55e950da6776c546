"""An engine ends with the process that started it, however that one ended."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Final

_CHECK_EVERY: Final = 0.5


def end_with_parent() -> None:
    """Watch from two threads: standard input's end, and the parent's id.

    The pipe tells at once, but a child that the parent forked may still hold its other end;
    the id tells then. The engine has nothing to save, so it ends on the spot.
    """
    parent = os.getppid()
    threading.Thread(target=_watch_input, name="guard-input", daemon=True).start()
    threading.Thread(target=_watch_parent, args=(parent,), name="guard-pid", daemon=True).start()


def _watch_input() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(0)


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_CHECK_EVERY)
    os._exit(0)
