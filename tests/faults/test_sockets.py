"""The promises, held by a real connection to an engine that misbehaves over real sockets."""

from __future__ import annotations

from typing import Final

import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.speech import backend
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.socket import Endpoint
from cartesia_nb.speech.take import Take
from tests.faults.leftovers import PATIENCE_S, Leftovers
from tests.faults.pairs import Case, cover
from tests.faults.promises import MEANING, ROWS, Moment
from tests.faults.sockets import MIDDLE, SLOW, TEXT, play

# A fault that takes seconds comes to each of its ends once; the rest is for `make test-all`.
CASES: Final = [
    pytest.param(
        case,
        id=case.name,
        marks=[pytest.mark.long] if case.again and case.row.name in SLOW else [],
    )
    for case in cover(ROWS)
]


@pytest.fixture(scope="module")
def healthy(endpoint: Endpoint) -> Take:
    """What the engine makes of the text when nothing goes wrong."""
    with Connection(endpoint, backend.ENGINE) as connection:
        return connection.say(TEXT).wait(PATIENCE_S)


def received(healthy: Take, moment: Moment) -> bytes:
    """What has come when the sound ends at a moment."""
    chunks = {"handshake": 0, "first": 0, "middle": MIDDLE}.get(moment)
    return b"".join(chunk.audio for chunk in list(healthy)[:chunks])


@pytest.mark.parametrize("case", CASES)
def test_it_ends_as_promised_with_all_that_came_and_the_next_take_is_whole(
    engine: EngineProcess, endpoint: Endpoint, healthy: Take, case: Case
) -> None:
    leftovers = Leftovers(engine)
    result = play(engine, endpoint, case)
    take = result.take
    assert result.struck >= 1, "the fault has struck"
    if case.promised in ("whole", "again"):
        assert (take.state, take.error) == ("done", None)
        assert (take.timeline.resent > 0) == (case.promised == "again")
        assert take.pcm == healthy.pcm
    else:
        assert take.state == "failed"
        assert type(take.error).__name__ == MEANING[case.promised]
        assert take.pcm == received(healthy, case.moment)
    if result.consumed is not None:
        assert result.consumed == take.pcm
    assert result.told is (None if case.consumer == "absent" else take.error)
    assert (result.after.state, result.after.error) == ("done", None)
    assert result.after.pcm == healthy.pcm
    leftovers.vanish()
