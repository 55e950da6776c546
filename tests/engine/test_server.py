"""The engine over the wire, where it is more than the protocol: credentials, pace, control."""

from __future__ import annotations

import json

import httpx
import pytest
from websockets.exceptions import ConnectionClosedOK, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.engine.talk import (
    PATIENCE,
    Event,
    Server,
    audio,
    output,
    receive,
    receive_until,
    request,
    speak,
    wait_for,
)

LONG = "This is one sentence of a long text. " * 60


@pytest.mark.parametrize("credential", ["", "Bearer wrong"])
def test_without_the_key_the_handshake_is_refused_as_plain_http(
    server: Server, credential: str
) -> None:
    headers = {"Authorization": credential} if credential else {}
    address = f"{server.websocket_url}/tts/websocket"
    with (
        pytest.raises(InvalidStatus) as caught,
        connect(address, additional_headers=headers, proxy=None),
    ):
        pass
    response = caught.value.response
    assert response.status_code == 401
    assert json.loads(response.body or b"{}")["error_code"] == "unauthorized"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/voices"), ("GET", "/voices/x"), ("POST", "/access-token"), ("POST", "/tts/bytes"),
     ("POST", "/tts/sse"), ("GET", "/engine/control")],
)  # fmt: skip
def test_nothing_answers_without_the_key(server: Server, method: str, path: str) -> None:
    with server.http(Authorization="") as http:
        answer = http.request(method, path)
    assert answer.status_code == 401
    assert answer.json()["type"] == "error"


def test_a_page_from_elsewhere_is_refused_at_the_handshake(server: Server) -> None:
    address = f"{server.websocket_url}/tts/websocket?api_key={server.key}"
    with (
        pytest.raises(InvalidStatus) as caught,
        connect(address, origin=Origin("https://elsewhere.example"), proxy=None),
    ):
        pass
    assert caught.value.response.status_code == 403


def test_an_unknown_path_and_a_wrong_method_are_typed_errors(server: Server) -> None:
    with server.http() as http:
        unknown, wrong = http.get("/nowhere"), http.get("/tts/bytes")
    assert (unknown.status_code, wrong.status_code) == (404, 405)
    assert unknown.json()["error_code"] == "not_found"
    assert wrong.json()["error_code"] == "method_not_allowed"


def test_an_id_from_elsewhere_gets_the_voice_that_stands_in_for_it(server: Server) -> None:
    with server.http() as http:
        first, again = (http.get("/voices/some-voice-of-mine").json() for _ in range(2))
    assert first == again
    assert first["id"] == "some-voice-of-mine"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"no json", "JSON"),
        (b'{"transcript": "Hi."}', "model_id"),
        (json.dumps(request("Hi.", output_format={"container": "mp3"})).encode(), "wav or raw"),
        (json.dumps(request("  ")).encode(), "transcript"),
    ],
)
def test_bytes_refuses_what_it_can_not_make(server: Server, body: bytes, said: str) -> None:
    with server.http() as http:
        answer = http.post("/tts/bytes", content=body)
    assert answer.status_code == 400
    assert said in answer.json()["message"]


def test_messages_without_text_flush_and_end_an_open_context_whatever_they_carry(
    server: Server,
) -> None:
    """As version 2 of the Python SDK sends them: with a voice that is no id, and another format."""
    filled: Event = {
        "model_id": "sonic-2",
        "voice": {"mode": "embedding", "embedding": [0.5]},
        "output_format": output("pcm_f32le", 48000),
    }
    flush = request("", then=True, flush=True) | filled
    end = request("") | filled
    with server.socket() as socket:
        speak(socket, "Half a sentence ", then=True)
        socket.send(json.dumps(flush))
        before = receive_until(socket, "flush_done", "error")
        speak(socket, "and the rest.", then=True)
        socket.send(json.dumps(end))
        after = receive_until(socket, "done", "error")
        assert (before[-1]["type"], after[-1]["type"]) == ("flush_done", "done")
        assert audio(before) and audio(after)
        # It is open no more.
        socket.send(json.dumps(end))
        assert receive(socket)["error_code"] == "invalid_voice_mode"


