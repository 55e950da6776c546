"""What becomes of a take is nothing to the others on its socket."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.speech import backend
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.socket import Endpoint
from cartesia_nb.speech.take import AudioChunk, Take
from tests.faults.leftovers import PATIENCE_S, wait_for
from tests.faults.sockets import ended

TEXT = "The quick brown fox jumps over the lazy dog."
"""Some 30 chunks."""
LONG = f"{TEXT} {TEXT} {TEXT}"
BEYOND = 50
"""A chunk that only the long text has: what strikes there strikes nobody else."""


@pytest.fixture(scope="module")
def process() -> Iterator[EngineProcess]:
    """It takes its time, so that takes are in flight together."""
    with EngineProcess(first_audio_ms=20, speedup=20) as process:
        yield process


@pytest.fixture
def engine(process: EngineProcess) -> Iterator[EngineProcess]:
    yield process
    process.misbehave()
    process.control(hold_last_chunk=False)


@pytest.fixture
def connection(engine: EngineProcess) -> Iterator[Connection]:
    endpoint = Endpoint(engine.url, engine.websocket_url, Secret(engine.api_key))
    bounds = Bounds(silence=40, first_audio=40, alive=20)
    with Connection(endpoint, backend.ENGINE, bounds=bounds, max_contexts=6) as made:
        yield made


def chunks(take: Take) -> list[bytes]:
    return [piece.audio for piece in take]


def ends(take: Take) -> None:
    """Wait until nothing more will come of it."""
    wait_for(lambda: ended(take), lambda: f"{take!r} does not end")


def has(take: Take, count: int) -> None:
    """Wait until so many chunks have come."""
    wait_for(lambda: len(take.timeline.chunks) >= count, lambda: f"{take!r} has no {count} chunks")


@pytest.mark.parametrize("kind", ["error", "busy"])
def test_who_is_absent_stops_cancels_or_fails_ends_nobody_else_and_holds_nobody_up(
    engine: EngineProcess, connection: Connection, kind: str
) -> None:
    whole = chunks(connection.say(TEXT))
    assert len(whole) < BEYOND
    # None can end while last chunks are held back, so all are in flight when the others leave.
    engine.control(hold_last_chunk=True)
    engine.misbehave(f"{kind}@{BEYOND}")
    failed = connection.say(LONG)
    absent, stopped, cancelled, awaited, iterated = (connection.say(TEXT) for _ in range(5))
    reader = iter(stopped)
    first = next(reader)
    has(cancelled, 3)
    cancelled.cancel()
    healthy = [_Reader(awaited), _Reader(iterated)]
    ends(failed)
    ends(cancelled)
    assert (failed.state, cancelled.state) == ("failed", "cancelled")
    for take in (absent, stopped, awaited, iterated):
        has(take, len(whole) - 2)
        assert take.state == "speaking"
    engine.control(hold_last_chunk=False)
    for listener in healthy:
        assert listener.chunks() == whole
    # One of them has not been read on, one never: both are whole all the same.
    for take in (absent, stopped):
        ends(take)
        assert take.state == "done"
    assert [first.audio, *(piece.audio for piece in reader)] == chunks(absent) == whole
    assert len(failed.timeline.chunks) == BEYOND
    assert failed.pcm.startswith(b"".join(whole[:-1]))
    assert b"".join(whole).startswith(cancelled.pcm)


def test_who_hears_nothing_more_ends_alone_though_its_socket_is_not_used_again(
    engine: EngineProcess,
) -> None:
    endpoint = Endpoint(engine.url, engine.websocket_url, Secret(engine.api_key))
    bounds = Bounds(silence=1.5, first_audio=20, alive=20)
    before = engine.control()["connections"]
    assert isinstance(before, int)
    with Connection(endpoint, backend.ENGINE, bounds=bounds, max_contexts=3) as connection:
        engine.misbehave("silence@3")
        silent = connection.say(TEXT)
        has(silent, 3)

        def pieces() -> Iterator[str]:
            """So long that it is in the middle of its speech when the other is given up."""
            while not ended(silent):
                yield f"{TEXT} "
                time.sleep(0.4)
            yield "That was it."

        speaking = connection.say(pieces())
        speaking.wait(PATIENCE_S)
        assert silent.state == "failed"
        assert len(silent.timeline.chunks) == 3
        later = connection.say(speaking.text).wait(PATIENCE_S)
        assert speaking.pcm == later.pcm
        assert speaking.timeline.resent == later.timeline.resent == 0
    assert engine.control()["connections"] == before + 2


def test_one_consumer_of_a_take_is_nothing_to_another(
    engine: EngineProcess, connection: Connection
) -> None:
    whole = chunks(connection.say(TEXT))
    take = connection.say(TEXT)
    stopped = iter(take)
    next(stopped)
    parked, leave = threading.Event(), threading.Event()

    async def park() -> None:
        async for _ in take:
            parked.set()
            # It blocks the loop that it runs on.
            leave.wait(PATIENCE_S)
            return

    other = threading.Thread(target=lambda: asyncio.run(park()))
    other.start()
    assert parked.wait(PATIENCE_S)
    assert chunks(take) == whole
    leave.set()
    other.join(PATIENCE_S)
    assert not other.is_alive()


class _Reader:
    """Reads a take in a thread of its own."""

    def __init__(self, take: Take) -> None:
        self._got: list[AudioChunk] = []
        self._thread = threading.Thread(target=lambda: self._got.extend(take), daemon=True)
        self._thread.start()

    def chunks(self) -> list[bytes]:
        """All it got, when it is through."""
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "it hangs"
        return [piece.audio for piece in self._got]
