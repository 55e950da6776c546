"""The engine's life beside its parent's."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from cartesia_nb.engine import process as process_module
from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.errors import EngineError, EngineMissingError
from tests.engine.talk import PATIENCE, Server, wait_for

ROOT = str(Path(__file__).resolve().parents[2])


def runs(pid: int) -> bool:
    """Whether a process that is not our child runs. A zombie's parent has not looked yet."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def parent(then: str) -> subprocess.Popen[str]:
    """A process that starts an engine, prints its pid and goes on with ``then``."""
    code = f"""
        import os, sys, time
        from cartesia_nb.engine.process import EngineProcess
        engine = EngineProcess()
        engine.start()
        print(engine.pid, flush=True)
        {then}
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    )


def engine_of(child: subprocess.Popen[str]) -> int:
    assert child.stdout is not None
    with child.stdout:
        return int(child.stdout.readline())


def test_it_serves_when_start_returns_and_ends_with_stop() -> None:
    engine = EngineProcess(fast=True)
    lives = [engine.alive]
    engine.start()
    lives.append(engine.alive)
    assert engine.url.startswith("http://127.0.0.1:")
    assert engine.websocket_url == engine.url.replace("http", "ws")
    assert Server(engine.url, engine.api_key).control()["contexts"] == 0
    engine.stop()
    lives.append(engine.alive)
    engine.stop()
    engine.start()
    lives.append(engine.alive)
    engine.stop()
    assert lives == [False, True, False, True]


def test_it_ends_by_itself_when_its_standard_input_does() -> None:
    """Not by the force that ``stop`` would use in the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cartesia_nb.engine", "--stdin-guard"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin is not None and process.stdout is not None
    with process.stdout:
        assert process.stdout.readline().startswith(b"ready http://127.0.0.1:")
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
        assert process.stdout.read() == b""


def test_starting_from_many_threads_starts_one() -> None:
    engine = EngineProcess()
    pids: list[int | None] = []

    def start() -> None:
        engine.start()
        pids.append(engine.pid)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.stop()
    assert len(pids) == 4 and len(set(pids)) == 1


def test_its_key_is_not_on_the_command_line_nor_in_its_repr() -> None:
    with EngineProcess() as engine:
        command = subprocess.run(
            ["ps", "-o", "args=", "-p", str(engine.pid)], capture_output=True, text=True, check=True
        ).stdout
        assert "cartesia_nb.engine" in command
        assert engine.api_key not in command
        assert engine.api_key not in repr(engine)


def test_it_ends_when_its_parent_ends() -> None:
    child = parent("sys.exit()")
    pid = engine_of(child)
    child.wait(PATIENCE)
    wait_for(lambda: not runs(pid), "the engine ends with its parent")


def test_it_ends_when_its_parent_is_killed() -> None:
    child = parent("time.sleep(600)")
    pid = engine_of(child)
    assert runs(pid)
    child.kill()
    child.wait(PATIENCE)
    wait_for(lambda: not runs(pid), "the engine ends with its killed parent")


def test_it_ends_with_its_parent_though_a_fork_of_it_lives_on() -> None:
    """The fork holds the other end of the engine's standard input."""
    child = parent(
        "fork = os.fork() or time.sleep(60) or os._exit(0); print(fork, flush=True); os._exit(0)"
    )
    assert child.stdout is not None
    with child.stdout as lines:
        pid, fork = int(lines.readline()), int(lines.readline())
    try:
        child.wait(PATIENCE)
        wait_for(lambda: not runs(pid), "the engine ends")
        assert runs(fork)
    finally:
        os.kill(fork, signal.SIGKILL)


def test_an_interrupt_of_the_parents_group_does_not_reach_it() -> None:
    with EngineProcess() as engine:
        assert engine.pid is not None
        assert os.getpgid(engine.pid) != os.getpgid(0)


def test_without_the_extra_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "_NEEDED", ("surely_not_installed",))
    with pytest.raises(EngineMissingError, match='pip install "cartesia_nb\\[local\\]"'):
        EngineProcess().start()


def test_an_engine_that_ends_at_once_says_what_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = EngineProcess(speedup=3.0)
    engine._options.append("--no-such-option")
    with pytest.raises(EngineError, match="no-such-option"):
        engine.start()
    assert not engine.alive


def test_one_that_is_not_ready_in_time_is_ended() -> None:
    engine = EngineProcess()
    with pytest.raises(EngineError, match="not ready within 0 s"):
        engine.start(timeout=0)
    assert not engine.alive


def test_the_url_before_start_is_an_error_that_says_so() -> None:
    with pytest.raises(EngineError, match="start"):
        EngineProcess().url  # noqa: B018  (that reading it raises is the point)


def test_told_to_misbehave_it_starts_and_behaves_again_after_stop_and_start() -> None:
    engine = EngineProcess()
    engine.misbehave("drop@3", "busy@0*2", delay_ms=5, jitter_ms=1, bandwidth=1000, seed=2)
    try:
        with Server(engine.url, engine.api_key).http() as http:
            state = http.get("/engine/faults").json()
        assert engine.alive
        assert state["faults"] == ["drop@3", "busy@0*2"]
        assert [state[name] for name in ("delay_ms", "jitter_ms", "bandwidth", "seed")] == [
            5,
            1,
            1000,
            2,
        ]
        assert engine.control(max_contexts=3)["max_contexts"] == 3
        assert engine.control()["max_contexts"] == 3
        engine.stop()
        engine.start()
        with Server(engine.url, engine.api_key).http() as http:
            assert http.get("/engine/faults").json()["faults"] == []
    finally:
        engine.stop()


def test_what_it_is_told_before_it_runs_it_keeps_for_its_next_start() -> None:
    engine = EngineProcess(speedup=2.0)
    assert engine.control()["speedup"] == 2
    engine.control(max_contexts=2, variation=3)
    told = engine.control(ignore=["speed"])
    with pytest.raises(EngineError, match="max_contexts is 0"):
        engine.control(max_contexts=0)
    assert not engine.alive
    engine.start()
    try:
        state = engine.control()
        engine.stop()
        engine.start()
        afterwards = engine.control()
    finally:
        engine.stop()
    assert state == told
    assert (state["max_contexts"], state["variation"], state["ignore"]) == (2, 3, ["speed"])
    assert (afterwards["max_contexts"], afterwards["ignore"]) == (None, [])


def test_an_engine_that_was_killed_is_said_not_to_answer() -> None:
    with EngineProcess() as engine:
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)
        wait_for(lambda: not engine.alive, "it ends")
        with pytest.raises(EngineError, match=r"does not answer .* stop\(\) and start"):
            engine.control()


def test_alone_it_prints_ready_first_and_then_how_to_use_it() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "cartesia_nb.engine"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"CARTESIA_NB_ENGINE_KEY": "sesame"},
    ) as process:
        assert process.stdout is not None
        word, url = process.stdout.readline().split()
        assert word == "ready"
        process.send_signal(signal.SIGINT)
        shown = process.stdout.read()
    assert process.returncode == 0
    assert f'base_url="{url}"' in shown
    assert "sesame" not in shown


def test_a_taken_port_is_said_in_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "-m", "cartesia_nb.engine", "--port", str(port)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=PATIENCE,
            check=False,
        )
    assert result.returncode == 1
    assert f"can't listen on port {port}" in result.stderr
    assert "Traceback" not in result.stderr
