"""Many takes at once, for long, on an engine that misbehaves: each is judged, and then let go."""

from __future__ import annotations

import asyncio
import queue
import random
import threading
import time
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from cartesia_nb.errors import ConnectError, ConnectionLostError, ServerError
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.sources import Text
from cartesia_nb.speech.take import Take
from tests.faults.leftovers import wait_for
from tests.faults.promises import CONSUMERS, Consumer
from tests.faults.sockets import ended

TEXTS: Final = (
    "The quick brown fox jumps over the lazy dog.",
    "Hi there! Welcome to the other side.",
    "It rains. It pours. The old man is snoring.",
    "Nothing lasts, and nothing is lost.",
    "Seven silly sheep slowly shuffled south, as they do every summer.",
    "Yes.",
)

FAULTS: Final = (
    "http-429@handshake*inf%20", "http-503@handshake*inf%10", "no-handshake@handshake*1%50",
    "drop@0*inf%0.4", "drop@5*inf%0.6", "drop@done*inf%0.3", "drop@idle*inf%30",
    "close-1000@4*inf%0.4", "close-1011@done*inf%0.3",
    "silence@0*inf%0.5", "silence@3*inf%1", "half-open@6*inf%0.4",
    "error@0*inf%1", "error@2*inf%2", "error-ownerless@1*inf%0.4",
    "busy@0*inf%5", "busy-ownerless@0*inf%1", "busy-ownerless@7*inf%0.5",
    "non-json@8*inf%0.4", "unknown-type@1*inf%20", "huge-frame@2*inf%3",
    "odd-bytes@1*inf%15", "done-twice@done*inf%10", "done-late@done*inf%5",
    "timestamps-missing@0*inf%5", "timestamps-early@0*inf%10",
)  # fmt: skip
"""Some that concern one context, some that end the socket under all of them."""

LONGEST_S: Final = 60.0
"""Seconds after which a take hangs; its bounds and its queue let none take as long."""

CANCEL_AFTER: Final = 3
"""Chunks after which a take is cancelled that is to be."""

Source = Literal["str", "list", "generator", "async generator"]
SOURCES: Final[tuple[Source, ...]] = ("str", "list", "generator", "async generator")


@dataclass(frozen=True)
class Job:
    """A take to be: what is said, how the text comes, who listens, and whether it is cancelled."""

    text: str
    source: Source
    consumer: Consumer
    cancel: bool


