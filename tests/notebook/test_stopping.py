"""Stopping, in a real kernel and at the end of one: what was received stays, the server rests.

The engine speaks so slowly here that a cell waits all the time and no text would ever end by
itself; its gauges tell what is still generated.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.notebook.session import connect
from cartesia_nb.speech import loops
from tests.notebook.kernel import Kernel, kernel

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


def becomes(reached: Callable[[], object], what: str, timeout: float = 30) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + timeout
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


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


# --- the end of a session -----------------------------------------------------------------------


def test_an_interrupted_close_still_ends_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def struck() -> None:
        raise KeyboardInterrupt

    with connect("local") as tts:
        assert tts.engine is not None and tts.say("Hello.").wait(30).state == "done"
        with monkeypatch.context() as patch:
            patch.setattr(tts._connection, "close", struck)
            with pytest.raises(KeyboardInterrupt):
                tts.close()
        assert not tts.engine.alive


def test_a_session_cannot_be_closed_on_the_network_loop_and_lives_on() -> None:
    async def close() -> None:
        tts.close()

    with connect("local") as tts:
        assert tts.engine is not None and tts.say("Hello.").wait(30).state == "done"
        with pytest.raises(RuntimeError, match="network loop"):
            loops.finish(close(), 10)
        assert tts.engine.alive and tts.say("Hello again.").wait(30).state == "done"


# --- the end of a kernel -------------------------------------------------------------------------


def engine_of(notebook: Kernel) -> psutil.Process:
    """The engine that a fresh kernel speaks through, in the middle of speaking."""
    said = notebook.run(
        "import cartesia_nb as cnb\ntts = cnb.connect('local')\n"
        "t = tts.say('On and on it goes. ' * 100)\nnext(iter(t))\nprint(tts.engine.pid)"
    )
    return psutil.Process(int(said.split()[-1]))


def is_over(process: psutil.Process) -> bool:
    """Whether a process ended. A zombie has; its parent is not ours."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("how", ["shutdown", "restart", "kill -9"])
def test_an_engine_ends_with_its_kernel(how: str) -> None:
    with kernel(CARTESIA_API_KEY="") as notebook:
        engine = engine_of(notebook)
        if how == "shutdown":
            notebook.manager.shutdown_kernel()
        elif how == "restart":
            notebook.restart()
            assert notebook.run("print(2 + 2)").strip() == "4"
            assert "done" in notebook.run(
                "import cartesia_nb as cnb\nprint(cnb.connect('local').say('Again.').wait(30))"
            )
        else:
            notebook.manager.signal_kernel(signal.SIGKILL)
        becomes(lambda: is_over(engine), "the engine outlived its kernel")


def test_a_kernel_that_is_shut_down_says_nothing_and_does_not_linger(tmp_path: Path) -> None:
    with kernel(CARTESIA_API_KEY="") as notebook:
        engine_of(notebook)
        complaints = tmp_path / "stderr"
        # What the process itself writes: the cells' own stderr goes to the page.
        notebook.run(
            f"import os, sys\nos.dup2(os.open({str(complaints)!r}, os.O_CREAT | os.O_WRONLY), 2)"
        )
        process = psutil.Process(int(notebook.run("print(os.getpid())")))
        notebook.client.shutdown()
        becomes(lambda: is_over(process), "the kernel does not end")
        assert complaints.read_text() == ""


# --- the end of a script -------------------------------------------------------------------------

SCRIPT = """
import asyncio, os, signal, sys, threading, time
import cartesia_nb as cnb
tts = cnb.connect("local")
t = tts.say("On and on it goes. " * 100)
next(iter(t))
print("engine", tts.engine.pid, flush=True)
"""

ENDINGS = {
    "by its end": ("", 0, ""),
    "by sys.exit": ("sys.exit(3)", 3, ""),
    "by an exception": ("raise ValueError('mine')", 1, "ValueError: mine"),
    "by an interrupt": (
        "threading.Timer(0.5, signal.raise_signal, [signal.SIGINT]).start()\nt.wait()",
        -signal.SIGINT,
        "KeyboardInterrupt",
    ),
    "while a thread waits": (
        "threading.Thread(target=t.wait, daemon=True).start()",
        0,
        "",
    ),
    "while a generator sleeps": (
        "def words():\n    yield 'Hello. '\n    time.sleep(1000)\ntts.say(words())",
        0,
        "",
    ),
    "out of asyncio.run": (
        "async def main():\n    async for chunk in t: 1 / 0\nasyncio.run(main())",
        1,
        "ZeroDivisionError: division by zero",
    ),
    "while connecting": ("cnb.connect('local').say('Too late.')", 0, ""),
}


@pytest.mark.parametrize("how", ENDINGS)
def test_a_script_that_ends_in_the_middle_of_speech_leaves_nothing_behind(how: str) -> None:
    code, status, complaint = ENDINGS[how]
    script = subprocess.Popen(
        [sys.executable, "-c", SCRIPT + code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert script.stdout is not None
    said = ""
    while not said.startswith("engine"):
        said = script.stdout.readline()
    engine = psutil.Process(int(said.split()[-1]))
    children = psutil.Process(script.pid).children(recursive=True)
    _, stderr = script.communicate(timeout=30)
    assert script.returncode == status
    assert stderr.strip().rpartition("\n")[2] == complaint
    assert stderr.count("Traceback") == bool(complaint)
    for process in (engine, *children):
        becomes(partial(is_over, process), f"{process} is left")


def test_a_script_that_closes_its_session_goes_on_with_nothing_left_of_it() -> None:
    code = """
import asyncio, os, threading, time, psutil
import cartesia_nb as cnb
from cartesia_nb.speech import loops

def speak():
    with cnb.connect("local") as tts:
        takes = [tts.say("On and on it goes. " * 100) for _ in range(4)]
        next(iter(takes[0]))
        tts.voices()
    return {take.state for take in takes}

def left():
    return {
        # But for the loop's own pool, which keeps its threads and makes them as it needs them.
        "threads": sorted(
            each.name for each in threading.enumerate() if not each.name.startswith("asyncio_")
        ),
        "files": len(os.listdir("/proc/self/fd")),
        "processes": psutil.Process().children(),
        "tasks": asyncio.all_tasks(loops.network_loop()),
    }

def settles(reached):
    # What an ended process said last is still being read.
    end = time.monotonic() + 20
    while not reached() and time.monotonic() < end:
        time.sleep(0.02)
    return reached()

speak()
settles(lambda: "engine-output" not in left()["threads"])
before = left()
said = speak()
print(said, settles(lambda: left() == before), before["processes"], before["tasks"])
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stdout.splitlines()[-1] == "{'cancelled'} True [] set()"
    assert result.stderr == ""
