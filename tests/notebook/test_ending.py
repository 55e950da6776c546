"""The end of a session, of a kernel and of a script: nothing is left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import psutil
import pytest

from cartesia_nb.notebook.session import connect
from cartesia_nb.speech import loops
from tests.notebook.kernel import Kernel, becomes, kernel

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