@dataclass
class Tally:
    """What came of a run.

    Attributes:
        outcomes: how often each, by state and error.
        resent: takes that were sent again.
        wrong: what is not as promised, in words; nothing is good.
        recordings: weak references to what the takes are made of.
        seconds: of it all.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    resent: int = 0
    wrong: list[str] = field(default_factory=list)
    recordings: list[weakref.ref[Recording]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def alive(self) -> int:
        """Takes whose bytes somebody still holds."""
        return sum(recording() is not None for recording in self.recordings)

    def __str__(self) -> str:
        outcomes = ", ".join(f"{name} {count}" for name, count in sorted(self.outcomes.items()))
        takes = len(self.recordings)
        return f"{takes} takes in {self.seconds:.1f} s: {outcomes}; resent {self.resent}"


def jobs(count: int, seed: int) -> list[Job]:
    """All kinds mixed, a quarter of them to be cancelled; the same ones for the same seed."""
    chance = random.Random(seed)
    return [
        Job(
            chance.choice(TEXTS),
            chance.choice(SOURCES),
            chance.choice(CONSUMERS),
            chance.random() < 0.25,
        )
        for _ in range(count)
    ]


def soak(
    connection: Connection, references: dict[str, bytes], work: Sequence[Job], at_once: int
) -> Tally:
    """Do all jobs in so many threads, and judge each take.

    Args:
        connection: where they are said.
        references: each text's bytes when all is well.
        work: what to say.
        at_once: threads, each with one take at a time.
    """
    tally, lock = Tally(), threading.Lock()
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    for job in work:
        waiting.put(job)

    def run() -> None:
        while True:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            listener = _Listener(connection, job)
            wrong = listener.listen() or _judge(listener, references[job.text])
            with lock:
                tally.outcomes[listener.outcome] += 1
                if wrong:
                    tally.wrong.append(f"{job}: {wrong}")
                if listener.take is not None:
                    tally.resent += listener.take.timeline.resent > 0
                    tally.recordings.append(weakref.ref(listener.take._recording))

    began = time.monotonic()
    threads = [threading.Thread(target=run, name=f"soak {n}") for n in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.seconds = time.monotonic() - began
    return tally


def _judge(listener: _Listener, reference: bytes) -> str:
    """What is not as promised; nothing is good."""
    take, told = listener.take, listener.told
    assert take is not None
    pcm = take.pcm
    if pcm != reference if take.state == "done" else not reference.startswith(pcm):
        words = " ".join(word.text for word in take.words)
        return f"{take.state} with {len(pcm)} bytes of other {len(reference)}, saying {words!r}"
    if take.state == "cancelled" and not listener.job.cancel:
        return "cancelled by nobody"
    if take.state == "failed" and not isinstance(
        take.error, ConnectionLostError | ServerError | ConnectError
    ):
        return f"failed with {take.error!r}"
    if listener.got is not None and listener.got != pcm:
        return f"its consumer got {len(listener.got)} of {len(pcm)} bytes"
    if told is not take.error and listener.job.consumer != "absent":
        return f"its consumer was told {told!r}, and it ended with {take.error!r}"
    return ""


class _Listener:
    """Says one thing and consumes it, in the thread that calls."""

    def __init__(self, connection: Connection, job: Job) -> None:
        self.job = job
        self.take: Take | None = None
        self.got: bytes | None = None
        self.told: BaseException | None = None
        self._connection = connection
        self._text: Text = _text(job)

    @property
    def outcome(self) -> str:
        """In a word or two."""
        take = self.take
        if take is None:
            return "not said"
        return take.state if take.error is None else type(take.error).__name__

    def listen(self) -> str:
        """To its end; what hangs, in words."""
        ways: dict[Consumer, Callable[[], object]] = {
            "waiting": self._wait,
            "iterating": self._iterate,
            "async iterating": lambda: asyncio.run(self._iterate_async()),
            "absent": self._ignore,
        }
        try:
            ways[self.job.consumer]()
        except BaseException as told:
            self.told = told
        if self.take is None:
            return f"it could not be said: {self.told!r}"
        return "" if ended(self.take) else f"it hangs: {self.take!r}, {self.told!r}"

    def _say(self) -> Take:
        self.take = self._connection.say(self._text)
        return self.take

    def _wait(self) -> None:
        take = self._say()
        if self.job.cancel:
            self._cancel(take)
        take.wait(LONGEST_S)

    def _ignore(self) -> None:
        take = self._say()
        if self.job.cancel:
            self._cancel(take)
        wait_for(lambda: ended(take), lambda: f"{take!r} does not end", LONGEST_S)

    def _iterate(self) -> None:
        self.got = b""
        take = self._say()
        for piece in take:
            self.got += piece.audio
            if self.job.cancel and piece.timing.index == CANCEL_AFTER:
                take.cancel()

    async def _iterate_async(self) -> None:
        # An async text is read on this very loop.
        take = self._say()
        if not self.job.cancel:
            self.got = b""
            async for piece in take:
                self.got += piece.audio
            return

        async def some() -> None:
            async for piece in take:
                if piece.timing.index == CANCEL_AFTER:
                    await asyncio.get_running_loop().create_future()

        task = asyncio.ensure_future(some())
        while not (task.done() or len(take.timeline.chunks) > CANCEL_AFTER):
            await asyncio.sleep(0.01)
        task.cancel()
        try:
            await asyncio.wait_for(_ended(take), LONGEST_S)
            await task
        except asyncio.CancelledError:
            if take.error is not None:
                raise take.error from None

    def _cancel(self, take: Take) -> None:
        wait_for(
            lambda: ended(take) or len(take.timeline.chunks) >= CANCEL_AFTER,
            lambda: f"{take!r} does not begin",
            LONGEST_S,
        )
        take.cancel()


async def _ended(take: Take) -> None:
    while not ended(take):
        await asyncio.sleep(0.01)


def _text(job: Job) -> Text:
    words = job.text.split(" ")
    pieces = [*(f"{word} " for word in words[:-1]), words[-1]]
    made: dict[Source, Callable[[], Text]] = {
        "str": lambda: job.text,
        "list": lambda: pieces,
        "generator": lambda: _slowly(pieces),
        "async generator": lambda: _slowly_async(pieces),
    }
    return made[job.source]()


def _slowly(pieces: list[str]) -> Iterator[str]:
    for piece in pieces:
        time.sleep(0.02)
        yield piece


async def _slowly_async(pieces: list[str]) -> AsyncIterator[str]:
    for piece in pieces:
        await asyncio.sleep(0.02)
        yield piece
