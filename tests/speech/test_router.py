"""What a message means for which context, alone: no socket, no clock."""

from __future__ import annotations

import base64

import pytest
from cartesia.types.websocket_response import WebsocketResponse

from cartesia_nb.errors import ConnectionLostError, ServerError
from cartesia_nb.speech import backend
from cartesia_nb.speech.recording import Recording, Word
from cartesia_nb.speech.router import Bounds, Route, Router
from cartesia_nb.speech.settings import Settings

PCM = b"\x00\x01\x02\x03" * 10


class Bench:
    """A router with contexts, and a count of how often each was closed."""

    def __init__(self) -> None:
        self.router = Router(Bounds(first_audio=10, silence=5, close=2))
        self.closed: list[str] = []

    def open(self, name: str, *, last: bool = True) -> Route:
        recording = Recording(Settings(), backend.ENGINE, context_id=name)
        route = self.router.open(recording, lambda: self.closed.append(name))
        self.router.sent(route, "Hello.", last=last, now=1.0)
        return route

    def get(self, now: float = 2.0, **event: object) -> None:
        self.router.handle(parsed(event), now)

    def chunk(self, name: str, pcm: bytes = PCM, now: float = 2.0) -> None:
        data = base64.b64encode(pcm).decode()
        self.get(
            now,
            type="chunk",
            context_id=name,
            data=data,
            done=False,
            step_time=3.0,
            status_code=206,
        )

    def done(self, name: str, now: float = 3.0) -> None:
        self.get(now, type="done", context_id=name, done=True, status_code=200)


def parsed(event: dict[str, object]) -> WebsocketResponse:
    """The event as the SDK parses it off the wire."""
    import json

    from cartesia.lib._tts import AsyncTTSResourceConnection

    parser = AsyncTTSResourceConnection.__new__(AsyncTTSResourceConnection)
    return parser.parse_event(json.dumps(event))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_audio_goes_to_its_own_context(bench: Bench) -> None:
    a, b = bench.open("a"), bench.open("b")
    bench.chunk("b", b"1234")
    bench.chunk("a", b"5678")
    bench.chunk("b", b"90ab")
    assert a.recording.store.read() == b"5678"
    assert b.recording.store.read() == b"123490ab"


def test_a_context_is_complete_on_done_alone(bench: Bench) -> None:
    route = bench.open("a")
    bench.chunk("a")
    assert not route.recording.ended
    bench.done("a")
    assert route.recording.state == "done"
    assert bench.closed == ["a"]


def test_a_chunk_that_claims_done_does_not_end_the_context(bench: Bench) -> None:
    route = bench.open("a")
    bench.get(type="chunk", context_id="a", data="", done=True, step_time=1, status_code=200)
    assert not route.recording.ended


def test_what_comes_after_done_is_dropped(bench: Bench) -> None:
    route = bench.open("a")
    bench.done("a")
    bench.chunk("a")
    bench.done("a")
    assert route.recording.store.size == 0
    assert bench.closed == ["a"]


def test_an_error_with_an_owner_ends_that_context_alone(bench: Bench) -> None:
    a, b = bench.open("a"), bench.open("b")
    bench.chunk("a")
    bench.get(
        type="error",
        context_id="a",
        done=True,
        status_code=429,
        error_code="concurrency_limited",
        title="Too many",
        message="Wait a bit.",
    )
    error = a.recording.error
    assert isinstance(error, ServerError)
    assert (error.status_code, error.error_code) == (429, "concurrency_limited")
    assert "Too many: Wait a bit" in str(error)
    assert a.recording.store.read() == PCM
    assert not b.recording.ended


def test_an_error_without_an_owner_ends_all_contexts(bench: Bench) -> None:
    routes = [bench.open("a"), bench.open("b")]
    bench.get(type="error", done=True)
    assert [route.recording.state for route in routes] == ["failed", "failed"]
    assert "gave no reason" in str(routes[0].recording.error)


def test_an_error_for_a_context_that_is_not_ours_is_ignored(bench: Bench) -> None:
    route = bench.open("a")
    bench.get(type="error", done=True, context_id="stranger")
    assert not route.recording.ended


def test_an_unknown_type_is_ignored_although_the_sdk_parses_it_as_a_chunk(bench: Bench) -> None:
    route = bench.open("a")
    bench.get(type="weather", context_id="a", data="sunny", done=False)
    assert not route.recording.ended
    assert route.recording.store.size == 0


