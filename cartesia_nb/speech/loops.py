"""The one background loop that does all network I/O, and the ways to it from other threads.

The loop runs in a daemon thread of its own, so that a busy cell never stops the sound and
nothing here blocks the kernel's own loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def network_loop() -> asyncio.AbstractEventLoop:
    """The network loop, started when first asked for. Any thread."""
    global _loop
    with _lock:
        if _loop is None:
            _loop = _start()
        return _loop


def _start() -> asyncio.AbstractEventLoop:
    # A selector loop, also on Windows: the proactor loop can't be stopped cleanly at exit.
    loop = asyncio.SelectorEventLoop()
    started = threading.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.call_soon(started.set)
        loop.run_forever()

    threading.Thread(target=run, name="cartesia_nb network", daemon=True).start()
    started.wait()
    return loop


def _forget_after_fork() -> None:
    # The thread does not live on in a forked child; the child starts its own when it needs one.
    global _loop, _lock
    _loop = None
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)


def on_network_loop() -> bool:
    """Whether the caller runs on the network loop."""
    return running_loop() is not None and running_loop() is _loop


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that runs in this thread, or ``None``."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


# Any: what a coroutine yields to its loop and is sent by it is the loop's own business.
def submit(coroutine: Coroutine[Any, Any, T]) -> Future[T]:
    """Run a coroutine on the network loop. Any thread."""
    return asyncio.run_coroutine_threadsafe(coroutine, network_loop())


def call(function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Call a function on the network loop, soon, in the order of the calls. Any thread."""
    network_loop().call_soon_threadsafe(lambda: function(*args, **kwargs))


def finish(coroutine: Coroutine[Any, Any, T], timeout: float) -> T:
    """Run a coroutine on the network loop and wait for it. Not from the network loop itself.

    Raises:
        TimeoutError: after ``timeout`` seconds; the coroutine is cancelled then.
    """
    future = submit(coroutine)
    try:
        return future.result(timeout)
    except BaseException:
        future.cancel()
        raise


def allow_nested(loop: asyncio.AbstractEventLoop) -> None:
    """Let a blocking call run ``loop`` further while it is already running, by nest-asyncio.

    It patches the class of the loop, which makes every loop of that class a little slower, so
    it happens only for the one case that needs it: a blocking wait for a take whose text comes
    from an async iterable of the very loop that waits.

    Raises:
        RuntimeError: on Python 3.14 and later, where nest-asyncio does not work.
    """
    if sys.version_info >= (3, 14):
        raise RuntimeError(
            "A blocking wait can't feed an async text source on Python 3.14 and later. "
            "Use `await take` instead of `take.wait()`."
        )
    import nest_asyncio

    nest_asyncio.apply(loop)


class Wakeup:
    """Lets a coroutine of any loop wait for a call from the network loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def __call__(self) -> None:
        """Wake the waiter. Any thread; harmless when its loop is closed."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, timeout: float | None) -> bool:
        """Wait for a call since the last wait; ``False`` if the time ran out."""
        try:
            await asyncio.wait_for(self._event.wait(), timeout)
        except (TimeoutError, asyncio.TimeoutError):
            return False
        self._event.clear()
        return True
