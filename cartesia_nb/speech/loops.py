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
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from typing import Any, Final, ParamSpec, TypeVar

POLL_S: Final = 0.25
"""A wait on a lock can't be interrupted on Windows, so it looks up this often."""

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


def finish(coroutine: Coroutine[Any, Any, T], timeout: float | None) -> T:
    """Run a coroutine on the network loop and wait for it. Any other thread.

    Raises:
        TimeoutError: after ``timeout`` seconds; the coroutine is cancelled then.
        RuntimeError: on the network loop, which a wait would stop.
    """
    if on_network_loop():
        coroutine.close()
        raise RuntimeError("A blocking wait would stop the network loop; call it elsewhere.")
    future = submit(coroutine)
    deadline = None if timeout is None else time.monotonic() + timeout
    try:
        while True:
            left = POLL_S if deadline is None else deadline - time.monotonic()
            finished, _ = wait([future], max(min(left, POLL_S), 0.0))
            if finished:
                return future.result()
            if left <= 0:
                raise TimeoutError(f"It took more than {timeout:g} s.")
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


def allow_asyncio_run() -> None:
    """Let ``asyncio.run(main())`` and ``loop.run_until_complete(...)`` work in a cell, as in the
    examples of Cartesia's documentation. Call it once, in a cell. Without it ``await main()``
    does the same.

    It applies nest-asyncio to the loop that runs the cell, which makes every loop of that class a
    little slower and lasts until the kernel restarts; so nothing here does it unasked.

    Raises:
        RuntimeError: on Python 3.14 and later, or for a loop that nest-asyncio can't patch.
    """
    if sys.version_info >= (3, 14):
        raise RuntimeError(
            "asyncio.run() in a cell needs nest-asyncio, which does not work on Python 3.14 and "
            "later. Write `await main()` instead of `asyncio.run(main())`."
        )
    import nest_asyncio

    try:
        nest_asyncio.apply()
    except ValueError as error:
        raise RuntimeError(
            f"nest-asyncio can't patch this loop ({error}). Write `await main()` instead of "
            "`asyncio.run(main())`."
        ) from None


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
