"""Every fault as a plain client sees it: what exactly arrives."""

from __future__ import annotations

import json
import time

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from cartesia_nb.engine.process import EngineProcess
from tests.engine.talk import (
    PATIENCE,
    Server,
    audio,
    kinds,
    output,
    receive,
    receive_until,
    speak,
    spoken,
    struck,
    timed,
    until_closed,
    wait_for,
)


@pytest.fixture
def server(unruly: EngineProcess) -> Server:
    return Server(unruly.url, unruly.api_key)


def test_drop_ends_the_stream_without_a_close_frame(unruly: EngineProcess, server: Server) -> None:
    unruly.misbehave("drop@3")
    with server.socket() as socket:
        speak(socket)
        events, closed = until_closed(socket)
    assert kinds(events) == ["chunk"] * 3
    assert closed.rcvd is None


@pytest.mark.parametrize("code", [1000, 1011])
def test_close_sends_its_code(unruly: EngineProcess, server: Server, code: int) -> None:
    unruly.misbehave(f"close-{code}@3")
    with server.socket() as socket:
        speak(socket)
        events, closed = until_closed(socket)
    assert kinds(events) == ["chunk"] * 3
    assert closed.rcvd is not None and closed.rcvd.code == code


def test_silence_takes_one_context_and_leaves_the_socket(
    unruly: EngineProcess, server: Server
) -> None:
    unruly.misbehave("silence@3")
    with server.socket() as socket:
        speak(socket)
        events = [receive(socket) for _ in range(3)]
        assert socket.ping().wait(PATIENCE)
        # Nothing is answered: neither more text, be it wrong, nor a cancel.
        speak(socket, "More.", language="fr")
        speak(socket, "And more.", then=True)
        socket.send(json.dumps({"context_id": "a", "cancel": True}))
        speak(socket, "Still here.", "b")
        rest = receive_until(socket, "done")
    assert kinds(events) == ["chunk"] * 3
    assert {event["context_id"] for event in rest} == {"b"}


def test_half_open_answers_nothing_and_stays_connected(
    unruly: EngineProcess, server: Server
) -> None:
    unruly.misbehave("half-open@3")
    with server.socket() as socket:
        speak(socket)
        events = [receive(socket) for _ in range(3)]
        pong = socket.ping()
        contexts = unruly.control()["contexts"]
        speak(socket, "Anybody?", "b")
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.2)
        assert not pong.is_set()
        state = unruly.control()
        assert (state["contexts"], state["sockets"]) == (contexts, 1)
        socket.close_timeout = 0.1
    # Its close frame was not answered either.
    assert socket.close_code == 1006
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
    unruly: EngineProcess,
    server: Server,
    kind: str,
    status: int,
    owned: bool,
    where: str,
    chunks: int,
) -> None:
    unruly.misbehave(f"{kind}@{where}")
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


@pytest.mark.parametrize(
    ("kind", "end"), [("drop", None), ("close-1000", 1000), ("close-1011", 1011)]
)
def test_a_socket_ends_between_the_last_chunk_and_done(
    unruly: EngineProcess, server: Server, kind: str, end: int | None
) -> None:
    whole = spoken(server)
    unruly.misbehave(f"{kind}@done")
    with server.socket() as socket:
        speak(socket)
        events, closed = until_closed(socket)
    assert audio(events) == audio(whole)
    assert "done" not in kinds(events)
    assert (closed.rcvd.code if closed.rcvd else None) == end


@pytest.mark.parametrize("kind", ["drop", "close-1000", "close-1011", "silence", "half-open"])
@pytest.mark.parametrize("where", ["0", "done"])
def test_what_ends_a_context_before_its_first_chunk_or_before_done(
    unruly: EngineProcess, server: Server, kind: str, where: str
) -> None:
    whole = spoken(server)
    unruly.misbehave(f"{kind}@{where}")
    expected = 0 if where == "0" else kinds(whole).count("chunk")
    with server.socket() as socket:
        speak(socket)
        events = [receive(socket) for _ in range(expected)]
        wait_for(lambda: struck(server) == 1, "the fault strikes")
        if kind in ("silence", "half-open"):
            assert unruly.control()["running"] == 1
        else:
            assert until_closed(socket)[0] == []
            assert unruly.control()["running"] == 0
        socket.close_timeout = 0.1
    assert kinds(events) == ["chunk"] * expected


