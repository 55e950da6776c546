"""Stopping a take: at any moment, from anywhere, whatever still comes for it."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

import pytest
from websockets.asyncio.server import ServerConnection

from cartesia_nb.speech import loops
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.take import Take
from tests.speech.conftest import Handler, reply

PCM = bytes(range(256)) * 4

Server = Callable[[Handler], Connection]
Messages = list[dict[str, object]]


def chunk(context_id: object) -> dict[str, object]:
    data = base64.b64encode(PCM).decode()
    return {"type": "chunk", "context_id": context_id, "data": data, "done": False}


@pytest.fixture
def messages() -> Messages:
    """What the clients sent."""
    return []


@pytest.fixture
def endless(server: Server, messages: Messages) -> Connection:
    """To a server that gives one chunk for a text and never ends by itself; it obeys a cancel."""

    async def handler(socket: ServerConnection, message: dict[str, object]) -> None:
        messages.append(message)
        context = message["context_id"]
        if message.get("cancel"):
            await reply(socket, {"type": "done", "context_id": context, "done": True})
        elif message["transcript"]:
            await reply(socket, chunk(context))

    return server(handler)


def speaking(connection: Connection) -> Take:
    """A take in the middle of its speech."""
    take = connection.say(["On ", "and on."])
    next(iter(take))
    return take


def cancels(messages: Messages) -> list[object]:
    return [message["context_id"] for message in messages if message.get("cancel")]


def reached(connection: Connection) -> None:
    """Wait until the server has heard all that was sent before."""
    take = connection.say("The last.")
    next(iter(take))
    take.cancel()
    take.wait(10)


# --- as a task is stopped ------------------------------------------------------------------------


def test_wait_for_cancels_the_take_when_its_time_is_over(
    endless: Connection, messages: Messages
) -> None:
    take = speaking(endless)

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(take, 0.05)

    asyncio.run(main())
    assert take.wait(10).state == "cancelled"
    reached(endless)
    assert take.id in cancels(messages)


def test_shield_only_stops_waiting(endless: Connection, messages: Messages) -> None:
    take = speaking(endless)

    async def main() -> None:
        # It outlives what waits for it, so the loop has to see its end as well.
        speech = asyncio.ensure_future(take)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(speech), 0.05)
        reached(endless)
        assert take.state == "speaking"
        assert take.id not in cancels(messages)
        take.cancel()
        assert (await speech).state == "cancelled"

    asyncio.run(main())


async def _awaits(take: Take) -> None:
    await take


async def _iterates(take: Take) -> None:
    async for _ in take:
        pass


@pytest.mark.parametrize("what", [_awaits, _iterates])
def test_cancelling_a_task_that_waits_for_a_take_cancels_the_take(
    endless: Connection, what: Callable[[Take], Coroutine[None, None, None]]
) -> None:
    take = speaking(endless)

    async def main() -> None:
        task = asyncio.ensure_future(what(take))
        while not take._recording._listeners:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert take.wait(10).state == "cancelled"


def test_leaving_a_loop_over_the_chunks_cancels_nothing(endless: Connection) -> None:
    take = speaking(endless)

    async def main() -> None:
        async for _ in take:
            break

    asyncio.run(main())
    for _ in take:
        break
    reached(endless)
    assert take.state == "speaking"


def test_a_cancellation_that_comes_together_with_a_chunk_is_not_lost() -> None:
    """Python's own ``wait_for`` loses it before 3.12, and a notebook's interrupt comes so."""

    async def main(first: str) -> None:
        wakeup = loops.Wakeup()
        task = asyncio.ensure_future(wakeup.wait(60))
        await asyncio.sleep(0)  # the task begins to wait
        for what in (wakeup, task.cancel) if first == "chunk" else (task.cancel, wakeup):
            what()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main("chunk"))
    asyncio.run(main("cancellation"))


def test_a_wakeup_is_kept_until_somebody_waits_and_is_given_once() -> None:
    async def main() -> None:
        wakeup = loops.Wakeup()
        wakeup()
        wakeup()
        assert await wakeup.wait(60)
        assert not await wakeup.wait(0.01)
        threading.Thread(target=wakeup).start()
        assert await wakeup.wait(60)

    asyncio.run(main())


# --- at any moment -------------------------------------------------------------------------------


def test_a_take_can_be_cancelled_at_every_moment(endless: Connection, messages: Messages) -> None:
    context = endless.context()
    context.cancel()
    assert context.take.wait(10).state == "cancelled", "before it was given anything"

    others = [speaking(endless) for _ in range(endless.max_contexts)]
    waiting = endless.say("In the queue.")
    waiting.cancel()
    assert waiting.wait(10).state == "cancelled", "while it waits its turn"
    assert (waiting.waiting, endless.waiting) == (None, 0)

    others[0].cancel()
    assert others[0].wait(10).state == "cancelled", "while it speaks"
    others[0].cancel()
    assert others[0].state == "cancelled", "again"
    assert others[1].state == "speaking", "and nobody else"

    silent = endless.context()
    silent.push(" ")
    silent.flush()
    silent.cancel()
    assert silent.take.wait(10).state == "cancelled", "before any sound"
    reached(endless)
    assert waiting.id not in [message["context_id"] for message in messages]
    assert context.take.id not in [message["context_id"] for message in messages]


def test_a_take_that_is_done_stays_done(connection: Connection) -> None:
    take = connection.say("Hello.").wait(20)
    size = len(take.pcm)
    take.cancel()
    assert connection.say("Next.").wait(20).state == "done"
    assert (take.state, len(take.pcm)) == ("done", size)


@pytest.mark.parametrize("last_word", ["done", "error", "nothing"])
def test_what_comes_after_a_cancel_is_dropped_and_reaches_nobody(
    server: Server, last_word: str
) -> None:
    async def handler(socket: ServerConnection, message: dict[str, object]) -> None:
        context = message["context_id"]
        if not message.get("cancel"):
            await reply(socket, chunk(context))
            if message["transcript"] != "Stop me.":
                await reply(socket, {"type": "done", "context_id": context, "done": True})
            return
        late = [
            chunk(context),
            {
                "type": "timestamps",
                "context_id": context,
                "word_timestamps": {"words": ["late"], "start": [0.0], "end": [0.1]},
            },
            {
                "type": "phoneme_timestamps",
                "context_id": context,
                "phoneme_timestamps": {"phonemes": ["l"], "start": [0.0], "end": [0.1]},
            },
            {"type": "flush_done", "context_id": context, "flush_id": 1, "flush_done": True},
        ]
        if last_word == "done":
            late.append({"type": "done", "context_id": context, "done": True})
        elif last_word == "error":
            late.append({"type": "error", "context_id": context, "done": True, "title": "Gone"})
        await reply(socket, *late)

    connection = server(handler)
    take = connection.say("Stop me.")
    next(iter(take))
    take.cancel()
    # On one socket, so all that was late has come before the end of these; more than places.
    for _ in range(connection.max_contexts + 1):
        after = connection.say("And go on.").wait(10)
        assert (after.pcm, after.words, after.timeline.cold) == (PCM, (), False)
    assert (take.state, take.error, take.pcm) == ("cancelled", None, PCM)
    assert (take.words, take.phonemes) == ((), ())


def test_events_of_a_cancelled_context_end_without_a_done(endless: Connection) -> None:
    context = endless.context()
    context.push("On and on.")
    given = []
    for event in context.receive():
        given.append(event.type)
        context.cancel()
    assert given == ["chunk"]


def test_waiting_for_what_is_over_waits_for_nothing_also_on_the_network_loop(
    connection: Connection,
) -> None:
    take = connection.say("Hello.").wait(20)

    async def there() -> Take:
        return take.wait()

    assert loops.finish(there(), 10) is take


# --- where the text comes from -------------------------------------------------------------------


class Source:
    """An async source that gives one piece and then waits for ever."""

    def __init__(self) -> None:
        self.waits, self.closed = threading.Event(), threading.Event()

    async def pieces(self) -> AsyncIterator[str]:
        try:
            yield "Hello there. "
            self.waits.set()
            await asyncio.Event().wait()
        finally:
            self.closed.set()


def test_an_async_source_that_waits_is_cancelled_with_the_take(endless: Connection) -> None:
    source = Source()
    take = endless.say(source.pieces())
    assert source.waits.wait(10)
    take.cancel()
    assert source.closed.wait(10)
    assert take.wait(10).state == "cancelled"


def test_an_async_source_of_another_loop_is_cancelled_there(endless: Connection) -> None:
    source = Source()

    async def main() -> Take:
        take = endless.say(source.pieces())
        while not source.waits.is_set():
            await asyncio.sleep(0.01)
        threading.Thread(target=take.cancel).start()
        while not source.closed.is_set():
            await asyncio.sleep(0.01)
        return await take

    assert asyncio.run(asyncio.wait_for(main(), 20)).state == "cancelled"


def test_an_async_source_ends_with_its_failed_take(server: Server) -> None:
    async def handler(socket: ServerConnection, message: dict[str, object]) -> None:
        while not source.waits.is_set():
            await asyncio.sleep(0.01)
        error = {"type": "error", "context_id": message["context_id"], "done": True, "title": "No"}
        await reply(socket, error)

    source = Source()
    take = server(handler).say(source.pieces())
    assert source.closed.wait(10)
    assert take.state == "failed" and take.error is not None


def test_a_blocked_generator_keeps_no_take_from_stopping_and_is_closed_at_its_next_piece(
    endless: Connection,
) -> None:
    go_on, closed = threading.Event(), threading.Event()

    def pieces() -> Iterator[str]:
        try:
            yield "Hello there. "
            go_on.wait()
            while True:
                yield "Nobody wants this."
        finally:
            closed.set()

    take = endless.say(pieces())
    next(iter(take))
    take.cancel()
    assert take.wait(10).state == "cancelled"
    assert not closed.is_set()
    go_on.set()
    assert closed.wait(10)
    assert take.text == "Hello there. "
