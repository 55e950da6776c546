"""What a forked child may do, and what stays its parent's."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from cartesia_nb.engine.process import EngineProcess

FORKS = {
    "multiprocessing": """
fork = multiprocessing.get_context("fork")
child = fork.Process(target=speak)
child.start()
child.join(30)
status = child.exitcode
""",
    # It ends as a script does, with all that is registered for that.
    "os.fork": """
pid = os.fork()
if pid == 0:
    speak()
    sys.exit(0)
status = os.waitpid(pid, 0)[1]
""",
}


@pytest.mark.parametrize("how", FORKS)
def test_a_forked_child_speaks_by_itself_and_the_parents_speech_goes_on(
    engine: EngineProcess, how: str
) -> None:
    code = f"""
import multiprocessing, os, sys, threading
import cartesia_nb as cnb

def speak():
    own = cnb.connect(base_url={engine.url!r})
    take = own.say("The child says this.").wait(30)
    print(take.state, *[word.text for word in take.words], flush=True)

more = threading.Event()
def text():
    yield "The parent says this, "
    more.wait(40)
    yield "and goes on after the child."

tts = cnb.connect(base_url={engine.url!r})
take = tts.say(text())
next(iter(take))
{FORKS[how]}
more.set()
print(status, take.wait(30).state, take.words[-1].text)
print(tts.say("And again.").wait(30).timeline.cold)
"""
    environment = {**os.environ, "CARTESIA_API_KEY": engine.api_key}
    result = subprocess.run(
        # From Python 3.12 on it warns of forking where there are threads, which is the point here.
        [sys.executable, "-u", "-W", "ignore::DeprecationWarning", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=55,
    )
    assert (result.stderr, result.returncode) == ("", 0)
    assert result.stdout.splitlines()[-3:] == [
        "done The child says this.",
        "0 done child.",
        "False",
    ]


def test_what_a_forked_child_inherits_says_that_it_is_closed(engine: EngineProcess) -> None:
    code = f"""
import os, sys
import cartesia_nb as cnb

tts = cnb.connect(api_key={engine.api_key!r}, base_url={engine.url!r})
tts.say("The parent.").wait(30)
pid = os.fork()
if pid == 0:
    try:
        tts.say("The child.").wait(10)
    except cnb.ConnectError as error:
        print(error, flush=True)
    os._exit(0)
os.waitpid(pid, 0)
print(tts.say("The parent again.").wait(30).state)
"""
    result = subprocess.run(
        [sys.executable, "-u", "-W", "ignore::DeprecationWarning", "-c", code],
        capture_output=True,
        text=True,
        timeout=55,
    )
    assert (result.stderr, result.returncode) == ("", 0)
    closed, again = result.stdout.splitlines()[-2:]
    assert closed.startswith("This connection is closed.")
    assert again == "done"


def test_a_forked_childs_say_has_a_session_of_its_own() -> None:
    code = """
import os, sys
import cartesia_nb as cnb

first = cnb.say("The parent.").wait(30)
pid = os.fork()
if pid == 0:
    print(cnb.say("The child.").wait(30).state, flush=True)
    sys.exit(0)
status = os.waitpid(pid, 0)[1]
again = cnb.say("The parent again.").wait(30)
print(status, again.state, first.timeline.cold, again.timeline.cold)
"""
    result = subprocess.run(
        [sys.executable, "-u", "-W", "ignore::DeprecationWarning", "-c", code],
        env={**os.environ, "CARTESIA_API_KEY": ""},
        capture_output=True,
        text=True,
        timeout=55,
    )
    assert (result.stderr, result.returncode) == ("", 0)
    assert result.stdout.splitlines()[-2:] == ["done", "0 done True False"]
