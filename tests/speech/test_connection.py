"""The connection over real sockets: the engine, and servers that misbehave."""

from __future__ import annotations

import base64
import json
import socket as sockets
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from websockets.asyncio.server import ServerConnection

from cartesia_nb.errors import (
    AuthenticationError,
    CartesiaNbError,
    ConnectError,
    ConnectionLostError,
    TextError,
)
from cartesia_nb.speech import backend, sources
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.socket import Endpoint
from cartesia_nb.speech.sources import Text
from cartesia_nb.speech.take import Take
from tests.speech.conftest import Handler, reply

PCM = bytes(range(256)) * 4

Server = Callable[[Handler], Connection]


def speak(connection: Connection, text: Text, **settings: object) -> Take:
    """What a session does, without a notebook."""
    sources.check(text)
    context = connection.context(connection.settings.replace(**settings))
    sources.feed(text, context._recording, context._put)
    return context.take


def chunk(message: dict[str, object], pcm: bytes = PCM) -> dict[str, object]:
    return {
        "type": "chunk",
        "context_id": message["context_id"],
        "data": base64.b64encode(pcm).decode(),
        "done": False,
        "status_code": 206,
        "step_time": 1.0,
    }


def done(message: dict[str, object]) -> dict[str, object]:
    return {
        "type": "done",
        "context_id": message["context_id"],
        "done": True,
        "status_code": 200,
    }


def test_a_text_becomes_sound_and_words(connection: Connection) -> None:
    take = speak(connection, "Hello there, this is a test.").wait(20)
    assert take.state == "done"
    assert take.duration > 1
    assert abs(take.samples).max() > 0.05
    assert [word.text for word in take.words][:2] == ["Hello", "there,"]
    assert take.text == "Hello there, this is a test."
    assert take.backend is backend.ENGINE


def test_a_proxy_of_the_environment_does_not_come_between_us_and_this_machine(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with Connection(endpoint, backend.ENGINE, bounds=Bounds(connect=1)) as connection:
        assert speak(connection, "Hello.").wait(20).state == "done"


def test_many_takes_share_one_socket_and_none_mixes(connection: Connection) -> None:
    texts = [f"This is sentence number {number}." for number in range(8)]
    takes = [speak(connection, text) for text in texts]
    said = [" ".join(word.text for word in take.wait(20).words) for take in takes]
    assert said == texts
    for take in takes:
        assert take.words[-1].end == pytest.approx(take.duration, abs=0.5)
    cold = [take.timeline.cold for take in takes]
    assert cold[0] and not any(cold[2:]), "who waited for the one handshake, and nobody else"


def test_pieces_are_spoken_as_one_text(connection: Connection) -> None:
    pieces = speak(connection, iter(["Hi there! ", "Welcome to ", "Cartesia Sonic."])).wait(20)
    assert pieces.text == "Hi there! Welcome to Cartesia Sonic."
    assert [word.text for word in pieces.words] == [
        "Hi", "there!", "Welcome", "to", "Cartesia", "Sonic.",
    ]  # fmt: skip


def test_contexts_can_be_used_from_many_threads_at_once(connection: Connection) -> None:
    takes: list[Take] = []

    def work(number: int) -> None:
        takes.append(speak(connection, f"Thread number {number} speaks.").wait(20))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [take.state for take in takes] == ["done"] * 6


def test_a_wrong_key_is_said_so(endpoint: Endpoint) -> None:
    wrong = Endpoint(endpoint.base_url, endpoint.websocket_url, Secret("sk_wrong_key"))
    connection = Connection(wrong, backend.ENGINE)
    with pytest.raises(AuthenticationError, match="refused the API key") as caught:
        speak(connection, "Hello.").wait(20)
    assert "sk_wrong_key" not in str(caught.value)
    connection.close()


def test_no_server_at_the_address_is_said_so_in_bounded_time() -> None:
    with sockets.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}"
    endpoint = Endpoint(f"http://{address}", f"ws://{address}", Secret("k"))
    connection = Connection(endpoint, backend.server(endpoint.base_url), bounds=Bounds(connect=0.5))
    with pytest.raises(ConnectError, match="No server answers"):
        speak(connection, "Hello.").wait(20)
    connection.close()


