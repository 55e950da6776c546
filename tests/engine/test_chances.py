"""A fault with a chance over many contexts, several of them in flight at once on one socket."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from websockets.exceptions import ConnectionClosed

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.engine.weather import Plan, Weather
from tests.engine.talk import Server, receive, speak

MANY = 200
AT_ONCE = 3


class Run(NamedTuple):
    """By their number among the contexts of the run, from 1."""

    struck: set[int]
    failed: set[int]
    contexts: int


def run(engine: EngineProcess, fault: str, seed: int) -> Run:
    """Speak until ``MANY`` are done, three at a time; what fails is not asked for again."""
    before = len(engine.log())
    engine.misbehave(fault, seed=seed)
    server = Server(engine.url, engine.api_key)
    asked = 0
    while asked < MANY:
        with server.socket() as socket:
            flying = 0
            try:
                while asked < MANY or flying:
                    while asked < MANY and flying < AT_ONCE:
                        asked, flying = asked + 1, flying + 1
                        speak(socket, "Some words." if asked % 2 else "One.", str(asked))
                    flying -= receive(socket)["type"] in ("done", "error")
            except ConnectionClosed:
                continue
    entries = engine.log()[before:]
    return Run(
        {n for n, entry in enumerate(entries, 1) if entry["faults"]},
        {n for n, entry in enumerate(entries, 1) if entry["state"] == "failed"},
        len(entries),
    )


def drawn(fault: str, seed: int) -> set[int]:
    """Whom the seed has chosen."""
    plan = Plan(Weather.read({"faults": [fault], "seed": seed}))
    return {number for number in range(1, MANY + 1) if plan.strike(1, number)}


def test_a_chance_of_five_percent_strikes_that_many_and_the_same_again(
    unruly: EngineProcess,
) -> None:
    fault = "error@1*inf%5"
    first = run(unruly, fault, 1)
    assert first == run(unruly, fault, 1)
    assert first.struck == first.failed == drawn(fault, 1)
    assert first.contexts == MANY
    assert 4 <= len(first.struck) <= 18
    assert run(unruly, fault, 2).struck != first.struck


def test_a_drop_strikes_those_drawn_unless_another_took_their_socket_first(
    unruly: EngineProcess,
) -> None:
    fault = "drop@1*inf%5"
    one = run(unruly, fault, 1)
    chosen = drawn(fault, 1)
    assert one.struck <= chosen <= one.failed | set(range(one.contexts + 1, MANY + 1))
    assert len(one.struck) >= 4
    # Those in flight beside it went down with the socket: at most two for each.
    assert len(one.failed) <= AT_ONCE * len(one.struck)


@pytest.mark.parametrize("percent", [5, 20])
def test_over_many_seeds_a_chance_is_what_it_says(percent: int) -> None:
    hits = [len(drawn(f"drop@1*inf%{percent}", seed)) for seed in range(100)]
    assert sum(hits) / (100 * MANY) == pytest.approx(percent / 100, rel=0.06)
