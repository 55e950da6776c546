"""What happens to contexts, alone: no socket, and a clock of the test's own."""

from __future__ import annotations

import pytest

from cartesia_nb.errors import AuthenticationError, ConnectError, ConnectionLostError, ServerError
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.recording import Word
from cartesia_nb.speech.route import Outgoing, Phase, Route
from cartesia_nb.speech.steps import Send
from tests.speech.rig import BOUNDS, Rig, busy, chunk, done, error, payload, words

PCM = b"\x00\x01\x02\x03" * 10


@pytest.fixture
def rig() -> Rig:
    return Rig()


def phase(route: Route) -> Phase:
    """Where it stands now: a type checker takes an attribute for what it was before."""
    return route.phase


# --- which message means what ---------------------------------------------------------------------


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


# --- continuations, and contexts that the server lets lapse ---------------------------------------


def test_a_done_while_a_source_still_gives_text_is_only_a_lapse(rig: Rig) -> None:
    route = rig.context("a")
    route.recording.live = True
    rig.put(route, "One. ")
    rig.settle()
    rig.wait(1.5)
    rig.settle()
    assert (phase(route), route.recording.state) == (Phase.LAPSED, "speaking")
    rig.put(route, "Two.")
    rig.put(route, "", "last")
    rig.settle()
    assert route.recording.state == "done"
    spoken = [payload("a", "One. ", at) for at in range(3)]
    assert route.recording.store.read() == b"".join(
        spoken + [payload("a-2", "Two.", at) for at in range(3)]
    )


def test_a_lapsed_context_holds_no_place_and_takes_its_turn_again(rig: Rig) -> None:
    rig = Rig(max_contexts=1)
    slow = rig.context("slow")
    slow.recording.live = True
    rig.put(slow, "One.")
    other = rig.say("other")
    assert other.recording.waiting == 0
    rig.settle()
    rig.wait(1.5)
    rig.settle()
    assert other.recording.state == "done"
    rig.put(slow, "Two.")
    assert phase(slow) is Phase.OPEN


def test_words_of_a_later_life_are_placed_after_the_audio_before_it(rig: Rig) -> None:
    route = rig.context("a", encoding="pcm_s16le", sample_rate=8000)
    route.recording.live = True
    rig.put(route, "One. ")
    rig.get(chunk("a", bytes(16000)))
    rig.get(words("a", "One."))
    rig.get(done("a"))
    rig.put(route, "Two.")
    rig.get(chunk("a-2", bytes(16000)))
    rig.get(words("a-2", "Two."))
    assert route.recording.words == [Word("One.", 0.0, 0.1), Word("Two.", 1.0, 1.1)]


def test_a_done_that_crosses_with_our_text_is_not_that_texts_end(rig: Rig) -> None:
    route = rig.context("a")
    route.recording.live = True
    rig.put(route, "One. ")
    rig.settle()
    rig.wait(1.5)
    rig.work(rig.link, "a")  # the server says done, which is on its way
    rig.put(route, "Two.", "last")
    rig.deliver(rig.link)
    assert not route.recording.ended
    rig.settle()
    assert route.recording.state == "done"
    assert b"Two.|2" in route.recording.store.read()


def test_a_done_ends_a_context_that_is_pushed_by_hand(rig: Rig) -> None:
    route = rig.context("a")
    rig.put(route, "One. ")
    rig.settle()
    rig.wait(1.5)
    rig.settle()
    assert route.recording.state == "done"


def test_a_second_done_is_not_the_end_of_what_is_said_next(rig: Rig) -> None:
    route = rig.context("a")
    route.recording.live = True
    rig.put(route, "One. ")
    rig.get(chunk("a", PCM))
    rig.get(done("a"))
    rig.put(route, "Two.", "last")
    rig.get(done("a"))
    rig.get(chunk("a-2", PCM))
    rig.get(done("a"))
    assert not route.recording.ended
    rig.get(done("a-2"))
    assert route.recording.state == "done"
    assert route.recording.store.read() == PCM + PCM


def test_a_context_without_text_is_complete_at_once_and_needs_no_socket(rig: Rig) -> None:
    route = rig.context("a")
    rig.put(route, "", "last")
    assert route.recording.state == "done"
    assert rig.connects == 0


# --- bounds ---------------------------------------------------------------------------------------


