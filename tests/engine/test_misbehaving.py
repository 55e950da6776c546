"""Every fault as a plain client sees it: what exactly arrives."""

from __future__ import annotations

import asyncio
import json
import struct
import time
from collections.abc import Iterator
from socket import SO_LINGER, SOL_SOCKET

import pytest
from websockets.asyncio.client import connect as async_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.errors import EngineError
from tests.engine.talk import (
    PATIENCE,
    Event,
    Server,
    audio,
    output,
    receive,
    receive_until,
    request,
    struck,
    timed,
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


def spoken(server: Server, **fields: object) -> list[Event]:
    """All that one context gives, on a socket of its own."""
    with server.socket() as socket:
        speak(socket, **fields)  # type: ignore[arg-type]  # none of these is text or an id
        return receive_until(socket, "done")


def spoken_frames(server: Server) -> None:
    """Speak, whatever comes, up to done."""
    with server.socket() as socket:
        speak(socket, "Short.")
        while '"type": "done"' not in str(socket.recv(timeout=PATIENCE)):
            pass


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
        # Nothing is answered: neither more text, be it wrong, nor a cancel.
        speak(socket, "More.", language="fr")
        speak(socket, "And more.", then=True)
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
        contexts = engine.control()["contexts"]
        speak(socket, "Anybody?", "b")
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.2)
        assert not pong.is_set()
        state = engine.control()
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


@pytest.mark.parametrize(
    ("kind", "end"), [("drop", None), ("close-1000", 1000), ("close-1011", 1011)]
)
def test_a_socket_ends_between_the_last_chunk_and_done(
    engine: EngineProcess, server: Server, kind: str, end: int | None
) -> None:
    whole = spoken(server)
    engine.misbehave(f"{kind}@done")
    with server.socket() as socket:
        speak(socket)
        events, closed = until_closed(socket)
    assert audio(events) == audio(whole)
    assert "done" not in kinds(events)
    assert (closed.rcvd.code if closed.rcvd else None) == end


@pytest.mark.parametrize("kind", ["drop", "close-1000", "close-1011", "silence", "half-open"])
@pytest.mark.parametrize("where", ["0", "done"])
def test_what_ends_a_context_before_its_first_chunk_or_before_done(
    engine: EngineProcess, server: Server, kind: str, where: str
) -> None:
    whole = spoken(server)
    engine.misbehave(f"{kind}@{where}")
    expected = 0 if where == "0" else kinds(whole).count("chunk")
    with server.socket() as socket:
        speak(socket)
        events = [receive(socket) for _ in range(expected)]
        wait_for(lambda: struck(server) == 1, "the fault strikes")
        if kind in ("silence", "half-open"):
            assert engine.control()["running"] == 1
        else:
            assert until_closed(socket)[0] == []
            assert engine.control()["running"] == 0
        socket.close_timeout = 0.1
    assert kinds(events) == ["chunk"] * expected


@pytest.mark.parametrize(
    ("kind", "end"), [("drop", None), ("close-1000", 1000), ("close-1011", 1011)]
)
def test_an_idle_socket_ends_after_done_and_not_while_another_context_speaks(
    engine: EngineProcess, server: Server, kind: str, end: int | None
) -> None:
    engine.misbehave(f"{kind}@idle")
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


def test_an_idle_socket_goes_half_open_after_done(engine: EngineProcess, server: Server) -> None:
    engine.misbehave("half-open@idle")
    with server.socket() as socket:
        speak(socket, "Short.")
        receive_until(socket, "done")
        wait_for(lambda: struck(server) == 1, "the fault strikes")
        speak(socket, "Anybody?", "b")
        pong = socket.ping()
        assert not pong.wait(0.2)
        socket.close_timeout = 0.1
    assert engine.control()["running"] == 0


