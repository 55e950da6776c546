"""Continuations, lapses and many contexts, alone: no socket, and a clock of the test's own."""

from __future__ import annotations

from cartesia_nb.errors import ServerError
from cartesia_nb.speech.recording import Word
from cartesia_nb.speech.route import Outgoing, Phase
from cartesia_nb.speech.steps import Send
from tests.speech.rig import PCM, Rig, busy, chunk, done, payload, phase, words

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
