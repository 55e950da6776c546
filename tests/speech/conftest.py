"""A real engine for the tests of the connection, and servers that misbehave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator

import pytest
from websockets.asyncio.server import ServerConnection, serve

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.speech import backend, loops
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.socket import Endpoint
from tests.speech.rig import Rig


@pytest.fixture(scope="session")
def engine() -> Iterator[EngineProcess]:
    """An engine that speaks as fast as it can."""
    engine = EngineProcess(fast=True)
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def endpoint(engine: EngineProcess) -> Endpoint:
    return Endpoint(engine.url, engine.websocket_url, Secret(engine.api_key))


@pytest.fixture
def connection(endpoint: Endpoint) -> Iterator[Connection]:
    made = Connection(endpoint, backend.ENGINE)
    yield made
    made.close()


@pytest.fixture
def rig() -> Rig:
    """The router with a clock and a server of the test's own."""
    return Rig()


Handler = Callable[[ServerConnection, "dict[str, object]"], Awaitable[None]]


@pytest.fixture
def server() -> Iterator[Callable[[Handler], Connection]]:
    """Makes a WebSocket server that does what a test wants, and a connection to it.

    The handler is called with each message of the client.
    """
    closers: list[Callable[[], None]] = []

    def make(handler: Handler) -> Connection:
        async def serving(socket: ServerConnection) -> None:
            async for message in socket:
                await handler(socket, json.loads(message))

        async def start() -> tuple[int, Callable[[], None]]:
            running = await serve(serving, "127.0.0.1", 0)
            port: int = next(iter(running.sockets)).getsockname()[1]
            return port, lambda: loops.call(running.close)

        port, stop = loops.finish(start(), 5)
        address = f"127.0.0.1:{port}"
        made = Connection(
            Endpoint(f"http://{address}", f"ws://{address}", Secret("k")),
            backend.server(f"http://{address}"),
            bounds=Bounds(connect=2, first_audio=0.6, silence=0.6, close=0.5),
        )
        closers.extend([stop, made.close])
        return made

    yield make
    for close in reversed(closers):
        close()


async def reply(socket: ServerConnection, *events: dict[str, object]) -> None:
    """Send events to the client."""
    for event in events:
        await socket.send(json.dumps(event))
        await asyncio.sleep(0)