def test_the_last_chunk_and_done_are_held_back_until_released(own: Server) -> None:
    own.control(hold_last_chunk=True, first_audio_ms=0, speedup=None)
    with own.socket() as socket:
        socket.send(json.dumps(request("Some words to be spoken.", add_timestamps=True)))
        events = [receive(socket)]
        while sum(event["type"] == "timestamps" for event in events) < 4:
            events.append(receive(socket))
        with pytest.raises(TimeoutError):
            while True:
                events.append(json.loads(socket.recv(timeout=0.5)))
        assert "done" not in {event["type"] for event in events}
        own.control(hold_last_chunk=False)
        rest = receive_until(socket, "done")
    assert 0 < len(audio(rest)) <= 2 * 0.16 * 22050
    assert len(audio(events)) > len(audio(rest))


def test_long_text_is_not_synthesised_ahead_of_its_need(own: Server) -> None:
    """At a pace that never gets past the first sentence, the second stays unspoken."""
    before = own.control(first_audio_ms=0, speedup=0.01)
    with own.socket() as socket:
        socket.send(json.dumps(request(LONG)))
        assert receive(socket)["type"] == "chunk"
        state = own.control()
    assert int(str(state["pieces"])) - int(str(before["pieces"])) == 1


def test_work_for_a_client_that_went_is_stopped(own: Server) -> None:
    own.control(first_audio_ms=0, speedup=0.01)
    with own.socket() as socket:
        socket.send(json.dumps(request(LONG)))
        assert receive(socket)["type"] == "chunk"
    wait_for(lambda: own.control()["cancelled"] == 1, "the context is cancelled")


def test_chunks_hold_80_ms_and_say_how_long_each_took(own: Server) -> None:
    own.control(first_audio_ms=30, speedup=20)
    with own.socket() as socket:
        socket.send(json.dumps(request("A sentence of some length, to be sure.")))
        chunks = [e for e in receive_until(socket, "done") if e["type"] == "chunk"]
    assert {len(audio([chunk])) for chunk in chunks[:-1]} == {2 * round(0.08 * 22050)}
    assert float(str(chunks[0]["step_time"])) >= 30
    assert all(float(str(chunk["step_time"])) > 0 for chunk in chunks)


def test_an_idle_socket_is_closed_normally(own: Server) -> None:
    own.control(idle_close_s=0.2)
    with own.socket() as socket, pytest.raises(ConnectionClosedOK):
        socket.recv(timeout=PATIENCE)


def test_a_context_expires_after_its_last_audio_where_that_is_asked_for(own: Server) -> None:
    own.control(expire_contexts=True, first_audio_ms=0, speedup=None)
    with own.socket() as socket:
        socket.send(json.dumps(request("One sentence. ", then=True)))
        assert audio(receive_until(socket, "done"))


@pytest.mark.parametrize(
    "settings",
    [
        {"speedup": 0},
        {"first_audio_ms": -1},
        {"hold_last_chunk": 1},
        {"speedup": 2, "speed": 3},
        {"speedup": True},
        {"max_contexts": 0},
        {"max_contexts": 2.0},
        {"max_sockets": True},
        {"cancel_linger_ms": -1},
    ],
)
def test_control_refuses_what_makes_no_sense_and_changes_nothing(
    server: Server, settings: dict[str, object]
) -> None:
    before = server.control()
    with pytest.raises(httpx.HTTPStatusError) as caught:
        server.control(**settings)
    assert caught.value.response.status_code == 400
    after = server.control()
    assert {k: after[k] for k in ("speedup", "first_audio_ms", "hold_last_chunk")} == {
        k: before[k] for k in ("speedup", "first_audio_ms", "hold_last_chunk")
    }
