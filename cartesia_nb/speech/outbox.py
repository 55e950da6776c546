"""The messages of one context on their way to the server."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cartesia_nb.speech import loops
from cartesia_nb.speech.recording import Recording


@dataclass(frozen=True)
class Outgoing:
    """One message: some text, a flush, the last text, or the wish to cancel."""

    kind: Literal["text", "flush", "last", "cancel"]
    text: str = ""
    sent: Callable[[], object] = lambda: None


class Outbox:
    """A queue from any thread to the connection's task for one context.

    Args:
        recording: what the context leaves.
        serve: called on the network loop when the first message is put in.
    """

    def __init__(self, recording: Recording, serve: Callable[[Outbox], None]) -> None:
        self.recording = recording
        self._serve = serve
        self._queue: deque[Outgoing] = deque()
        self._ready = asyncio.Event()
        self._serving = False
        self._over = asyncio.Event()

    def put(self, message: Outgoing) -> None:
        """Queue a message; a cancel goes before everything still queued. Any thread."""
        loops.call(self._put, message)

    # From here on: the network loop alone.

    def _put(self, message: Outgoing) -> None:
        if self._over.is_set() or self.recording.ended:
            message.sent()
            return
        if message.kind == "cancel":
            self.recording.end("cancelled", time.monotonic())
            self.abandon()
            return
        if message.text:
            self.recording.add_text(message.text)
        self._queue.append(message)
        self._ready.set()
        if not self._serving:
            self._serving = True
            self._serve(self)

    def abandon(self) -> None:
        """Have the server stop, and drop what is still queued. The recording has ended."""
        self._forget()
        self.recording.live = False
        if self._serving:
            self._queue.append(Outgoing("cancel"))
            self._ready.set()

    async def get(self) -> Outgoing | None:
        """The next message, or ``None`` when the context is over."""
        while not self._queue and not self._over.is_set():
            self._ready.clear()
            await self._ready.wait()
        return None if self._over.is_set() else self._queue.popleft()

    async def closed(self) -> None:
        """Wait until the server is done with the context: until then it holds its place."""
        await self._over.wait()

    def close(self) -> None:
        """The context is over: what is still queued is dropped."""
        self._over.set()
        self._forget()
        self._ready.set()

    def _forget(self) -> None:
        while self._queue:
            self._queue.popleft().sent()