@pytest.mark.parametrize("kind", ["error-ownerless", "busy-ownerless", "non-json", "unknown-type"])
def test_a_stray_message_comes_to_an_idle_socket_once(
    engine: EngineProcess, server: Server, kind: str
) -> None:
    engine.misbehave(f"{kind}@idle")
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
    engine: EngineProcess, server: Server, kind: str, where: str
) -> None:
    whole = spoken(server)
    engine.misbehave(f"{kind}@{where}")
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
    engine: EngineProcess, server: Server
) -> None:
    whole = spoken(server)
    engine.misbehave("huge-frame@3")
    with server.socket() as socket:
        speak(socket)
        frames = [str(socket.recv(timeout=PATIENCE)) for _ in whole]
    events = [json.loads(frame) for frame in frames]
    assert [len(frame) > 1024 * 1024 for frame in frames] == [n == 3 for n in range(len(whole))]
    assert events[3]["type"] == "chunk"
    assert audio(events) == audio(whole)


@pytest.mark.parametrize("encoding", ["pcm_f32le", "pcm_s16le", "pcm_mulaw"])
def test_chunks_are_cut_at_odd_bytes_and_joined_they_are_the_same(
    engine: EngineProcess, server: Server, encoding: str
) -> None:
    wanted = output(encoding, 44100)
    whole = spoken(server, output_format=wanted)
    engine.misbehave("odd-bytes@3")
    odd = spoken(server, output_format=wanted)
    assert audio(odd) == audio(whole)
    sizes = [len(audio([event])) for event in odd if event["type"] == "chunk"]
    assert len(sizes) == 2 * kinds(whole).count("chunk") - 3
    assert sizes[:3] == [len(audio([event])) for event in whole[:3]]
    assert all(size % 2 for size in sizes[3::2])
    # Once means one context.
    assert kinds(spoken(server)) == kinds(spoken(server))


def test_timestamps_are_missing_from_a_chunk_on(engine: EngineProcess, server: Server) -> None:
    whole = spoken(server, add_timestamps=True, add_phoneme_timestamps=True)
    engine.misbehave("timestamps-missing@5")
    some = spoken(server, add_timestamps=True, add_phoneme_timestamps=True)
    sixth = [n for n, event in enumerate(some) if event["type"] == "chunk"][5]
    assert timed(some) and timed(some) == timed(some[:sixth])
    assert timed(some) == timed(whole)[: len(timed(some))]
    assert audio(some) == audio(whole)
    engine.misbehave("timestamps-missing@0")
    none = spoken(server, add_timestamps=True, add_phoneme_timestamps=True)
    assert set(kinds(none)) == {"chunk", "done"}


def test_timestamps_come_before_any_of_their_audio(engine: EngineProcess, server: Server) -> None:
    whole = spoken(server, add_timestamps=True, add_phoneme_timestamps=True)
    engine.misbehave("timestamps-early@0")
    early = spoken(server, add_timestamps=True, add_phoneme_timestamps=True)
    assert kinds(early)[:3] == ["timestamps", "phoneme_timestamps", "chunk"]
    assert set(kinds(early)[2:]) == {"chunk", "done"}
    assert timed(early) == timed(whole)
    assert timed(early, "phoneme") == timed(whole, "phoneme")
    assert audio(early) == audio(whole)


def test_done_comes_twice(engine: EngineProcess, server: Server) -> None:
    engine.misbehave("done-twice@done")
    with server.socket() as socket:
        speak(socket)
        events = receive_until(socket, "done", contexts=2)
        speak(socket, "And on.", "b")
        rest = receive_until(socket, "done")
    assert kinds(events)[-3:] == ["chunk", "done", "done"]
    assert events[-1] == events[-2]
    assert {event["context_id"] for event in rest} == {"b"}


def test_done_comes_late_and_nothing_else_does(engine: EngineProcess, server: Server) -> None:
    engine.misbehave("done-late@done")
    began = time.monotonic()
    events = spoken(server)
    assert time.monotonic() - began >= 0.3
    assert kinds(events)[-2:] == ["chunk", "done"]


@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_handshake_is_refused_with_a_status(
    engine: EngineProcess, server: Server, status: int
) -> None:
    engine.misbehave(f"http-{status}@handshake*2")
    for _ in range(2):
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


def test_rest_is_spared(engine: EngineProcess, server: Server) -> None:
    engine.misbehave("http-503@handshake*inf", "drop@0*inf", delay_ms=10_000, bandwidth=1)
    with server.http() as http:
        assert http.get("/voices").status_code == 200
        assert len(http.post("/tts/bytes", json=request(TEXT)).content) > 22050


