"""A line that is slow to take what is sent is not a dead one."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator

import pytest
from websockets.asyncio.server import ServerConnection, serve

from cartesia_nb.speech import loops
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.connection import Connection
from tests.speech.others import PCM, connection_to

ALIVE_S = 0.4
PIECE = 32 * 1024
PAUSE_S = 0.02


@pytest.fixture
def slow() -> Iterator[Connection]:
    """To a server at the end of a line that takes some 1.5 MB a second, and no more at once."""

    async def serving(socket: ServerConnection) -> None:
        async for message in socket:
            name = json.loads(message)["context_id"]
            event = {"type": "chunk", "context_id": name, "data": base64.b64encode(PCM).decode()}
            await socket.send(json.dumps(event | {"done": False, "status_code": 206}))
            await socket.send(json.dumps({"type": "done", "context_id": name, "done": True}))

    async def start() -> tuple[int, asyncio.Server]:
        running = await serve(serving, "127.0.0.1", 0, max_size=None, ping_interval=None)
        far: int = next(iter(running.sockets)).getsockname()[1]

        async def carry(
            source: asyncio.StreamReader, to: asyncio.StreamWriter, pause: float
        ) -> None:
            while data := await source.read(PIECE):
                to.write(data)
                await to.drain()
                await asyncio.sleep(pause)
            to.close()

        async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            other_reader, other_writer = await asyncio.open_connection("127.0.0.1", far)
            await asyncio.gather(
                carry(reader, other_writer, PAUSE_S), carry(other_reader, writer, 0)
            )

        near = await asyncio.start_server(through, "127.0.0.1", 0, limit=PIECE)
        return near.sockets[0].getsockname()[1], near

    port, near = loops.finish(start(), 5)
    with connection_to(port, bounds=Bounds(alive=ALIVE_S, first_audio=60)) as connection:
        yield connection
    loops.call(near.close)


def test_a_long_text_on_a_slow_line_is_sent_once(slow: Connection) -> None:
    """It takes many times the bound for a sign of life, and the ping waits behind it."""
    slow.open()
    take = slow.say("A long text. " * 400_000).wait(50)
    assert take.timeline.resent == 0
    assert take.pcm == PCM
