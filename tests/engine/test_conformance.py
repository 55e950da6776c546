"""The protocol as a client sees it, judged by the official SDK's own types.

Nothing here knows the engine but what is marked ``engine_alone`` or ``dear``: with
``CARTESIA_NB_CONFORMANCE_URL`` and ``..._KEY`` set, the rest judges another server. `make live` has
it judge Cartesia.
"""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from cartesia.types import tts_sse_event as sse_types
from cartesia.types import websocket_response as types
from pydantic import BaseModel
from websockets.sync.client import connect
from websockets.typing import Origin

from cartesia_nb.protocol.encodings import BYTES_PER_SAMPLE, ENCODINGS, decode
from cartesia_nb.protocol.limits import API_VERSION, SAMPLE_RATES
from tests.engine.talk import (
    QUICK,
    Event,
    Server,
    audio,
    converse,
    output,
    receive,
    receive_until,
    request,
    streamed,
    timed,
)

MODELS: dict[str, type[BaseModel]] = {
    "chunk": types.Chunk,
    "timestamps": types.Timestamps,
    "phoneme_timestamps": types.PhonemeTimestamps,
    "flush_done": types.FlushDone,
    "done": types.Done,
    "error": types.Error,
}

SSE_MODELS: dict[str, type[BaseModel]] = {
    "chunk": sse_types.TTSSSEChunkEvent,
    "timestamps": sse_types.TTSSSETimestampsEvent,
    "phoneme_timestamps": sse_types.TTSSSEPhonemeTimestampsEvent,
    "done": sse_types.TTSSSEDoneEvent,
}


def check(event: Event) -> None:
    """Strictly of the SDK's type."""
    MODELS[str(event["type"])].model_validate(event, strict=True)


def words(events: list[Event]) -> list[str]:
    return [word for word, _, _ in timed(events)]


# Each encoding and each rate at least once.
CHEAP = [
    ("pcm_f32le", 44100), ("pcm_f32le", 48000), ("pcm_s16le", 22050), ("pcm_s16le", 24000),
    ("pcm_mulaw", 8000), ("pcm_alaw", 16000),
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "rate"), CHEAP)
def test_an_encoding_and_rate_gives_whole_samples_of_the_same_speech(
    server: Server, encoding: str, rate: int
) -> None:
    events = converse(
        server,
        request(QUICK, output_format=output(encoding, rate), add_timestamps=True),
    )
    for event in events:
        check(event)
        if event["type"] == "chunk":
            assert len(audio([event])) % BYTES_PER_SAMPLE[encoding] == 0
    samples = decode(audio(events), encoding)
    assert 2.0 < len(samples) / rate < 4.0
    assert 0.02 < float(np.sqrt(np.mean(samples**2))) < 0.3
    assert timed(events)[-1][2] <= len(samples) / rate + 0.001


@pytest.mark.dear
@pytest.mark.parametrize(
    ("encoding", "rate"),
    [pair for pair in itertools.product(ENCODINGS, SAMPLE_RATES) if pair not in CHEAP],
)
def test_every_other_encoding_and_rate_does_too(server: Server, encoding: str, rate: int) -> None:
    test_an_encoding_and_rate_gives_whole_samples_of_the_same_speech(server, encoding, rate)


def test_a_context_ends_with_one_done_and_nothing_after_it(server: Server) -> None:
    with server.socket() as socket:
        socket.send(json.dumps(request("One.", "first")))
        first = receive_until(socket, "done")
        socket.send(json.dumps(request("Two.", "second")))
        second = receive_until(socket, "done")
    assert {event["context_id"] for event in first} == {"first"}
    assert {event["context_id"] for event in second} == {"second"}
    assert audio(first) and audio(second)


def test_text_in_pieces_is_spoken_as_one(server: Server) -> None:
    pieces = ["Hi th", "ere! ", "Wel", "come to ", "Cartesia Sonic."]
    inputs = [request(piece, then=True, add_timestamps=True) for piece in pieces]
    events = converse(server, *inputs, request("", add_timestamps=True))
    assert words(events) == ["Hi", "there!", "Welcome", "to", "Cartesia", "Sonic."]


