"""Which message leaves next, over all takes."""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Callable
from functools import partial

import pytest

from cartesia_nb.speaker import dispatch as module
from cartesia_nb.speaker.dispatch import Dispatch
from cartesia_nb.speaker.lane import CHUNKS_S
from cartesia_nb.speaker.messages import Message, Need
from cartesia_nb.speaker.pacing import BURST_MESSAGES, MESSAGES_PER_S
from cartesia_nb.speech import backend
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.settings import Settings

Sent = list[tuple[Message, bytes | None]]


def take(name: str) -> Recording:
    return Recording(Settings(), backend.ENGINE, context_id=name)


def add(to: Recording, pcm: bytes) -> None:
    to.add_audio(pcm, received=0.0, step_time=None, flush_id=None)


def run(scene: Callable[[Dispatch, Sent], object]) -> Sent:
    """Play a scene on a loop, with a dispatch that writes down what it sends."""
    sent: Sent = []

    async def main() -> None:
        dispatch = Dispatch(lambda message, buffer: sent.append((message, buffer)))
        result = scene(dispatch, sent)
        if asyncio.iscoroutine(result):
            await asyncio.wait_for(result, 20)

    asyncio.run(main())
    return sent


async def until(reached: Callable[[], bool]) -> None:
    """Let the loop's timers run until something is so."""
    while not reached():
        await asyncio.sleep(0.01)


def kinds(sent: Sent) -> list[object]:
    return [message["type"] for message, _ in sent]


def ended(sent: Sent, count: int) -> bool:
    return kinds(sent).count("end") == count


def sound_of(sent: Sent, name: str) -> bytes:
    sound = bytearray()
    for message, buffer in sent:
        if message["take"] == name and buffer is not None:
            offset = message["offset"]
            assert isinstance(offset, int)
            sound[offset : offset + len(buffer)] = buffer
    return bytes(sound)


def test_the_first_chunk_leaves_at_once_however_busy_it_is() -> None:
    def scene(dispatch: Dispatch, sent: Sent) -> None:
        busy, fresh = take("busy"), take("fresh")
        dispatch.add(busy, play=True)
        for _ in range(100):
            add(busy, b"x" * 50_000)
        dispatch.add(fresh, play=True)
        add(fresh, b"first")
        assert sent[-1][0]["take"] == "fresh"
        assert sent[-1][1] == b"first"

    run(scene)


def test_a_storm_of_chunks_arrives_whole_in_few_messages() -> None:
    async def scene(dispatch: Dispatch, sent: Sent) -> None:
        storm = take("storm")
        dispatch.add(storm, play=True)
        begun = time.monotonic()
        for number in range(3000):
            add(storm, number.to_bytes(2, "little") * 50)
        storm.end("done", 1.0)
        await until(lambda: any(message["type"] == "end" for message, _ in sent))
        passed = time.monotonic() - begun
        assert len(sent) <= BURST_MESSAGES + MESSAGES_PER_S * passed + 3
        assert sound_of(sent, "storm") == storm.store.read()

    run(scene)


def test_what_is_heard_goes_before_other_live_takes() -> None:
    async def scene(dispatch: Dispatch, sent: Sent) -> None:
        first, second = take("first"), take("second")
        for each in (first, second):
            dispatch.add(each, play=True)
            add(each, b"start")
        while dispatch._bucket.wait(time.monotonic()) == 0:
            dispatch._bucket.spend(0, time.monotonic())
        dispatch.hearing("second")
        add(first, b"later")
        add(second, b"sooner")
        before = len(sent)
        await until(lambda: len(sent) >= before + 2)
        assert [message["take"] for message, _ in sent[before : before + 2]] == ["second", "first"]

    run(scene)


def test_a_page_that_asks_for_what_nobody_has_is_told_so() -> None:
    def scene(dispatch: Dispatch, sent: Sent) -> None:
        dispatch.ask(Need("lost", ((0, None),), None, None), None)

    sent = run(scene)
    assert sent[0][0]["state"] == "gone"


def test_a_take_that_was_never_carried_is_answered_from_its_recording() -> None:
    async def scene(dispatch: Dispatch, sent: Sent) -> None:
        old = take("old")
        add(old, b"sound")
        old.end("done", 1.0)
        dispatch.ask(Need("old", ((0, None),), 0, None), old)
        await until(lambda: sound_of(sent, "old") == b"sound")
        assert all(message.get("play") is not True for message, _ in sent)

    run(scene)


def test_a_reloaded_page_gets_its_answers_while_a_take_streams_on_and_on() -> None:
    async def scene(dispatch: Dispatch, sent: Sent) -> None:
        endless, old, older = take("endless"), take("old"), take("older")
        dispatch.add(endless, play=True)
        for each in (old, older):
            add(each, each.id.encode())
            each.end("done", 1.0)
            dispatch.ask(Need(each.id, ((0, None),), None, None), each)

        def answered() -> bool:
            add(endless, b"more and more ")
            return all(sound_of(sent, each.id) == each.id.encode() for each in (old, older))

        await until(answered)

    run(scene)


