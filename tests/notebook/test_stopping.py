"""Stopping, in a real kernel and at the end of one: what was received stays, the server rests.

The engine speaks so slowly here that a cell waits all the time and no text would ever end by
itself; its gauges tell what is still generated.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cartesia_nb.engine.process import EngineProcess
from tests.notebook.kernel import Kernel, becomes, kernel

SLOW = 0.1
"""Seconds of audio a second: a chunk of 80 ms comes every 0.8 s."""

FAST = 1000.0

PRELUDE = """
import asyncio, sys, threading, time
import cartesia_nb as cnb

LONG = "On and on it goes, and nobody listens to the end of it. " * 20
tts = cnb.connect(base_url={url!r})

def waits(take):
    # Whether somebody waits for the take: this thread, or a coroutine.
    frame = sys._current_frames()[threading.main_thread().ident]
    while frame is not None and frame.f_code.co_name != "wait_until":
        frame = frame.f_back
    names = [getattr(each, "__qualname__", "") for each in take._recording._listeners]
    return frame is not None or any("wait_until_async" in name for name in names)

def tell(take, speaking=True):
    # Print, from another thread, as soon as the take is waited for (and has sound).
    def look():
        while not (waits(take) and (take.duration or not speaking)):
            time.sleep(0.01)
        print("it waits")
    threading.Thread(target=look).start()

async def words():
    global source
    source = "open"
    try:
        while True:
            yield "On and on it goes. "
            await asyncio.sleep(0.1)
    finally:
        source = "closed"
"""

SAY = "t = tts.say(LONG)\ntell(t)\n"
PUSH = "c = tts.context()\nc.push(LONG)\nc.no_more_inputs()\nt = c.take\ntell(t)\n"
FED = "t = tts.say(words())\ntell(t)\n"

BLOCKING = {
    "wait": SAY + "t.wait()",
    "for chunk in take": SAY + "for chunk in t: pass",
    "for event in context.receive()": PUSH + "for event in c.receive(): pass",
    "wait for what this loop feeds": FED + "t.wait()",
    "for chunk in what this loop feeds": FED + "for chunk in t: pass",
    # ipykernel handles interrupts of a cell that awaits in another way.
    "wait in a cell that awaits": SAY + "await asyncio.sleep(0)\nt.wait()",
    "for chunk in take, in a cell that awaits": SAY + "await asyncio.sleep(0)\nfor _ in t: pass",
    "wait for what this loop feeds, in a cell that awaits": FED
    + "await asyncio.sleep(0)\nt.wait()",
}
AWAITING = {
    "await take": SAY + "await t",
    "async for chunk in take": SAY + "async for chunk in t: pass",
    "async for event in context.receive()": PUSH + "async for event in c.receive(): pass",
    "await what this loop feeds": FED + "await t",
}


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineProcess]:
    with EngineProcess(first_audio_ms=20) as engine:
        yield engine


@pytest.fixture(scope="module")
def started(engine: EngineProcess) -> Iterator[Kernel]:
    with kernel(CARTESIA_API_KEY=engine.api_key) as running:
        running.run(PRELUDE.format(url=engine.url))
        yield running


@pytest.fixture
def notebook(started: Kernel, engine: EngineProcess) -> Iterator[Kernel]:
    engine.control(speedup=SLOW, max_contexts=None, cancel_linger_ms=0)
    yield started
    started.run("tts.stop()")
    at_rest(engine)


def gauge(engine: EngineProcess, name: str) -> int:
    value = engine.control()[name]
    assert isinstance(value, int)
    return value


def at_rest(engine: EngineProcess) -> None:
    becomes(lambda: gauge(engine, "running") == 0, "the engine still generates")


def stopped(notebook: Kernel, engine: EngineProcess, folder: Path) -> None:
    """All that has to be so after a take `t` was stopped in the middle."""
    at_rest(engine)
    engine.control(speedup=FAST)
    # On the same socket, so all that was under way for the stopped one has come before its end.
    said = notebook.run(
        "size = len(t.pcm)\nnext_one = tts.say('The next one.').wait(30)\n"
        "print(next_one.state, next_one.timeline.cold, len(t.pcm) == size)"
    )
    assert said.split() == ["done", "False", "True"], "the next take, on the warm socket"
    path = folder / "stopped.wav"
    said = notebook.run(
        f"print(t.state, t.error, len(t.samples) > 0, t.duration < 5)\nt.to_wav({str(path)!r});"
        "print(t.wait() is t)"
    )
    assert said.split() == ["cancelled", "None", "True", "True", "True"]
    assert path.stat().st_size > 1000


@pytest.mark.parametrize("way", [*BLOCKING, *AWAITING])
def test_the_stop_button_stops_what_a_cell_waits_for(
    notebook: Kernel, engine: EngineProcess, tmp_path: Path, way: str
) -> None:
    cell = notebook.start((BLOCKING | AWAITING)[way])
    notebook.printed(cell, "it waits")
    assert gauge(engine, "running") == 1
    notebook.interrupt()
    # IPython shows the interrupt of a cell that awaits as the CancelledError that it becomes.
    wanted = "KeyboardInterrupt" if way in BLOCKING else "CancelledError"
    assert notebook.finish(cell).error == wanted
    stopped(notebook, engine, tmp_path)
    if "feeds" in way:
        assert notebook.run("await asyncio.sleep(0)\nprint(source)").strip() == "closed"


def test_an_interrupt_that_strikes_in_the_texts_own_source_stops_the_take(
    notebook: Kernel, engine: EngineProcess, tmp_path: Path
) -> None:
    code = """