def test_a_server_that_never_answers_the_handshake_is_said_so() -> None:
    with sockets.create_server(("127.0.0.1", 0)) as deaf:
        address = f"127.0.0.1:{deaf.getsockname()[1]}"
        endpoint = Endpoint(f"http://{address}", f"ws://{address}", Secret("k"))
        connection = Connection(
            endpoint, backend.server(endpoint.base_url), bounds=Bounds(connect=0.3)
        )
        with pytest.raises(ConnectError, match="did not answer within"):
            speak(connection, "Hello.").wait(20)
        connection.close()


def test_a_server_that_is_no_websocket_is_said_so(endpoint: Endpoint) -> None:
    wrong = Endpoint(endpoint.base_url, endpoint.websocket_url + "/voices", endpoint.key)
    connection = Connection(wrong, backend.ENGINE)
    with pytest.raises(ConnectError, match="HTTP 404"):
        speak(connection, "Hello.").wait(20)
    connection.close()


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("close", "closed the connection"),
        ("drop", "was lost"),
        ("silence", "fell silent"),
        ("garbage", "not of Cartesia's protocol"),
        ("ownerless", "reported an error"),
        ("mute", "no audio within"),
    ],
)
def test_a_server_that_breaks_off_fails_the_take_and_keeps_what_came(
    server: Server, how: str, says: str
) -> None:
    async def handler(socket: ServerConnection, message: dict[str, object]) -> None:
        if how == "mute":
            return
        await reply(socket, chunk(message))
        if how == "close":
            await socket.close()
        elif how == "drop":
            socket.transport.abort()
        elif how == "garbage":
            await socket.send("<html>")
        elif how == "ownerless":
            await reply(socket, {"type": "error", "done": True, "title": "Overloaded"})

    connection = server(handler)
    take = speak(connection, "Hello.")
    with pytest.raises(CartesiaNbError, match=says):
        take.wait(10)
    assert take.state == "failed"
    assert take.pcm == (b"" if how == "mute" else PCM)


def test_after_a_lost_socket_a_take_without_audio_is_sent_again_whole(server: Server) -> None:
    asked: list[object] = []

    async def handler(socket: ServerConnection, message: dict[str, object]) -> None:
        asked.append(message["transcript"])
        if len(asked) == 1:
            socket.transport.abort()
        else:
            await reply(socket, chunk(message), done(message))

    take = speak(server(handler), "First.").wait(10)
    assert asked == ["First.", "First."]
    assert take.pcm == PCM
    assert take.timeline.resent == 1


def test_after_a_lost_socket_the_next_take_works(server: Server) -> None:
    async def handler(socket: ServerConnection, message: dict[str, object]) -> None:
        await reply(socket, chunk(message))
        if message["transcript"] == "First.":
            socket.transport.abort()
        else:
            await reply(socket, done(message))

    connection = server(handler)
    first = speak(connection, "First.")
    with pytest.raises(ConnectionLostError):
        first.wait(10)
    assert first.pcm == PCM
    assert speak(connection, "Second.").wait(10).pcm == PCM


def test_a_frame_over_one_mebibyte_arrives(server: Server) -> None:
    big = bytes(3_000_000)

    async def handler(socket: ServerConnection, message: dict[str, object]) -> None:
        await reply(socket, chunk(message, big), done(message))

    assert speak(server(handler), "Hello.").wait(10).pcm == big


def test_chunks_that_split_samples_give_every_sample(server: Server) -> None:
    async def handler(socket: ServerConnection, message: dict[str, object]) -> None:
        for start in range(0, len(PCM), 7):
            await reply(socket, chunk(message, PCM[start : start + 7]))
        await reply(socket, done(message))

    take = speak(server(handler), "Hello.", encoding="pcm_s16le").wait(10)
    assert take.pcm == PCM
    assert sum(len(piece.samples) for piece in take) == len(take.samples) == len(PCM) // 2


def test_cancelling_stops_upstream_and_keeps_what_came(server: Server) -> None:
    messages: list[dict[str, object]] = []

    async def handler(socket: ServerConnection, message: dict[str, object]) -> None:
        messages.append(message)
        if message.get("cancel"):
            await reply(socket, chunk(message), done(message))
        else:
            await reply(socket, chunk(message))

    connection = server(handler)
    take = speak(connection, "Hello.")
    next(iter(take))
    take.cancel()
    assert take.wait(10).state == "cancelled"
    assert take.error is None
    # The place is free again: the next takes are heard of by the server.
    for _ in range(2):
        next(iter(speak(connection, "Again.")))
    assert messages[1] == {"context_id": take.id, "cancel": True}
    assert take.pcm == PCM


