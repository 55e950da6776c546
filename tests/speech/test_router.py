"""Which message means what for which context, alone: no socket, and a clock of the test's own."""

from __future__ import annotations

from cartesia_nb.errors import ConnectionLostError, ServerError
from cartesia_nb.speech.recording import Word
from tests.speech.rig import PCM, Rig, chunk, done, error, words


def test_audio_goes_to_its_own_context(rig: Rig) -> None:
    a, b = rig.say("a"), rig.say("b")
    rig.get(chunk("b", b"1234"))
    rig.get(chunk("a", b"5678"))
    rig.get(chunk("b", b"90ab"))
    assert a.recording.store.read() == b"5678"
    assert b.recording.store.read() == b"123490ab"


def test_a_context_is_complete_on_done_alone(rig: Rig) -> None:
    route = rig.say("a")
    rig.get(chunk("a", PCM))
    assert not route.recording.ended
    rig.get(done("a"))
    assert route.recording.state == "done"
    assert not len(rig.router)


def test_a_chunk_that_claims_done_does_not_end_the_context(rig: Rig) -> None:
    route = rig.say("a")
    rig.get(chunk("a", b"") | {"done": True})
    assert not route.recording.ended


def test_what_comes_after_done_is_dropped(rig: Rig) -> None:
    route = rig.say("a")
    rig.get(done("a"))
    rig.get(chunk("a", PCM))
    rig.get(done("a"))
    assert route.recording.store.size == 0
    assert route.recording.state == "done"


def test_an_error_with_an_owner_ends_that_context_alone(rig: Rig) -> None:
    a, b = rig.say("a"), rig.say("b")
    rig.get(chunk("a", PCM))
    rig.get(error("a", 500, "oops") | {"title": "Broken", "message": "Wait a bit."})
    found = a.recording.error
    assert isinstance(found, ServerError)
    assert (found.status_code, found.error_code) == (500, "oops")
    assert "Broken: Wait a bit" in str(found)
    assert a.recording.store.read() == PCM
    assert not b.recording.ended


def test_an_error_without_an_owner_ends_all_contexts_and_the_socket(rig: Rig) -> None:
    a, b = rig.say("a"), rig.say("b")
    rig.get(chunk("a", PCM))
    rig.get(error(None))
    assert (a.recording.state, b.recording.state) == ("failed", "failed")
    assert a.recording.store.read() == PCM
    assert not rig.wire.open or rig.connects == 2
    assert rig.say("c").link is not a.link
    assert rig.connects == 2


def test_an_error_for_a_context_that_is_not_ours_is_ignored(rig: Rig) -> None:
    route = rig.say("a")
    rig.get(error("somebody else's"))
    assert not route.recording.ended


def test_an_unknown_type_is_ignored_although_the_sdk_parses_it_as_a_chunk(rig: Rig) -> None:
    route = rig.say("a")
    rig.get(chunk("a", PCM) | {"type": "prosody"})
    assert route.recording.store.size == 0
    assert not route.recording.ended


def test_audio_that_is_not_base64_fails_the_context_and_keeps_what_came(rig: Rig) -> None:
    route = rig.say("a")
    rig.get(chunk("a", PCM))
    rig.get(chunk("a", PCM) | {"data": "!"})
    assert isinstance(route.recording.error, ConnectionLostError)
    assert route.recording.store.read() == PCM
    assert rig.cancelled == ["a"]


def test_words_and_phonemes_arrive_with_their_times(rig: Rig) -> None:
    route = rig.say("a")
    rig.get(chunk("a", PCM))
    rig.get(words("a", "Hi", "there") | {"flush_id": 2})
    rig.get(
        {
            "type": "phoneme_timestamps",
            "context_id": "a",
            "done": False,
            "status_code": 206,
            "phoneme_timestamps": {"phonemes": ["h"], "start": [0.0], "end": [0.05]},
        }
    )
    assert route.recording.words == [Word("Hi", 0.0, 0.1), Word("there", 0.1, 0.2)]
    assert route.recording.phonemes == [Word("h", 0.0, 0.05)]
    assert [entry.flush_id for entry in route.recording.entries] == [None, 2, None]


def test_timestamps_before_any_audio_wait_for_it(rig: Rig) -> None:
    """Until there is audio, all of it may yet be dropped and sent again."""
    route = rig.say("a")
    rig.get(words("a", "Hi"))
    assert route.recording.words == []
    rig.get(chunk("a", PCM))
    assert route.recording.words == [Word("Hi", 0.0, 0.1)]
    assert [entry.kind for entry in route.recording.entries] == ["timestamps", "chunk"]


def test_timestamps_without_any_audio_are_kept_at_the_end(rig: Rig) -> None:
    route = rig.say("a")
    rig.get(words("a", "Hi"))
    rig.get(done("a"))
    assert route.recording.words == [Word("Hi", 0.0, 0.1)]


def test_a_missing_time_loses_a_word_not_the_speech(rig: Rig) -> None:
    route = rig.say("a")
    rig.get(chunk("a", PCM))
    rig.get(
        words("a")
        | {"word_timestamps": {"words": ["Hi", "there"], "start": [0.0], "end": [0.2, 0.4]}}
    )
    rig.get(done("a"))
    assert route.recording.words == [Word("Hi", 0.0, 0.2)]
    assert route.recording.state == "done"