def test_timestamps_cover_the_words_in_order_across_continuations(server: Server) -> None:
    text = "First, some words. Then (after a while) 3 more... And 'quotes' too! Dr. Who paid $5.50."
    inputs = [
        request(text[at : at + 7], then=True, add_timestamps=True, add_phoneme_timestamps=True)
        for at in range(0, len(text), 7)
    ]
    events = converse(
        server, *inputs, request("", add_timestamps=True, add_phoneme_timestamps=True)
    )
    for event in events:
        check(event)
    assert words(events) == text.split()
    duration = len(audio(events)) / 2 / 22050
    for kind in ("word", "phoneme"):
        spans = timed(events, kind)
        starts = [start for _, start, _ in spans]
        assert starts == sorted(starts)
        # A phoneme may have no time of its own.
        least = 0.01 if kind == "word" else 0.0
        assert all(start + least <= end <= duration + 0.001 for _, start, end in spans)
        assert all(a[2] <= b[1] + 1e-9 for a, b in itertools.pairwise(spans))


@pytest.mark.parametrize("rate", [8000, 44100])
def test_words_are_where_the_sound_is_at_any_rate(server: Server, rate: int) -> None:
    """Silence between two sentences lies between their words, by the timestamps."""
    events = converse(
        server,
        request("Banana. Tomato.", output_format=output("pcm_f32le", rate), add_timestamps=True),
    )
    (_, _, end), (_, start, _) = timed(events)
    samples = decode(audio(events), "pcm_f32le")
    margin = 0.05
    pause = samples[round((end + margin) * rate) : round((start - margin) * rate)]
    assert len(pause) > 0.05 * rate
    assert np.abs(pause).max() < 0.02
    assert np.abs(samples[round(start * rate) :][: round(0.3 * rate)]).max() > 0.1


def test_without_being_asked_for_no_timestamps_come(server: Server) -> None:
    events = converse(server, request(QUICK))
    assert {event["type"] for event in events} == {"chunk", "done"}


def test_no_event_has_a_field_that_the_sdk_does_not_know(server: Server) -> None:
    parts: list[Event] = [{"transcript": "One.", "continue": True}]
    parts += [{"transcript": "", "continue": True, "flush": True}]
    parts += [{"transcript": "Two.", "continue": False}]
    asked = request("", add_timestamps=True, add_phoneme_timestamps=True)
    spoken = converse(server, *(asked | part for part in parts))
    refused = converse(server, request("Hi.", model_id=None))
    assert {event["type"] for event in spoken + refused} == set(MODELS)
    for event in spoken + refused:
        assert set(event) <= set(MODELS[str(event["type"])].model_fields), event["type"]


def test_flush_says_when_all_of_the_text_before_it_was_sent(server: Server) -> None:
    """Also text that is no sentence yet; chunks after it carry its number."""
    with server.socket() as socket:
        socket.send(json.dumps(request("Half a sentence ", then=True)))
        socket.send(json.dumps(request("", then=True, flush=True)))
        before = receive_until(socket, "flush_done")
        socket.send(json.dumps(request("and the rest.", then=False)))
        after = receive_until(socket, "done")
    for event in before + after:
        check(event)
    assert audio(before) and audio(after)
    # Counted from 0; a server may leave the 0 out.
    assert not before[-1]["flush_id"]
    assert not any(event.get("flush_id") for event in before[:-1])
    for chunk in [event for event in after if event["type"] == "chunk"]:
        assert chunk["flush_id"] == 1


@pytest.mark.parametrize("text", ["", "   ", "...", "\n"])
def test_a_context_with_nothing_to_say_is_done_without_audio(server: Server, text: str) -> None:
    events = converse(server, request(text))
    assert [event["type"] for event in events] == ["done"]
    check(events[0])


