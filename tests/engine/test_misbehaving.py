"""Every fault as a plain client sees it: what exactly arrives."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.errors import EngineError
from tests.engine.talk import (
    PATIENCE,
    Event,
    Server,
    receive,
    receive_until,
    request,
    wait_for,
)

TEXT = "The quick brown fox jumps over the lazy dog."
"""Some 30 chunks."""


@pytest.fixture(scope="module")
def process() -> Iterator[EngineProcess]:
    """An engine for this module alone, unpaced."""
    with EngineProcess(fast=True) as engine:
        yield engine


@pytest.fixture
def engine(process: EngineProcess) -> Iterator[EngineProcess]:
    """Well-behaved before and after, and with nothing left over."""
    yield process
    process.misbehave()
    process.control(max_contexts=None, max_sockets=None, cancel_linger_ms=0, speedup=None)
    wait_for(
        lambda: (process.control()["sockets"], process.control()["running"]) == (0, 0),
        "no socket and no context is left",
    )
    assert not process._complaints


@pytest.fixture
def server(engine: EngineProcess) -> Server:
    return Server(engine.url, engine.api_key)


def speak(socket: Connection, text: str = TEXT, context_id: str = "a", **fields: object) -> None:
    socket.send(json.dumps(request(text, context_id, **fields)))


def until_closed(socket: Connection) -> tuple[list[Event], ConnectionClosed]:
    """All events, and how the socket ended."""
    events: list[Event] = []
    with pytest.raises(ConnectionClosed) as caught:
        while True:
            events.append(receive(socket))
    return events, caught.value


def kinds(events: list[Event]) -> list[object]:
    return [event["type"] for event in events]


def test_drop_ends_the_stream_without_a_close_frame(engine: EngineProcess, server: Server) -> None:
    engine.misbehave("drop@3")
    with server.socket() as socket:
        speak(socket)
        events, closed = until_closed(socket)
    assert kinds(events) == ["chunk"] * 3
    assert closed.rcvd is None


@pytest.mark.parametrize("code", [1000, 1011])
def test_close_sends_its_code(engine: EngineProcess, server: Server, code: int) -> None:
    engine.misbehave(f"close-{code}@3")
    with server.socket() as socket:
        speak(socket)
        events, closed = until_closed(socket)
    assert kinds(events) == ["chunk"] * 3
    assert closed.rcvd is not None and closed.rcvd.code == code


def test_silence_takes_one_context_and_leaves_the_socket(
    engine: EngineProcess, server: Server
) -> None:
    engine.misbehave("silence@3")
    with server.socket() as socket:
        speak(socket)
        events = [receive(socket) for _ in range(3)]
        assert socket.ping().wait(PATIENCE)
        # Not even a cancel is answered.
        socket.send(json.dumps({"context_id": "a", "cancel": True}))
        speak(socket, "Still here.", "b")
        rest = receive_until(socket, "done")
    assert kinds(events) == ["chunk"] * 3
    assert {event["context_id"] for event in rest} == {"b"}


def test_half_open_answers_nothing_and_stays_connected(
    engine: EngineProcess, server: Server
) -> None:
    engine.misbehave("half-open@3")
    with server.socket() as socket:
        speak(socket)
        events = [receive(socket) for _ in range(3)]
        pong = socket.ping()
        speak(socket, "Anybody?", "b")
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.2)
        assert not pong.is_set()
        assert engine.control()["sockets"] == 1
        socket.close_timeout = 0.1
    assert kinds(events) == ["chunk"] * 3


@pytest.mark.parametrize(
    ("kind", "status", "owned"),
    [
        ("error", 500, True),
        ("error-ownerless", 500, False),
        ("busy", 429, True),
        ("busy-ownerless", 429, False),
    ],
)
@pytest.mark.parametrize(("where", "chunks"), [("0", 0), ("3", 3)])
def test_an_error_event_ends_its_context_and_leaves_the_socket(
    engine: EngineProcess,
    server: Server,
    kind: str,
    status: int,
    owned: bool,
    where: str,
    chunks: int,
) -> None:
    engine.misbehave(f"{kind}@{where}")
    with server.socket() as socket:
        speak(socket)
        *before, error = receive_until(socket, "done", "error")
        speak(socket, "Still here.", "b")
        after = receive_until(socket, "done", "error")
    assert kinds(before) == ["chunk"] * chunks
    assert (error["type"], error["status_code"]) == ("error", status)
    assert error.get("context_id") == ("a" if owned else None)
    assert (error["error_code"] == "concurrency_limited") is (status == 429)
    assert {event["context_id"] for event in after} == {"b"}
    assert after[-1]["type"] == "done"


@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_handshake_is_refused_with_a_status(
    engine: EngineProcess, server: Server, status: int
) -> None:
    engine.misbehave(f"http-{status}@handshake")
    with pytest.raises(InvalidStatus) as caught, server.socket():
        pass
    assert caught.value.response.status_code == status
    assert json.loads(caught.value.response.body or b"")["type"] == "error"
    with server.socket() as socket:
        speak(socket, "Now it works.")
        assert receive_until(socket, "done")


def test_a_handshake_is_never_answered(engine: EngineProcess, server: Server) -> None:
    engine.misbehave("no-handshake@handshake")
    with (
        pytest.raises(TimeoutError),
        connect(
            f"{server.websocket_url}/tts/websocket",
            additional_headers={"Authorization": f"Bearer {server.key}"},
            open_timeout=0.2,
            proxy=None,
        ),
    ):
        pass
    with server.socket():
        pass


def test_a_fault_that_makes_no_sense_is_an_error_in_python(engine: EngineProcess) -> None:
    with pytest.raises(EngineError, match="silence makes no sense at 'idle'"):
        engine.misbehave("silence@idle")
    with pytest.raises(EngineError, match="max_contexts is 0; it takes"):
        engine.control(max_contexts=0)
