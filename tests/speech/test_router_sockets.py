"""The life of the socket, alone: no socket, and a clock of the test's own."""

from __future__ import annotations

import pytest

from cartesia_nb.errors import AuthenticationError, ConnectError, ConnectionLostError
from cartesia_nb.speech.route import Phase
from tests.speech.rig import BOUNDS, PCM, Rig, chunk, done, phase, words


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