def check_none_starves(server: Server, many: int, times: int) -> None:
    """A short one is done before a long one that began earlier."""
    long = request(f"{QUICK} " * times, "long")
    short = [request(f"Number {n}.", f"short {n}") for n in range(many)]
    events = converse(server, long, *short, contexts=1 + many)
    ended = [event["context_id"] for event in events if event["type"] == "done"]
    assert sorted(map(str, ended)) == sorted(["long", *(f"short {n}" for n in range(many))])
    assert ended[-1] == "long"
    assert all(audio(events, str(context_id)) for context_id in ended)


# As many as Cartesia's smallest plan allows.
def test_two_contexts_share_a_socket_and_none_starves(server: Server) -> None:
    check_none_starves(server, 1, 16)


@pytest.mark.dear
def test_many_contexts_share_a_socket_and_none_starves(server: Server) -> None:
    check_none_starves(server, 8, 40)


def cancelled(server: Server, times: int) -> list[Event]:
    """What still came of a long context after its first chunk; the socket has to speak on."""
    with server.socket() as socket:
        socket.send(json.dumps(request(f"{QUICK} " * times, "long")))
        assert receive(socket)["type"] == "chunk"
        socket.send(json.dumps({"context_id": "long", "cancel": True}))
        rest = receive_until(socket, "done")
        socket.send(json.dumps(request("Still here.", "next")))
        following = receive_until(socket, "done")
    assert {event["context_id"] for event in rest} == {"long"}
    assert {event["context_id"] for event in following} == {"next"}
    assert audio(following)
    return rest


def test_a_cancelled_context_ends_and_the_socket_goes_on(server: Server) -> None:
    assert cancelled(server, 8)[-1]["type"] == "done"


@pytest.mark.dear
def test_what_was_cancelled_is_not_spoken_to_its_end(server: Server) -> None:
    assert len(audio(cancelled(server, 500))) / 2 / 22050 < 600


def test_cancelling_what_is_not_there_is_no_error(server: Server) -> None:
    with server.socket() as socket:
        socket.send(json.dumps({"context_id": "nobody", "cancel": True}))
        socket.send(json.dumps(request("Hello.")))
        assert receive_until(socket, "done", "error")[-1]["type"] == "done"


BAD: dict[str, tuple[Event, str]] = {
    "no transcript": (request("") | {"transcript": None}, "transcript"),
    "transcript not text": (request("") | {"transcript": 5}, "transcript"),
    "no model": (request("Hi.", model_id=None), "model_id"),
    "no voice": (request("Hi.", voice=None), "voice"),
    "no format": (request("Hi.", output_format=None), "output_format"),
    "encoding": (request("Hi.", output_format=output("pcm_s24le", 44100)), "pcm_s24le"),
    "rate": (request("Hi.", output_format=output("pcm_s16le", 11025)), "11025"),
    "container": (request("Hi.", output_format=output("pcm_s16le", 8000, "wav")), "wav"),
    "too fast": (request("Hi.", generation_config={"speed": 1.51}), "1.5"),
    "too slow": (request("Hi.", generation_config={"speed": 0.59}), "0.6"),
    "too loud": (request("Hi.", generation_config={"volume": 2.5}), "2.0"),
    "volume as text": (request("Hi.", generation_config={"volume": "loud"}), "volume"),
    "unknown emotion": (request("Hi.", generation_config={"emotion": "hungry"}), "hungry"),
    "buffer delay": (request("Hi.", max_buffer_delay_ms=5001), "5000"),
    "language": (request("Hi.", language="xx"), "xx"),
}


@pytest.mark.engine_alone
@pytest.mark.parametrize("name", BAD)
def test_the_answer_to_a_bad_request_names_what_is_bad(server: Server, name: str) -> None:
    bad, said = BAD[name]
    with server.socket() as socket:
        socket.send(json.dumps(bad))
        assert said in str(receive(socket)["message"])


@pytest.mark.parametrize("name", BAD)
def test_a_bad_request_is_answered_and_the_socket_goes_on(server: Server, name: str) -> None:
    bad, _ = BAD[name]
    with server.socket() as socket:
        socket.send(json.dumps(bad))
        error = receive(socket)
        check(error)
        assert error["type"] == "error"
        assert error["context_id"] == "a"
        assert 400 <= int(str(error["status_code"])) < 500
        assert error["title"] and error["error_code"] and error["request_id"]
        assert error["message"]
        socket.send(json.dumps(request("Fine.")))
        assert receive_until(socket, "done", "error")[-1]["type"] == "done"


