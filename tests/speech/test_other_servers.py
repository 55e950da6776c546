"""Servers that nobody here wrote: whatever one of Cartesia's protocol may do, and some more.

Always the same promises: no hang, no false end, what was received is kept, one clear sentence
without the key in it, and the next take works.

Long, as one scripted server, made here, plays every part.
"""

from __future__ import annotations

import base64
import json
import socket as sockets
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import trustme
from websockets.asyncio.server import ServerConnection, serve

from cartesia_nb.errors import (
    CartesiaNbError,
    ConnectionLostError,
    ServerError,
    SettingsError,
    TextError,
)
from cartesia_nb.speech import loops
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.connection import Connection
from tests.speech.others import BOUNDS, DATA, KEY, PCM, connection_to

Event = dict[str, object]
Frame = Event | str | bytes
Handler = Callable[[ServerConnection, Event], Awaitable[None]]
Meet = Callable[..., Connection]


@pytest.fixture
def meet() -> Iterator[Meet]:
    """Makes a server of ``websockets`` with any of its options, and a connection to it."""
    closers: list[Callable[[], object]] = []

    def make(handler: Handler, bounds: Bounds = BOUNDS, **options: object) -> Connection:
        async def serving(socket: ServerConnection) -> None:
            async for message in socket:
                await handler(socket, json.loads(message))

        async def start() -> tuple[int, Callable[[], None]]:
            # The options are a test's own, of any of serve()'s types.
            running = await serve(serving, "127.0.0.1", 0, **options)  # type: ignore[arg-type]
            port: int = next(iter(running.sockets)).getsockname()[1]
            return port, lambda: loops.call(running.close)

        port, stop = loops.finish(start(), 5)
        made = connection_to(port, bounds=bounds, secure="ssl" in options)
        closers.extend([stop, made.close])
        return made

    yield make
    for close in reversed(closers):
        close()


def chunk(message: Event, **other: object) -> Event:
    event = {"type": "chunk", "context_id": message["context_id"], "data": DATA, "done": False}
    return event | {"status_code": 206, "step_time": 1.0} | other


def done(message: Event, **other: object) -> Event:
    event = {"type": "done", "context_id": message["context_id"], "done": True}
    return event | {"status_code": 200} | other


def words(message: Event, times: object) -> Event:
    event = {"type": "timestamps", "context_id": message["context_id"], "done": False}
    return event | {"word_timestamps": times}


def error(text: Event, **fields: object) -> Event:
    return {"type": "error", "done": True, "context_id": text["context_id"]} | fields


def without(event: Event, name: str) -> Event:
    return {key: value for key, value in event.items() if key != name}


async def send(socket: ServerConnection, *frames: Frame) -> None:
    for frame in frames:
        await socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))


def answering(frames: Callable[[Event], list[Frame]]) -> Handler:
    """Answers every text but "Next." with these frames, and that one as it should."""

    async def handler(socket: ServerConnection, message: Event) -> None:
        if "transcript" in message:
            good = message["transcript"] == "Next."
            await send(socket, *([chunk(message), done(message)] if good else frames(message)))

    return handler


def says_next(connection: Connection) -> None:
    assert connection.say("Next.").wait(10).pcm == PCM


# --- messages ------------------------------------------------------------------------------------