import signal
async def struck():
    yield "On and on it goes, and nobody listens to the end of it. "
    while not t.duration:
        await asyncio.sleep(0.05)
    signal.raise_signal(signal.SIGINT)
    yield "This is not reached."
t = tts.say(struck())
t.wait()
"""
    assert notebook.finish(notebook.start(code)).error == "KeyboardInterrupt"
    stopped(notebook, engine, tmp_path)


@pytest.mark.parametrize("wait", ["second.wait()", "await second"])
def test_the_stop_button_takes_a_waiting_take_from_the_queue_and_leaves_the_others(
    notebook: Kernel, engine: EngineProcess, wait: str
) -> None:
    notebook.run(f"few = cnb.connect(base_url={engine.url!r}, max_contexts=1)")
    code = f"""
first = few.say(LONG)
next(iter(first))
second = few.say("Nobody hears this.")
tell(second, speaking=False)
{wait}
"""
    cell = notebook.start(code)
    notebook.printed(cell, "it waits")
    notebook.interrupt()
    assert notebook.finish(cell).error in ("KeyboardInterrupt", "CancelledError")
    said = notebook.run("print(second.wait(20).state, second.duration, first.state, few.waiting)")
    assert said.split() == ["cancelled", "0.0", "speaking", "0"]
    contexts = gauge(engine, "contexts")
    engine.control(speedup=FAST)
    said = notebook.run("first.cancel()\nprint(few.say('The third.').wait(20).state)\nfew.close()")
    assert said.strip() == "done"
    assert gauge(engine, "contexts") == contexts + 1, "the second one never reached the server"


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("t.wait()", "KeyboardInterrupt"),
        ("for chunk in t: pass", "KeyboardInterrupt"),
        ("await t", "CancelledError"),
        ("async for chunk in t: pass", "CancelledError"),
    ],
)
def test_the_stop_button_stops_a_take_that_waits_for_a_connection(
    notebook: Kernel, call: str, error: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        code = f"""