def test_the_same_seed_hits_the_same_contexts_also_when_they_speak_at_once(
    engine: EngineProcess, server: Server
) -> None:
    def failed(seed: int, at_once: bool) -> set[object]:
        engine.misbehave("error@2*inf%50", seed=seed)
        names = [str(number) for number in range(12)]
        events: list[Event] = []
        with server.socket() as socket:
            for name in names:
                speak(socket, TEXT if int(name) % 2 else "Short words.", name)
                if not at_once:
                    events += receive_until(socket, "done", "error")
            if at_once:
                events += receive_until(socket, "done", "error", contexts=len(names))
        return {event["context_id"] for event in events if event["type"] == "error"}

    one = failed(7, False)
    assert 0 < len(one) < 12
    assert failed(7, False) == failed(7, True) == one
    assert failed(8, False) != one


def test_it_turns_bad_and_good_again_in_the_middle_of_a_context(
    engine: EngineProcess, server: Server
) -> None:
    with server.socket() as socket:
        speak(socket, "Half of it. ", then=True)
        speak(socket, "", then=True, flush=True)
        before = receive_until(socket, "flush_done")
        engine.misbehave("odd-bytes@0", "done-twice@done")
        speak(socket, "Then some more. ", then=True)
        speak(socket, "", then=True, flush=True)
        odd = receive_until(socket, "flush_done")
        engine.misbehave()
        speak(socket, "And the rest.", then=False)
        after = receive_until(socket, "done")
        speak(socket, "Next.", "b")
        assert {event["context_id"] for event in receive_until(socket, "done")} == {"b"}
    assert not any(len(audio([event])) % 2 for event in before + after)
    assert any(len(audio([event])) % 2 for event in odd)


def test_a_chunk_that_is_still_to_come_can_be_hit_in_the_middle(
    engine: EngineProcess, server: Server
) -> None:
    with server.socket() as socket:
        speak(socket, "Half of it. ", then=True)
        speak(socket, "", then=True, flush=True)
        before = kinds(receive_until(socket, "flush_done")).count("chunk")
        engine.misbehave(f"drop@{before + 2}", f"drop@{before - 1}")
        speak(socket, TEXT, then=False)
        events, _ = until_closed(socket)
    assert kinds(events) == ["chunk"] * 2


def test_a_delay_concerns_pongs_too_and_keeps_order(engine: EngineProcess, server: Server) -> None:
    whole = spoken(server, add_timestamps=True)
    engine.misbehave(delay_ms=100, jitter_ms=20)
    began = time.monotonic()
    with server.socket() as socket:
        assert socket.ping().wait(PATIENCE)
        assert time.monotonic() - began >= 0.1
        speak(socket, add_timestamps=True)
        events = receive_until(socket, "done")
    assert time.monotonic() - began >= 0.2
    assert kinds(events) == kinds(whole)
    assert audio(events) == audio(whole)


def test_what_was_sent_before_a_drop_arrives_however_late(
    engine: EngineProcess, server: Server
) -> None:
    for fault, code in (("drop@3", None), ("close-1011@3", 1011)):
        engine.misbehave(fault, delay_ms=50)
        with server.socket() as socket:
            speak(socket)
            events, closed = until_closed(socket)
        assert kinds(events) == ["chunk"] * 3
        assert (closed.rcvd.code if closed.rcvd else None) == code


def test_a_client_that_leaves_a_slow_line_is_answered_its_close(
    engine: EngineProcess, server: Server
) -> None:
    engine.misbehave(bandwidth=1000, delay_ms=5000)
    with server.socket() as socket:
        speak(socket, TEXT * 10)
    assert socket.close_code == 1000


def test_bandwidth_slows_the_sound_and_holds_the_voice_back(
    engine: EngineProcess, server: Server
) -> None:
    engine.misbehave(bandwidth=200_000)
    pieces = int(str(engine.control()["pieces"]))
    began = time.monotonic()
    with server.socket() as socket:
        speak(socket, "This is one sentence of a long text. " * 60)
        size = sum(len(socket.recv(timeout=PATIENCE)) for _ in range(12))
        assert time.monotonic() - began >= size / 200_000
        # Unpaced, all 60 would be spoken by now.
        assert int(str(engine.control()["pieces"])) - pieces < 20
        # And what waits comes at once when the line is good again.
        engine.misbehave()
        receive_until(socket, "done")


