"""The one background loop that does all network I/O, and the ways to it from other threads.

The loop runs in a daemon thread of its own, so that a busy cell never stops the sound and
nothing here blocks the kernel's own loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, wait
from typing import Any, Final, ParamSpec, TypeVar

POLL_S: Final = 0.25
"""A wait looks up this often: on a lock it can't be interrupted on Windows; and ipykernel 7.4 tells
the loop of a cell that awaits of an interrupt without waking it."""

T = TypeVar("T")
P = ParamSpec("P")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_feeding: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, int] = weakref.WeakKeyDictionary()


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


def refuse_here() -> None:
    """Check that the caller may block.

    Raises:
        RuntimeError: on the network loop, which a blocking wait would stop.
    """
    if on_network_loop():
        raise RuntimeError("A blocking wait would stop the network loop; call it elsewhere.")


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let the notebook's stop button interrupt what this thread does meanwhile.

    In a cell with an ``await`` of its own, ipykernel answers an interrupt by cancelling the cell's
    task, which comes to nothing while a blocking call keeps the loop.
    """
    usual = signal.getsignal(signal.SIGINT)
    ipykernels = (getattr(usual, "__module__", None) or "").startswith("ipykernel.")
    if not ipykernels or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


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
    try:
        refuse_here()
    except RuntimeError:
        coroutine.close()
        raise
    future = submit(coroutine)
    deadline = None if timeout is None else time.monotonic() + timeout
    try:
        with interruptible():
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


def feeding(loop: asyncio.AbstractEventLoop, more: int) -> None:
    """Count how many async sources of text a loop runs. Any thread."""
    with _lock:
        _feeding[loop] = _feeding.get(loop, 0) + more


def feeds(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether a loop runs an async source of text. Any thread."""
    return _feeding.get(loop, 0) > 0


def allow_nested(loop: asyncio.AbstractEventLoop) -> None:
    """Let a blocking call run ``loop`` further while it is already running, by nest-asyncio.

    It patches the class of the loop, which makes every loop of that class a little slower, so
    it happens only for the one case that needs it: a blocking wait for a take whose text comes
    from an async iterable of the very loop that waits.

    Raises:
        RuntimeError: on Python 3.14 and later, or for a loop that nest-asyncio can't patch.
    """
    _nest(
        loop,
        "A blocking wait for a text from an async source",
        "Use `await take` instead of `take.wait()`.",
    )


def allow_asyncio_run() -> None:
    """Let ``asyncio.run(main())`` and ``loop.run_until_complete(...)`` work in a cell, as in the
    examples of Cartesia's documentation. Call it once, in a cell: in the thread whose loop runs
    the cell. Without it ``await main()`` does the same.

    It applies nest-asyncio to the loop that runs the cell, which makes every loop of that class a
    little slower and lasts until the kernel restarts; so nothing here does it unasked. Where no
    loop runs, ``asyncio.run`` works anyway, and this does nothing.

    Raises:
        RuntimeError: on Python 3.14 and later, or for a loop that nest-asyncio can't patch;
            nothing is patched then.
    """
    loop = running_loop()
    if loop is not None:
        _nest(loop, "asyncio.run() in a cell", "Write `await main()` instead.")


def _nest(loop: asyncio.AbstractEventLoop, what: str, instead: str) -> None:
    if sys.version_info >= (3, 14):
        raise RuntimeError(
            f"{what} needs nest-asyncio, which does not work on Python 3.14 and later. {instead}"
        )
    # Looked at first: nest-asyncio itself finds out when asyncio is already patched.
    if not isinstance(loop, asyncio.BaseEventLoop):
        kind = f"{type(loop).__module__}.{type(loop).__name__}"
        raise RuntimeError(
            f"{what} needs nest-asyncio, which can't patch this loop ({kind}). {instead}"
        )
    import nest_asyncio

    nest_asyncio.apply(loop)


class Wakeup:
    """Lets a coroutine of any loop wait for a call from the network loop. For one waiter."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._called = False
        self._waiter: asyncio.Future[None] | None = None

    def __call__(self) -> None:
        """Wake the waiter. Any thread; harmless when its loop is closed."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._wake)

    async def wait(self, timeout: float) -> bool:
        """Wait for a call since the last wait; ``False`` if the time ran out."""
        if not self._called:
            # Not asyncio.wait_for: before Python 3.12 it swallows a cancellation that comes
            # together with the call, and a notebook's interrupt does.
            self._waiter = waiter = self._loop.create_future()
            timer = self._loop.call_later(timeout, _release, waiter)
            try:
                await waiter
            finally:
                timer.cancel()
        called, self._called = self._called, False
        return called

    def _wake(self) -> None:
        self._called = True
        if self._waiter is not None:
            _release(self._waiter)


def _release(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
