"""One context: text in by pieces, events out, paced.

Everything here runs on the server's loop; only the synthesis leaves it, for its own thread.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from cartesia_nb.engine import events
from cartesia_nb.engine.audio import AudioOut
from cartesia_nb.engine.buffering import TextBuffer
from cartesia_nb.engine.control import Control
from cartesia_nb.engine.espeak import EspeakError
from cartesia_nb.engine.log import Entry
from cartesia_nb.engine.mishaps import Mishaps, Spared
from cartesia_nb.engine.refusals import Refusal
from cartesia_nb.engine.requests import Generation, Signal
from cartesia_nb.engine.sentences import pieces
from cartesia_nb.engine.synth import Synthesiser, Voicing
from cartesia_nb.protocol.limits import CONTEXT_LINGER_S

Send = Callable[[events.Event], Awaitable[None]]


class _Text(NamedTuple):
    text: str
    came: float
    flush_id: int


class _Flush(NamedTuple):
    flush_id: int


class _End(NamedTuple):
    pass


class Context:
    """Speech in the making.

    Args:
        first: the request that opens it.
        synthesiser: shared by all contexts.
        control: the engine's settings and counters.
        send: takes an event to the client; waits while the client is slow.
        mishaps: what goes wrong with its audio on purpose.
        entry: its place in the log. Its end is told by whoever runs the context.
    """

    def __init__(
        self,
        first: Generation,
        synthesiser: Synthesiser,
        control: Control,
        send: Send,
        mishaps: Mishaps | Spared,
        entry: Entry,
    ) -> None:
        self.first = first
        self.entry = entry
        self.ended = False
        """Whether the input has ended: nothing more may be taken."""
        self._control = control
        self._send = send
        self._voicing = Voicing(synthesiser, control.heeded(first), control.varied(entry.number))
        self._audio = AudioOut(first, control, send, mishaps)
        self._buffer = TextBuffer(first.buffer_delay_ms / 1000)
        self._queue: deque[_Text | _Flush | _End] = deque()
        self._woken = asyncio.Event()
        self._flushes = 0
        self._new = True

    def take(self, request: Generation | Signal) -> None:
        """Add a request's text, and what it asks for after it.

        Raises:
            Refusal: it changes what must stay the same within a context.
        """
        now = time.monotonic()
        if isinstance(request, Generation):
            self.first.require_same(request)
            self._control.counters.characters += len(request.transcript)
            self.entry.said(request.transcript)
            self._buffer.push(request.transcript, now)
        self._audio.requested(now)
        if request.flush or not request.continues:
            self._enqueue(self._buffer.drain(), now)
        else:
            self._enqueue(self._buffer.ready(now), now)
        if request.flush:
            # Counted from 0: version 2 of the official SDK sorts what comes by it, and can't take
            # another count, though a page of the documentation counts from 1.
            self._queue.append(_Flush(self._flushes))
            self._flushes += 1
        if not request.continues:
            self.ended = True
            self._queue.append(_End())
        self._woken.set()

    async def run(self) -> None:
        """Speak until the input ends. To say that it is done is left to the caller.

        Raises:
            Refusal: the voice failed.
        """
        try:
            while not isinstance(item := await self._next(), _End):
                if isinstance(item, _Text):
                    await self._speak(item)
                else:
                    await self._settle()
                    await self._audio.flush()
                    await self._send(events.flush_done(self.first.context_id, item.flush_id))
        except EspeakError as error:
            raise Refusal(
                "synthesis_failed",
                "The voice failed",
                str(error),
                status_code=500,
                context_id=self.first.context_id,
            ) from error
        await self._audio.finish(self._voicing.finish())

    async def _next(self) -> _Text | _Flush | _End:
        idle = self._new or not self._queue
        while not self._queue:
            self._woken.clear()
            await self._settle()
            if self._queue:
                break
            deadline = self._buffer.deadline
            timeout = None if deadline is None else max(0.0, deadline - time.monotonic())
            expires = timeout is None and self._control.expire_contexts and not self._new
            try:
                await asyncio.wait_for(self._woken.wait(), CONTEXT_LINGER_S if expires else timeout)
            except asyncio.TimeoutError:
                now = time.monotonic()
                self._enqueue(self._buffer.ready(now), now)
                if expires and not self._queue:
                    self.ended = True
                    return _End()
        item = self._queue.popleft()
        if idle and isinstance(item, _Text):
            self._new = False
            self._audio.resume(item.came)
        return item

    async def _speak(self, item: _Text) -> None:
        self._audio.flush_id = item.flush_id
        for piece in pieces(item.text):
            self._control.counters.pieces += 1
            self._audio.add(await self._voicing.speak(piece))
            # Only then the next piece: nothing is synthesised long before it is needed.
            await self._audio.send_whole_chunks()

    async def _settle(self) -> None:
        """Send what was spoken to its last sample: nothing is left to say for now."""
        if self._audio.unsettled:
            await self._audio.settle(self._voicing.settle())

    def _enqueue(self, text: str, now: float) -> None:
        if text:
            self._queue.append(_Text(text, now, self._flushes))
