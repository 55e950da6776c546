"""The engine told to misbehave by its command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.sync.client import connect

from cartesia_nb.engine.faults import KINDS
from tests.engine.talk import PATIENCE, Server, request, struck, wait_for

ROOT = str(Path(__file__).resolve().parents[2])


def run(*options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cartesia_nb.engine", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        # Wide, so that no name is broken at its hyphen.
        env=os.environ | {"CARTESIA_NB_ENGINE_KEY": "sesame", "COLUMNS": "2000"},
    )


def test_what_the_command_line_sets_is_set_and_an_interrupt_still_ends_it() -> None:
    """In the midst of a handshake that is never answered and a socket that is half open."""
    options = ["--fault=half-open@0", "--fault", "no-handshake@handshake*inf%0",
               "--delay-ms=5", "--jitter-ms=2", "--bandwidth=1e6", "--seed=9",
               "--max-contexts=2", "--variation=2.5", "--ignore=speed",
               "--ignore=emotion"]  # fmt: skip
    with run(*options) as process:
        assert process.stdout is not None and process.stderr is not None
        server = Server(process.stdout.readline().split()[1], "sesame")
        with server.http() as http:
            faults = http.get("/engine/faults").json()
            control = http.get("/engine/control").json()
            with server.socket() as socket:
                socket.send(json.dumps(request("Hello.")))
                wait_for(lambda: struck(server) == 1, "it goes half open")
                http.post("/engine/faults", json={"faults": ["no-handshake@handshake"]})
                address = f"{server.websocket_url}/tts/websocket?api_key=sesame"
                with (
                    pytest.raises(TimeoutError),
                    connect(address, proxy=None, open_timeout=0.1),
                ):
                    pass
                process.send_signal(signal.SIGINT)
                assert process.wait(PATIENCE) == 0
                said = process.stderr.read()
    assert faults == {
        "faults": ["half-open@0", "no-handshake@handshake*inf%0"],
        "delay_ms": 5,
        "jitter_ms": 2,
        "bandwidth": 1_000_000,
        "seed": 9,
        "struck": {"half-open@0": 0, "no-handshake@handshake*inf%0": 0},
    }
    assert [control[name] for name in ("max_contexts", "variation", "ignore", "seed")] == [
        2,
        2.5,
        ["speed", "emotion"],
        9,
    ]
    assert said == ""


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--fault=silence@idle", "silence makes no sense at 'idle'"),
        ("--bandwidth=0", "bandwidth is 0.0; it takes 1 to"),
        ("--max-contexts=0", "max_contexts is 0; it takes"),
        ("--seed=x", "--seed"),
        ("--variation=11", "variation is 11.0; it takes 0 to 10 percent"),
        ("--ignore=pitch", "ignore is ['pitch']; it takes a list of any of speed"),
    ],
)
def test_an_option_that_makes_no_sense_is_said_in_a_sentence(option: str, said: str) -> None:
    with run(option) as process:
        try:
            _, complaint = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()  # One that took it would run on.
    assert process.returncode == 2
    assert said in complaint
    assert "Traceback" not in complaint


def test_help_names_the_kinds() -> None:
    with run("--help") as process:
        shown, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "KIND@WHERE[*TIMES][%CHANCE]" in shown
    missing = [kind for kind in KINDS if kind not in shown]
    assert not missing