def test_a_cancel_before_anything_was_sent_sends_nothing(server: Server) -> None:
    messages: list[object] = []

    async def handler(socket: ServerConnection, message: dict[str, object]) -> None:
        messages.append(message)
        await reply(socket, chunk(message), done(message))

    connection = server(handler)
    context = connection.context()
    context.cancel()
    assert context.take.wait(5).state == "cancelled"
    assert speak(connection, "Next.").wait(5).state == "done"
    assert len(messages) == 1


def test_no_more_contexts_are_in_flight_than_allowed(server: Server) -> None:
    flying: set[object] = set()
    most = 0

    async def handler(socket: ServerConnection, message: dict[str, object]) -> None:
        nonlocal most
        flying.add(message["context_id"])
        most = max(most, len(flying))
        await reply(socket, chunk(message))
        flying.discard(message["context_id"])
        await reply(socket, done(message))

    connection = server(handler)
    takes = [speak(connection, f"Take {number}.") for number in range(9)]
    assert [take.wait(10).state for take in takes] == ["done"] * 9
    assert most <= 2


def test_the_request_is_the_settings_and_the_text(server: Server) -> None:
    messages: list[dict[str, object]] = []

    async def handler(socket: ServerConnection, message: dict[str, object]) -> None:
        messages.append(message)
        if message["continue"] is False:
            await reply(socket, chunk(message), done(message))

    connection = server(handler)
    settings = Settings(speed=1.2, voice="v", extra={"future": 1})
    context = connection.context(settings, context_id="mine")
    context.push("Hi ")
    context.push("there.", flush=True)
    context.no_more_inputs()
    context.take.wait(10)
    common = {**settings.to_request(), "context_id": "mine"}
    assert messages == [
        {**common, "transcript": "Hi ", "continue": True},
        {**common, "transcript": "there.", "continue": True},
        {**common, "transcript": "", "continue": True, "flush": True},
        {**common, "transcript": "", "continue": False},
    ]
    assert context.take.text == "Hi there."


def test_a_context_without_text_is_complete_at_once(connection: Connection) -> None:
    context = connection.context()
    context.no_more_inputs()
    assert context.take.wait(10).state == "done"
    assert context.take.duration == 0


def test_pushing_after_the_end_is_refused(connection: Connection) -> None:
    context = connection.context()
    context.push("Hello.", continue_=False)
    with pytest.raises(TextError, match="complete"):
        context.push("More.")
    context.take.wait(20)
    context.no_more_inputs()  # again: nothing
    with pytest.raises(TextError, match="only str"):
        connection.context().push(3)  # type: ignore[arg-type]  # that it is refused is the point


def test_a_closed_connection_cancels_what_is_under_way_and_says_so(server: Server) -> None:
    async def handler(socket: ServerConnection, message: dict[str, object]) -> None:
        await reply(socket, chunk(message))

    connection = server(handler)
    take = speak(connection, "Hello.")
    next(iter(take))
    connection.close()
    assert take.wait(5).state == "cancelled"
    with pytest.raises(ConnectError, match="closed"):
        connection.context()


def test_the_wire_is_json_of_the_sdks_own_type(server: Server) -> None:
    from cartesia.types.generation_request import GenerationRequest

    seen: list[str] = []

    async def handler(socket: ServerConnection, message: dict[str, object]) -> None:
        seen.append(json.dumps(message))
        await reply(socket, done(message))

    speak(server(handler), "Hello.", emotion="calm").wait(10)
    request = GenerationRequest.model_validate_json(seen[0])
    assert request.transcript == "Hello."
    assert request.continue_ is False


def test_the_imports_of_the_first_connecting_are_no_part_of_its_handshake(
    endpoint: Endpoint,
) -> None:
    script = f"""
import asyncio, sys
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.socket import Endpoint, Socket, prepare
prepare()
before = set(sys.modules)
endpoint = Endpoint({endpoint.base_url!r}, {endpoint.websocket_url!r}, Secret(sys.stdin.read()))
async def main():
    await (await Socket.open(endpoint, 5)).close(1)
    print([name for name in set(sys.modules) - before if name.startswith(("cartesia", "websock"))])
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=endpoint.key.reveal(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == "[]"