def test_a_slow_line_does_not_hold_a_better_one_back(engine: EngineProcess, server: Server) -> None:
    """Ten seconds' delay, until the weather clears."""
    engine.misbehave(delay_ms=10_000)
    with server.socket() as socket:
        speak(socket)
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.1)
        engine.misbehave()
        event = json.loads(socket.recv(timeout=8))
        assert event["type"] == "chunk"
        receive_until(socket, "done")


@pytest.mark.parametrize("weather", [{}, {"delay_ms": 50}, {"bandwidth": 20_000}])
def test_a_client_that_vanishes_leaves_no_trace(
    engine: EngineProcess, server: Server, weather: dict[str, float]
) -> None:
    """Neither a context nor a socket nor a word on standard error, which the fixture checks."""
    engine.misbehave(**weather)  # type: ignore[arg-type]  # none of these is the seed
    before = int(str(engine.control()["cancelled"]))

    async def vanish() -> None:
        address = f"{server.websocket_url}/tts/websocket"
        headers = {"Authorization": f"Bearer {server.key}"}
        # Not in a with: it would close the socket as one should.
        socket = await async_connect(address, additional_headers=headers, proxy=None)
        await socket.send(json.dumps(request(TEXT * 200, "long")))
        await socket.send(json.dumps(request("This one waits. ", "waits", then=True)))
        await socket.recv()
        assert engine.control()["running"] == 2
        plain = socket.transport.get_extra_info("socket")
        plain.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        socket.transport.abort()

    asyncio.run(vanish())
    wait_for(lambda: engine.control()["cancelled"] == before + 2, "both are cancelled")


def test_a_client_that_vanishes_while_it_is_refused_leaves_no_trace(
    engine: EngineProcess, server: Server
) -> None:
    """It reads nothing, so that the engine is stuck with its answers when it goes."""
    engine.control(max_contexts=1)

    async def vanish() -> None:
        address = f"{server.websocket_url}/tts/websocket?api_key={server.key}"
        socket = await async_connect(address, proxy=None)
        await socket.send(json.dumps(request("This one waits. ", "waits", then=True)))
        with pytest.raises(asyncio.TimeoutError):
            while True:
                again = json.dumps(request("No.", "b" * 1_000_000))
                await asyncio.wait_for(socket.send(again), 0.5)
        plain = socket.transport.get_extra_info("socket")
        plain.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        socket.transport.abort()

    asyncio.run(vanish())


def test_http_gives_what_is_set_and_what_has_struck(server: Server) -> None:
    with server.http() as http:
        wanted = {"faults": ["non-json@0*2", "drop@900"], "delay_ms": 1, "seed": 5}
        set_to = http.post("/engine/faults", json=wanted)
        spoken_frames(server)
        after = http.get("/engine/faults").json()
        wrong = http.post("/engine/faults", json={"faults": ["drop@never"]})
        unchanged = http.get("/engine/faults").json()
        cleared = http.post("/engine/faults", json={}).json()
    assert set_to.json() == wanted | {
        "jitter_ms": 0,
        "bandwidth": None,
        "struck": {"non-json@0*2": 0, "drop@900": 0},
    }
    assert after["struck"] == {"non-json@0*2": 1, "drop@900": 0}
    assert wrong.status_code == 400
    assert "can't strike at 'never'" in wrong.json()["message"]
    assert unchanged == after
    assert cleared["faults"] == [] and cleared["struck"] == {} and cleared["delay_ms"] == 0


def test_http_wants_the_key(server: Server) -> None:
    with server.http(Authorization="") as http:
        assert http.get("/engine/faults").status_code == 401
        assert http.post("/engine/faults", json={}).status_code == 401


def test_a_fault_that_makes_no_sense_is_an_error_in_python(engine: EngineProcess) -> None:
    with pytest.raises(EngineError, match="silence makes no sense at 'idle'"):
        engine.misbehave("silence@idle")
    with pytest.raises(EngineError, match="max_contexts is 0; it takes"):
        engine.control(max_contexts=0)