def test_a_page_that_comes_is_told_of_live_and_of_unheard_takes() -> None:
    async def scene(dispatch: Dispatch, sent: Sent) -> None:
        heard, unheard, live = take("heard"), take("unheard"), take("live")
        for each in (heard, unheard, live):
            dispatch.add(each, play=True)
        heard.end("done", 1.0)
        unheard.end("done", 1.0)
        heard.add_heard(1.0, whole=True)
        await until(lambda: sum(message["type"] == "end" for message, _ in sent) == 2)
        del sent[:]
        dispatch.recall()
        await until(lambda: len(sent) >= 3)
        opened = {message["take"] for message, _ in sent if message["type"] == "open"}
        assert opened == {"unheard", "live"}

    run(scene)


def test_ended_takes_are_let_go_when_they_take_up_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES", 1000)

    async def scene(dispatch: Dispatch, sent: Sent) -> None:
        for number in range(8):
            each = take(str(number))
            dispatch.add(each, play=True)
            add(each, bytes(250))
            each.end("done", 1.0)
            await until(partial(ended, sent, number + 1))
        kept = [name for name in map(str, range(8)) if dispatch.find(name) is not None]
        assert kept == ["3", "4", "5", "6", "7"]

    run(scene)


def test_a_take_that_a_page_is_playing_is_kept_though_others_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES", 1000)

    async def scene(dispatch: Dispatch, sent: Sent) -> None:
        for number in range(8):
            each = take(str(number))
            dispatch.add(each, play=True)
            if number == 0:
                dispatch.hearing("0")
            add(each, bytes(250))
            each.end("done", 1.0)
            await until(partial(ended, sent, number + 1))
        kept = [name for name in map(str, range(8)) if dispatch.find(name) is not None]
        assert kept == ["0", "4", "5", "6", "7"]

    run(scene)


def test_rows_about_chunks_take_nothing_from_the_audios_bound_and_are_few_over_all_takes() -> None:
    async def scene(dispatch: Dispatch, sent: Sent) -> None:
        takes = [take(f"t{number}") for number in range(4)]
        for each in takes:
            dispatch.add(each, play=True)
        begun = time.monotonic()
        spent = []
        spend = dispatch._bucket.spend

        def spending(size: int, now: float) -> None:
            spent.append(size)
            spend(size, now)

        dispatch._bucket.spend = spending  # type: ignore[method-assign]  # counts what it is told
        told: set[object] = set()
        while len(told) < 4:
            for each in takes:
                add(each, b"x" * 50)
            await asyncio.sleep(0.005)
            told |= {message["take"] for message, _ in sent if message["type"] == "chunks"}
        rows = kinds(sent).count("chunks")
        assert rows <= 1 + (time.monotonic() - begun) / CHUNKS_S
        assert len(spent) == len(sent) - 4 - rows  # four were opened before the counting

    run(scene)


def test_a_take_that_is_over_gives_what_was_asked_for_and_no_more() -> None:
    async def scene(dispatch: Dispatch, sent: Sent) -> None:
        old = take("old")
        add(old, bytes(range(256)) * 4000)
        old.end("done", 1.0)
        dispatch.ask(Need("old", ((100, 200),), None, None), old)
        await until(partial(ended, sent, 1))
        assert kinds(sent) == ["open", "audio", "end"]
        assert sent[1][1] == bytes(range(100, 200))

    run(scene)


def test_takes_that_nobody_hears_yet_take_turns() -> None:
    async def scene(dispatch: Dispatch, sent: Sent) -> None:
        takes = [take(name) for name in "abc"]
        for each in takes:
            dispatch.add(each, play=True)
        for each in takes:
            # Each alone has more than may leave.
            add(each, bytes(20_000_000))
        await until(lambda: kinds(sent).count("audio") >= 24)
        names = [message["take"] for message, _ in sent if message["type"] == "audio"][-12:]
        assert [names.count(name) for name in "abc"] == [4, 4, 4]

    run(scene)


def test_a_take_that_was_let_go_of_is_sent_no_more_and_is_freed() -> None:
    async def scene(dispatch: Dispatch, sent: Sent) -> None:
        one = take("a")
        add(one, b"ab" * 2)
        one.end("done", 0.0)
        dispatch.ask(Need("a", ((0, None),), None, None), one)
        await until(lambda: ended(sent, 1))
        left = weakref.ref(one)
        dispatch.forget("a")
        del one
        assert left() is None
        dispatch.ask(Need("a", ((0, None),), None, None), None)
        dispatch.forget("a")  # once more, and it is harmless

    sent = run(scene)
    assert [message.get("state") for message, _ in sent if message["type"] == "end"][-1] == "gone"
    assert kinds(sent).count("audio") == 1
