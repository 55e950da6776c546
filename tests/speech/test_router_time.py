"""Bounds on waiting, and stopping, alone: no socket, and a clock of the test's own."""

from __future__ import annotations

import pytest

from cartesia_nb.errors import ConnectionLostError
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.route import Phase
from tests.speech.rig import PCM, Rig, chunk, done, phase

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