def test_no_first_audio_within_the_bound_fails_and_stops_upstream(rig: Rig) -> None:
    route = rig.say("a")
    rig.wait(11.9)
    assert not route.recording.ended
    rig.wait(0.2)
    assert isinstance(route.recording.error, ConnectionLostError)
    assert rig.cancelled == ["a"]
    assert "sent no audio" in str(route.recording.error)


def test_silence_in_the_middle_fails_and_keeps_what_came(rig: Rig) -> None:
    route = rig.say("a")
    rig.wait(5)
    rig.get(chunk("a", PCM))
    rig.wait(8.9)
    assert not route.recording.ended
    rig.wait(0.2)
    assert route.recording.state == "failed"
    assert route.recording.store.read() == PCM
    assert "fell silent" in str(route.recording.error)


def test_after_a_silence_the_next_context_gets_another_socket(rig: Rig) -> None:
    """Half-dead sockets have been seen, on which sends succeed and audio never comes."""
    first = rig.say("a")
    rig.wait(13)
    rig.say("b")
    assert rig.connects == 2
    assert first.recording.state == "failed"


def test_a_neighbour_on_a_socket_that_is_not_trusted_any_more_goes_on(rig: Rig) -> None:
    a, b = rig.say("a"), rig.say("b")
    link = rig.link
    for _ in range(7):
        rig.get(chunk("b", PCM), link)
        rig.wait(2)
    assert a.recording.state == "failed"
    rig.get(chunk("b", PCM), link)
    rig.get(done("b"), link)
    assert b.recording.state == "done"
    assert b.recording.store.size == 8 * len(PCM)
    rig.wait(3)
    assert not rig.wires[link].open


def test_a_context_that_waits_for_its_source_is_not_overdue(rig: Rig) -> None:
    route = rig.context("a")
    route.recording.live = True
    rig.put(route, "One. ")
    rig.get(chunk("a", PCM))
    rig.wait(500)
    assert not route.recording.ended


def test_a_source_does_not_excuse_a_server_that_never_begins(rig: Rig) -> None:
    route = rig.context("a")
    route.recording.live = True
    rig.put(route, "One. ")
    rig.wait(500)
    assert route.recording.state == "failed"


def test_a_context_whose_end_was_never_said_fails_and_says_so(rig: Rig) -> None:
    route = rig.context("a")
    rig.put(route, "One. ")
    rig.get(chunk("a", PCM))
    rig.wait(9 + 3 + 1 + 0.1)
    assert "no_more_inputs()" in str(route.recording.error)


def test_a_socket_without_a_sign_of_life_counts_as_lost(rig: Rig) -> None:
    """After a laptop's sleep sends succeed, and nothing ever comes."""
    rig.say("a")
    rig.settle()
    rig.wait(100)
    rig.wire.deaf = True
    route = rig.say("b")
    assert rig.connects == 1
    rig.wait(3.1)
    assert rig.connects == 2
    assert not route.recording.ended
    rig.settle()
    assert route.recording.state == "done"


def test_a_socket_in_use_is_pinged_only_when_it_is_quiet(rig: Rig) -> None:
    route = rig.say("a")
    rig.wire.deaf = True
    for _ in range(20):
        rig.get(chunk("a", PCM))
        rig.wait(2.5)
    assert not route.recording.ended
    rig.wait(6)
    assert route.recording.state == "failed"
    assert "sign of life" in str(route.recording.error)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "5", None, True])
def test_a_bound_that_makes_no_sense_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="first_audio is"):
        Bounds(first_audio=value)


# --- stopping -------------------------------------------------------------------------------------


def test_a_cancelled_context_drops_late_audio_and_holds_its_place_until_done() -> None:
    rig = Rig(max_contexts=1)
    route = rig.say("a")
    rig.get(chunk("a", PCM))
    rig.cancel(route)
    assert rig.cancelled == ["a"]
    waiting = rig.say("b")
    rig.get(chunk("a", PCM))
    assert route.recording.state == "cancelled"
    assert route.recording.store.read() == PCM
    assert phase(waiting) is Phase.QUEUED
    rig.get(done("a"))
    assert phase(waiting) is Phase.OPEN


def test_a_cancelled_context_gives_its_place_back_without_a_last_word() -> None:
    rig = Rig(max_contexts=1)
    route = rig.say("a")
    rig.cancel(route)
    waiting = rig.say("b")
    rig.wait(1.9)
    assert phase(waiting) is Phase.QUEUED
    rig.wait(0.2)
    assert phase(waiting) is Phase.OPEN


