"""An engine that speaks as fast as it can, and a session with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.notebook.session import Session, connect


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineProcess]:
    engine = EngineProcess(fast=True)
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def session(engine: EngineProcess) -> Iterator[Session]:
    with connect(api_key=engine.api_key, base_url=engine.url) as session:
        yield session
