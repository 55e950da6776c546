"""Waiting for a recording to come to something, from any thread and any loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from cartesia_nb.errors import WaitTimeout
from cartesia_nb.speech import loops
from cartesia_nb.speech.recording import Recording


def wait_until(
    recording: Recording, reached: Callable[[], bool], timeout: float | None, what: str
) -> None:
    """Block until ``reached()``. Not on the network loop. An interrupt cancels the recording.

    If this very thread runs the loop that must feed the text, its own or that of takes that it
    waits behind, that loop is kept running.

    Raises:
        WaitTimeout: after ``timeout`` seconds, or without one, when nothing is under way.
        RuntimeError: on the network loop, which a wait would stop.
    """
    if reached():
        return
    try:
        with loops.interruptible():
            _block(recording, reached, timeout, what)
    except KeyboardInterrupt:
        recording.cancel()
        raise


def _block(
    recording: Recording, reached: Callable[[], bool], timeout: float | None, what: str
) -> None:
    running = loops.running_loop()
    if loops.on_network_loop():
        raise RuntimeError("A blocking wait would stop the network loop; await the take instead.")
    clock = _Patience(recording, timeout, what)
    with recording.changed:
        while not reached() and not _needs(recording, running):
            recording.changed.wait(min(clock.left(), loops.POLL_S))
    if running is not None and not reached():
        loops.allow_nested(running)
        running.run_until_complete(wait_until_async(recording, reached, timeout, what))


def _needs(recording: Recording, loop: asyncio.AbstractEventLoop | None) -> bool:
    """Whether the recording can't go on while ``loop`` stands still."""
    if loop is None:
        return False
    # In the queue it may be behind others that this loop feeds.
    return loop is recording.fed_by or (recording.waiting is not None and loops.feeds(loop))


async def wait_until_async(
    recording: Recording, reached: Callable[[], bool], timeout: float | None, what: str
) -> None:
    """Wait until ``reached()`` without blocking the caller's loop, whichever it is.

    Being cancelled cancels the recording, as awaiting a task does: so a notebook's stop button
    stops the speech that a cell awaits.

    Raises:
        WaitTimeout: as ``wait_until``.
    """
    wakeup = loops.Wakeup()
    leave = recording.subscribe(lambda change: wakeup())
    clock = _Patience(recording, timeout, what)
    try:
        while not reached():
            await wakeup.wait(min(clock.left(), loops.POLL_S))
    except asyncio.CancelledError:
        recording.cancel()
        raise
    finally:
        leave()


class _Patience:
    def __init__(self, recording: Recording, timeout: float | None, what: str) -> None:
        self._recording = recording
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._timeout = timeout
        self._what = what
        self._seen = -1
        self._idle_since = time.monotonic()

    def left(self) -> float:
        """Seconds that may still be waited; raises when there are none."""
        now = time.monotonic()
        recording = self._recording
        if recording.changes != self._seen or recording.live or recording.waiting is not None:
            self._seen = recording.changes
            self._idle_since = now
        if self._deadline is not None:
            if now >= self._deadline:
                raise WaitTimeout(
                    f"{self._what} did not happen within {self._timeout:g} s; the speech goes on "
                    f"(state: {self._recording.state}). Wait again, or take.cancel() it."
                )
            return self._deadline - now
        if now - self._idle_since >= recording.patience:
            raise WaitTimeout(
                f"{self._what} did not happen, and nothing at all did for "
                f"{recording.patience:.0f} s (state: {recording.state}). Was no_more_inputs() "
                "called?"
            )
        return recording.patience
