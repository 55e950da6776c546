"""``/tts/websocket``: many contexts over one socket."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Coroutine
from typing import Final, Literal

from tornado import websocket

from cartesia_nb.engine import events
from cartesia_nb.engine.contexts import Context
from cartesia_nb.engine.handlers import Guarded
from cartesia_nb.engine.line import Line, handshake_arrives
from cartesia_nb.engine.mishaps import DONE_LATE, Mishaps, busy, refused_handshake
from cartesia_nb.engine.refusals import Refusal
from cartesia_nb.engine.requests import Cancel, Generation, Signal, read_message
from cartesia_nb.engine.wire import Wire

_log: Final = logging.getLogger(__name__)


class _Run:
    """A context in flight on this socket."""

    def __init__(self, context: Context, mishaps: Mishaps) -> None:
        self.context = context
        self.mishaps = mishaps
        self.task: asyncio.Task[None] | None = None
        self.holds_slot = True
        self.cancelled = False


class SpeechSocket(Guarded, websocket.WebSocketHandler):
    """One client. A bad request is answered with an ``error`` event; the socket lives on."""

    grant = "tts"

    def check_origin(self, origin: str) -> bool:
        """Checked with the credentials, in ``Gate.admit``."""
        return True

    def get_compression_options(self) -> None:
        """No permessage-deflate: sound hardly shrinks, and it costs latency."""
        return None

    async def get(self, *args: str, **kwargs: str) -> None:
        """The handshake.

        Raises:
            Refusal: a fault, or too many sockets are open.
        """
        control = self.services.control
        self._deserted = asyncio.Event()
        fault = self.services.sky.plan.strike_handshake()
        if fault is not None and fault.kind == "no-handshake":
            await self._deserted.wait()  # It is never answered.
            return
        await handshake_arrives(self.services.sky, control.counters.connections + 1)
        if self._deserted.is_set():
            return
        if fault is not None:
            raise refused_handshake(
                int(fault.kind.removeprefix("http-")),
                f"The engine was told to refuse this handshake ({fault}).",
            )
        if control.max_sockets is not None and control.sockets >= control.max_sockets:
            raise refused_handshake(
                429, f"{control.sockets} sockets are open and no more may be; close one."
            )
        await super().get(*args, **kwargs)

    def get_websocket_protocol(self) -> websocket.WebSocketProtocol | None:
        """Tornado's, on a line that may be bad."""
        usual = super().get_websocket_protocol()
        if not isinstance(usual, websocket.WebSocketProtocol13):
            return usual
        self._line = Line(self.services.sky, self.services.control.counters.connections + 1)
        self._wire = Wire(self, usual, self._line)
        return self._wire

    def open(self, *args: str, **kwargs: str) -> None:
        """A client came."""
        # Small messages must not wait for each other's acknowledgement.
        self.set_nodelay(True)
        self._runs: dict[str, _Run] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle: asyncio.TimerHandle | None = None
        self._gone = False
        self._half_open = False
        self._rest()
        self.services.control.counters.connections += 1
        self.services.control.sockets += 1

    async def on_message(self, message: str | bytes) -> None:
        """A request came."""
        if self._gone:
            return
        self._rest()
        try:
            request = read_message(message, self._runs)
            if isinstance(request, Cancel):
                await self._cancel(request.context_id)
            else:
                self._take(request)
        except Refusal as refusal:
            await self._refuse(refusal)

    def on_connection_close(self) -> None:
        """Tornado's word that the TCP stream has ended, also before the handshake was done."""
        super().on_connection_close()
        if deserted := getattr(self, "_deserted", None):
            deserted.set()

    def on_close(self) -> None:
        """The client went: stop working for it."""
        if hasattr(self, "_runs"):
            self._leave("cancelled")
            self._line.cut()

    def hang_up(self, code: int | None) -> None:
        """End the socket and all its contexts: with a close code, or without a close frame."""
        self._leave("failed")
        if code is None:
            self._wire.drop()
        else:
            self._wire.hang_up(code, "")

    def go_half_open(self) -> None:
        """Send and answer nothing more, and stay connected; contexts halt where they are."""
        self._half_open = True
        for run in self._runs.values():
            run.context.entry.end("failed")
        if self._idle is not None:
            self._idle.cancel()
        self._wire.go_half_open()

    async def say(self, text: str) -> None:
        """Send a text frame."""
        if self._half_open:
            await asyncio.get_running_loop().create_future()
        # Awaiting makes a slow client slow us down instead of filling the memory.
        await self.write_message(text)

    def _leave(self, state: Literal["cancelled", "failed"]) -> None:
        """Stop all work; the socket counts no more. What was under way has ended so."""
        if self._gone:
            return
        self._gone = True
        self.services.control.sockets -= 1
        if self._idle is not None:
            self._idle.cancel()
        for task in self._tasks:
            task.cancel()
        for run in list(self._runs.values()):
            run.context.entry.end(state)
            self._forget(run)

    def _take(self, request: Generation | Signal) -> None:
        context_id = request.context_id
        run = self._runs.get(context_id)
        if run is None:
            assert isinstance(request, Generation)
            self._begin(request)
        elif run.context.ended and not run.mishaps.silent:
            raise Refusal(
                "context_closed",
                "The context's input has ended",
                f"Context {context_id!r} was closed with continue: false; start a new one.",
                context_id=context_id,
            )
        elif not run.mishaps.silent:
            run.context.take(request)

    def _begin(self, request: Generation) -> None:
        services, control = self.services, self.services.control
        if not control.slots.take(self.account, control.max_contexts):
            raise busy(request.context_id, control.max_contexts)
        control.counters.contexts += 1
        entry = control.log.open(request, "websocket")
        mishaps = Mishaps(services.sky, control.counters.contexts, request.context_id, self, entry)
        context = Context(request, services.synthesiser, control, self._send, mishaps, entry)
        context.take(request)
        run = _Run(context, mishaps)
        self._runs[request.context_id] = run
        run.task = self._spawn(self._run(run))
        run.task.add_done_callback(self._count)

    async def _run(self, run: _Run) -> None:
        context_id = run.context.first.context_id
        try:
            await run.context.run()
            left = {fault.kind for fault in await run.mishaps.meet("done")}
            if "done-late" in left:
                await asyncio.sleep(DONE_LATE)
            await self._say_done(run, twice="done-twice" in left)
        except Refusal as refusal:
            run.context.entry.end("failed")
            self._forget(run)
            await self._refuse(refusal)
        except websocket.WebSocketClosedError:
            # As good as cancelled: the voice saw that the client went before we were told.
            run.context.entry.end("cancelled")
            self.services.control.counters.cancelled += 1
        except Exception:
            _log.exception("A context failed")
            run.context.entry.end("failed")
            self._forget(run)
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
            if not run.cancelled:
                self._forget(run)
            self._rest()

    async def _cancel(self, context_id: str) -> None:
        run = self._runs.get(context_id)
        if run is None or run.cancelled:
            return  # It may just have ended: no reason to complain.
        run.cancelled = run.context.ended = True
        run.context.entry.end("cancelled")
        assert run.task is not None
        run.task.cancel()
        linger = self.services.control.cancel_linger_ms / 1000
        if linger:
            self._spawn(self._linger(run, linger))
        else:
            await self._say_done(run)

    async def _linger(self, run: _Run, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._say_done(run)

    async def _say_done(self, run: _Run, twice: bool = False) -> None:
        # First the slot, then the word: a client that knows may start the next at once.
        self._forget(run)
        run.context.entry.end("done")
        if run.mishaps.silent:
            return
        for _ in range(1 + twice):
            await self._send(events.done(run.context.first.context_id))
        self._spawn(self._rest_idle(run.mishaps))

    async def _rest_idle(self, mishaps: Mishaps) -> None:
        if not self._runs:
            try:
                await mishaps.meet("idle")
            except Refusal as refusal:
                await self._refuse(refusal)

    def _forget(self, run: _Run) -> None:
        """The context is not in flight any more."""
        context = run.context
        if self._runs.get(context.first.context_id) is run:
            del self._runs[context.first.context_id]
        if run.holds_slot:
            run.holds_slot = False
            self.services.control.slots.release(self.account)

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._settle)
        return task

    def _settle(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        # A client that went has nobody who could be told.
        if error is not None and not isinstance(error, websocket.WebSocketClosedError):
            _log.error("A task failed", exc_info=error)

    def _rest(self) -> None:
        """Count anew how long nothing has happened; close after too long, as Cartesia does."""
        if self._idle is not None:
            self._idle.cancel()
        if self._gone or self._half_open:
            return
        patience = self.services.control.idle_close_s
        self._idle = asyncio.get_running_loop().call_later(patience, self._close_if_idle)

    def _close_if_idle(self) -> None:
        if self._runs:
            self._rest()
        else:
            self._leave("cancelled")
            self._wire.hang_up(1000, "idle")

    def _count(self, task: asyncio.Task[None]) -> None:
        self.services.control.counters.cancelled += task.cancelled()

    async def _refuse(self, refusal: Refusal) -> None:
        await self._send(events.error(refusal, str(uuid.uuid4())))

    async def _send(self, event: events.Event) -> None:
        await self.say(json.dumps(event))
