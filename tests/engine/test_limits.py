"""How many contexts and sockets there may be at once, over the wire."""

from __future__ import annotations

import json

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from cartesia_nb.engine.process import EngineProcess
from tests.engine.talk import (
    Event,
    Server,
    audio,
    receive,
    receive_until,
    request,
    struck,
    wait_for,
)


@pytest.fixture
def server(unruly: EngineProcess) -> Server:
    return Server(unruly.url, unruly.api_key)


def ask(socket: Connection, context_id: str, text: str = "Hello there. ", **more: object) -> None:
    socket.send(json.dumps(request(text, context_id, **more)))


def cancel(socket: Connection, context_id: str) -> None:
    socket.send(json.dumps({"context_id": context_id, "cancel": True}))


def ends(events: list[Event]) -> list[tuple[object, object]]:
    """Who was done, and who was refused with which status."""
    return [
        (event["context_id"], event["status_code"])
        for event in events
        if event["type"] in ("done", "error")
    ]


def test_one_context_too_many_is_refused_over_all_sockets_of_a_key(
    unruly: EngineProcess, server: Server
) -> None:
    unruly.control(max_contexts=2)
    with server.socket() as one, server.socket() as other:
        ask(one, "a", then=True)
        ask(one, "b", then=True)
        wait_for(lambda: unruly.control()["running"] == 2, "two contexts run")
        ask(other, "c")
        refused = receive(other)
        assert refused["type"] == "error"
        assert refused["context_id"] == "c"
        assert refused["status_code"] == 429
        assert refused["error_code"] == "concurrency_limited"
        assert "The limit is 2" in str(refused["message"])
        # More text for one that runs is no new context.
        ask(one, "a", "And on.", then=False)
        receive_until(one, "done")
        ask(other, "c")
        events = receive_until(other, "done", "error")
        assert ends(events) == [("c", 200)] and audio(events)
        cancel(one, "b")
        receive_until(one, "done")


@pytest.mark.parametrize("fault", ["error@0", "busy@done", "error-ownerless@0"])
def test_a_slot_is_free_when_its_client_learns_that_the_context_ended(
    unruly: EngineProcess, server: Server, fault: str
) -> None:
    """In a row, each asked for as soon as the one before has ended, however slow the line."""
    unruly.control(max_contexts=1)
    unruly.misbehave(f"{fault}*inf%50", delay_ms=1)
    with server.socket() as socket:
        for number in range(12):
            ask(socket, str(number), "Hi.")
            end = receive_until(socket, "done", "error")[-1]
            assert "The limit" not in str(end.get("message"))


def test_a_socket_that_went_or_was_dropped_gives_its_slots_back(
    unruly: EngineProcess, server: Server
) -> None:
    unruly.control(max_contexts=1, max_sockets=1)
    unruly.misbehave("drop@0")
    with server.socket() as socket:
        ask(socket, "a")
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=15)
        # At once, though the client has not closed its end yet.
        with server.socket() as next_one:
            ask(next_one, "b", then=True)
            receive(next_one)
            assert unruly.control()["running"] == 1
    wait_for(lambda: unruly.control()["running"] == 0, "the slot is free")


def test_a_silent_context_holds_its_slot_until_it_is_cancelled(
    unruly: EngineProcess, server: Server
) -> None:
    unruly.control(max_contexts=1)
    unruly.misbehave("silence@0")
    with server.socket() as socket:
        ask(socket, "a")
        wait_for(lambda: struck(server) == 1, "it falls silent")
        ask(socket, "b")
        assert ends([receive(socket)]) == [("b", 429)]
        cancel(socket, "a")
        ask(socket, "c")
        assert ends(receive_until(socket, "done", "error")) == [("c", 200)]


def test_a_cancelled_context_holds_its_slot_until_its_done(
    unruly: EngineProcess, server: Server
) -> None:
    unruly.control(max_contexts=1, cancel_linger_ms=300, hold_last_chunk=True)
    with server.socket() as socket:
        ask(socket, "a")
        wait_for(lambda: unruly.control()["running"] == 1, "it runs")
        cancel(socket, "a")
        cancel(socket, "a")
        ask(socket, "b")
        ask(socket, "a")
        events = receive_until(socket, "done")
        assert ends(events) == [("b", 429), ("a", 400), ("a", 200)]
        assert unruly.control()["running"] == 0
        unruly.control(hold_last_chunk=False)
        ask(socket, "c")
        assert ends(receive_until(socket, "done", "error")) == [("c", 200)]


def test_a_client_that_goes_while_a_cancelled_context_lingers_leaves_nothing(
    unruly: EngineProcess, server: Server
) -> None:
    unruly.control(max_contexts=1, cancel_linger_ms=60_000)
    with server.socket() as socket:
        ask(socket, "a", then=True)
        receive(socket)
        cancel(socket, "a")
        wait_for(lambda: int(str(unruly.control()["cancelled"])) > 0, "it is cancelled")
        assert unruly.control()["running"] == 1


def test_one_socket_too_many_is_refused_at_the_handshake(
    unruly: EngineProcess, server: Server
) -> None:
    unruly.control(max_sockets=1)
    with server.socket():
        assert unruly.control()["sockets"] == 1
        with pytest.raises(InvalidStatus) as caught, server.socket():
            pass
        assert caught.value.response.status_code == 429
        assert b"1 sockets are open" in (caught.value.response.body or b"")
    wait_for(lambda: unruly.control()["sockets"] == 0, "it is closed")
    with server.socket():
        pass


def test_a_token_shares_the_slots_of_the_key_that_asked_for_it(
    unruly: EngineProcess, server: Server
) -> None:
    unruly.control(max_contexts=1)
    token = server.client().access_token.create(grants={"tts": True}, expires_in=60).token
    address = f"{server.websocket_url}/tts/websocket?access_token={token}"
    with server.socket() as by_key, connect(address, proxy=None) as by_token:
        ask(by_key, "a", then=True)
        receive(by_key)
        ask(by_token, "b")
        assert ends([receive(by_token)]) == [("b", 429)]
