"""What the soak brought to light, each by itself."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Iterator

import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.errors import ConnectionLostError, ServerError
from cartesia_nb.speech import backend
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.socket import Endpoint
from tests.faults.leftovers import Leftovers, wait_for
from tests.faults.sockets import struck


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineProcess]:
    with EngineProcess(fast=True) as process:
        yield process


@pytest.fixture(scope="module")
def endpoint(engine: EngineProcess) -> Endpoint:
    return Endpoint(engine.url, engine.websocket_url, Secret(engine.api_key))


def test_a_context_that_lost_its_beginning_is_never_done(
    engine: EngineProcess, endpoint: Endpoint
) -> None:
    with Connection(endpoint, backend.ENGINE) as connection:
        engine.misbehave("busy-ownerless@7")

        def text() -> Iterator[str]:
            yield "Hi there! "
            while not struck(engine):
                time.sleep(0.02)
            yield "Welcome to the other side."

        take = connection.say(text())
        with pytest.raises(ServerError):
            take.wait(30)
        engine.misbehave()
        whole = connection.say("Hi there! Welcome to the other side.").wait(20)
        assert whole.pcm.startswith(take.pcm)


def test_a_take_that_nobody_holds_is_let_go_while_the_connection_rests(
    endpoint: Endpoint,
) -> None:
    with Connection(endpoint, backend.ENGINE) as connection:
        take = connection.say("Hi there!").wait(20)
        kept = weakref.ref(take._recording)
        del take
        gc.collect()
        assert kept() is None


def test_a_take_that_nobody_holds_is_let_go_without_the_collector(endpoint: Endpoint) -> None:
    gc.disable()
    try:
        with Connection(endpoint, backend.ENGINE) as connection:
            take = connection.say("Hi there!").wait(20)
            kept = weakref.ref(take._recording)
            del take
            wait_for(lambda: kept() is None, lambda: "it is not freed")
    finally:
        gc.enable()


def test_a_deaf_server_is_left_within_the_bound_for_closing(
    engine: EngineProcess, endpoint: Endpoint
) -> None:
    leftovers = Leftovers(engine)
    with Connection(endpoint, backend.ENGINE, bounds=Bounds(close=0.5, alive=0.5)) as connection:
        engine.misbehave("half-open@3")
        with pytest.raises(ConnectionLostError):
            connection.say("The quick brown fox jumps over the lazy dog.").wait(20)
    engine.misbehave()
    leftovers.vanish()
