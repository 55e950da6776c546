"""One managed WebSocket that carries many contexts. It knows nothing of notebooks."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import time
import weakref
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeAlias

from cartesia_nb.errors import CartesiaNbError, ConnectError, ConnectionLostError, SettingsError
from cartesia_nb.protocol import limits
from cartesia_nb.speech import loops, sources
from cartesia_nb.speech.backend import Backend
from cartesia_nb.speech.bounds import START_S, Bounds
from cartesia_nb.speech.context import Context
from cartesia_nb.speech.line import Link
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.rest import Rest
from cartesia_nb.speech.route import Outgoing, Route
from cartesia_nb.speech.router import Router
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.settings import Settings, ignored
from cartesia_nb.speech.socket import Endpoint, Socket
from cartesia_nb.speech.steps import Cancel, Close, Connect, Ping, Send, Step
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.voices import Catalogue, Voices
from cartesia_nb.speech.warn import warn

MAX_CONTEXTS: Final = 2
"""Contexts in flight at once: what Cartesia's smallest plan allows."""

CLOSED: Final = "This connection is closed. Make a new one with connect()."

Queue: TypeAlias = "asyncio.Queue[Send | Cancel | None]"
"""What is to be sent on a socket; ``None`` says that it is closed."""

_open: weakref.WeakSet[Connection] = weakref.WeakSet()


