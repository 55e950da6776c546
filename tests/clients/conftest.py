"""A running engine for clients that nobody here wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cartesia_nb.engine.process import EngineProcess
from tests.engine.talk import Server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The built-in engine, unpaced."""
    with EngineProcess(fast=True) as process:
        yield Server(process.url, process.api_key)