UNDERSTOOD: dict[str, Callable[[Event], list[Frame]]] = {
    "binary frames": lambda m: [json.dumps(chunk(m)).encode(), json.dumps(done(m)).encode()],
    "unknown fields": lambda m: [chunk(m, more={"a": [1]}), done(m, more=None)],
    "no step_time": lambda m: [without(chunk(m), "step_time"), done(m)],
    "step_time NaN": lambda m: [chunk(m, step_time=float("nan")), done(m)],
    "numbers as strings": lambda m: [
        chunk(m, step_time="1", status_code="206", flush_id="1"),
        done(m, status_code="200"),
    ],
    "flush_id null": lambda m: [chunk(m, flush_id=None), done(m)],
    "flush_id float": lambda m: [chunk(m, flush_id=1.0), done(m)],
    "flush_id enormous": lambda m: [chunk(m, flush_id=10**400), done(m)],
    "flush_id an object": lambda m: [chunk(m, flush_id={"a": 1}), done(m)],
    "flush_done without an id": lambda m: [
        chunk(m),
        {"type": "flush_done", "context_id": m["context_id"]},
        done(m),
    ],
    "data null": lambda m: [chunk(m), chunk(m, data=None), done(m)],
    "no data": lambda m: [chunk(m), without(chunk(m), "data"), done(m)],
    "strange types": lambda m: [
        chunk(m),
        {"context_id": m["context_id"]},
        {"type": None, "context_id": m["context_id"]},
        {"type": 5, "context_id": m["context_id"]},
        {"type": ["chunk"], "context_id": m["context_id"]},
        done(m),
    ],
    "after done": lambda m: [chunk(m), done(m), chunk(m), error(m, status_code=500), done(m)],
    "for others": lambda m: [
        chunk(m, context_id="other"),
        done(m, context_id="other"),
        error(m, context_id="other"),
        chunk(m),
        done(m),
    ],
}


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_what_a_server_may_say_is_understood(meet: Meet, name: str) -> None:
    connection = meet(answering(UNDERSTOOD[name]))
    take = connection.say("Hello.").wait(10)
    assert take.state == "done"
    assert take.pcm == PCM
    json.dumps(take.timeline.to_records(), allow_nan=False)
    assert all(isinstance(piece.timing.flush_id, int | None) for piece in take)
    says_next(connection)


@pytest.mark.parametrize("first", ["audio", "times"])
@pytest.mark.parametrize(
    ("times", "understood"),
    [
        (None, []),
        ({}, []),
        ("no object", []),
        ({"words": None, "start": None, "end": None}, []),
        ({"words": ["a"]}, []),
        ({"words": ["a", "b"], "start": [0.1], "end": [0.2, 0.3]}, [("a", 0.1, 0.2)]),
        ({"words": ["a", "b"], "start": [None, 0.1], "end": [0.2, 0.3]}, [("b", 0.1, 0.3)]),
        ({"words": ["a", "b"], "start": [float("nan"), 0.1], "end": [1, 1]}, [("b", 0.1, 1.0)]),
        ({"words": ["a"], "start": [10**400], "end": [1]}, []),
        ({"words": ["a"], "start": ["0.5"], "end": ["1"]}, [("a", 0.5, 1.0)]),
        ({"words": list("ab"), "start": [0.5, -1], "end": [0, 1]}, [("a", 0.5, 0), ("b", -1, 1)]),
        ({"words": ["\ud800"], "start": [0], "end": [1]}, [("?", 0, 1)]),
    ],
)  # fmt: skip
def test_times_that_cannot_be_read_cost_no_audio(
    meet: Meet, times: object, understood: list[tuple[str, float, float]], first: str
) -> None:
    def frames(message: Event) -> list[Frame]:
        events: list[Frame] = [chunk(message), words(message, times)]
        return [*(events if first == "audio" else reversed(events)), done(message)]

    connection = meet(answering(frames))
    take = connection.say("Hello.").wait(10)
    assert take.pcm == PCM
    assert [tuple(word) for word in take.words] == understood
    says_next(connection)