class Connection:
    """A WebSocket, opened when first used, and the contexts on it.

    It may live for days: the socket is replaced before it is idle for too long, and opened again
    after any loss. Every method may be called from any thread, whatever loop runs there; all I/O
    happens on the network loop. Use it with ``with``, or ``close()`` it; at the end of the
    process it is closed.

    A take's bytes are kept once, for as long as somebody holds the take. Whether somebody reads
    a take, and how fast, is nothing to the others.

    Args:
        endpoint: where to connect; or a function that says so, called in a worker thread
            before each connecting (it may start the server).
        backend: who answers there.
        settings: what contexts use unless told otherwise.
        bounds: how long things may take.
        max_contexts: contexts in flight at once, 1 or more: what your plan allows. More wait
            their turn, in order.

    Raises:
        SettingsError: ``max_contexts`` is no such number.
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
        limit: object = max_contexts
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
            raise SettingsError(f"max_contexts is {limit!r}; it takes a whole number, 1 or more.")
        self.backend = backend
        self.settings = settings if settings is not None else Settings()
        self.bounds = bounds if bounds is not None else Bounds()
        self._endpoint = endpoint
        self._router = Router(self.bounds, max_contexts)
        self._rest = Rest(self._where, self.bounds.connect)
        self._catalogue = Catalogue(self._rest.voices)
        self._told: set[str] = set()
        self._sockets: dict[Link, tuple[Socket, Queue]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._turned = asyncio.Event()
        self._closed = False
        _open.add(self)

    @property
    def max_contexts(self) -> int:
        """Contexts in flight at once."""
        return self._router.places.limit

    @property
    def waiting(self) -> int:
        """Contexts that wait for their turn."""
        return len(self._router.places.queue)

    def context(
        self, settings: Settings | None = None, *, context_id: str | None = None
    ) -> Context:
        """Open a context. Nothing is sent before its first push. Returns at once.

        Warns, once for each, of settings that the chosen model ignores.

        Args:
            settings: what shapes it; the connection's unless given.
            context_id: an id of your own; one is made otherwise.

        Raises:
            ConnectError: the connection is closed.
        """
        if self._closed:
            raise ConnectError(CLOSED)
        settings = settings if settings is not None else self.settings
        for sentence in ignored(settings, self.backend.name):
            if sentence not in self._told:
                self._told.add(sentence)
                warn(sentence)
        recording = Recording(settings, self.backend, context_id=context_id)
        recording.patience = max(recording.patience, self.bounds.longest)
        route = Route(recording)

        def put(message: Outgoing | None) -> None:
            loops.call(self._put, route, message)

        return Context(recording, put)

    def say(self, text: sources.Text, settings: Settings | None = None) -> Take:
        """Speak a text: a string, an iterable of pieces, or an async iterable. Returns at once.

        Args:
            text: pieces are joined as they are: give the spaces.
            settings: what shapes it; the connection's unless given.

        Raises:
            TextError: there is nothing to say, or it is not text.
            ConnectError: the connection is closed.
        """
        sources.check(text)
        context = self.context(settings)
        sources.feed(text, context._recording, context._put)
        return context.take

    def voices(
        self,
        *,
        language: str | None = None,
        gender: str | None = None,
        query: str | None = None,
        mine: bool = False,
        speak: Callable[..., Take] | None = None,
    ) -> Voices:
        """All the server's voices that match; asked for anew after five minutes.

        Waits for the server, each page for at most ``bounds.connect`` seconds. Not on the network
        loop.

        Args:
            language: a code: ``en`` for any English, ``en-GB`` for that locale.
            gender: ``masculine``, ``feminine`` or ``gender_neutral``.
            query: searched for by the server, in names, descriptions and ids.
            mine: only those that the key's owner made.
            speak: what a voice's ``preview()`` calls, with a text and settings.

        Raises:
            SettingsError: ``language`` or ``gender`` is not known.
            AuthenticationError: the server refused the key.
            ServerError: the server refused, or answered what is no list of voices.
            ConnectError: it can't be reached, or this connection is closed.
        """
        found = loops.finish(
            self._catalogue.voices(language=language, gender=gender, query=query, mine=mine), None
        )
        return Voices(found, speak=speak if speak is not None else self._speak)

    def _speak(self, text: sources.Text, **settings: object) -> Take:
        return self.say(text, self.settings.replace(**settings))

    def access_token(self, expires_in: int = limits.TOKEN_MAX_S) -> Secret:
        """A short-lived token for speech alone, that a page may be given in place of the key.

        Waits for the server as ``voices`` does, and raises as it does.

        Args:
            expires_in: how long it holds: whole seconds, 1 to 3600.

        Returns:
            It does not show itself; ``token.reveal()`` gives the text.

        Raises:
            SettingsError: ``expires_in`` is no such number.
        """
        return loops.finish(self._rest.access_token(expires_in), None)

    def open(self) -> None:
        """Connect now, and wait until that is done. Not on the network loop.

        Raises:
            AuthenticationError: the server refused the key.
            ConnectError: no connection came about within ``bounds.connect`` seconds, or this
                connection is closed.
        """
        if self._closed:
            raise ConnectError(CLOSED)
        loops.finish(self._opened(), None)

    def warm(self) -> None:
        """Begin to connect now, so that the first context need not wait. Returns at once.

        A failure is the first context's to report, which tries again.
        """
        if not self._closed:
            loops.call(self._do, self._router.warm)

    def close(self) -> None:
        """Cancel what is under way and close the socket. Waits for it, within ``bounds.close``.

        Not on the network loop. A closed connection stays closed; closing it again does nothing.
        """
        _open.discard(self)
        self._closed = True
        with contextlib.suppress(TimeoutError):
            loops.finish(self._shut(), self.bounds.close + 1)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"{len(self._router)} contexts"
        return f"<Connection to {self.backend.label}: {state}>"

    # From here on: the network loop alone.

    def _put(self, route: Route, message: Outgoing | None) -> None:
        now = time.monotonic()
        if self._closed:
            route.end("failed", now, ConnectError(CLOSED))
        if message is None:
            self._router.cancel(route, now)
        else:
            self._router.put(route, message, now)
        self._go_on()

    def _do(self, what: Callable[[float], None]) -> None:
        what(time.monotonic())
        self._go_on()

    def _go_on(self) -> None:
        """Take the steps that are due now, and come back when the next may be."""
        for step in self._router.steps():
            self._take(step)
        now = time.monotonic()
        due = self._router.due(now)
        if due is None or self._closed:
            return
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if self._timer.when() - loop.time() <= due - now:
                return  # it looks again in time
            self._timer.cancel()
        self._timer = loop.call_later(max(due - now, 0.001), self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._do(self._router.tick)

    def _take(self, step: Step) -> None:
        if isinstance(step, Connect):
            self._start(self._connect(step.timeout))
            return
        if step.link not in self._sockets:
            return
        socket, queue = self._sockets[step.link]
        if isinstance(step, Ping):
            self._start(self._ping(step.link, socket))
        elif isinstance(step, Close):
            del self._sockets[step.link]
            _leave(queue)
            self._start(socket.close(self.bounds.close))
        else:
            queue.put_nowait(step)

    # Any: what a coroutine yields to its loop is the loop's own business.
    def _start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, timeout: float) -> None:
        error: CartesiaNbError
        try:
            endpoint = await self._where()
            self._do(self._router.dialling)
            socket = await Socket.open(endpoint, timeout)
        except CartesiaNbError as refused:
            error, final = refused, not getattr(refused, "passing", False)
        except Exception as fault:  # whatever a function that says where raises, the take says it
            said = f": {fault}" if str(fault) else ""
            error = ConnectError(f"Connecting failed with {type(fault).__name__}{said}.")
            final = not isinstance(fault, TimeoutError | asyncio.TimeoutError)
        else:
            if self._closed:
                await socket.close(self.bounds.close)
                return
            self._use(socket)
            return
        self._router.refused(error, time.monotonic(), final=final)
        self._turn()
        self._go_on()

    async def _where(self) -> Endpoint:
        endpoint = self._endpoint
        if isinstance(endpoint, Endpoint):
            return endpoint
        asked = asyncio.get_running_loop().run_in_executor(None, endpoint)
        return await asyncio.wait_for(asked, START_S)

    def _use(self, socket: Socket) -> None:
        queue: Queue = asyncio.Queue()
        link = self._router.opened(time.monotonic())
        self._sockets[link] = socket, queue
        self._start(self._read(link, socket))
        self._start(self._write(link, socket, queue))
        self._turn()
        self._go_on()

    async def _write(self, link: Link, socket: Socket, queue: Queue) -> None:
        while (step := await queue.get()) is not None:
            try:
                if isinstance(step, Cancel):
                    await socket.send({"context_id": step.context_id, "cancel": True})
                    continue
                wire = self._router.sending(step, time.monotonic())
                if wire is not None:
                    await socket.send(wire)
            except CartesiaNbError as lost:
                self._lose(link, lost)
                return
            except Exception as fault:  # a writer that dies silently would leave takes hanging
                self._lose(link, ConnectionLostError(f"Sending failed: {fault!r}."))
                return
            finally:
                if isinstance(step, Send):
                    step.message.sent()

    async def _read(self, link: Link, socket: Socket) -> None:
        try:
            while True:
                event = await socket.receive()
                self._router.handle(link, event, time.monotonic())
                self._go_on()
        except CartesiaNbError as lost:
            self._lose(link, lost)
        except Exception as fault:  # a reader that dies silently would leave takes hanging
            self._lose(link, ConnectionLostError(f"Reading from the server failed: {fault!r}."))

    def _lose(self, link: Link, error: CartesiaNbError) -> None:
        self._router.lost(link, error, time.monotonic())
        self._go_on()

    async def _ping(self, link: Link, socket: Socket) -> None:
        if await socket.ping(self.bounds.alive):
            self._router.alive(link, time.monotonic())

    async def _opened(self) -> None:
        line = self._router.line
        self._do(self._router.warm)
        since = line.clock(time.monotonic())
        while line.link is None:
            now = time.monotonic()
            error = line.overdue(since, now)
            if error is None and not line.keep(now):
                error = line.error or ConnectError(CLOSED)  # another try would be in vain
            if error is not None:
                raise error
            with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
                await asyncio.wait_for(self._turned.wait(), max(line.due(since) - now, 0.0))

    def _turn(self) -> None:
        """Tell who waits for a socket that a try is over."""
        turned, self._turned = self._turned, asyncio.Event()
        turned.set()

    async def _shut(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._router.close(time.monotonic())
        self._go_on()
        self._start(self._rest.close())
        me = asyncio.current_task()
        closing = [task for task in self._tasks if task is not me]
        if closing:  # a try to connect is cut off; the rest ends with its socket
            await asyncio.wait(closing, timeout=self.bounds.close)
        for task in closing:
            task.cancel()
        await asyncio.gather(*closing, return_exceptions=True)


def _leave(queue: Queue) -> None:
    """Nobody sends what is in it any more; who waits for that is told."""
    while not queue.empty():
        step = queue.get_nowait()
        if isinstance(step, Send):
            step.message.sent()
    queue.put_nowait(None)


@atexit.register
def _close_all() -> None:
    for connection in list(_open):
        connection.close()


if hasattr(os, "register_at_fork"):
    # A forked child that ends must not say goodbye on its parent's sockets.
    os.register_at_fork(after_in_child=_open.clear)
