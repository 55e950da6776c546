"""Whatever happens in whatever order: no event in the wrong take, no hang, no false end.

Hypothesis pushes, flushes, finishes and cancels over many contexts, lets messages of both
directions lie and cross, drops and deafens sockets, takes the network and the server's room away,
and lets time pass; a model of what was said and delivered judges every take after every step.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cartesia_nb.errors import ConnectError
from cartesia_nb.speech.line import Link
from cartesia_nb.speech.route import Phase, Route
from tests.faults.alone import pcm
from tests.speech.rig import CHUNKS, Rig, busy, done, error

MARK = re.compile(rb"\[(?P<wire>[^|\]]+)\|(?P<text>[^|\]]*)\|(?P<index>\d)\] *")


ON_THE_WAY_S = 0.4
"""What a message may take: a lapse is told from an end only where it is under half a second."""


@dataclass
class Said:
    """A context as the model knows it."""

    route: Route
    live: bool
    texts: list[str] = field(default_factory=list)
    finished: bool = False
    cancelled: bool = False
    delivered: bytearray = field(default_factory=bytearray)


class Interleavings(RuleBasedStateMachine):
    """The router between clients and a server that both do as they please."""

    def __init__(self) -> None:
        super().__init__()
        self.rig = Rig(max_contexts=3)
        self.said: list[Said] = []
        self.dead: set[Link] = set()

    # --- who speaks -----------------------------------------------------------------------------

    @rule(live=st.booleans(), words=st.integers(0, 2))
    def open(self, live: bool, words: int) -> None:
        if len(self.said) >= 8:
            return
        route = self.rig.context(f"c{len(self.said)}")
        route.recording.live = live
        self.said.append(Said(route, live))
        for _ in range(words):
            self._push(self.said[-1], speakable=True)

    @rule(pick=st.integers(0, 99), speakable=st.booleans())
    def push(self, pick: int, speakable: bool) -> None:
        self._of(pick, lambda each: not each.finished, lambda each: self._push(each, speakable))

    def _push(self, each: Said, speakable: bool) -> None:
        text = f"{each.route.recording.id}t{len(each.texts)}. " if speakable else "... "
        if not each.route.recording.ended:
            if speakable:
                each.texts.append(text)
            self.rig.put(each.route, text)

    @rule(pick=st.integers(0, 99), words=st.integers(1, 2))
    def push_late(self, pick: int, words: int) -> None:
        """The server has said all it had, and lets go, just as more text comes."""
        found = [each for each in self.said if not each.finished and each.texts]
        if not found:
            return
        each = found[pick % len(found)]
        self.exchange(12, 20)
        self.wait(1.05)
        link, name = each.route.link, each.route.wire_id
        if link is not None and link not in self.dead and name in self.rig.wires[link].contexts:
            self.rig.work(link, name)
        for _ in range(words):
            self._push(each, speakable=True)

    @rule(pick=st.integers(0, 99))
    def flush(self, pick: int) -> None:
        self._of(
            pick, lambda each: not each.finished, lambda each: self.rig.put(each.route, "", "flush")
        )

    @rule(pick=st.integers(0, 99))
    def finish(self, pick: int) -> None:
        self._of(pick, lambda each: not each.finished, self._finish)

    def _finish(self, each: Said) -> None:
        each.finished = True
        self.rig.put(each.route, "", "last")
        each.route.recording.live = False

    @rule(pick=st.integers(0, 99))
    def cancel(self, pick: int) -> None:
        self._of(pick, lambda each: not each.route.recording.ended, self._cancel)

    def _cancel(self, each: Said) -> None:
        each.cancelled = each.finished = True
        self.rig.cancel(each.route)

    def _of(self, pick: int, which: Callable[[Said], bool], act: Callable[[Said], object]) -> None:
        found = [each for each in self.said if which(each)]
        if found:
            act(found[pick % len(found)])

    # --- the wires ------------------------------------------------------------------------------

    @rule(pick=st.integers(0, 99), count=st.integers(1, 4))
    def serve(self, pick: int, count: int) -> None:
        link = self._living(pick)
        while link is not None and count and self.rig.wires[link].up:
            self.rig.serve(link)
            count -= 1

    @rule(pick=st.integers(0, 99), which=st.integers(0, 99), count=st.integers(1, 6))
    def work(self, pick: int, which: int, count: int) -> None:
        link = self._living(pick)
        for _ in range(count):
            names = list(self.rig.wires[link].contexts) if link is not None else []
            if link is not None and names:
                self.rig.work(link, names[which % len(names)])

    @rule(pick=st.integers(0, 99), count=st.integers(1, 6))
    def deliver(self, pick: int, count: int) -> None:
        link = self._living(pick)
        while link is not None and count and self.rig.wires[link].down:
            self._deliver(link)
            count -= 1

    def _deliver(self, link: Link) -> None:
        event = self.rig.wires[link].down[0]
        if event["type"] == "chunk":
            sound = pcm(event)
            owner = str(event["context_id"]).partition("-")[0]
            (each,) = [said for said in self.said if said.route.recording.id == owner]
            # What is over takes nothing more in; nor does a life that is of no use any more.
            route = each.route
            if route.phase is Phase.OPEN and route.wire_id == event["context_id"]:
                each.delivered += sound
        self.rig.deliver(link)

    @rule(said=st.integers(0, 4), heard=st.integers(0, 6))
    def exchange(self, said: int, heard: int) -> None:
        """Most of the time things just work: all that is sent arrives, and some is answered."""
        for link in [each for each in self.rig.wires if each not in self.dead]:
            wire = self.rig.wires[link]
            while wire.open and wire.up:
                self.rig.serve(link)
            for name in list(wire.contexts):
                for _ in range(said):
                    if wire.open and name in wire.contexts:
                        self.rig.work(link, name)
            for _ in range(heard):
                if wire.open and wire.down:
                    self._deliver(link)

    @rule(pick=st.integers(0, 99))
    def drop(self, pick: int) -> None:
        link = self._living(pick)
        if link is not None and pick % 3 == 0:
            self.rig.lose(link)

    @rule(pick=st.integers(0, 99))
    def deafen(self, pick: int) -> None:
        """From here on the socket is half dead: what is sent on it is never answered."""
        link = self._living(pick)
        if link is not None and pick % 5 == 0:
            self.rig.wires[link].deaf = True
            self.dead.add(link)

    @rule(pick=st.integers(0, 99))
    def repeat_done(self, pick: int) -> None:
        """The server says once more that it was done with a context that is over."""
        link = self._living(pick)
        over = [each for each in self.said if each.route.recording.ended]
        if link is not None and over:
            self.rig.get(done(over[pick % len(over)].route.wire_id), link)

    @rule(pick=st.integers(0, 99), owned=st.booleans())
    def err(self, pick: int, owned: bool) -> None:
        link = self._living(pick)
        if link is None:
            return
        names = list(self.rig.wires[link].contexts)
        if owned and names:
            name = names[pick % len(names)]
            del self.rig.wires[link].contexts[name]
            self.rig.wires[link].down.append(error(name))
        elif not owned and pick % 4 == 0:
            self.rig.get(error(None), link)

    @rule(pick=st.integers(0, 99))
    def no_room_for_somebody(self, pick: int) -> None:
        """The server drops a context, and says that there is no room but not for whom."""
        link = self._living(pick)
        names = list(self.rig.wires[link].contexts) if link is not None else []
        if link is not None and names:
            del self.rig.wires[link].contexts[names[pick % len(names)]]
            self.rig.wires[link].down.append(busy(None))

    @rule(online=st.booleans())
    def network(self, online: bool) -> None:
        failure = None if online else ConnectError("No network.", passing=True)
        self.rig.online = lambda: failure

    @rule(room=st.sampled_from([None, None, 1, 2]))
    def room(self, room: int | None) -> None:
        self.rig.room = room

    @rule(seconds=st.sampled_from([0.05, 0.5, 1.1, 1.1, 1.5, 4.0, 11.0]))
    def wait(self, seconds: float) -> None:
        """Time passes; nothing is on its way for longer than ``ON_THE_WAY_S``."""
        end = self.rig.now + seconds
        while self.rig.now < end:
            for link in [each for each in self.rig.wires if each not in self.dead]:
                wire = self.rig.wires[link]
                while wire.open and wire.up:
                    self.rig.serve(link)
                while wire.open and wire.down:
                    self._deliver(link)
            self.rig.wait(min(ON_THE_WAY_S, end - self.rig.now))

    def _living(self, pick: int) -> Link | None:
        links = [
            link for link, wire in self.rig.wires.items() if wire.open and link not in self.dead
        ]
        return links[pick % len(links)] if links else None

    # --- what must be so ------------------------------------------------------------------------

    @invariant()
    def every_take_holds_what_was_delivered_for_it_in_order_and_nothing_else(self) -> None:
        for each in self.said:
            recording = each.route.recording
            kept = recording.store.read()
            assert kept == bytes(each.delivered), recording.id
            spoken: list[tuple[str, int]] = []
            for mark in MARK.finditer(kept):
                assert mark["wire"].decode().partition("-")[0] == recording.id
                spoken.append((mark["text"].decode(), int(mark["index"])))
            wanted = [(text, index) for text in each.texts for index in range(CHUNKS)]
            assert spoken == wanted[: len(spoken)], "in order, once each, without a gap"

    @invariant()
    def what_is_done_is_whole(self) -> None:
        for each in self.said:
            recording = each.route.recording
            if recording.state == "done":
                marks = MARK.findall(recording.store.read())
                assert len(marks) == CHUNKS * len(each.texts), recording.id

    @invariant()
    def words_stand_where_their_audio_is(self) -> None:
        for each in self.said:
            starts = [word.start for word in each.route.recording.words]
            assert starts == sorted(starts)

    @invariant()
    def no_more_are_in_flight_than_allowed(self) -> None:
        assert len(self.rig.router.places.taken) <= 3

    def teardown(self) -> None:
        """With a network, everything that was begun comes to an end."""
        self.network(True)
        self.rig.room = None
        for each in self.said:
            if not each.finished:
                self._finish(each)
        for _ in range(400):
            if all(each.route.recording.ended for each in self.said):
                break
            self._settle()
            self.wait(0.5)
        for each in self.said:
            assert each.route.recording.ended, f"{each.route.recording.id} hangs"
            assert (each.route.recording.state == "cancelled") <= each.cancelled
        self.every_take_holds_what_was_delivered_for_it_in_order_and_nothing_else()
        self.what_is_done_is_whole()
        self._settle()
        self.rig.wait(3)
        assert len(self.rig.router) == 0, "a place is held for nobody"
        for link, wire in self.rig.wires.items():
            assert not (wire.open and link not in self.dead and wire.contexts), "left upstream"

    def _settle(self) -> None:
        for _ in range(10_000):
            busy = False
            for link, wire in list(self.rig.wires.items()):
                while wire.open and link not in self.dead and wire.up:
                    self.rig.serve(link)
                    busy = True
                for name in list(wire.contexts):
                    if wire.open and link not in self.dead and name in wire.contexts:
                        busy = self.rig.work(link, name) or busy
                while wire.open and link not in self.dead and wire.down:
                    self._deliver(link)
                    busy = True
            if not busy:
                return
        raise AssertionError("The server never comes to an end.")


Interleavings.TestCase.settings = settings(
    max_examples=200,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestInterleavings = Interleavings.TestCase


@pytest.mark.long
@pytest.mark.timeout(300)
def test_many_more_interleavings() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Interleavings,
        settings=settings(
            max_examples=2000,
            stateful_step_count=60,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