NOT_UNDERSTOOD: dict[str, tuple[Callable[[Event], list[Frame]], str]] = {
    "no JSON": (lambda m: ["<html>" + KEY], r"not of Cartesia's protocol: '<html>\*\*\*'"),
    "a key cut in two": (lambda m: ["x" * 50 + KEY], r"xx\*\*\*'"),
    "nothing": (lambda m: [""], "not of Cartesia's protocol"),
    "a list": (lambda m: ["[1]"], "not of Cartesia's protocol"),
    "null": (lambda m: ["null"], "not of Cartesia's protocol"),
    "a number": (lambda m: ["7"], "not of Cartesia's protocol"),
    "deep JSON": (lambda m: ["[" * 100_000], "not of Cartesia's protocol"),
    "no UTF-8": (lambda m: [b'{"type":"\xff"}'], "not of Cartesia's protocol"),
    "urlsafe base64": (lambda m: [chunk(m, data="-_-_")], "audio can't be read"),
    "base64 with line ends": (lambda m: [chunk(m, data="AAAA\nAAAA")], "audio can't be read"),
    "base64 cut off": (lambda m: [chunk(m, data="AAAAA")], "audio can't be read"),
    "no ASCII": (lambda m: [chunk(m, data="ü")], "audio can't be read"),
    "data a number": (lambda m: [chunk(m, data=5)], "audio can't be read"),
    "audio of nobody": (lambda m: [chunk(m, context_id=None)], "names no context"),
    "audio of a number": (lambda m: [chunk(m, context_id=5)], "names no context"),
    "done of nobody": (lambda m: [done(m, context_id=None)], "fell silent"),
    "done on a chunk alone": (lambda m: [chunk(m, data="", done=True)], "fell silent"),
    "no type": (lambda m: ['{"context_id": "x", "done": true}'], "fell silent"),
}


@pytest.mark.parametrize("name", NOT_UNDERSTOOD)
def test_what_cannot_be_understood_is_no_end_and_loses_nothing(meet: Meet, name: str) -> None:
    frames, says = NOT_UNDERSTOOD[name]
    connection = meet(answering(lambda message: [chunk(message), *frames(message)]))
    take = connection.say("Hello.")
    with pytest.raises(ConnectionLostError, match=says) as caught:
        take.wait(10)
    assert KEY not in str(caught.value)
    assert take.pcm == PCM
    says_next(connection)


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({}, None, "gave no reason"),
        ({"status_code": 402, "title": "Quota", "message": "No credits."}, 402, "Quota: No cred"),
        ({"status_code": 401, "message": f"Not {KEY}."}, 401, r"Not \*\*\*\."),
        ({"status_code": "500", "title": ["x"], "message": {"a": 1}, "error_code": 5}, 500, "500"),
        ({"status_code": "bad", "request_id": 7, "doc_url": [KEY]}, None, "gave no reason"),
        ({"message": "long " * 100_000}, None, "long …"),
        ({"status_code": 429, "error_code": "quota_exceeded"}, 429, "Tried again for"),
    ],
)
def test_an_error_of_any_shape_is_told_shortly_and_without_the_key(
    meet: Meet, fields: Event, status: int | None, says: str
) -> None:
    connection = meet(answering(lambda message: [error(message, **fields)]))
    with pytest.raises(ServerError, match=says) as caught:
        connection.say("Hello.").wait(10)
    assert caught.value.status_code == status
    told = str(caught.value) + str(vars(caught.value))
    assert KEY not in told
    assert len(told) < 2000
    says_next(connection)


def test_audio_in_twenty_thousand_pieces_comes_whole_by_every_way(meet: Meet) -> None:
    pieces = [number.to_bytes(4, "little") for number in range(20_000)]

    async def handler(socket: ServerConnection, message: Event) -> None:
        for piece in pieces:
            await send(socket, chunk(message, data=base64.b64encode(piece).decode()))
        await send(socket, done(message))

    context = meet(handler, Bounds()).context()
    context.push("Hello.", continue_=False)
    assert sum(event.type == "chunk" for event in context.receive()) == len(pieces)
    assert b"".join(piece.audio for piece in context.take) == b"".join(pieces)


def test_audio_in_one_piece_of_fifty_megabytes_comes_whole(meet: Meet) -> None:
    much = bytes(50_000_000)
    data = base64.b64encode(much).decode()
    connection = meet(
        answering(lambda message: [chunk(message, data=data), done(message)]), Bounds()
    )
    assert connection.say("Hello.").wait(30).pcm == much


