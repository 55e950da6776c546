"""One fault at one moment before one consumer, on the router alone and a clock of its own."""

from __future__ import annotations

import asyncio
import base64
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from cartesia_nb.errors import AuthenticationError, CartesiaNbError, ConnectError
from cartesia_nb.speech.line import Link
from cartesia_nb.speech.route import Route
from cartesia_nb.speech.take import Take
from tests.faults.promises import Consumer, Moment
from tests.speech.rig import BOUNDS, Event, Rig, busy, chunk, done, error

TEXT = "Hello there."
MIDDLE = 2
"""The chunk before which a fault strikes in the middle: one of three."""

PATIENCE_S = 20.0
"""Real seconds after which a consumer hangs."""

LONGEST_S = 120.0
"""Seconds of the test's clock after which the router hangs."""


@dataclass(frozen=True)
class Result:
    """What came of it.

    Attributes:
        state: the take's.
        error: its error, or ``None``.
        seconds: from the saying to the end, on the test's clock.
        resent: how often its text was sent again.
        given: the bytes that the server sent and that were not taken back by sending it again.
        kept: the bytes in the take.
        consumed: the bytes that the consumer got, or ``None`` if it takes none.
        told: the exception that the consumer got, or ``None``.
        words: words in the take.
        next_state: what became of the take said after it.
    """

    state: str
    error: CartesiaNbError | None
    seconds: float
    resent: int
    given: bytes
    kept: bytes
    consumed: bytes | None
    told: BaseException | None
    words: int
    next_state: str


def run(kind: str, moment: Moment, consumer: Consumer, *, for_ever: bool = False) -> Result:
    """Let a fault strike, once or every time, and see what becomes of the take."""
    random.seed(1)  # the waits between tries are shortened by chance; the table is to stay
    return _Stage(kind, moment, for_ever).play(consumer)


