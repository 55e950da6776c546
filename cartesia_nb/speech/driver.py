"""Takes the router's steps with real sockets, real time and real tasks."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

from cartesia_nb.errors import CartesiaNbError, ConnectError, ConnectionLostError, SpeechError
from cartesia_nb.speech.bounds import START_S, Bounds
from cartesia_nb.speech.line import Link
from cartesia_nb.speech.route import Outgoing, Route
from cartesia_nb.speech.router import Router
from cartesia_nb.speech.socket import Endpoint, Socket, prepare
from cartesia_nb.speech.steps import Cancel, Close, Connect, Ping, Send, Step

Queue: TypeAlias = "asyncio.Queue[Send | Cancel | None]"
"""What is to be sent on a socket; ``None`` says that it is closed."""

CLOSED = "This connection is closed. Make a new one with connect()."


class Driver:
    """The sockets of one connection. For the network loop alone, but for making it.

    Attributes:
        characters: of the text that was sent, also what had to be sent again. Any thread may read.

    Args:
        endpoint: where to connect; or a function that says so, called in a worker thread
            before each connecting (it may start the server).
        bounds: how long things may take.
        router: decides.
        spent: called when ``characters`` grew.
    """

    def __init__(
        self,
        endpoint: Endpoint | Callable[[], Endpoint],
        bounds: Bounds,
        router: Router,
        *,
        spent: Callable[[], None] = lambda: None,
    ) -> None:
        self.characters = 0
        self._spent = spent
        self._endpoint = endpoint
        self._bounds = bounds
        self._router = router
        self._sockets: dict[Link, tuple[Socket, Queue]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._connecting: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._turned = asyncio.Event()
        self._closed = False

    def add(self, route: Route) -> None:
        """A context was made; it ends with the connection if nothing else ends it."""
        self._router.add(route)
        if self._closed:
            route.end("failed", time.monotonic(), ConnectError(CLOSED))

    def put(self, route: Route, message: Outgoing | None) -> None:
        """Bring a context's message on its way, or with ``None`` cancel the context."""
        now = time.monotonic()
        if self._closed:
            route.end("failed", now, ConnectError(CLOSED))
        try:
            if message is None:
                self._router.cancel(route, now)
            else:
                self._router.put(route, message, now)
        except Exception as fault:  # a fault of ours must not leave a take hanging
            text = f"Speaking failed in a way nobody foresaw: {type(fault).__name__}: {fault}"
            route.end("failed", now, SpeechError(text))
            raise
        finally:
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
            self._connecting = self._start(self._connect(step.timeout))
            return
        if step.link not in self._sockets:
            return
        socket, queue = self._sockets[step.link]
        if isinstance(step, Ping):
            self._start(self._ping(step.link, socket))
        elif isinstance(step, Close):
            del self._sockets[step.link]
            _leave(queue)
            self._start(socket.close(self._bounds.close))
        else:
            queue.put_nowait(step)

    # Any: what a coroutine yields to its loop is the loop's own business.
    def _start(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _connect(self, timeout: float) -> None:
        error: CartesiaNbError
        try:
            endpoint, _ = await asyncio.gather(self.where(), _prepared())
            self._do(self._router.line.dialling)
            socket = await Socket.open(endpoint, timeout)
        except CartesiaNbError as refused:
            error, final = refused, not getattr(refused, "passing", False)
        except Exception as fault:  # whatever a function that says where raises, the take says it
            said = f": {fault}" if str(fault) else ""
            error = ConnectError(f"Connecting failed with {type(fault).__name__}{said}.")
            final = not isinstance(fault, TimeoutError | asyncio.TimeoutError)
        else:
            if self._closed:
                await socket.close(self._bounds.close)
                return
            self._use(socket)
            return
        self._router.refused(error, time.monotonic(), final=final)
        self._turn()
        self._go_on()

    async def where(self) -> Endpoint:
        """Where the server is; it may be started first.

        Raises:
            Exception: whatever the function that says so raises; ``TimeoutError`` if it takes
                too long.
        """
        endpoint = self._endpoint
        if isinstance(endpoint, Endpoint):
            return endpoint
        try:
            asked = asyncio.get_running_loop().run_in_executor(None, endpoint)
        except RuntimeError:  # the interpreter is ending, and starts no threads any more
            raise ConnectError(CLOSED) from None
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
                    self._count(step.message)
            except CartesiaNbError as lost:
                self._lose(link, lost)
                return
            except Exception as fault:  # a writer that dies silently would leave takes hanging
                self._lose(link, ConnectionLostError(f"Sending failed: {fault!r}."))
                return
            finally:
                if isinstance(step, Send):
                    step.message.sent()
                step = None  # while this waits for the next one, it must not keep a take

    def _count(self, message: Outgoing) -> None:
        if message.text:
            self.characters += len(message.text)
            self._spent()

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
        if await socket.ping(self._bounds.alive + link.slack_s):
            link.alive(time.monotonic())

    def warm(self) -> None:
        """See that there is a socket soon."""
        if not self._closed:
            self._do(self._router.warm)

    async def opened(self) -> None:
        """Until there is a socket.

        Raises:
            CartesiaNbError: why there will be none.
        """
        line = self._router.line
        self.warm()
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

    async def close(self) -> None:
        """Cancel what is under way and close the sockets, within ``bounds.close``."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._connecting is not None:
            self._connecting.cancel()
        self._router.close(time.monotonic())
        self._go_on()
        self._turn()
        closing = list(self._tasks)
        if closing:  # they end with their sockets
            await asyncio.wait(closing, timeout=self._bounds.close)
        for task in closing:
            task.cancel()
        await asyncio.gather(*closing, return_exceptions=True)


async def _prepared() -> None:
    """What the first connecting imports is there: that is no part of a handshake, and no work for
    this loop."""
    if prepare.cache_info().currsize:
        return
    pool = ThreadPoolExecutor(1)  # not the loop's own, whose threads stay
    try:
        with contextlib.suppress(RuntimeError):  # the interpreter is ending
            await asyncio.get_running_loop().run_in_executor(pool, prepare)
    finally:
        pool.shutdown(wait=False)


def _leave(queue: Queue) -> None:
    """Nobody sends what is in it any more; who waits for that is told."""
    while not queue.empty():
        step = queue.get_nowait()
        if isinstance(step, Send):
            step.message.sent()
    queue.put_nowait(None)
