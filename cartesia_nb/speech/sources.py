"""Where text comes from: a string, an iterable, or an async iterable, fed to a context.

An iterable is read in a worker thread, so that a slow one blocks nothing. An async iterable is
read on the loop that runs where ``say`` is called, because it may be bound to it; where none
runs, on the network loop. When the speech ends early, an async iterable's waiting is cancelled;
an iterable is left when it gives its next piece.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable
from concurrent.futures import Future
from typing import TypeAlias

from cartesia_nb.errors import CartesiaNbError, SourceError, TextError
from cartesia_nb.speech import loops
from cartesia_nb.speech.recording import Change, Recording
from cartesia_nb.speech.route import Outgoing

Text: TypeAlias = "str | Iterable[str] | AsyncIterable[str]"

Put: TypeAlias = "Callable[[Outgoing | None], None]"
"""Brings a message of a context on its way, ``None`` to cancel it. Any thread."""

EMPTY = "There is nothing to say: the text is empty or only spaces. Give it some words."


def check(text: object) -> None:
    """Raise what can be known of a text before anything is sent.

    Raises:
        TextError: if it is empty, only spaces, or of no kind that can be spoken.
    """
    if isinstance(text, str):
        if not checked_text(text).strip():
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


def checked_text(piece: object) -> str:
    """``piece``, if it is text.

    Raises:
        TextError: if it is not, or not Unicode: Python lets halves of a surrogate pair stand alone.
    """
    if isinstance(piece, str):
        half = re.search("[\ud800-\udfff]", piece)
        if half is None:
            return piece
        raise TextError(
            f"A piece of the text holds half a character (U+{ord(half[0]):04X}), which can't be "
            "spoken, saved or shown. Join the halves before they are given."
        )
    shown = repr(piece)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    raise TextError(
        f"A piece of the text is {shown} ({type(piece).__name__}); only str can be spoken."
    )


def feed(text: Text, recording: Recording, put: Put) -> None:
    """Begin to send ``text``; returns at once. Any thread.

    A source that raises, gives something else than text, or gives none fails the recording.
    """
    recording.live = True
    feeder = _Feeder(recording, put)
    if isinstance(text, str):
        recording.give(recording.timeline.created)
        put(Outgoing("last", text, sent=feeder.finished))
    elif isinstance(text, AsyncIterable):
        loop = loops.running_loop()
        if loop is None:
            draining = loops.submit(feeder.drain_async(text))
            feeder.leave_with(lambda: draining.cancel())
        else:
            recording.fed_by = loop
            loops.feeding(loop, 1)
            task = loop.create_task(feeder.drain_async(text))
            # The listener also keeps the task: a loop has only a weak reference to it.
            feeder.leave_with(lambda: _cancel(loop, task))
    else:
        name = f"cartesia_nb text {recording.id[:8]}"
        threading.Thread(target=feeder.drain, args=(text,), name=name, daemon=True).start()


class _Feeder:
    def __init__(self, recording: Recording, put: Put) -> None:
        self._recording = recording
        self._put = put
        self._any = False

    def leave_with(self, leave: Callable[[], object]) -> None:
        """Call ``leave`` when the recording ends: nobody wants the rest of the text."""

        def changed(change: Change) -> None:
            if self._recording.ended:
                unsubscribe()
                leave()

        unsubscribe = self._recording.subscribe(changed)
        changed("state")  # the network loop did not wait: it may have ended before

    def finished(self) -> None:
        """The last text is on its way. Network loop."""
        self._recording.live = False
        if self._recording.fed_by is not None:
            loops.feeding(self._recording.fed_by, -1)
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
        except KeyboardInterrupt:
            # It is for whoever waits on this very loop, and no fault of the source.
            self._put(None)
            raise
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
        self._recording.give(time.monotonic())
        self._any = self._any or bool(piece.strip())

        def gone() -> None:
            if not left.done():
                left.set_result(None)

        self._put(Outgoing("text", piece, sent=gone))
        return left

    def _complete(self) -> None:
        if self._any:
            self._put(Outgoing("last", sent=self.finished))
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

        loops.call(end)
        self._put(None)


def _cancel(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed, and its tasks with it
        loop.call_soon_threadsafe(task.cancel)