deaf = cnb.connect(base_url={address!r}, bounds=cnb.Bounds(connect=120))
t = deaf.say("Is anybody there?")
tell(t, speaking=False)
{call}
"""
        cell = notebook.start(code)
        notebook.printed(cell, "it waits")
        notebook.interrupt()
        assert notebook.finish(cell).error == error
        said = notebook.run("print(t.wait(20).state, t.error)\ndeaf.close()")
        assert said.split() == ["cancelled", "None"]


@pytest.mark.parametrize(
    "call",
    ["deaf.voices()", "deaf.access_token()", "await asyncio.sleep(0)\ndeaf.voices()"],
)
def test_the_stop_button_ends_a_call_that_the_server_does_not_answer(
    notebook: Kernel, call: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        code = f"""
from cartesia_nb.speech import loops
deaf = cnb.connect(base_url={address!r}, bounds=cnb.Bounds(connect=120))
def look():
    frames = lambda f: [] if f is None else [f.f_code, *frames(f.f_back)]
    main = threading.main_thread().ident
    while loops.finish.__code__ not in frames(sys._current_frames()[main]):
        time.sleep(0.01)
    print("it waits")
threading.Thread(target=look).start()
{call}
"""
        cell = notebook.start(code)
        notebook.printed(cell, "it waits")
        notebook.interrupt()
        assert notebook.finish(cell).error == "KeyboardInterrupt"
    notebook.run("deaf.close()")


def test_a_pages_stop_ends_what_a_busy_cell_waits_for(
    notebook: Kernel, engine: EngineProcess, tmp_path: Path
) -> None:
    code = "from cartesia_nb.speaker.speaker import Speaker\nprint(Speaker.current().comm.comm_id)"
    speaker, subshell = notebook.run(code).strip(), notebook.subshell()
    cell = notebook.start(SAY + "print(t.id)\nt.wait()\nprint('went on', t.state)")
    notebook.printed(cell, "it waits")
    take = next(m["take"] for m, _ in reversed(notebook.to_page()) if m["type"] == "audio")
    cancel: dict[str, object] = {"type": "cancel", "page": "p", "sent": 0, "take": take}
    notebook.send_to_widget(speaker, cancel, subshell)
    output, error = notebook.finish(cell)
    assert (error, take in output, "went on cancelled" in output) == ("", True, True)
    stopped(notebook, engine, tmp_path)


def test_stopping_the_session_stops_all_takes_whoever_waits(
    notebook: Kernel, engine: EngineProcess, tmp_path: Path
) -> None:
    notebook.run("takes = [tts.say(LONG) for _ in range(4)]")
    code = """
t = takes[0]
def stop():
    while not (waits(t) and t.duration):
        time.sleep(0.01)
    tts.stop()
threading.Thread(target=stop).start()
print([take.wait(30).state for take in takes])
"""
    assert notebook.run(code).strip() == str(["cancelled"] * 4)
    stopped(notebook, engine, tmp_path)


@pytest.mark.parametrize("linger_ms", [0, 60_000])
def test_to_interrupt_stops_the_old_one_upstream_and_begins_in_bounded_time(
    notebook: Kernel, engine: EngineProcess, linger_ms: int
) -> None:
    """With all places taken, also by a server that is slow to let go of a cancelled context."""
    notebook.run(f"""
one = cnb.connect(base_url={engine.url!r}, max_contexts=1, bounds=cnb.Bounds(close=0.5))
old, queued = one.say(LONG), one.say(LONG)
next(iter(old))
cancel = old._recording.cancel
def slowly():
    # Time enough for the one that waits to take the place of this one.
    cancel()
    until = time.monotonic() + 5
    while one.waiting and time.monotonic() < until:
        time.sleep(0.01)
old._recording.cancel = slowly
""")
    engine.control(speedup=FAST, cancel_linger_ms=linger_ms)
    names = ("cancelled", "contexts")
    before = [gauge(engine, name) for name in names]
    said = notebook.run(
        "new = one.say('This is said instead.', interrupt=True).wait(30)\n"
        "print(new.state, old.state, queued.state, queued.duration)"
    )
    assert said.split() == ["done", "cancelled", "cancelled", "0.0"]
    assert [gauge(engine, name) for name in names] == [count + 1 for count in before]
    notebook.run("one.close()")
