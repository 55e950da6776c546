"""One fault at one moment before one consumer: a real connection to an engine that misbehaves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.errors import CartesiaNbError
from cartesia_nb.speech import backend, loops
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.socket import Endpoint
from cartesia_nb.speech.take import Take
from tests.engine.talk import Server
from tests.faults.alone import Listener
from tests.faults.leftovers import PATIENCE_S, wait_for
from tests.faults.pairs import Case
from tests.faults.promises import Moment

TEXT: Final = "The quick brown fox jumps over the lazy dog."
"""Some 30 chunks."""

MIDDLE: Final = 3
"""The chunk before which a fault strikes in the middle."""

WHERE: Final[Mapping[Moment, str]] = {
    "handshake": "handshake",
    "first": "0",
    "middle": str(MIDDLE),
    "done": "done",
    "idle": "idle",
}
"""The moments as the engine is told of them."""

_ROOMY: Final = {
    "connect": 20.0, "alive": 10.0, "first_audio": 20.0, "silence": 20.0, "busy": 20.0,
    "close": 1.5, "idle": 60.0,
}  # fmt: skip

_SHORT: Final[Mapping[str, Mapping[str, float]]] = {
    "http-429, every time": {"connect": 1.0},
    "http-503, every time": {"connect": 1.0},
    "no-handshake": {"connect": 4.0},
    "no-handshake, every time": {"connect": 1.0},
    "silence": {"first_audio": 1.5, "silence": 1.5},
    "half-open": {"alive": 0.6},
    "busy, every time": {"busy": 1.0},
}
"""Only the bound that a fault runs into is short: no other must end what is well on a slow day."""

SLOW: Final = frozenset(_SHORT)
"""The faults that take seconds."""

_PARTED: Final = ("drop", "close-1000", "close-1011", "non-json", "error-ownerless")
"""After these an idle socket is replaced at once."""


@dataclass(frozen=True)
class Result:
    """What came of it.

    Attributes:
        take: the take that the fault struck, or that was said after it struck an idle socket.
        told: the exception that the consumer got, or ``None``.
        consumed: the bytes that the consumer got, or ``None`` if it takes none.
        struck: how often the fault struck.
        after: the take said after it, on the same connection, when nothing went wrong any more.
    """

    take: Take
    told: BaseException | None
    consumed: bytes | None
    struck: int
    after: Take

    @property
    def error(self) -> CartesiaNbError | None:
        return self.take.error


def bounds(case: Case) -> Bounds:
    """What the connection of a case waits for."""
    return Bounds(**{**_ROOMY, **_SHORT.get(case.row.name, {})})


def play(engine: EngineProcess, endpoint: Endpoint, case: Case) -> Result:
    """Let a fault strike, see what becomes of the take and of the one after it, and close.

    Raises:
        AssertionError: something hangs.
    """
    times = "*inf" if case.row.for_ever else ""
    before = engine.control()["connections"]
    assert isinstance(before, int)
    engine.misbehave(f"{case.row.kind}@{WHERE[case.moment]}{times}")
    with Connection(endpoint, backend.ENGINE, bounds=bounds(case)) as connection:
        if case.moment == "idle":
            connection.say(TEXT).wait(PATIENCE_S)
            wait_for(lambda: struck(engine) == 1, lambda: "no fault strikes")
            _learned(engine, before + 1 + (case.row.kind in _PARTED))
        take = connection.say(TEXT)
        listener = Listener(take, case.consumer)
        wait_for(lambda: ended(take), lambda: f"it hangs: {take!r}")
        listener.join()
        count = struck(engine)
        engine.misbehave()
        if case.promised == "unconnected":
            # It goes on trying by itself, after waits that have grown beyond so short a bound.
            wait_for(lambda: engine.control()["sockets"] == 1, lambda: "it does not come back")
        after = connection.say(TEXT)
        wait_for(lambda: ended(after), lambda: f"it hangs: {after!r}")
    return Result(take, listener.told, listener.got, count, after)


def ended(take: Take) -> bool:
    """Whether nothing more will come of it."""
    return take.state in ("done", "cancelled", "failed")


def struck(engine: EngineProcess) -> int:
    """How often any fault has struck."""
    with Server(engine.url, engine.api_key).http() as http:
        counts: dict[str, int] = http.get("/engine/faults").json()["struck"]
    return sum(counts.values())


def _learned(engine: EngineProcess, connections: int) -> None:
    """Wait until the connection knows of what happened to its idle socket."""
    wait_for(
        lambda: engine.control()["connections"] == connections,
        lambda: "the socket is not replaced",
    )
    # What the engine has sent is with this machine by now: the loop has to look, read and route.
    loops.finish(_turns(20), PATIENCE_S)


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)