def test_a_context_that_waits_can_be_cancelled_and_nothing_is_sent_of_it() -> None:
    rig = Rig(max_contexts=1)
    rig.say("a")
    waiting, last = rig.say("b"), rig.say("c")
    assert (waiting.recording.waiting, last.recording.waiting) == (0, 1)
    rig.cancel(waiting)
    assert waiting.recording.state == "cancelled"
    assert last.recording.waiting == 0
    rig.settle()
    assert last.recording.state == "done"
    assert [event["context_id"] for event in rig.sent] == ["a", "c"]
    assert rig.cancelled == []


def test_text_that_is_not_sent_any_more_frees_who_waits_for_it() -> None:
    rig = Rig(max_contexts=1)
    rig.say("a")
    freed: list[str] = []
    route = rig.context("b")
    rig.put(route, "Hi.", sent=lambda: freed.append("b"))
    assert not freed
    rig.cancel(route)
    assert freed == ["b"]


# --- many contexts --------------------------------------------------------------------------------


def test_the_rest_waits_in_order() -> None:
    rig = Rig(max_contexts=2)
    routes = [rig.say(f"{index}") for index in range(5)]
    assert [route.recording.waiting for route in routes] == [None, None, 0, 1, 2]
    assert len(rig.router.places.queue) == 3
    rig.get(chunk("1", PCM))
    rig.get(done("1"))
    assert [route.recording.waiting for route in routes] == [None, None, None, 0, 1]
    rig.settle()
    assert {route.recording.state for route in routes} == {"done"}
    assert [event["context_id"] for event in rig.sent] == ["0", "1", "2", "3", "4"]


def test_no_room_at_the_server_waits_and_is_tried_again(rig: Rig) -> None:
    rig.room = 1
    a, b = rig.say("a"), rig.say("b")
    rig.settle()
    for _ in range(40):
        rig.wait(0.25)
        rig.settle()
    assert (a.recording.state, b.recording.state) == ("done", "done")
    assert b.recording.timeline.resent >= 1
    assert b.recording.store.read().count(b"|0]") == 1


def test_no_room_is_not_tried_for_ever(rig: Rig) -> None:
    route = rig.say("a")
    for _ in range(100):
        if phase(route) is Phase.OPEN:
            rig.get(busy(route.wire_id))
        rig.wait(0.5)
    found = route.recording.error
    assert isinstance(found, ServerError)
    assert found.status_code == 429
    assert "Tried again for" in str(found)
    assert len(rig.sent) < 20


def test_no_room_for_one_holds_the_others_back_from_storming(rig: Rig) -> None:
    rig = Rig(max_contexts=15)
    rig.room = 2
    routes = [rig.say(f"{index}") for index in range(30)]
    for _ in range(400):
        rig.settle()
        rig.wait(0.1)
    assert {route.recording.state for route in routes} == {"done"}
    refused = len(rig.sent) - 30
    assert refused < 45, "the first wave of 13, and few more"


def test_no_room_without_an_owner_ends_who_speaks_and_has_the_others_wait(rig: Rig) -> None:
    """If it is about one that speaks, its next text would be spliced on as another context."""
    a, b = rig.say("a"), rig.say("b")
    rig.get(chunk("a", PCM))
    rig.get(busy(None))
    assert isinstance(a.recording.error, ServerError)
    assert a.recording.store.read() == PCM
    assert phase(b) is Phase.QUEUED
    rig.wait(5)
    assert phase(b) is Phase.OPEN


def test_text_of_a_life_that_is_over_is_not_sent_in_the_next_ones_name(rig: Rig) -> None:
    """Also where it lay ready to be sent on the very socket that the next life is on."""
    route = rig.context("a")
    rig.router.put(route, Outgoing("text", "One. "), rig.now)
    rig.go()
    rig.router.put(route, Outgoing("last", "Two."), rig.now)
    (late,) = rig.router.steps()
    assert isinstance(late, Send)
    rig.get(busy("a"))
    rig.wait(1)
    assert route.wire_id == "a-2"
    assert rig.router.sending(late, rig.now) is None


# --- the life of the socket -----------------------------------------------------------------------