@pytest.mark.parametrize(
    ("kind", "end"), [("drop", None), ("close-1000", 1000), ("close-1011", 1011)]
)
def test_an_idle_socket_ends_after_done_and_not_while_another_context_speaks(
    unruly: EngineProcess, server: Server, kind: str, end: int | None
) -> None:
    unruly.misbehave(f"{kind}@idle")
    with server.socket() as socket:
        speak(socket, "This one waits for more text. ", "waits", then=True)
        speak(socket, "Short.", "short")
        events = receive_until(socket, "done")
        assert events[-1]["context_id"] == "short"
        assert struck(server) == 0
        speak(socket, "Now it ends.", "waits", then=False)
        events, closed = until_closed(socket)
    assert events[-1]["type"] == "done"
    assert (closed.rcvd.code if closed.rcvd else None) == end


def test_an_idle_socket_goes_half_open_after_done(unruly: EngineProcess, server: Server) -> None:
    unruly.misbehave("half-open@idle")
    with server.socket() as socket:
        speak(socket, "Short.")
        receive_until(socket, "done")
        wait_for(lambda: struck(server) == 1, "the fault strikes")
        speak(socket, "Anybody?", "b")
        pong = socket.ping()
        assert not pong.wait(0.2)
        socket.close_timeout = 0.1
    assert unruly.control()["running"] == 0


@pytest.mark.parametrize("kind", ["error-ownerless", "busy-ownerless", "non-json", "unknown-type"])
def test_a_stray_message_comes_to_an_idle_socket_once(
    unruly: EngineProcess, server: Server, kind: str
) -> None:
    unruly.misbehave(f"{kind}@idle")
    with server.socket() as socket:
        speak(socket, "Short.")
        receive_until(socket, "done")
        stray = str(socket.recv(timeout=PATIENCE))
        speak(socket, "And on.", "b")
        rest = receive_until(socket, "done")
    assert {event["context_id"] for event in rest} == {"b"}
    if kind == "non-json":
        with pytest.raises(ValueError):
            json.loads(stray)
    else:
        event = json.loads(stray)
        assert event["type"] == ("weather_report" if kind == "unknown-type" else "error")
        assert event.get("context_id") == ("a" if kind == "unknown-type" else None)


@pytest.mark.parametrize("where", ["0", "3", "done"])
@pytest.mark.parametrize("kind", ["non-json", "unknown-type"])
def test_a_strange_message_comes_once_and_then_all_is_as_usual(
    unruly: EngineProcess, server: Server, kind: str, where: str
) -> None:
    whole = spoken(server)
    unruly.misbehave(f"{kind}@{where}")
    with server.socket() as socket:
        speak(socket)
        frames = [str(socket.recv(timeout=PATIENCE)) for _ in range(len(whole) + 1)]
    at = len(whole) - 1 if where == "done" else int(where)
    strange = frames.pop(at)
    if kind == "non-json":
        with pytest.raises(ValueError):
            json.loads(strange)
    else:
        assert json.loads(strange) == {
            "type": "weather_report",
            "context_id": "a",
            "status_code": 206,
            "done": False,
            "report": "scattered clouds",
        }
    events = [json.loads(frame) for frame in frames]
    assert kinds(events) == kinds(whole)
    assert audio(events) == audio(whole)


def test_one_chunk_comes_in_a_frame_over_1_mib_with_the_same_sound(
    unruly: EngineProcess, server: Server
) -> None:
    whole = spoken(server)
    unruly.misbehave("huge-frame@3")
    with server.socket() as socket:
        speak(socket)
        frames = [str(socket.recv(timeout=PATIENCE)) for _ in whole]
    events = [json.loads(frame) for frame in frames]
    assert [len(frame) > 1024 * 1024 for frame in frames] == [n == 3 for n in range(len(whole))]
    assert events[3]["type"] == "chunk"
    assert audio(events) == audio(whole)


