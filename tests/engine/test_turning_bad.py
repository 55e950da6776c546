"""Faults turned on and off: by HTTP, from Python, by a seed, in the middle of a context."""

from __future__ import annotations

import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.errors import EngineError
from tests.engine.talk import (
    QUICK,
    Event,
    Server,
    audio,
    kinds,
    receive_until,
    request,
    speak,
    spoken_frames,
    until_closed,
)


@pytest.fixture
def server(unruly: EngineProcess) -> Server:
    return Server(unruly.url, unruly.api_key)


def test_rest_is_spared(unruly: EngineProcess, server: Server) -> None:
    unruly.misbehave("http-503@handshake*inf", "drop@0*inf", delay_ms=10_000, bandwidth=1)
    with server.http() as http:
        assert http.get("/voices").status_code == 200
        assert len(http.post("/tts/bytes", json=request(QUICK)).content) > 22050


def test_the_same_seed_hits_the_same_contexts_also_when_they_speak_at_once(
    unruly: EngineProcess, server: Server
) -> None:
    def failed(seed: int, at_once: bool) -> set[object]:
        unruly.misbehave("error@2*inf%50", seed=seed)
        names = [str(number) for number in range(12)]
        events: list[Event] = []
        with server.socket() as socket:
            for name in names:
                speak(socket, QUICK if int(name) % 2 else "Short words.", name)
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
    unruly: EngineProcess, server: Server
) -> None:
    with server.socket() as socket:
        speak(socket, "Half of it. ", then=True)
        speak(socket, "", then=True, flush=True)
        before = receive_until(socket, "flush_done")
        unruly.misbehave("odd-bytes@0", "done-twice@done")
        speak(socket, "Then some more. ", then=True)
        speak(socket, "", then=True, flush=True)
        odd = receive_until(socket, "flush_done")
        unruly.misbehave()
        speak(socket, "And the rest.", then=False)
        after = receive_until(socket, "done")
        speak(socket, "Next.", "b")
        assert {event["context_id"] for event in receive_until(socket, "done")} == {"b"}
    assert not any(len(audio([event])) % 2 for event in before + after)
    assert any(len(audio([event])) % 2 for event in odd)


def test_a_chunk_that_is_still_to_come_can_be_hit_in_the_middle(
    unruly: EngineProcess, server: Server
) -> None:
    with server.socket() as socket:
        speak(socket, "Half of it. ", then=True)
        speak(socket, "", then=True, flush=True)
        before = kinds(receive_until(socket, "flush_done")).count("chunk")
        unruly.misbehave(f"drop@{before + 2}", f"drop@{before - 1}")
        speak(socket, QUICK, then=False)
        events, _ = until_closed(socket)
    assert kinds(events) == ["chunk"] * 2


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


def test_a_fault_that_makes_no_sense_is_an_error_in_python(unruly: EngineProcess) -> None:
    with pytest.raises(EngineError, match="silence makes no sense at 'idle'"):
        unruly.misbehave("silence@idle")
    with pytest.raises(EngineError, match="max_contexts is 0; it takes"):
        unruly.control(max_contexts=0)
