"""``/tts/sse`` over the wire: the socket's events, one text at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest

from cartesia_nb.engine.auth import Gate
from cartesia_nb.engine.control import Control
from cartesia_nb.engine.espeak import Manner, Rendering
from cartesia_nb.engine.handlers import Services
from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.engine.server import listen
from cartesia_nb.engine.synth import Synthesiser
from cartesia_nb.engine.weather import Sky
from tests.engine.talk import (
    QUICK,
    Event,
    Server,
    audio,
    converse,
    output,
    receive,
    request,
    speak,
    streamed,
    wait_for,
)

TEXT = f"{QUICK} And again. {QUICK}"
LONG = f"{QUICK} " * 60


@pytest.fixture
def held() -> Iterator[EngineProcess]:
    """An engine that holds each last chunk back; it may complain of nothing."""
    with EngineProcess(fast=True) as process:
        process.control(hold_last_chunk=True)
        yield process
        assert not process._complaints


def at(process: EngineProcess) -> Server:
    return Server(process.url, process.api_key)


@contextmanager
def opened(server: Server, text: str) -> Iterator[Iterator[str]]:
    """The lines of a stream, after its first: a chunk has come."""
    with server.http() as http, http.stream("POST", "/tts/sse", json=request(text)) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "event: chunk"
        yield lines


def untimed(events: list[Event]) -> list[Event]:
    """Without what differs: times, and the flushes that only a socket has."""
    left_out = ("step_time", "flush_id")
    return [{name: v for name, v in event.items() if name not in left_out} for event in events]


@pytest.mark.parametrize("stamps", [{}, {"add_timestamps": True, "add_phoneme_timestamps": True}])
def test_its_events_are_those_of_the_socket(server: Server, stamps: Event) -> None:
    asked = request(TEXT) | stamps
    events = streamed(server, asked)
    assert untimed(events) == untimed(converse(server, asked))
    assert len(audio(events)) > 5 * 22050 * 2


def test_without_a_context_id_no_event_has_one(server: Server) -> None:
    events = streamed(server, request(QUICK, context_id=None, add_timestamps=True))  # type: ignore[arg-type]  # left out
    assert {event["type"] for event in events} == {"chunk", "timestamps", "done"}
    assert not any("context_id" in event for event in events)


@pytest.mark.parametrize("flag", ["continue", "flush"])
def test_the_text_is_all_there_is_whatever_is_said_of_more(server: Server, flag: str) -> None:
    events = streamed(server, request(QUICK) | {flag: True})
    assert {event["type"] for event in events} == {"chunk", "done"}
    assert audio(events) == audio(streamed(server, request(QUICK)))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"no json", "JSON"),
        (b"{}", "transcript"),
        (json.dumps(request("...")).encode(), "something to say"),
        (
            json.dumps(request("Hi.", output_format=output("pcm_s16le", 8000, "wav"))).encode(),
            "raw",
        ),
        (json.dumps(request("Hi.") | {"context_id": 5}).encode(), "context_id is 5"),
    ],
)
def test_a_refusal_is_json_before_the_stream(server: Server, body: bytes, said: str) -> None:
    with server.http() as http:
        answer = http.post("/tts/sse", content=body)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/json")
    assert said in answer.json()["message"]


def test_the_last_chunk_and_done_are_held_back_as_on_the_socket(held: EngineProcess) -> None:
    with opened(at(held), QUICK) as lines:
        assert held.control(hold_last_chunk=False)["running"] == 1
        assert "event: done" in list(lines)
    assert held.control()["running"] == 0


def test_long_text_is_not_synthesised_ahead_of_its_need(own: Server) -> None:
    """At a pace that never gets past the first sentence, the second stays unspoken."""
    own.control(first_audio_ms=0, speedup=0.01)
    with opened(own, LONG):
        assert own.control()["pieces"] == 1


def test_work_for_a_client_that_went_is_stopped_though_there_is_nothing_to_send_it(
    held: EngineProcess,
) -> None:
    with opened(at(held), QUICK):
        assert held.control()["running"] == 1
    wait_for(lambda: held.control()["cancelled"] == 1, "its context is cancelled")
    assert held.control()["running"] == 0


def test_it_counts_as_a_context_in_flight(unruly: EngineProcess) -> None:
    server = at(unruly)
    unruly.control(max_contexts=1)
    for _ in range(5):  # Each as soon as the one before has ended.
        assert streamed(server, request("Hi."))[-1]["type"] == "done"
    with server.socket() as socket, server.http() as http:
        speak(socket, "One. ", then=True)
        receive(socket)
        answer = http.post("/tts/sse", json=request("Two."))
    assert answer.status_code == 429
    assert answer.json()["error_code"] == "concurrency_limited"


def test_faults_spare_it(unruly: EngineProcess) -> None:
    wanted = audio(streamed(at(unruly), request(QUICK)))
    unruly.misbehave("drop@0*inf", "odd-bytes@0*inf", "error@done*inf", "http-401@handshake*inf")
    assert audio(streamed(at(unruly), request(QUICK))) == wanted


class Hoarse(Synthesiser):
    """Loses its voice after some sentences: asks the library for one that it doesn't have."""

    def __init__(self, sentences: int) -> None:
        super().__init__()
        self.left = sentences

    async def render(self, text: str, manner: Manner) -> Rendering:
        self.left -= 1
        return await super().render(text, manner if self.left >= 0 else replace(manner, voice="xx"))


def from_hoarse(sentences: int, path: str = "/tts/sse") -> tuple[httpx.Response, Control]:
    """What an engine in this process answers, and what it has counted."""

    async def ask() -> tuple[httpx.Response, Control]:
        synthesiser, control = Hoarse(sentences), Control(0, None)
        server, port = listen(Services(Gate(None), control, Sky(), synthesiser))
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                url = f"http://127.0.0.1:{port}{path}"
                headers = {"Authorization": "Bearer any"}
                return await client.post(url, json=request(TEXT), headers=headers), control
        finally:
            server.stop()
            await server.close_all_connections()
            synthesiser.close()

    return asyncio.run(ask())


def test_a_failure_within_the_stream_is_its_last_event() -> None:
    answer, control = from_hoarse(1)
    assert answer.status_code == 200
    frames = [frame.split("\n") for frame in answer.text.split("\n\n")]
    assert [lines[0] for lines in frames[:-2]] == ["event: chunk"] * (len(frames) - 2)
    last = json.loads(frames[-2][1].removeprefix("data: "))
    assert (last["type"], last["error_code"]) == ("error", "synthesis_failed")
    assert "no voice 'xx'" in last["message"] and "context_id" not in last
    assert control.slots.running == 0
    assert [entry["state"] for entry in control.log.described()] == ["failed"]


def test_a_failure_of_bytes_is_known_to_the_log() -> None:
    answer, control = from_hoarse(0, "/tts/bytes")
    assert answer.status_code == 500
    assert [entry["state"] for entry in control.log.described()] == ["failed"]


def test_a_failure_before_the_stream_is_json() -> None:
    answer, control = from_hoarse(0)
    assert answer.status_code == 500
    assert answer.json()["error_code"] == "synthesis_failed"
    assert control.slots.running == 0