@pytest.mark.parametrize("encoding", ["pcm_f32le", "pcm_s16le", "pcm_mulaw"])
def test_chunks_are_cut_at_odd_bytes_and_joined_they_are_the_same(
    unruly: EngineProcess, server: Server, encoding: str
) -> None:
    wanted = output(encoding, 44100)
    whole = spoken(server, output_format=wanted)
    unruly.misbehave("odd-bytes@3")
    odd = spoken(server, output_format=wanted)
    assert audio(odd) == audio(whole)
    sizes = [len(audio([event])) for event in odd if event["type"] == "chunk"]
    assert len(sizes) == 2 * kinds(whole).count("chunk") - 3
    assert sizes[:3] == [len(audio([event])) for event in whole[:3]]
    assert all(size % 2 for size in sizes[3::2])
    # Once means one context.
    assert kinds(spoken(server)) == kinds(spoken(server))


def test_timestamps_are_missing_from_a_chunk_on(unruly: EngineProcess, server: Server) -> None:
    whole = spoken(server, add_timestamps=True, add_phoneme_timestamps=True)
    unruly.misbehave("timestamps-missing@5")
    some = spoken(server, add_timestamps=True, add_phoneme_timestamps=True)
    sixth = [n for n, event in enumerate(some) if event["type"] == "chunk"][5]
    assert timed(some) and timed(some) == timed(some[:sixth])
    assert timed(some) == timed(whole)[: len(timed(some))]
    assert audio(some) == audio(whole)
    unruly.misbehave("timestamps-missing@0")
    none = spoken(server, add_timestamps=True, add_phoneme_timestamps=True)
    assert set(kinds(none)) == {"chunk", "done"}


def test_timestamps_come_before_any_of_their_audio(unruly: EngineProcess, server: Server) -> None:
    whole = spoken(server, add_timestamps=True, add_phoneme_timestamps=True)
    unruly.misbehave("timestamps-early@0")
    early = spoken(server, add_timestamps=True, add_phoneme_timestamps=True)
    assert kinds(early)[:3] == ["timestamps", "phoneme_timestamps", "chunk"]
    assert set(kinds(early)[2:]) == {"chunk", "done"}
    assert timed(early) == timed(whole)
    assert timed(early, "phoneme") == timed(whole, "phoneme")
    assert audio(early) == audio(whole)


def test_done_comes_twice(unruly: EngineProcess, server: Server) -> None:
    unruly.misbehave("done-twice@done")
    with server.socket() as socket:
        speak(socket)
        events = receive_until(socket, "done", contexts=2)
        speak(socket, "And on.", "b")
        rest = receive_until(socket, "done")
    assert kinds(events)[-3:] == ["chunk", "done", "done"]
    assert events[-1] == events[-2]
    assert {event["context_id"] for event in rest} == {"b"}


def test_done_comes_late_and_nothing_else_does(unruly: EngineProcess, server: Server) -> None:
    unruly.misbehave("done-late@done")
    began = time.monotonic()
    events = spoken(server)
    assert time.monotonic() - began >= 0.3
    assert kinds(events)[-2:] == ["chunk", "done"]


@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_handshake_is_refused_with_a_status(
    unruly: EngineProcess, server: Server, status: int
) -> None:
    unruly.misbehave(f"http-{status}@handshake*2")
    for _ in range(2):
        with pytest.raises(InvalidStatus) as caught, server.socket():
            pass
        assert caught.value.response.status_code == status
        assert json.loads(caught.value.response.body or b"")["type"] == "error"
    with server.socket() as socket:
        speak(socket, "Now it works.")
        assert receive_until(socket, "done")


def test_a_handshake_is_never_answered(unruly: EngineProcess, server: Server) -> None:
    unruly.misbehave("no-handshake@handshake")
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
