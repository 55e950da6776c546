"""``/tts/sse``: one context over HTTP, as Server-Sent Events."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from typing import Final

from tornado.http1connection import HTTP1Connection
from tornado.iostream import StreamClosedError

from cartesia_nb.engine import events
from cartesia_nb.engine.contexts import Context
from cartesia_nb.engine.handlers import Guarded
from cartesia_nb.engine.mishaps import Spared, busy
from cartesia_nb.engine.refusals import Refusal
from cartesia_nb.engine.requests import Generation, read_whole

_log: Final = logging.getLogger(__name__)


class SpeechEvents(Guarded):
    """``POST /tts/sse``: the socket's events for one text, at the socket's pace.

    It counts as a context in flight. Faults don't concern it: they are about the socket.

    Source: https://docs.cartesia.ai/api-reference/tts/sse, and the SDKs' decoders, which read an
    event's ``data``, one JSON object, and nothing else of it.
    """

    grant = "tts"

    _work: asyncio.Task[None] | None = None
    _streams = False

    async def post(self) -> None:
        """Fields as on the socket, but for ``continue`` and ``flush``; ``context_id`` may be
        left out, and is then in no event.

        Raises:
            Refusal: nothing was sent yet, and nothing can be.
        """
        fields = self.body()
        context_id = fields.get("context_id")
        if context_id is not None and not isinstance(context_id, str):
            raise Refusal(
                "invalid_context_id",
                "Invalid context_id",
                f"context_id is {context_id!r}; it takes a string, or may be left out.",
            )
        request = read_whole(fields, context_id or "", containers=("raw",))
        control = self.services.control
        if not control.slots.take(self.account, control.max_contexts):
            raise busy(None, control.max_contexts)
        control.counters.contexts += 1
        try:
            end = await self._speak(request)
        finally:
            # First the slot, then the word: a client that knows may start the next at once.
            control.slots.release(self.account)
        if end is None:
            control.counters.cancelled += 1
            return
        try:
            await self._send(end)
            await self.finish()
        except StreamClosedError:
            return

    def on_connection_close(self) -> None:
        """The client went: stop working for it."""
        if self._work is not None:
            self._work.cancel()

    async def _speak(self, request: Generation) -> events.Event | None:
        """Send all but the end, which is returned; ``None`` if the client went.

        Raises:
            Refusal: it failed before anything was sent.
        """
        services = self.services
        control = services.control
        entry = control.log.open(request, "sse")
        context = Context(request, services.synthesiser, control, self._send, Spared(), entry)
        context.take(request)
        self._work = asyncio.ensure_future(context.run())
        await asyncio.wait([self._work])
        error = None if self._work.cancelled() else self._work.exception()
        if self._work.cancelled() or isinstance(error, StreamClosedError):
            entry.end("cancelled")
            return None
        entry.end("failed" if error else "done")
        if error is None:
            return events.done(request.context_id)
        if not self._streams:
            raise error
        if not isinstance(error, Refusal):
            _log.error("Speech as events failed", exc_info=error)
            error = Refusal(
                "internal_error",
                "Internal error",
                "The engine failed on this text; its output says why.",
                status_code=500,
            )
        error.context_id = None
        return events.error(error, str(uuid.uuid4()))

    async def _send(self, event: events.Event) -> None:
        if not self._streams:
            self._begin()
        if not event.get("context_id"):
            event.pop("context_id", None)
        event.pop("flush_id", None)  # there is nothing to flush
        self.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n")
        # Awaiting makes a slow client slow us down instead of filling the memory.
        await self.flush()

    def _begin(self) -> None:
        self._streams = True
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-cache")
        connection = self.request.connection
        if isinstance(connection, HTTP1Connection):
            # Small events must not wait for each other's acknowledgement.
            connection.stream.set_nodelay(True)
