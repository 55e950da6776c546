"""One managed WebSocket that carries many contexts. It knows nothing of notebooks."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

from cartesia_nb.errors import CartesiaNbError, ConnectError, ConnectionLostError, SpeechError
from cartesia_nb.speech import loops
from cartesia_nb.speech.backend import Backend
from cartesia_nb.speech.context import Context
from cartesia_nb.speech.outbox import Outbox
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.router import Bounds, Route, Router
from cartesia_nb.speech.settings import Json, Settings
from cartesia_nb.speech.socket import Endpoint, Socket

MAX_CONTEXTS: Final = 2
"""Contexts in flight at once: what Cartesia's smallest plan allows."""


class Connection:
    """A WebSocket, opened when first used, and the contexts on it.

    Every method may be called from any thread. All I/O happens on the network loop.

    Args:
        endpoint: where to connect; or a function that says so, called in a worker thread
            before each connecting (it may start the server).
        backend: who answers there.
        settings: what contexts use unless told otherwise.
        bounds: how long things may take.
        max_contexts: contexts in flight at once; more wait their turn, in order.
    """

    def __init__(
        self,
        endpoint: Endpoint | Callable[[], Endpoint],
        backend: Backend,
        *,
        settings: Settings | None = None,
        bounds: Bounds | None = None,
        max_contexts: int = MAX_CONTEXTS,
    ) -> None:
        self.backend = backend
        self.settings = settings if settings is not None else Settings()
        self.bounds = bounds if bounds is not None else Bounds()
        self._endpoint = endpoint
        self._router = Router(self.bounds)
        self._slots = asyncio.Semaphore(max_contexts)
        self._opening = asyncio.Lock()
        self._socket: Socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None
        self._closed = False

    def context(
        self, settings: Settings | None = None, *, context_id: str | None = None
    ) -> Context:
        """Open a context. Nothing is sent before its first push."""
        if self._closed:
            raise ConnectError("This connection is closed. Make a new one with connect().")
        recording = Recording(
            settings if settings is not None else self.settings,
            self.backend,
            context_id=context_id,
        )
        return Context(recording, Outbox(recording, self._serve))

    def warm(self) -> None:
        """Begin to connect now, so that the first context need not wait. Returns at once."""
        if not self._closed:
            loops.call(self._start, self._warm())

    def close(self) -> None:
        """Cancel what is under way and close the socket. Waits for it, within bounds."""
        self._closed = True
        with contextlib.suppress(TimeoutError):
            loops.finish(self._close(), self.bounds.close + 1)

    # From here on: the network loop alone.

    def _serve(self, outbox: Outbox) -> None:
        self._start(self._run(outbox))

    # Any: what a coroutine yields to its loop is the loop's own business.
    def _start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, outbox: Outbox) -> None:
        """Bring one context's messages to the server, in order, until it is over."""
        recording = outbox.recording
        route: Route | None = None
        try:
            recording.queued = True
            await self._slots.acquire()
            recording.queued = False
            try:
                if recording.ended:
                    return
                socket, cold = await self._open()
                recording.timeline.connected = time.monotonic()
                recording.timeline.cold = cold
                route = self._router.open(recording, outbox.close)
                self._keep_watch()
                await self._send(socket, route, outbox)
                await outbox.closed()
            finally:
                self._slots.release()
        except asyncio.CancelledError:
            recording.end("cancelled", time.monotonic())
            raise
        except CartesiaNbError as error:
            self._failed(recording, route, error)
        except Exception as fault:  # whatever it is, the take must end and say so
            text = f"Speaking failed in a way nobody foresaw: {type(fault).__name__}: {fault}"
            self._failed(recording, route, SpeechError(text))
        finally:
            outbox.close()

    def _failed(self, recording: Recording, route: Route | None, error: CartesiaNbError) -> None:
        now = time.monotonic()
        if route is not None:
            self._router.fail(route, error, now)
        recording.end("failed", now, error)

    async def _send(self, socket: Socket, route: Route, outbox: Outbox) -> None:
        recording = outbox.recording
        request = recording.settings.to_request()
        sent = False
        while (message := await outbox.get()) is not None:
            now = time.monotonic()
            if message.kind == "cancel":
                self._router.cancelled(route, now)
                if not sent:
                    self._router.finish(route, now)
                    return
                await socket.send({"context_id": recording.id, "cancel": True})
                return
            if message.kind == "last" and not message.text and not route.unanswered:
                # Nothing was asked for, or all of it has come.
                self._router.finish(route, now)
                return
            wire: dict[str, Json] = {
                **request,
                "context_id": recording.id,
                "transcript": message.text,
                "continue": message.kind != "last",
            }
            if message.kind == "flush":
                wire["flush"] = True
            self._router.sent(route, message.text, last=message.kind == "last", now=now)
            sent = True
            try:
                await socket.send(wire)
            finally:
                message.sent()

    async def _open(self) -> tuple[Socket, bool]:
        """The open socket, and whether it had to be opened for this."""
        async with self._opening:
            if self._socket is not None:
                return self._socket, False
            endpoint = self._endpoint
            if not isinstance(endpoint, Endpoint):
                endpoint = await asyncio.get_running_loop().run_in_executor(None, endpoint)
            self._socket = await Socket.open(endpoint, self.bounds.connect)
            self._start(self._read(self._socket))
            return self._socket, True

    async def _warm(self) -> None:
        # A failure here is the first context's to report, which tries again.
        with contextlib.suppress(CartesiaNbError):
            await self._open()

    async def _read(self, socket: Socket) -> None:
        error: CartesiaNbError
        try:
            while True:
                event = await socket.receive()
                self._router.handle(event, time.monotonic())
        except CartesiaNbError as lost:
            error = lost
        except Exception as fault:  # a reader that dies silently would leave takes hanging
            error = ConnectionLostError(f"Reading from the server failed: {fault!r}.")
        if self._socket is socket:
            self._socket = None
        self._router.fail_all(error, time.monotonic())
        await socket.close(self.bounds.close)

    def _keep_watch(self) -> None:
        if self._watch is None or self._watch.done():
            self._watch = asyncio.get_running_loop().create_task(self._watching())

    async def _watching(self) -> None:
        while len(self._router):
            soonest = self._router.tick(time.monotonic())
            await asyncio.sleep(min(max(soonest, 0.02), 0.5))

    async def _close(self) -> None:
        me = asyncio.current_task()
        tasks = [task for task in self._tasks if task is not me]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._watch is not None:
            self._watch.cancel()
        if self._socket is not None:
            await self._socket.close(self.bounds.close)
            self._socket = None
