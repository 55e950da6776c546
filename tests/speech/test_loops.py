"""One connection, many threads and many event loops at the same time."""

from __future__ import annotations

import asyncio
import os
import pkgutil
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

import cartesia_nb
from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.speech import loops
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.recording import Change
from cartesia_nb.speech.take import Take

ROUNDS = 3
TEXTS = {
    name: f"This was said by {name}, and by nobody else."
    for name in ("the main thread", "a thread", "a context", "a loop", "a generator", "a source")
}


def pieces(text: str) -> list[str]:
    """Words. No space ends the last: it would have the engine speak before it knows of the end."""
    return [f"{word} " for word in text.split()[:-1]] + text.split()[-1:]


async def source(text: str) -> AsyncIterator[str]:
    for piece in pieces(text):
        await asyncio.sleep(0)
        yield piece


class Speakers:
    """Each says its text in its own way, and waits for it there."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def main_thread(self) -> Take:
        return self.connection.say(TEXTS["the main thread"]).wait(30)

    def thread(self) -> Take:
        take = self.connection.say(TEXTS["a thread"])
        assert b"".join(chunk.audio for chunk in take) == take.pcm
        return take

    def context(self) -> Take:
        context = self.connection.context()
        for piece in pieces(TEXTS["a context"]):
            context.push(piece)
        context.no_more_inputs()
        kinds = [event.type for event in context.receive()]
        assert kinds[-1] == "done" and kinds.count("chunk") > 5
        return context.take

    def generator(self) -> Take:
        return self.connection.say(iter(pieces(TEXTS["a generator"]))).wait(30)

    def loop(self) -> Take:
        async def main() -> Take:
            take = self.connection.say(TEXTS["a loop"])
            return await take

        return asyncio.run(main())

    def source(self) -> Take:
        async def main() -> Take:
            take = self.connection.say(source(TEXTS["a source"]))
            assert b"".join([chunk.audio async for chunk in take]) == take.pcm
            return take

        return asyncio.run(main())


def test_takes_from_all_threads_and_loops_at_once_are_whole_and_none_mixes(
    connection: Connection,
) -> None:
    speakers = Speakers(connection)
    ways: dict[str, Callable[[], Take]] = {
        "a thread": speakers.thread,
        "a context": speakers.context,
        "a loop": speakers.loop,
        "a generator": speakers.generator,
        "a source": speakers.source,
    }
    # The engine gives the same samples for the same text, so each take is known beforehand.
    wanted = {name: connection.say(text).wait(30).pcm for name, text in TEXTS.items()}
    begin = threading.Barrier(len(ways) + 1, timeout=30)

    def work(name: str) -> list[Take]:
        begin.wait()
        return [ways[name]() for _ in range(ROUNDS)]

    with ThreadPoolExecutor(len(ways)) as pool:
        working = {name: pool.submit(work, name) for name in ways}
        begin.wait()
        takes = {"the main thread": [speakers.main_thread() for _ in range(ROUNDS)]}
        assert len(connection.voices()) > 0
        takes |= {name: future.result(50) for name, future in working.items()}
    for name, said in takes.items():
        assert [take.state for take in said] == ["done"] * ROUNDS
        assert [take.pcm == wanted[name] for take in said] == [True] * ROUNDS, name
        assert {" ".join(word.text for word in take.words) for take in said} == {TEXTS[name]}


def test_one_take_is_given_whole_to_all_who_read_it_at_once(connection: Connection) -> None:
    more, began = threading.Event(), threading.Event()

    def text() -> Iterator[str]:
        yield "All of them read this sentence while it is spoken. "
        assert more.wait(20)
        yield "And this one as well."

    take = connection.say(text())

    def reads() -> bytes:
        whole = b""
        for chunk in take:
            began.set()
            whole += chunk.audio
        return whole

    def reads_on_a_loop() -> bytes:
        async def read() -> bytes:
            return b"".join([chunk.audio async for chunk in take])

        async def main() -> bytes:
            first, second, waited = await asyncio.gather(read(), read(), take)
            assert first == second and waited is take
            return first

        return asyncio.run(main())

    with ThreadPoolExecutor(5) as pool:
        ways = (reads, reads_on_a_loop, reads_on_a_loop, reads, lambda: take.wait(30).pcm)
        reading = [pool.submit(way) for way in ways]
        assert began.wait(20)
        more.set()
        given = [future.result(30) for future in reading]
    assert [each == take.pcm for each in given] == [True] * 5
    assert take._recording._listeners == (), "who has read leaves"


def test_an_error_reaches_all_who_wait_on_whatever_loop(connection: Connection) -> None:
    fail = threading.Event()

    def text() -> Iterator[str]:
        yield "Hello there. "
        assert fail.wait(20)
        raise KeyError("llm")

    take = connection.say(text())

    def waits() -> str:
        with pytest.raises(cartesia_nb.SourceError) as caught:
            take.wait(30)
        return str(caught.value)

    def waits_on_a_loop() -> str:
        async def main() -> str:
            with pytest.raises(cartesia_nb.SourceError) as caught:
                await take
            return str(caught.value)

        return asyncio.run(main())

    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(way) for way in (waits, waits_on_a_loop) * 2]
        next(iter(take))
        fail.set()
        said = {future.result(30) for future in waiting}
    assert len(said) == 1 and "KeyError" in said.pop()


# --- the network loop ----------------------------------------------------------------------------


CALLS: dict[str, Callable[[Connection, Take], object]] = {
    "open": lambda connection, take: connection.open(),
    "voices": lambda connection, take: connection.voices(),
    "access_token": lambda connection, take: connection.access_token(),
    "close": lambda connection, take: connection.close(),
    "wait": lambda connection, take: take.wait(),
    "iterate": lambda connection, take: next(iter(take)),
}


@pytest.mark.parametrize("call", CALLS)
def test_what_would_block_the_network_loop_is_refused_there_at_once(
    connection: Connection, call: str
) -> None:
    told: list[BaseException] = []
    take = connection.say(iter(["Hello."]))

    def listener(change: Change) -> None:
        if not told:
            other = connection.say("Another.")
            try:
                CALLS[call](connection, other)
            except RuntimeError as error:
                told.append(error)

    take._recording.subscribe(listener)
    while not take._recording.ended:
        with take._recording.changed:
            take._recording.changed.wait(0.1)
    assert len(told) == 1
    assert "network loop" in str(told[0])
    assert connection.say("And all is as before.").wait(20).state == "done"


def test_a_coroutine_that_takes_too_long_is_cancelled() -> None:
    cancelled = threading.Event()

    async def long() -> None:
        try:
            await asyncio.sleep(1000)
        finally:
            cancelled.set()

    with pytest.raises(TimeoutError, match=r"more than 0\.05 s"):
        loops.finish(long(), 0.05)
    assert cancelled.wait(10)


def test_a_closed_loop_that_waited_hurts_nobody(connection: Connection) -> None:
    more = threading.Event()

    def text() -> Iterator[str]:
        yield "Hello there. "
        assert more.wait(20)
        yield "And more."

    take = connection.say(text())

    async def main() -> None:
        async for _ in take:
            break

    asyncio.run(main())
    # A waiter that its loop never let go of, as where a loop is closed in the middle.
    loop = asyncio.new_event_loop()
    waiting = loop.create_task(_finished(take))
    loop.run_until_complete(asyncio.sleep(0))
    waiting._log_destroy_pending = False  # type: ignore[attr-defined]  # that it is left is meant
    loop.close()
    more.set()
    assert take.wait(30).state == "done"


async def _finished(take: Take) -> Take:
    return await take


# --- nest-asyncio --------------------------------------------------------------------------------


def refused(call: Callable[[], object], loop: asyncio.AbstractEventLoop | None = None) -> str:
    """What ``call`` says when it refuses, where ``loop`` runs."""
    asyncio._set_running_loop(loop)
    try:
        with pytest.raises(RuntimeError) as caught:
            call()
    finally:
        asyncio._set_running_loop(None)
    return str(caught.value)


class StrangeLoop(asyncio.AbstractEventLoop):
    """A loop that is none of asyncio's own, as uvloop's is; it does nothing at all."""


STRANGE = StrangeLoop()  # type: ignore[abstract]  # at run time nothing in it is abstract


def test_python_3_14_is_told_of_and_nothing_is_patched(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.new_event_loop()
    monkeypatch.setattr(sys, "version_info", (3, 14, 0, "final", 0))
    monkeypatch.setitem(sys.modules, "nest_asyncio", None)  # importing it fails
    said = refused(loops.allow_asyncio_run, loop)
    assert "3.14" in said and "Write `await main()` instead" in said
    said = refused(lambda: loops.allow_nested(loop))
    assert "3.14" in said and "`await take` instead of `take.wait()`" in said
    loop.close()


def test_a_loop_that_cannot_be_patched_is_named_and_nothing_is_patched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "nest_asyncio", None)  # importing it fails
    said = refused(loops.allow_asyncio_run, STRANGE)
    assert "can't patch this loop" in said and "StrangeLoop" in said and "await main()" in said
    said = refused(lambda: loops.allow_nested(STRANGE))
    assert "StrangeLoop" in said and "await take" in said


def test_where_no_loop_runs_there_is_nothing_to_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nest_asyncio", None)  # importing it fails
    loops.allow_asyncio_run()


def test_no_import_and_no_speech_patches_asyncio(engine: EngineProcess) -> None:
    modules = [
        each.name
        for each in pkgutil.walk_packages(cartesia_nb.__path__, "cartesia_nb.")
        if not each.name.endswith("__main__")
    ]
    assert "cartesia_nb.speech.loops" in modules
    code = f"""
import asyncio, importlib, sys
before = asyncio.run, asyncio.Task, asyncio.get_event_loop, asyncio.SelectorEventLoop.run_forever
for name in {modules!r}:
    importlib.import_module(name)
import cartesia_nb as cnb
async def words():
    yield "From an async source."
async def main():
    await tts.say("On a loop.")
    tts.say("And from a string.").wait(30)
    take = tts.say(words())
    async for chunk in take: pass
with cnb.connect(base_url={engine.url!r}) as tts:
    tts.voices()
    tts.say("Hello.").wait(30)
    tts.say(words()).wait(30)
    asyncio.run(main())
after = asyncio.run, asyncio.Task, asyncio.get_event_loop, asyncio.SelectorEventLoop.run_forever
print(before == after, [name for name in sys.modules if name.startswith("nest_asyncio")])
"""
    environment = {**os.environ, "CARTESIA_API_KEY": engine.api_key}
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=50
    )
    assert (result.stderr, result.returncode) == ("", 0)
    assert result.stdout.splitlines()[-1] == "True []"
