"""A long evening: hundreds of takes, fifteen at once, while everything goes wrong now and then."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import psutil
import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.speech import backend
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.socket import Endpoint
from tests.faults.leftovers import PATIENCE_S, Leftovers, wait_for
from tests.faults.soak import FAULTS, TEXTS, Tally, jobs, soak
from tests.faults.sockets import struck

AT_ONCE = 15
ROOM = 10
"""Contexts that the engine allows: fewer, so that it says 429 as well."""

SLACK_MB = 24.0
"""What memory may grow by over 200 takes, once 100 have been: far less than what they hold."""

SETTINGS = Settings(max_buffer_delay_ms=5000)


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineProcess]:
    """It takes its time, so that takes are in flight together."""
    with EngineProcess(first_audio_ms=30, speedup=8) as process:
        yield process


@pytest.fixture
def references(engine: EngineProcess) -> dict[str, bytes]:
    """Each text's bytes when all is well."""
    endpoint = Endpoint(engine.url, engine.websocket_url, Secret(engine.api_key))
    with Connection(endpoint, backend.ENGINE, settings=SETTINGS, max_contexts=6) as connection:
        takes = {text: connection.say(text) for text in TEXTS}
        return {text: take.wait(PATIENCE_S).pcm for text, take in takes.items()}


@pytest.mark.long
@pytest.mark.timeout(400)
def test_hundreds_of_takes_among_faults_end_as_promised_and_leave_nothing(
    engine: EngineProcess, references: dict[str, bytes]
) -> None:
    leftovers = Leftovers(engine)
    engine.control(max_contexts=ROOM, cancel_linger_ms=50)
    endpoint = Endpoint(engine.url, engine.websocket_url, Secret(engine.api_key))
    bounds = Bounds(connect=10, alive=1, first_audio=4, silence=2.5, busy=30, close=1.5, idle=2)
    with Connection(
        endpoint, backend.ENGINE, settings=SETTINGS, bounds=bounds, max_contexts=AT_ONCE
    ) as connection:

        def evening(count: int, seed: int) -> Tally:
            engine.misbehave(*FAULTS, delay_ms=5, jitter_ms=10, seed=seed)
            tally = soak(connection, references, jobs(count, seed), AT_ONCE)
            print(f"{tally}; faults struck {struck(engine)}")
            engine.misbehave()
            assert not tally.wrong, "\n".join(tally.wrong)
            wait_for(lambda: gone(tally), lambda: f"{tally.alive} takes are kept")
            return tally

        evening(100, 1)
        before = memory_mb()
        tally = evening(200, 2)
        after = memory_mb()
        last = connection.say(TEXTS[0]).wait(PATIENCE_S)
        assert last.pcm == references[TEXTS[0]], "after all that, the next one works"
        del last
        counters = engine.control()
    leftovers.vanish()
    was, now = leftovers.before, leftovers.now()
    print(
        f"memory {before:.1f} MB before and {after:.1f} MB after; "
        f"threads {len(was.threads)} and {len(now.threads)}, "
        f"tasks {len(was.tasks)} and {len(now.tasks)}, sockets {was.sockets} and {now.sockets}; "
        f"the engine saw {counters['connections']} sockets and {counters['contexts']} contexts"
    )
    assert tally.outcomes["done"] > 50, "much must still have gone well"
    assert after - before < SLACK_MB


def gone(tally: Tally) -> bool:
    gc.collect()
    return tally.alive == 0


def memory_mb() -> float:
    gc.collect()
    resident: int = psutil.Process().memory_info().rss
    return resident / 1e6
