"""Text from strings, iterables and async iterables."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from cartesia_nb.errors import SourceError, TextError
from cartesia_nb.speech import loops, sources
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.take import Take


def speak(connection: Connection, text: sources.Text) -> Take:
    context = connection.context()
    sources.feed(text, context._recording, context._put)
    return context.take


@pytest.mark.parametrize("text", ["", "   ", "\n\t", [], ["", " "], ()])
def test_nothing_to_say_is_refused_at_once(text: object) -> None:
    with pytest.raises(TextError, match="nothing to say"):
        sources.check(text)


@pytest.mark.parametrize("text", [None, 3, b"bytes", {"a": 1}, ["a", 3]])
def test_what_is_no_text_is_refused_at_once(text: object) -> None:
    with pytest.raises(TextError, match=r"only str|it takes a str"):
        sources.check(text)


def test_a_slow_generator_is_spoken_before_it_ends(connection: Connection) -> None:
    heard = threading.Event()

    def pieces() -> Iterator[str]:
        yield "This sentence is spoken before the generator ends. "
        assert heard.wait(20)
        yield "And this one after."

    take = speak(connection, pieces())
    next(iter(take))
    heard.set()
    assert take.wait(20).words[-1].text == "after."


def test_a_generator_runs_in_a_thread_of_its_own(connection: Connection) -> None:
    threads: list[threading.Thread] = []

    def pieces() -> Iterator[str]:
        threads.append(threading.current_thread())
        yield "Hello."

    speak(connection, pieces()).wait(20)
    assert threads[0] is not threading.current_thread()


def test_a_generator_that_raises_fails_the_take_with_its_reason(connection: Connection) -> None:
    begun = threading.Event()

    def pieces() -> Iterator[str]:
        yield "This much is spoken, and it is kept. "
        assert begun.wait(20)
        raise KeyError("llm")

    take = speak(connection, pieces())
    first = next(iter(take))
    begun.set()
    with pytest.raises(SourceError, match="KeyError: 'llm'") as caught:
        take.wait(20)
    assert isinstance(caught.value.__cause__, KeyError)
    assert take.pcm.startswith(first.audio)


def test_a_piece_that_is_no_text_fails_the_take(connection: Connection) -> None:
    take = speak(connection, iter(["Hello ", 3]))  # type: ignore[arg-type]  # the point of it
    with pytest.raises(TextError, match=r"A piece of the text is 3 \(int\)"):
        take.wait(20)


def test_a_generator_that_gives_only_spaces_fails_the_take(connection: Connection) -> None:
    with pytest.raises(TextError, match="nothing to say"):
        speak(connection, iter(["", "  ", "\n"])).wait(20)


def test_cancelling_closes_the_generator(connection: Connection) -> None:
    closed = threading.Event()

    def pieces() -> Iterator[str]:
        try:
            while True:
                yield "On and on. "
        finally:
            closed.set()

    take = speak(connection, pieces())
    next(iter(take))
    take.cancel()
    assert take.wait(20).state == "cancelled"
    assert closed.wait(10)


def test_an_async_iterable_runs_on_the_loop_it_was_made_on(connection: Connection) -> None:
    used: list[asyncio.AbstractEventLoop] = []

    async def pieces() -> AsyncIterator[str]:
        used.append(asyncio.get_running_loop())
        yield "Hello "
        await asyncio.sleep(0)
        yield "there."

    async def main() -> asyncio.AbstractEventLoop:
        take = await speak(connection, pieces())
        assert take.text == "Hello there."
        return asyncio.get_running_loop()

    assert used == [] and asyncio.run(main()) is used[0]


def test_an_async_iterable_where_no_loop_runs_is_read_on_the_network_loop(
    connection: Connection,
) -> None:
    used: list[asyncio.AbstractEventLoop] = []

    async def pieces() -> AsyncIterator[str]:
        used.append(asyncio.get_running_loop())
        yield "Hello."

    assert speak(connection, pieces()).wait(20).state == "done"
    assert used == [loops.network_loop()]


def test_a_blocking_wait_on_the_loop_that_feeds_the_take_feeds_it(connection: Connection) -> None:
    async def pieces() -> AsyncIterator[str]:
        for piece in ["Hello ", "from ", "the same ", "loop."]:
            await asyncio.sleep(0.01)
            yield piece

    async def cell() -> Take:
        return speak(connection, pieces()).wait(20)

    assert asyncio.run(cell()).text == "Hello from the same loop."


def test_an_async_iterable_that_raises_fails_the_take(connection: Connection) -> None:
    async def pieces() -> AsyncIterator[str]:
        yield "Hello "
        raise ValueError("no more tokens")

    async def main() -> None:
        with pytest.raises(SourceError, match="no more tokens"):
            await speak(connection, pieces())

    asyncio.run(main())


def test_a_source_is_left_also_when_the_speech_ended_before_anybody_listened(
    connection: Connection,
) -> None:
    async def endless() -> AsyncIterator[str]:
        await asyncio.Event().wait()
        yield "Never."

    context = connection.context()
    context.cancel()
    context.take.wait(5)
    sources.feed(endless(), context._recording, lambda message: None)

    def waited_for() -> bool:
        return any("drain_async" in repr(task) for task in asyncio.all_tasks(loops.network_loop()))

    deadline = time.monotonic() + 5
    while waited_for() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not waited_for()


def test_a_string_is_given_when_its_take_is_made(connection: Connection) -> None:
    timeline = speak(connection, "Hello.").wait(20).timeline
    assert timeline.given == timeline.created


def test_a_source_gives_its_text_with_the_first_piece_that_is_not_empty(
    connection: Connection,
) -> None:
    moments: list[float] = []

    def pieces() -> Iterator[str]:
        yield ""
        time.sleep(0.02)
        moments.append(time.monotonic())
        yield "Hello "
        moments.append(time.monotonic())
        yield "there."

    timeline = speak(connection, pieces()).wait(20).timeline
    assert timeline.given is not None
    assert moments[0] <= timeline.given <= moments[1]


def test_an_async_source_gives_its_text_with_its_first_piece(connection: Connection) -> None:
    moments: list[float] = []

    async def pieces() -> AsyncIterator[str]:
        await asyncio.sleep(0.02)
        moments.append(time.monotonic())
        yield "Hello."

    timeline = speak(connection, pieces()).wait(20).timeline
    assert timeline.given is not None and timeline.requested is not None
    assert moments[0] <= timeline.given <= timeline.requested


def test_a_context_is_given_its_text_with_the_first_push(connection: Connection) -> None:
    context = connection.context()
    before = time.monotonic()
    context.push("Hello ")
    first = context.take.timeline.given
    context.push("there.", continue_=False)
    assert first is not None and before <= first
    assert context.take.timeline.given == first