# --- sockets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["", f"not {KEY} é"])
@pytest.mark.parametrize("code", [1000, 1001, 1008, 1009, 1011, 1012, 1013, 4000])
def test_no_close_code_is_an_end(meet: Meet, code: int, reason: str) -> None:
    async def handler(socket: ServerConnection, message: Event) -> None:
        await send(socket, chunk(message))
        if message["transcript"] == "Next.":
            await send(socket, done(message))
        else:
            await socket.close(code, reason)

    connection = meet(handler)
    take = connection.say("Hello.")
    with pytest.raises(ConnectionLostError, match=rf"closed the connection \(code {code}") as lost:
        take.wait(10)
    assert ("not *** é" in str(lost.value)) == bool(reason)
    assert KEY not in str(lost.value)
    assert take.pcm == PCM
    says_next(connection)


def test_fragments_pings_and_unasked_pongs_are_nothing_special(meet: Meet) -> None:
    async def handler(socket: ServerConnection, message: Event) -> None:
        text = json.dumps(chunk(message))
        await socket.pong(b"unasked")
        await socket.send(iter([text[start : start + 100] for start in range(0, len(text), 100)]))
        await socket.ping(b"x" * 125)
        await send(socket, done(message))

    assert meet(handler, compression="deflate").say("Hello.").wait(10).pcm == PCM


@pytest.mark.parametrize("answer", ["error", "nothing", "done of nobody"])
def test_however_a_cancel_is_answered_others_go_on_and_its_place_is_given_back(
    meet: Meet, answer: str
) -> None:
    spoken: list[Event] = []

    async def handler(socket: ServerConnection, message: Event) -> None:
        if not message.get("cancel"):
            spoken.append(message)
            await send(socket, chunk(message))
            if message["transcript"] == "Next.":
                await send(socket, done(message))
            return
        if answer == "error":
            await send(socket, error(message, status_code=400, title="No such context"))
        elif answer == "done of nobody":
            await send(socket, done(message, context_id=None))
        await send(socket, chunk(spoken[1]), done(spoken[1]))

    connection = meet(handler)
    cancelled, other = connection.say("Hello."), connection.say("Hello.")
    next(iter(cancelled))
    next(iter(other))
    cancelled.cancel()
    assert cancelled.wait(5).state == "cancelled"
    assert other.wait(5).pcm == PCM * 2
    connection.say("Next."), connection.say("Next.")
    says_next(connection)


def test_a_context_id_used_twice_at_once_mixes_nothing_and_blocks_nobody(meet: Meet) -> None:
    async def handler(socket: ServerConnection, message: Event) -> None:
        if "transcript" in message:
            said = base64.b64encode(str(message["transcript"]).encode()).decode()
            await send(socket, chunk(message, data=said), done(message))

    connection = meet(handler)
    contexts = [connection.context(context_id="mine") for _ in range(3)]
    for number, context in enumerate(contexts):
        context.push(f"Text {number}.", continue_=False)
    assert [context.take.wait(5).pcm for context in contexts] == [
        b"Text 0.",
        b"Text 1.",
        b"Text 2.",
    ]


@pytest.mark.parametrize("wrong", ["", 5, b"mine", ["mine"]])
def test_a_context_id_that_is_no_text_is_refused_at_once(meet: Meet, wrong: object) -> None:
    connection = meet(answering(lambda message: []))
    with pytest.raises(SettingsError, match="context_id"):
        connection.context(context_id=wrong)  # type: ignore[arg-type]  # that it is refused is the point
    says_next(connection)


def test_a_context_id_used_again_after_a_cancel_hears_nothing_of_the_cancelled(meet: Meet) -> None:
    names: list[object] = []

    async def handler(socket: ServerConnection, message: Event) -> None:
        if message.get("cancel"):
            return  # it is still at it
        names.append(message["context_id"])
        if message["transcript"] == "Next.":
            late: Event = {"context_id": names[0]}
            await send(socket, chunk(late, data="AAAA"), chunk(message), done(message))
        else:
            await send(socket, chunk(message))

    connection = meet(handler)
    first = connection.context(context_id="mine")
    first.push("Hello.", continue_=False)
    next(iter(first.take))
    first.cancel()
    again = connection.context(context_id="mine")
    again.push("Next.", continue_=False)
    assert again.take.wait(5).pcm == PCM
    assert names == ["mine", "mine-2"]


