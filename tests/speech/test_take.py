"""Takes: waiting, iterating, reading."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import numpy as np
import pytest

from cartesia_nb.errors import ConnectionLostError, NotHeardError, WaitTimeout
from cartesia_nb.speech import backend, loops, sources
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take


def fresh(encoding: str = "pcm_f32le") -> tuple[Recording, Take]:
    recording = Recording(Settings(encoding=encoding, sample_rate=8000), backend.ENGINE)
    return recording, Take(recording)


def add(recording: Recording, pcm: bytes) -> None:
    recording.add_audio(pcm, received=1.0, step_time=None, flush_id=None)


def later(function: Any, *args: Any) -> None:
    """Call on the network loop, where takes are written."""
    loops.call(function, *args)


def test_samples_are_decoded_read_only_and_mono() -> None:
    recording, take = fresh("pcm_s16le")
    add(recording, np.array([0, 16384, -32768], dtype="<i2").tobytes())
    assert take.samples.tolist() == [0.0, 0.5, -1.0]
    assert take.samples.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        take.samples[0] = 1.0
    assert take.duration == 3 / 8000


def test_samples_follow_a_take_that_grows() -> None:
    recording, take = fresh()
    add(recording, bytes(8))
    assert len(take.samples) == 2
    add(recording, bytes(8))
    assert len(take.samples) == 4


def test_a_wait_ends_when_the_take_does() -> None:
    recording, take = fresh()
    later(recording.end, "done", 1.0)
    assert take.wait(5) is take


def test_a_wait_that_runs_out_says_what_it_waited_for() -> None:
    _, take = fresh()
    with pytest.raises(WaitTimeout, match=r"The end of the speech did not happen within 0\.05 s"):
        take.wait(0.05)
    assert isinstance(WaitTimeout(), TimeoutError)


def test_a_failure_is_raised_by_wait_await_and_iteration_after_what_came() -> None:
    recording, take = fresh()
    add(recording, bytes(8))
    recording.end("failed", 1.0, ConnectionLostError("gone"))
    with pytest.raises(ConnectionLostError):
        take.wait()
    given = []
    with pytest.raises(ConnectionLostError):
        for chunk in take:
            given.append(chunk.audio)
    assert given == [bytes(8)]

    async def main() -> None:
        with pytest.raises(ConnectionLostError):
            await take

    asyncio.run(main())


def test_iteration_gives_every_chunk_as_it_comes() -> None:
    recording, take = fresh()
    given: list[bytes] = []
    some = threading.Event()

    def read() -> None:
        for chunk in take:
            given.append(chunk.audio)
            some.set()

    reader = threading.Thread(target=read)
    reader.start()
    later(add, recording, b"aaaa")
    assert some.wait(5)
    later(add, recording, b"bbbb")
    later(recording.end, "done", 1.0)
    reader.join(5)
    assert given == [b"aaaa", b"bbbb"]


def test_async_iteration_and_await_work_on_any_loop() -> None:
    recording, take = fresh()

    async def main() -> list[bytes]:
        loops.call(add, recording, b"aaaa")
        loops.call(recording.end, "done", 1.0)
        return [chunk.audio async for chunk in take]

    assert asyncio.run(main()) == [b"aaaa"]
    assert asyncio.run(_awaited(take)) is take


async def _awaited(take: Take) -> Take:
    return await take


def test_chunks_that_split_a_sample_give_it_to_the_later_one() -> None:
    recording, take = fresh()
    whole = np.arange(4, dtype="<f4").tobytes()
    add(recording, whole[:6])
    add(recording, whole[6:])
    recording.end("done", 1.0)
    assert [chunk.samples.tolist() for chunk in take] == [[0.0], [1.0, 2.0, 3.0]]


def test_nobody_to_hear_is_said_at_once() -> None:
    recording, take = fresh()
    recording.end("done", 1.0)
    with pytest.raises(NotHeardError, match="without a notebook page"):
        take.wait(heard=True)


def test_heard_is_waited_for_until_a_page_reports_the_end() -> None:
    recording = Recording(Settings(), backend.ENGINE)
    take = Take(recording, unheard=lambda since: None)
    recording.end("done", 1.0)
    with pytest.raises(WaitTimeout, match="Hearing it to the end"):
        take.wait(0.05, heard=True)
    loops.call(recording.add_heard, 1.0, whole=True)
    assert take.wait(5, heard=True) is take


def test_hearing_is_awaited_until_a_page_reports_the_end() -> None:
    recording = Recording(Settings(), backend.ENGINE)
    take = Take(recording, unheard=lambda since: None)

    async def main() -> bool:
        hearing = asyncio.create_task(take.heard(20))
        loops.call(recording.end, "done", 1.0)
        await take
        assert not hearing.done()
        loops.call(recording.add_heard, 1.0, whole=True)
        return await hearing

    assert asyncio.run(main()) is True


def test_hearing_that_nobody_reports_is_answered_with_false() -> None:
    recording, take = fresh()
    assert asyncio.run(take.heard(0.05)) is False  # it is still being spoken
    recording.end("done", 1.0)
    assert asyncio.run(take.heard()) is False  # without a page, at once
    waiting = Take(recording, unheard=lambda since: None)
    assert asyncio.run(waiting.heard(0.05)) is False  # the page says nothing in time


def test_hearing_what_failed_raises_why() -> None:
    recording, take = fresh()
    recording.end("failed", 1.0, ConnectionLostError("It was lost."))
    with pytest.raises(ConnectionLostError, match="It was lost"):
        asyncio.run(take.heard())


def test_an_interrupt_cancels_the_take(monkeypatch: pytest.MonkeyPatch) -> None:
    recording, take = fresh()
    cancelled = []
    recording.cancel = lambda: cancelled.append(True)
    monkeypatch.setattr(recording, "changed", _Interrupted())
    with pytest.raises(KeyboardInterrupt):
        take.wait()
    assert cancelled == [True]


class _Interrupted:
    def __enter__(self) -> None:
        raise KeyboardInterrupt

    def __exit__(self, *exc: object) -> None: ...


def test_a_take_describes_itself() -> None:
    recording, take = fresh()
    recording.add_text("A text that is much longer than what fits on one line")
    recording.end("failed", 1.0, ConnectionLostError("The server went away."))
    assert repr(take) == (
        "<Take 'A text that is much longer than what ...': 0.00 s, failed, "
        "built-in engine (espeak-ng): The server went away.>"
    )


def test_real_speech_has_figures(connection: Connection) -> None:
    context = connection.context()
    sources.feed("Figures come with every take.", context._recording, context._put)
    metrics = context.take.wait(20).metrics
    assert metrics.ttfb is not None and metrics.ttfb > 0
    assert metrics.duration == pytest.approx(context.take.duration)
    assert metrics.rtf is not None