class _Stage:
    def __init__(self, kind: str, moment: Moment, for_ever: bool) -> None:
        self.kind, self.moment = kind, moment
        self.rig = Rig()
        self.left = 10**6 if for_ever else 1
        self.given = bytearray()
        self.mute: set[Link] = set()
        if moment == "handshake":
            self.rig.online = self._refuse
            self.rig.final = kind == "http-401"
            self.rig.hangs = kind == "no-handshake"

    def play(self, consumer: Consumer) -> Result:
        rig = self.rig
        if self.moment == "idle":
            self._finish(rig.say("earlier", TEXT))
            self._strike(rig.link, "earlier")
            self.given.clear()
        route = rig.context("take")
        take = Take(route.recording)
        listener = Listener(take, consumer)
        began = rig.now
        rig.put(route, TEXT, "last")
        self._finish(route)
        seconds = rig.now - began
        listener.join()
        given = bytes(self.given)
        self.left = 0
        after = rig.say("after", TEXT)
        self._finish(after)
        recording = route.recording
        return Result(
            state=recording.state,
            error=recording.error,
            seconds=seconds,
            resent=recording.timeline.resent,
            given=given,
            kept=recording.store.read(),
            consumed=listener.got,
            told=listener.told,
            words=len(recording.words),
            next_state=after.recording.state,
        )

    def _finish(self, route: Route) -> None:
        """Until the take has ended, as the clock of the test has it."""
        end = self.rig.now + LONGEST_S
        while not route.recording.ended and self.rig.now < end:
            if not self._serve():
                self.rig.wait(0.05)

    def _serve(self) -> bool:
        """The server does one thing on each socket; whether there was any."""
        rig, any_ = self.rig, False
        for link, wire in list(rig.wires.items()):
            if link in self.mute:
                wire.up.clear()
            while self._lives(link) and wire.up:
                rig.serve(link)
                any_ = True
            for name in list(wire.contexts):
                if self._lives(link) and name in wire.contexts:
                    any_ = self._speak(link, name) or any_
            while self._lives(link) and wire.down:
                self._note(wire.down[0])
                rig.deliver(link)
                any_ = True
        return any_

    def _lives(self, link: Link) -> bool:
        return self.rig.wires[link].open and link not in self.mute

    def _speak(self, link: Link, name: str) -> bool:
        if self._due(link, name):
            self._strike(link, name)
            return True
        return self.rig.work(link, name)

    def _due(self, link: Link, name: str) -> bool:
        """Whether what comes next is what the fault is to strike before."""
        if self.left <= 0 or self.moment in ("handshake", "idle"):
            return False
        owed = self.rig.wires[link].contexts[name].owed
        if self.moment == "done":
            return not owed
        spoken = sum(event["type"] == "chunk" for event in owed)
        return spoken == (3 if self.moment == "first" else 3 - MIDDLE)

    def _strike(self, link: Link, name: str) -> None:
        self.left -= 1
        rig, wire, kind = self.rig, self.rig.wires[link], self.kind
        owed = wire.contexts[name].owed if name in wire.contexts else None
        if kind in ("drop", "close-1000", "close-1011", "non-json"):
            rig.lose(link, f"{kind}.")
        elif kind == "half-open":
            wire.deaf = True
            self.mute.add(link)
        elif kind in ("silence", "error", "error-ownerless", "busy", "busy-ownerless"):
            wire.contexts.pop(name, None)
            owner = None if kind.endswith("ownerless") else name
            if kind != "silence":
                rig.get(busy(owner) if kind.startswith("busy") else error(owner), link)
        elif kind == "unknown-type":
            rig.get({"type": "prosody", "context_id": name, "done": False}, link)
        elif kind == "huge-frame" and owed is not None:
            sounds = [event for event in owed if event["type"] == "chunk"]
            rest = [event for event in owed if event["type"] != "chunk"]
            owed.clear()
            owed.extend([*rest, chunk(name, b"".join(map(pcm, sounds)))])
        elif kind == "odd-bytes" and owed is not None:
            whole = b"".join(pcm(event) for event in owed if event["type"] == "chunk")
            rest = [event for event in owed if event["type"] != "chunk"]
            owed.clear()
            owed.extend(
                [*rest, *(chunk(name, whole[at : at + 7]) for at in range(0, len(whole), 7))]
            )
        elif kind == "done-twice":
            wire.down.extend([done(name), done(name)])
            del wire.contexts[name]
        elif kind == "done-late":
            rig.wait(0.3)
        elif kind == "timestamps-missing" and owed is not None:
            kept = [event for event in owed if event["type"] != "timestamps"]
            owed.clear()
            owed.extend(kept)
        elif kind == "timestamps-early" and owed is not None:
            owed.extend(sorted([owed.popleft() for _ in range(len(owed))], key=_not_words))
        else:
            assert kind == "timestamps-early" or owed is None, kind

    def _note(self, event: Event) -> None:
        if event["type"] == "chunk" and str(event["context_id"]).startswith("take"):
            self.given.extend(pcm(event))

    def _refuse(self) -> CartesiaNbError | None:
        if self.left <= 0:
            return None
        self.left -= 1
        if self.kind == "http-401":
            return AuthenticationError("The server refused the API key.")
        return ConnectError(f"The server answered {self.kind}.", passing=True)


def pcm(event: Event) -> bytes:
    """The audio of a chunk."""
    return base64.b64decode(str(event["data"]))


def _not_words(event: Event) -> bool:
    return event["type"] != "timestamps"


class Listener:
    """A consumer of a take, in a thread and a loop of its own.

    Attributes:
        got: the bytes it got, or ``None`` if it takes none.
        told: the exception that it ended with, or ``None``.
    """

    def __init__(self, take: Take, consumer: Consumer) -> None:
        self.got: bytes | None = b"" if "iterating" in consumer else None
        self.told: BaseException | None = None
        self._take = take
        self._thread: threading.Thread | None = None
        work: dict[Consumer, Callable[[], object]] = {
            "waiting": lambda: take.wait(PATIENCE_S),
            "iterating": self._iterate,
            "async iterating": lambda: asyncio.run(self._iterate_async()),
        }
        if consumer != "absent":
            self._thread = threading.Thread(target=self._run, args=(work[consumer],), daemon=True)
            self._thread.start()

    def join(self) -> None:
        """Until it has ended.

        Raises:
            AssertionError: it hangs.
        """
        if self._thread is not None:
            self._thread.join(PATIENCE_S)
            assert not self._thread.is_alive(), "The consumer hangs."

    def _run(self, work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as told:
            self.told = told

    def _iterate(self) -> None:
        for piece in self._take:
            self.got = (self.got or b"") + piece.audio

    async def _iterate_async(self) -> None:
        async for piece in self._take:
            self.got = (self.got or b"") + piece.audio


LONGEST_PROMISED_S = max(
    BOUNDS.connect * 2, BOUNDS.first_audio, BOUNDS.silence + 1, BOUNDS.busy + 5
)
"""No take may take longer than this, whatever strikes it."""
