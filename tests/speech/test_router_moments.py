"""What the router notes of a take's way to the server: its connection, and which text left when."""

from __future__ import annotations

import pytest

from cartesia_nb.speech.route import Outgoing, Route
from cartesia_nb.speech.steps import Connect
from cartesia_nb.speech.timeline import Push
from tests.speech.rig import PCM, Rig, busy, chunk, done


class SlowRig(Rig):
    """Knows after 0.125 s where the server is, and has a socket 0.25 s after that."""

    def _take(self, step: object) -> None:
        if isinstance(step, Connect):
            self.now += 0.125
            self.router.line.dialling(self.now)
            self.now += 0.25
        super()._take(step)


@pytest.fixture
def slow() -> SlowRig:
    return SlowRig()


def connection(route: Route) -> tuple[bool | None, float | None, float | None]:
    timeline = route.recording.timeline
    return timeline.cold, timeline.connected, timeline.handshake


def test_the_handshake_is_from_dialling_to_the_open_socket(slow: SlowRig) -> None:
    route = slow.say("a")
    assert connection(route) == (True, 1000.375, 0.25)


def test_a_reused_connection_has_its_own_handshake_and_is_not_cold(slow: SlowRig) -> None:
    slow.say("a")
    slow.settle()
    slow.wait(20)
    route = slow.say("b")
    assert connection(route) == (False, slow.now, 0.25)


def test_two_takes_that_wait_for_one_connection_are_both_cold(slow: SlowRig) -> None:
    first, second = slow.context("a"), slow.context("b")
    slow.router.put(first, Outgoing("last", "One."), slow.now)
    slow.router.put(second, Outgoing("last", "Two."), slow.now)
    slow.go()
    assert slow.connects == 1
    assert connection(first) == connection(second) == (True, 1000.375, 0.25)


def test_what_was_opened_ahead_makes_nobody_cold(slow: SlowRig) -> None:
    slow.router.warm(slow.now)
    slow.go()
    assert connection(slow.say("a"))[0] is False


def test_after_an_idle_connection_was_replaced_a_take_has_the_new_ones_handshake(
    slow: SlowRig,
) -> None:
    slow.say("a")
    slow.settle()
    slow.lose()
    slow.wait(1)
    assert slow.connects == 2
    slow.link.handshake = 0.75
    assert connection(slow.say("b")) == (False, slow.now, 0.75)


def test_a_take_that_is_sent_again_on_another_connection_has_that_ones(slow: SlowRig) -> None:
    slow.say("first")
    slow.settle()
    route = slow.say("a")
    assert route.recording.timeline.cold is False
    slow.lose()
    slow.wait(1)
    assert connection(route) == (True, route.recording.timeline.connected, 0.25)
    assert (route.recording.timeline.connected or 0) > (route.recording.timeline.requested or 0)


def test_a_take_that_was_cold_stays_so_when_it_is_sent_again_on_the_same_connection(
    slow: SlowRig,
) -> None:
    route = slow.say("a")
    slow.get(busy("a"))
    slow.wait(3)
    assert len(slow.sent) > 1
    assert slow.connects == 1
    assert route.recording.timeline.cold is True


def test_a_take_with_audio_keeps_its_connections_figures_when_more_text_opens_another(
    slow: SlowRig,
) -> None:
    route = slow.context("a")
    route.recording.live = True  # a source may give more
    slow.put(route, "Hello. ")
    slow.get(chunk("a", PCM))
    slow.get(done("a"))
    before = connection(route)
    slow.lose()
    slow.wait(5)
    slow.put(route, "More.")
    assert len(slow.sent) == 2
    assert connection(route) == before


def test_each_text_that_leaves_counts_the_characters_sent_with_it(slow: SlowRig) -> None:
    route = slow.context("a")
    slow.put(route, "Hello ")
    slow.now += 1
    slow.put(route, "there, ")
    slow.put(route, kind="flush")
    slow.now += 1
    slow.put(route, "world.", "last")
    at = 1000.375  # once there was a connection
    assert route.recording.timeline.pushes == (Push(at, 6), Push(at + 1, 13), Push(at + 2, 19))
    assert route.recording.text == "Hello there, world."


def test_text_that_is_sent_again_is_counted_once(rig: Rig) -> None:
    route = rig.context("a")
    rig.put(route, "Hello ")
    rig.put(route, "there.")
    rig.now += 1
    rig.lose()
    rig.wait(1)
    rig.put(route, " More.")
    assert [push.characters for push in route.recording.timeline.pushes] == [6, 12, 18]
    assert [push.at for push in route.recording.timeline.pushes][:2] == [1000, 1000]
    rig.get(busy("a-2"))
    rig.wait(2)
    assert [push.characters for push in route.recording.timeline.pushes] == [6, 12, 18]


def test_the_count_goes_on_in_a_context_that_begins_anew(rig: Rig) -> None:
    route = rig.context("a")
    route.recording.live = True  # a source may give more
    rig.put(route, "Hello. ")
    rig.get(chunk("a", PCM))
    rig.get(done("a"))
    rig.wait(5)
    rig.put(route, "More.")
    assert [push.characters for push in route.recording.timeline.pushes] == [7, 12]