def test_after_a_lost_socket_a_context_without_audio_is_sent_again_whole(rig: Rig) -> None:
    route = rig.context("a")
    rig.put(route, "One. ")
    rig.put(route, "", "flush")
    rig.put(route, "Two.", "last")
    first = list(rig.sent)
    rig.get(words("a", "Never"))
    rig.lose()
    again = rig.sent[len(first) :]
    assert [event["transcript"] for event in again] == ["One. ", "", "Two."]
    assert {event["context_id"] for event in again} == {"a-2"}
    rig.settle()
    assert route.recording.state == "done"
    assert [word.text for word in route.recording.words] == ["One. ", "Two."]
    assert route.recording.timeline.resent == 1
    assert route.recording.text == "One. Two."


def test_after_a_lost_socket_a_context_with_audio_fails_with_what_it_has(rig: Rig) -> None:
    route = rig.say("a")
    rig.get(chunk("a", PCM))
    rig.lose(reason="It broke.")
    assert route.recording.state == "failed"
    assert route.recording.store.read() == PCM
    assert "It broke." in str(route.recording.error)


def test_a_context_is_not_sent_again_for_ever(rig: Rig) -> None:
    route = rig.say("a")
    for _ in range(20):
        if route.recording.ended:
            break
        if rig.wire.open:
            rig.lose()
        rig.wait(1)
    assert isinstance(route.recording.error, ConnectionLostError)
    assert len(rig.sent) == 3
    assert "sent 3 times" in str(route.recording.error)


@pytest.mark.parametrize("code", [1003, 1007, 1008, 1009])
def test_what_the_server_rejects_is_not_sent_again(rig: Rig, code: int) -> None:
    route = rig.say("a")
    rig.lose(code=code)
    assert route.recording.state == "failed"
    assert len(rig.sent) == 1


def test_a_message_from_a_socket_that_is_gone_is_for_nobody(rig: Rig) -> None:
    route = rig.say("a")
    old = rig.link
    rig.lose()
    rig.get(chunk("a", PCM), old)
    rig.get(chunk("a", PCM))
    assert route.recording.store.size == 0


def test_a_message_on_another_socket_than_its_contexts_is_for_nobody(rig: Rig) -> None:
    a = rig.say("a")
    old = rig.link
    rig.get(chunk("a", PCM))
    b = rig.say("b")
    rig.wait(13)  # nothing came of it: the socket is not trusted, and closes when a is over
    c = rig.say("c")
    rig.get(chunk("c", PCM), old)
    assert (a.recording.ended, b.recording.ended) == (True, True)
    assert c.recording.store.size == 0


def test_text_that_crossed_with_a_refusal_begins_nothing_at_the_server(rig: Rig) -> None:
    route = rig.context("a")
    rig.put(route, "One. ")
    rig.put(route, "Two.", "last")
    rig.room = 0
    rig.serve(rig.link)
    rig.room = None
    rig.deliver(rig.link)  # refused; what followed is on its way
    assert rig.cancelled == ["a"]
    rig.settle()
    assert rig.running == 0


def test_text_that_crossed_with_a_lapse_begins_nothing_at_the_server(rig: Rig) -> None:
    route = rig.context("a")
    rig.put(route, "One. ")
    rig.settle()
    rig.wait(1.1)
    rig.work(rig.link, "a")
    rig.put(route, "... ")  # nothing to speak, but it begins a context of its own
    rig.deliver(rig.link)
    assert route.recording.state == "done"
    rig.settle()
    assert rig.running == 0


def test_a_lapsed_context_survives_a_lost_socket(rig: Rig) -> None:
    """The server was done with it: nothing is owed, so nothing is lost."""
    route = rig.context("a")
    route.recording.live = True
    rig.put(route, "One. ")
    rig.get(chunk("a", PCM))
    rig.get(done("a"))
    rig.lose()
    rig.put(route, "Two.", "last")
    rig.get(chunk("a-2", PCM))
    rig.get(done("a-2"))
    assert route.recording.state == "done"
    assert route.recording.store.read() == PCM + PCM


def test_nothing_connects_before_it_is_needed(rig: Rig) -> None:
    assert rig.router.due(rig.now) is None
    rig.router.warm(rig.now)
    rig.go()
    assert rig.connects == 1


def test_tries_to_connect_wait_longer_each_time_and_end_within_the_bound(rig: Rig) -> None:
    rig.online = lambda: ConnectError("No server.", passing=True)
    route = rig.say("a")
    rig.wait(9.9)
    assert not route.recording.ended
    rig.wait(0.2)
    assert isinstance(route.recording.error, ConnectError)
    assert "No server. Tried" in str(route.recording.error)
    assert 7 <= rig.connects <= 13


