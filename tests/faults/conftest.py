"""An engine to itself for each module: faults are the engine's, and concern all its clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.socket import Endpoint


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineProcess]:
    """It speaks as fast as it can."""
    with EngineProcess(fast=True) as process:
        yield process


@pytest.fixture(scope="module")
def endpoint(engine: EngineProcess) -> Endpoint:
    return Endpoint(engine.url, engine.websocket_url, Secret(engine.api_key))
