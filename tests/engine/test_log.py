"""The witness of what was asked: every context, its text, its fields and its end."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from cartesia_nb.engine.log import Log
from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.engine.requests import read_generation
from tests.engine.talk import (
    QUICK,
    Event,
    Server,
    converse,
    output,
    receive,
    receive_until,
    request,
    speak,
    spoken,
    streamed,
    until_closed,
    wait_for,
)


@pytest.fixture
def server(unruly: EngineProcess) -> Server:
    return Server(unruly.url, unruly.api_key)


class Since:
    """The log from here on."""

    def __init__(self, engine: EngineProcess) -> None:
        self._engine = engine
        self._count = len(engine.log())

    def __call__(self) -> list[Event]:
        return self._engine.log()[self._count :]

    def states(self) -> list[object]:
        return [entry["state"] for entry in self()]


@pytest.fixture
def since(unruly: EngineProcess) -> Since:
    return Since(unruly)


def test_a_context_is_there_with_its_whole_text_and_its_fields_as_they_came(
    server: Server, since: Since
) -> None:
    first = request(
        "Half of it. ",
        "mine",
        then=True,
        generation_config={"speed": 1.2, "emotion": "sad"},
        add_timestamps=True,
        nobody_knows={"this": 1},
    )
    rest = first | {"transcript": "And the rest."}
    end = first | {"transcript": "", "continue": False}
    converse(server, first, rest, end)
    (entry,) = since()
    assert entry.pop("number")
    assert entry == first | {
        "transcript": "Half of it. And the rest.",
        "over": "websocket",
        "state": "done",
        "faults": [],
    }


def test_every_context_counts_whatever_way_it_came(server: Server, since: Since) -> None:
    spoken(server)
    streamed(server, request("By events.", None))  # type: ignore[arg-type]  # None leaves it out
    wav = request("As bytes.", output_format=output("pcm_s16le", 44100, "wav"))
    with server.http() as http:
        http.post("/tts/bytes", json=wav)
    entries = since()
    assert [(entry["over"], entry["transcript"]) for entry in entries] == [
        ("websocket", QUICK),
        ("sse", "By events."),
        ("bytes", "As bytes."),
    ]
    assert since.states() == ["done"] * 3
    assert entries[1]["context_id"] is None
    assert entries[2]["output_format"] == output("pcm_s16le", 44100, "wav")
    numbers = [int(str(entry["number"])) for entry in entries]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_none_is_missed_among_many_at_once(server: Server, since: Since) -> None:
    def say(number: int) -> None:
        spoken(server, text=f"Number {number}.", context_id=str(number))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(say, range(30)))
    assert {str(entry["transcript"]) for entry in since()} == {f"Number {n}." for n in range(30)}
    assert since.states() == ["done"] * 30


def test_what_was_cancelled_or_left_is_said_to_be(
    unruly: EngineProcess, server: Server, since: Since
) -> None:
    unruly.control(hold_last_chunk=True)
    with server.socket() as socket:
        speak(socket, context_id="cancelled")
        receive(socket)
        assert since.states() == ["running"]
        socket.send(json.dumps({"context_id": "cancelled", "cancel": True}))
        receive_until(socket, "done")
        assert since.states() == ["cancelled"]
        speak(socket, context_id="left")
        receive(socket)
    wait_for(lambda: since.states() == ["cancelled"] * 2, "both are over")
    with server.http() as http, http.stream("POST", "/tts/sse", json=request(QUICK)) as answer:
        next(answer.iter_lines())
    wait_for(lambda: since.states() == ["cancelled"] * 3, "the third is over as well")
    long = request(QUICK * 500)
    with server.http() as http, http.stream("POST", "/tts/bytes", json=long) as answer:
        next(answer.iter_bytes())
    wait_for(lambda: since.states() == ["cancelled"] * 4, "and the fourth")


@pytest.mark.parametrize("fault", ["error@1", "silence@1"])
def test_a_fault_that_takes_a_context_is_its_end(
    unruly: EngineProcess, server: Server, since: Since, fault: str
) -> None:
    unruly.misbehave("unknown-type@0", fault)
    with server.socket() as socket:
        speak(socket, context_id="a")
        wait_for(lambda: since.states() == ["failed"], "it fails")
        speak(socket, context_id="b")
        receive_until(socket, "done")
    assert since.states() == ["failed", "done"]
    assert [entry["faults"] for entry in since()] == [["unknown-type@0", fault], []]


@pytest.mark.parametrize("fault", ["drop@1", "close-1011@1", "half-open@1"])
def test_a_socket_that_fails_takes_its_contexts_with_it(
    unruly: EngineProcess, server: Server, since: Since, fault: str
) -> None:
    with server.socket() as socket:
        # Not a sentence yet: it waits for more.
        speak(socket, "So far", "other", then=True, max_buffer_delay_ms=5000)
        wait_for(lambda: since.states() == ["running"], "it is there")
        unruly.misbehave(fault)
        speak(socket, context_id="struck")
        wait_for(lambda: since.states() == ["failed"] * 2, "both fail")
        if fault != "half-open@1":
            until_closed(socket)
        socket.close_timeout = 0.1
    assert [entry["faults"] for entry in since()] == [[], [fault]]


def test_what_was_refused_was_not_begun(
    unruly: EngineProcess, server: Server, since: Since
) -> None:
    unruly.control(max_contexts=1, hold_last_chunk=True)
    with server.socket() as socket:
        speak(socket, context_id="wrong", language="xx")
        receive_until(socket, "error")
        speak(socket, context_id="one")
        speak(socket, context_id="too many")
        receive_until(socket, "error")
        unruly.control(hold_last_chunk=False)
        receive_until(socket, "done")
        speak(socket, "Wait for it. ", "changed", then=True)
        speak(socket, "Not taken.", "changed", language="fr")
        receive_until(socket, "error")
        speak(socket, "Taken.", "changed")
        receive_until(socket, "done")
    assert [(entry["context_id"], entry["state"]) for entry in since()] == [
        ("one", "done"),
        ("changed", "done"),
    ]
    assert since()[1]["transcript"] == "Wait for it. Taken."


def test_no_key_is_in_it(unruly: EngineProcess, server: Server, since: Since) -> None:
    carried = request("Hi.", api_key=server.key, Authorization=f"Bearer {server.key}")
    converse(server, carried)
    streamed(server, carried)
    with server.http() as http:
        http.post(f"/tts/bytes?api_key={server.key}", json=carried)
        text = http.get("/engine/log").text
    assert since.states() == ["done"] * 3
    assert server.key not in text


def test_http_gives_it_to_the_key_alone(server: Server, since: Since) -> None:
    spoken(server)
    with server.http() as http:
        answer = http.get("/engine/log").json()
    with server.http(Authorization="") as http:
        assert http.get("/engine/log").status_code == 401
    assert answer["contexts"][-1:] == since()
    assert answer["count"] == since()[-1]["number"]


def test_an_engine_that_does_not_run_was_asked_for_nothing() -> None:
    engine = EngineProcess(fast=True)
    assert engine.log() == []
    engine.start()
    try:
        spoken(Server(engine.url, engine.api_key))
        assert [entry["number"] for entry in engine.log()] == [1]
    finally:
        engine.stop()
    assert engine.log() == []


def test_the_oldest_are_forgotten_and_numbers_go_on() -> None:
    log = Log(longest=3)
    for number in range(5):
        asked = read_generation(request("", str(number)), str(number), ("raw",))
        log.open(asked, "websocket").said("text")
    assert [entry["number"] for entry in log.described()] == [3, 4, 5]
    assert log.count == 5
