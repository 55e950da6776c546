"""How many characters a connection has sent: what a server that is paid by the character counts."""

from __future__ import annotations

import threading

from websockets.asyncio.server import ServerConnection

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.speech.connection import Connection
from tests.speech.conftest import Handler, reply
from tests.speech.test_connection import Server, chunk, done


def test_all_text_that_was_sent_is_counted_and_nothing_else(connection: Connection) -> None:
    assert connection.characters == 0
    connection.say("Grüße!").wait(timeout=20)
    assert connection.characters == 6
    connection.say(iter(["Two ", "pieces."])).wait(timeout=20)
    connection.voices()[0].preview("Hi.").wait(timeout=20)
    assert connection.characters == 6 + 11 + 3


def test_the_servers_count_is_the_same(engine: EngineProcess, connection: Connection) -> None:
    def counted() -> int:
        count = engine.control()["characters"]
        assert isinstance(count, int)
        return count

    before = counted()
    for text in ("One.", "Two and a half.", "𝄞 in one."):
        connection.say(text).wait(timeout=20)
    assert connection.characters == counted() - before


def test_text_that_had_to_be_sent_again_counts_again(server: Server) -> None:
    seen = []

    async def handler(socket: ServerConnection, message: dict[str, object]) -> None:
        seen.append(message)
        if len(seen) == 1:
            socket.transport.abort()
            return
        await reply(socket, chunk(message), done(message))

    handle: Handler = handler
    connection = server(handle)
    connection.say("Again").wait(timeout=20)
    assert connection.characters == 10


def test_text_that_was_cancelled_before_it_left_is_not_counted(connection: Connection) -> None:
    context = connection.context()
    context.cancel()
    connection.say("Hi.").wait(timeout=20)
    assert connection.characters == 3


def test_who_listens_is_told_of_each_growth_until_it_leaves(connection: Connection) -> None:
    told: list[int] = []
    grown = threading.Event()

    def listen() -> None:
        told.append(connection.characters)
        grown.set()

    def broken() -> None:
        raise ValueError("a listener's fault")

    connection.on_spent(broken)
    leave = connection.on_spent(listen)
    connection.say("Hi.").wait(timeout=20)
    assert grown.wait(20)
    leave()
    connection.say("Hi again.").wait(timeout=20)
    assert told == [3]
