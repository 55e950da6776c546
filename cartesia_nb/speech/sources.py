"""Where text comes from: a string, an iterable, or an async iterable, fed to a context.

An iterable is read in a worker thread, so that a slow one blocks nothing. An async iterable is
read on the loop that runs where ``say`` is called, because it may be bound to it; where none
runs, on the network loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable
from concurrent.futures import Future
from typing import TypeAlias

from cartesia_nb.errors import CartesiaNbError, SourceError, TextError
from cartesia_nb.speech import loops
from cartesia_nb.speech.context import checked_text
from cartesia_nb.speech.outbox import Outbox, Outgoing
from cartesia_nb.speech.recording import Recording

Text: TypeAlias = "str | Iterable[str] | AsyncIterable[str]"

EMPTY = "There is nothing to say: the text is empty or only spaces. Give it some words."


def check(text: object) -> None:
    """Raise what can be known of a text before anything is sent.

    Raises:
        TextError: if it is empty, only spaces, or of no kind that can be spoken.
    """
    if isinstance(text, str):
        if not text.strip():
            raise TextError(EMPTY)
    elif isinstance(text, bytes | bytearray | dict):
        raise TextError(f"The text is a {type(text).__name__}; only str can be spoken.")
    elif isinstance(text, list | tuple):
        for piece in text:
            checked_text(piece)
        if not "".join(text).strip():
            raise TextError(EMPTY)
    elif not isinstance(text, Iterable | AsyncIterable):
        raise TextError(
            f"The text is {text!r}; it takes a str, or an iterable or async iterable of str."
        )


def feed(text: Text, recording: Recording, outbox: Outbox) -> None:
    """Begin to send ``text``; returns at once. Any thread.

    A source that raises, gives something else than text, or gives none fails the recording.
    """
    recording.live = True
    feeder = _Feeder(recording, outbox)
    if isinstance(text, str):
        outbox.put(Outgoing("last", text, sent=feeder.finished))
    elif isinstance(text, AsyncIterable):
        loop = loops.running_loop()
        if loop is None:
            loops.submit(feeder.drain_async(text))
        else:
            recording.fed_by = loop
            task = loop.create_task(feeder.drain_async(text))
            feeder.task = task  # a loop keeps only a weak reference to its tasks
    else:
        name = f"cartesia_nb text {recording.id[:8]}"
        threading.Thread(target=feeder.drain, args=(text,), name=name, daemon=True).start()


class _Feeder:
    def __init__(self, recording: Recording, outbox: Outbox) -> None:
        self._recording = recording
        self._outbox = outbox
        self._any = False
        self.task: asyncio.Task[None] | None = None

    def finished(self) -> None:
        """The last text is on its way. Network loop."""
        self._recording.live = False
        self._recording.fed_by = None

    def drain(self, text: Iterable[str]) -> None:
        try:
            for piece in text:
                if self._recording.ended:
                    break
                self._send(checked_text(piece)).result()
            self._complete()
        except BaseException as fault:  # whatever a user's generator raises, the take says it
            self._fail(fault)
        finally:
            if isinstance(text, Generator):
                with contextlib.suppress(Exception):
                    text.close()

    async def drain_async(self, text: AsyncIterable[str]) -> None:
        try:
            async for piece in text:
                if self._recording.ended:
                    break
                await asyncio.wrap_future(self._send(checked_text(piece)))
            self._complete()
        except BaseException as fault:
            self._fail(fault)
            if isinstance(fault, asyncio.CancelledError):
                raise
        finally:
            if isinstance(text, AsyncGenerator):
                with contextlib.suppress(Exception):
                    await text.aclose()

    def _send(self, piece: str) -> Future[None]:
        """Send a piece; the future is done when it has left, so that a source can't run ahead."""
        left: Future[None] = Future()
        if not piece:
            left.set_result(None)
            return left
        self._any = self._any or bool(piece.strip())
        self._outbox.put(Outgoing("text", piece, sent=lambda: left.set_result(None)))
        return left

    def _complete(self) -> None:
        if self._any:
            self._outbox.put(Outgoing("last", sent=self.finished))
        elif not self._recording.ended:
            self._fail(TextError(EMPTY))

    def _fail(self, fault: BaseException) -> None:
        if isinstance(fault, CartesiaNbError):
            error: CartesiaNbError = fault
        else:
            said = f": {fault}" if str(fault) else ""
            error = SourceError(
                f"The text's source raised {type(fault).__name__}{said}. What was spoken until "
                "then is kept."
            )
            error.__cause__ = fault

        def end() -> None:
            self.finished()
            self._recording.end("failed", time.monotonic(), error)
            self._outbox.abandon()

        loops.call(end)