@pytest.mark.parametrize(
    "message", ["", "not json", "[]", "null", "{}", b"\xff\x00", '{"context_id": 5}']
)
def test_what_is_no_request_at_all_is_answered_too(server: Server, message: str | bytes) -> None:
    with server.socket() as socket:
        socket.send(message)
        error = receive(socket)
        check(error)
        assert error["type"] == "error"
        assert "context_id" not in error
        socket.send(json.dumps(request("Fine.")))
        assert receive_until(socket, "done", "error")[-1]["type"] == "done"


@pytest.mark.engine_alone
def test_what_is_nested_deeper_than_anyone_reads_is_answered_too(server: Server) -> None:
    test_what_is_no_request_at_all_is_answered_too(server, "[" * 100_000)


def test_changing_a_field_within_a_context_is_refused_and_the_context_goes_on(
    server: Server,
) -> None:
    with server.socket() as socket:
        socket.send(json.dumps(request("One. ", then=True)))
        socket.send(json.dumps(request("Two. ", then=True, generation_config={"speed": 1.2})))
        events = receive_until(socket, "error")
        socket.send(json.dumps(request("Three.", then=False)))
        events += receive_until(socket, "done")
    refused = next(event for event in events if event["type"] == "error")
    assert refused["context_id"] == "a"
    assert refused["message"]


@pytest.mark.engine_alone
def test_the_answer_to_a_changed_field_names_it(server: Server) -> None:
    changed = request("Two. ", then=True, generation_config={"speed": 1.2})
    with server.socket() as socket:
        socket.send(json.dumps(request("One. ", then=True)))
        socket.send(json.dumps(changed))
        assert "speed" in str(receive_until(socket, "error")[-1]["message"])


@pytest.mark.engine_alone
def test_the_same_text_gives_the_same_samples(server: Server) -> None:
    assert audio(converse(server, request(QUICK))) == audio(converse(server, request(QUICK)))


def test_server_sent_events_are_of_the_sdks_types_and_end_with_done(server: Server) -> None:
    asked = request("One sentence.", add_timestamps=True, add_phoneme_timestamps=True)
    del asked["max_buffer_delay_ms"]
    events = streamed(server, asked)
    for event in events:
        model = SSE_MODELS[str(event["type"])]
        model.model_validate(event, strict=True)
        assert set(event) <= set(model.model_fields), event["type"]
    assert {event["type"] for event in events} == set(SSE_MODELS)
    assert [event["type"] for event in events].index("done") == len(events) - 1
    assert {event["context_id"] for event in events} == {"a"}
    assert words(events) == ["One", "sentence."]
    assert 0.4 < len(audio(events)) / 2 / 22050 < 3.0


def test_a_bad_request_for_server_sent_events_is_refused_as_json(server: Server) -> None:
    with server.http() as http:
        answer = http.post("/tts/sse", json=request("Hi.", model_id=None))
    assert 400 <= answer.status_code < 500
    check(answer.json())


@pytest.mark.parametrize("limit", ["0", "101", "x"])
def test_a_page_of_no_size_or_too_many_voices_is_refused(server: Server, limit: str) -> None:
    with server.http() as http:
        answer = http.get("/voices", params={"limit": limit})
    assert answer.status_code == 400
    check(answer.json())


def test_an_access_token_speaks_from_the_query(server: Server) -> None:
    token = server.client().access_token.create(grants={"tts": True}, expires_in=60).token
    address = (
        f"{server.websocket_url}/tts/websocket?cartesia_version={API_VERSION}&access_token={token}"
    )
    with connect(address, proxy=None, origin=Origin("https://elsewhere.example")) as socket:
        socket.send(json.dumps(request("Hello.")))
        assert audio(receive_until(socket, "done", "error"))