def test_who_waits_is_served_when_the_network_comes_back(rig: Rig) -> None:
    rig.online = lambda: ConnectError("No network.", passing=True)
    route = rig.say("a")
    rig.wait(6)
    rig.online = lambda: None
    rig.wait(3.9)
    rig.settle()
    assert route.recording.state == "done"


def test_tries_that_nobody_waits_for_grow_rare(rig: Rig) -> None:
    rig.online = lambda: ConnectError("No network.", passing=True)
    rig.router.warm(rig.now)
    rig.go()
    rig.wait(600)
    assert rig.connects < 60
    before = rig.connects
    rig.online = lambda: None
    route = rig.say("a")
    rig.wait(2.1)
    assert rig.connects == before + 1
    assert phase(route) is Phase.OPEN


def test_a_refused_key_is_tried_once_and_fails_all_that_wait(rig: Rig) -> None:
    rig = Rig(max_contexts=1)
    rig.online = lambda: AuthenticationError("No.")
    rig.final = True
    routes = [rig.say("a"), rig.say("b")]
    assert all(isinstance(route.recording.error, AuthenticationError) for route in routes[:1])
    rig.wait(100)
    assert rig.connects == 2  # each say() is a request of its own
    assert all(isinstance(route.recording.error, AuthenticationError) for route in routes)


def test_an_idle_socket_is_replaced_before_the_server_closes_it(rig: Rig) -> None:
    rig.say("a")
    rig.settle()
    first = rig.link
    rig.wait(239)
    assert rig.wires[first].open
    rig.wait(2)
    assert not rig.wires[first].open
    assert rig.connects == 2
    assert rig.wire.open


def test_a_socket_that_nobody_has_used_for_long_is_not_kept(rig: Rig) -> None:
    rig.say("a")
    rig.settle()
    rig.wait(7200)
    assert not any(wire.open for wire in rig.wires.values())
    assert rig.connects <= 9
    assert rig.router.due(rig.now) is None
    rig.say("b")
    assert rig.wire.open


def test_a_socket_lost_while_idle_is_opened_again_ahead_of_its_use(rig: Rig) -> None:
    rig.say("a")
    rig.settle()
    rig.lose()
    assert rig.connects == 2


def test_a_server_that_drops_every_socket_is_not_stormed(rig: Rig) -> None:
    rig.router.warm(rig.now)
    rig.go()
    for _ in range(600):
        if rig.wire.open:
            rig.lose()
        rig.wait(0.1)
    assert rig.connects < 20


def test_starting_the_server_does_not_count_as_connecting() -> None:
    rig = Rig(bounds=BOUNDS)
    route = rig.context("a")
    rig.router.warm(rig.now)
    rig.router.steps()  # a try begins; where the server is takes a while to learn
    rig.put(route, "Hi.", "last")
    rig.wait(25)
    assert not route.recording.ended
    rig.router.line.dialling(rig.now)
    rig.wait(9.9)
    assert not route.recording.ended
    rig.wait(0.2)
    assert isinstance(route.recording.error, ConnectError)


def test_closing_ends_everything_as_cancelled(rig: Rig) -> None:
    routes = [rig.say(f"{index}") for index in range(4)]
    rig.get(chunk("0", PCM))
    rig.router.close(rig.now)
    rig.go()
    assert {route.recording.state for route in routes} == {"cancelled"}
    assert routes[0].recording.store.read() == PCM
    assert not rig.wire.open
    assert not len(rig.router)
    assert rig.router.due(rig.now) is None


def test_closing_ends_a_context_that_waits_for_its_source_as_well(rig: Rig) -> None:
    """The server has let go of it; nothing else would ever end it."""
    route = rig.context("a")
    route.recording.live = True
    rig.put(route, "One.")
    rig.get(chunk("a", PCM))
    rig.get(done("a"))
    assert phase(route) is Phase.LAPSED
    rig.router.close(rig.now)
    assert route.recording.state == "cancelled"


def test_closing_ends_a_context_of_which_nothing_was_said_yet(rig: Rig) -> None:
    """Its source may never give anything, and somebody waits for it."""
    route = rig.context("a")
    route.recording.live = True
    rig.router.close(rig.now)
    assert route.recording.state == "cancelled"


def test_a_context_knows_whether_its_connection_was_warm(rig: Rig) -> None:
    cold = rig.say("a")
    warm = rig.say("b")
    assert (cold.recording.timeline.cold, warm.recording.timeline.cold) == (True, False)