def test_audio_that_is_not_base64_fails_the_context_and_keeps_what_came(bench: Bench) -> None:
    route = bench.open("a")
    bench.chunk("a")
    bench.get(type="chunk", context_id="a", data="%%%", done=False, step_time=1, status_code=206)
    assert isinstance(route.recording.error, ConnectionLostError)
    assert route.recording.store.read() == PCM


def test_words_and_phonemes_arrive_with_their_times(bench: Bench) -> None:
    route = bench.open("a")
    times = {"start": [0.0, 0.5], "end": [0.4, 0.9]}
    bench.get(
        type="timestamps",
        context_id="a",
        done=False,
        status_code=206,
        word_timestamps={"words": ["Hello", "you"], **times},
    )
    bench.get(
        type="phoneme_timestamps",
        context_id="a",
        done=False,
        status_code=206,
        phoneme_timestamps={"phonemes": ["h", "@"], **times},
    )
    assert route.recording.words == [Word("Hello", 0.0, 0.4), Word("you", 0.5, 0.9)]
    assert [word.text for word in route.recording.phonemes] == ["h", "@"]


def test_a_missing_time_loses_a_word_not_the_speech(bench: Bench) -> None:
    route = bench.open("a")
    bench.get(
        type="timestamps",
        context_id="a",
        done=False,
        status_code=206,
        word_timestamps={"words": ["Hello", "you"], "start": [0.0], "end": [0.4]},
    )
    assert route.recording.words == [Word("Hello", 0.0, 0.4)]
    assert not route.recording.ended


def test_a_done_while_a_source_still_gives_text_is_only_a_lapse(bench: Bench) -> None:
    route = bench.open("a", last=False)
    route.recording.live = True
    bench.chunk("a")
    bench.done("a")
    assert not route.recording.ended
    assert not route.unanswered
    bench.router.sent(route, "More.", last=True, now=9.0)
    bench.chunk("a", now=10.0)
    bench.done("a", now=11.0)
    assert route.recording.state == "done"
    assert route.recording.store.read() == PCM + PCM


def test_a_done_ends_a_context_that_is_pushed_by_hand(bench: Bench) -> None:
    route = bench.open("a", last=False)
    bench.done("a")
    assert route.recording.state == "done"


def test_no_first_audio_within_the_bound_fails(bench: Bench) -> None:
    route = bench.open("a")
    bench.router.tick(10.9)
    assert not route.recording.ended
    bench.router.tick(11.0)
    assert "no audio within 10 s" in str(route.recording.error)


def test_silence_in_the_middle_fails_and_keeps_what_came(bench: Bench) -> None:
    route = bench.open("a")
    bench.chunk("a", now=2.0)
    assert bench.router.tick(6.9) == pytest.approx(0.1)
    bench.router.tick(7.0)
    assert "fell silent for 5 s" in str(route.recording.error)
    assert route.recording.store.read() == PCM


def test_a_context_that_waits_for_its_source_is_not_overdue(bench: Bench) -> None:
    route = bench.open("a", last=False)
    route.recording.live = True
    bench.router.tick(1000.0)
    assert not route.recording.ended


def test_a_context_whose_end_was_never_said_fails_and_says_so(bench: Bench) -> None:
    route = bench.open("a", last=False)
    bench.router.tick(1 + 10 + 3 + 1)
    assert "no_more_inputs()" in str(route.recording.error)


def test_a_cancelled_context_drops_late_audio_and_holds_its_place_until_done(bench: Bench) -> None:
    route = bench.open("a")
    bench.chunk("a")
    bench.router.cancelled(route, 2.5)
    bench.chunk("a", now=2.6)
    assert route.recording.state == "cancelled"
    assert route.recording.store.read() == PCM
    assert bench.closed == []
    bench.done("a")
    assert bench.closed == ["a"]
    assert route.recording.state == "cancelled"


def test_a_cancelled_context_gives_its_place_back_without_a_last_word(bench: Bench) -> None:
    route = bench.open("a")
    bench.router.cancelled(route, 2.0)
    bench.router.tick(3.0)
    assert bench.closed == ["a"]
    assert route.recording.error is None


def test_a_lost_socket_fails_every_context_once(bench: Bench) -> None:
    routes = [bench.open("a"), bench.open("b")]
    lost = ConnectionLostError("gone")
    bench.router.fail_all(lost, 4.0)
    bench.router.fail_all(ConnectionLostError("again"), 5.0)
    assert [route.recording.error for route in routes] == [lost, lost]
    assert sorted(bench.closed) == ["a", "b"]
    assert len(bench.router) == 0
