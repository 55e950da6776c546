"""``/tts/websocket``: many contexts over one socket."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from typing import Final

from tornado import websocket

from cartesia_nb.engine import events
from cartesia_nb.engine.contexts import Context
from cartesia_nb.engine.handlers import Guarded
from cartesia_nb.engine.refusals import Refusal
from cartesia_nb.engine.requests import Cancel, Generation, read_message

_log: Final = logging.getLogger(__name__)


class SpeechSocket(Guarded, websocket.WebSocketHandler):
    """One client. A bad request is answered with an ``error`` event; the socket lives on."""

    grant = "tts"

    def check_origin(self, origin: str) -> bool:
        """Checked with the credentials, in ``Gate.admit``."""
        return True

    def get_compression_options(self) -> None:
        """No permessage-deflate: sound hardly shrinks, and it costs latency."""
        return None

    def open(self, *args: str, **kwargs: str) -> None:
        """A client came."""
        # Small messages must not wait for each other's acknowledgement.
        self.set_nodelay(True)
        self._contexts: dict[str, Context] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._idle: asyncio.TimerHandle | None = None
        self._rest()
        self.services.control.counters.connections += 1

    async def on_message(self, message: str | bytes) -> None:
        """A request came."""
        self._rest()
        try:
            request = read_message(message)
            if isinstance(request, Cancel):
                await self._cancel(request.context_id)
            else:
                self._take(request)
        except Refusal as refusal:
            await self._refuse(refusal)

    def on_close(self) -> None:
        """The client went: stop working for it."""
        tasks = getattr(self, "_tasks", {})
        idle: asyncio.TimerHandle | None = getattr(self, "_idle", None)
        if idle is not None:
            idle.cancel()
        for task in tasks.values():
            task.cancel()

    def _take(self, request: Generation) -> None:
        context_id = request.context_id
        context = self._contexts.get(context_id)
        if context is not None and context.ended:
            raise Refusal(
                "context_closed",
                "The context's input has ended",
                f"Context {context_id!r} was closed with continue: false; start a new one.",
                context_id=context_id,
            )
        if context is None:
            services = self.services
            context = Context(request, services.synthesiser, services.control, self._send)
            context.take(request)
            self._contexts[context_id] = context
            task = asyncio.ensure_future(self._run(context_id, context))
            task.add_done_callback(self._count)
            self._tasks[context_id] = task
        else:
            context.take(request)

    async def _run(self, context_id: str, context: Context) -> None:
        try:
            await context.run()
        except Refusal as refusal:
            await self._refuse(refusal)
        except websocket.WebSocketClosedError:
            pass
        except Exception:
            _log.exception("A context failed")
            await self._refuse(
                Refusal(
                    "internal_error",
                    "Internal error",
                    "The engine failed on this context; its output says why.",
                    status_code=500,
                    context_id=context_id,
                )
            )
        finally:
            if self._contexts.get(context_id) is context:
                del self._contexts[context_id], self._tasks[context_id]
            self._rest()

    def _rest(self) -> None:
        """Count anew how long nothing has happened; close after too long, as Cartesia does."""
        if self._idle is not None:
            self._idle.cancel()
        patience = self.services.control.idle_close_s
        self._idle = asyncio.get_running_loop().call_later(patience, self._close_if_idle)

    def _close_if_idle(self) -> None:
        if self._tasks:
            self._rest()
        else:
            self.close(1000, "idle")

    def _count(self, task: asyncio.Task[None]) -> None:
        self.services.control.counters.cancelled += task.cancelled()

    async def _cancel(self, context_id: str) -> None:
        task = self._tasks.pop(context_id, None)
        if task is None:
            return  # It may just have ended: no reason to complain.
        del self._contexts[context_id]
        task.cancel()
        await self._send(events.done(context_id))

    async def _refuse(self, refusal: Refusal) -> None:
        await self._send(events.error(refusal, str(uuid.uuid4())))

    async def _send(self, event: events.Event) -> None:
        # Awaiting makes a slow client slow us down instead of filling the memory.
        await self.write_message(json.dumps(event))
