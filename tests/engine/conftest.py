"""A running engine for the tests that talk to one, and plain ways to talk to it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from cartesia_nb.engine.process import EngineProcess
from tests.engine.talk import Server, wait_for


@pytest.fixture(scope="session")
def engine() -> Iterator[EngineProcess]:
    """The built-in engine, unpaced."""
    with EngineProcess(fast=True) as process:
        yield process


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Server:
    """What the conformance tests talk to: the engine, or the server that two variables name."""
    url = os.environ.get("CARTESIA_NB_CONFORMANCE_URL")
    if url:
        return Server(url, os.environ["CARTESIA_NB_CONFORMANCE_KEY"])
    process: EngineProcess = request.getfixturevalue("engine")
    return Server(process.url, process.api_key)


@pytest.fixture
def own(request: pytest.FixtureRequest) -> Iterator[Server]:
    """An engine of the test's own, paced, whose settings it may change."""
    with EngineProcess() as process:
        yield Server(process.url, process.api_key)


@pytest.fixture(scope="session")
def unruly_process() -> Iterator[EngineProcess]:
    """An unpaced engine for those who make it misbehave."""
    with EngineProcess(fast=True) as process:
        yield process


@pytest.fixture
def unruly(unruly_process: EngineProcess) -> Iterator[EngineProcess]:
    """It behaves before and after; nothing may be left over, nor anything complained of."""
    process = unruly_process
    yield process
    process.misbehave()
    process.control(max_contexts=None, max_sockets=None, cancel_linger_ms=0, hold_last_chunk=False)
    wait_for(
        lambda: (process.control()["sockets"], process.control()["running"]) == (0, 0),
        "no socket and no context is left",
    )
    assert not process._complaints