def test_what_comes_before_any_text_is_nobodys(meet: Meet) -> None:
    async def handler(socket: ServerConnection, message: Event) -> None:
        if message["transcript"] == "Before.":
            early: Event = {"context_id": "mine"}
            await send(socket, chunk(early), done(early))
        await send(socket, chunk(message), done(message))

    connection = meet(handler)
    connection.say("Before.").wait(5)
    context = connection.context(context_id="mine")
    context.push("Mine.", continue_=False)
    assert context.take.wait(5).pcm == PCM


def _handshake(client: sockets.socket) -> None:
    """The server's half of a WebSocket handshake, by hand."""
    from websockets.http11 import Request
    from websockets.server import ServerProtocol

    protocol = ServerProtocol()
    while not (events := protocol.events_received()):
        protocol.receive_data(client.recv(4096))
    (request,) = events
    assert isinstance(request, Request)
    protocol.send_response(protocol.accept(request))
    client.sendall(b"".join(protocol.data_to_send()))


@pytest.mark.parametrize("size", [6, 50_000_000])
def test_a_server_that_reads_nothing_holds_nobody_up_and_keeps_no_socket(size: int) -> None:
    taken: list[sockets.socket] = []
    with sockets.create_server(("127.0.0.1", 0)) as listening:

        def serve_deaf() -> None:
            client, _ = listening.accept()
            _handshake(client)
            taken.append(client)

        threading.Thread(target=serve_deaf, daemon=True).start()
        bounds = Bounds(connect=1, first_audio=1, silence=1, close=0.3)
        connection = connection_to(listening.getsockname()[1], bounds=bounds)
        connection.open()
        much, other = connection.say("x" * size), connection.say("Hello.")
        other.cancel()
        assert other.wait(5).state == "cancelled"
        with pytest.raises(CartesiaNbError):
            much.wait(10)
        connection.close()
    (client,) = taken
    client.settimeout(5)  # the bound on waiting for the end, where there is none
    with client, pytest.raises((ConnectionError, StopIteration)):
        while True:
            if not client.recv(1 << 20):
                raise StopIteration


def test_a_certificate_counts_where_its_authority_is_known(
    meet: Meet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    handler = answering(lambda message: [])
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises(CartesiaNbError, match="could not prove who it is"):
        meet(handler, ssl=context).say("Next.").wait(10)
    monkeypatch.setenv("SSL_CERT_FILE", "/there/is/no/such/file")
    with pytest.raises(CartesiaNbError, match="could not prove who it is"):
        meet(handler, ssl=context).say("Next.").wait(10)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    says_next(meet(handler, ssl=context))


# --- text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["a\x00b", "word " * 200_000, "👩‍👩‍👧 😀 é", "😀", "\u202eabc", "\u200b"]
)
def test_text_arrives_as_it_was_given(meet: Meet, text: str) -> None:
    heard: list[object] = []

    async def handler(socket: ServerConnection, message: Event) -> None:
        heard.append(message["transcript"])
        await send(socket, chunk(message), done(message))

    assert meet(handler).say(text).wait(10).state == "done"
    assert heard == [text]


def test_half_a_character_is_refused_before_anything_is_sent(meet: Meet) -> None:
    heard: list[object] = []

    async def handler(socket: ServerConnection, message: Event) -> None:
        heard.append(message)

    connection = meet(handler)
    half = "Hi \ud83d"
    with pytest.raises(TextError, match=r"U\+D83D"):
        connection.say(half)
    with pytest.raises(TextError, match=r"U\+D83D"):
        connection.say([half, "\ude00"])
    with pytest.raises(TextError, match=r"U\+D83D"):
        connection.context().push(half)
    with pytest.raises(TextError, match=r"U\+D83D"):
        connection.say(iter([half])).wait(5)
    assert heard == []
