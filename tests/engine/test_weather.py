"""Who is hit, and how often: settings, chances and counts."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia_nb.engine.faults import Fault
from cartesia_nb.engine.refusals import Refusal
from cartesia_nb.engine.weather import Plan, Weather


def plan(*faults: str, seed: int = 0, contexts: int = 0) -> Plan:
    return Plan(Weather(tuple(map(Fault.parse, faults)), seed=seed), contexts=contexts)


def hit(one: Plan, contexts: list[int]) -> set[int]:
    """Which of these contexts are struck when they come to chunk 3 in this order."""
    return {context for context in contexts if one.strike(3, context)}


def test_a_fault_strikes_at_its_moment_and_only_so_often() -> None:
    one = plan("drop@3*2")
    assert not one.strike(2, 1) and not one.strike("done", 1)
    assert [bool(one.strike(3, context)) for context in (1, 2, 3)] == [True, True, False]
    assert one.state()["struck"] == {"drop@3*2": 2}


def test_a_fault_without_end_strikes_always() -> None:
    assert hit(plan("drop@3*inf"), list(range(50))) == set(range(50))


@given(st.integers(), st.permutations(range(1, 41)))
def test_the_order_in_which_contexts_get_there_does_not_change_who_is_hit(
    seed: int, order: list[int]
) -> None:
    assert hit(plan("drop@3*inf%50", seed=seed), order) == hit(
        plan("drop@3*inf%50", seed=seed), list(range(1, 41))
    )


def test_other_faults_and_moments_do_not_change_who_is_hit() -> None:
    alone, among = plan("drop@3*inf%50"), plan("non-json@2*inf%50", "drop@3*inf%50")
    for context in range(40):
        among.strike(2, context)
        among.strike_handshake()
    assert hit(alone, list(range(40))) == hit(among, list(range(40)))


def test_contexts_are_numbered_from_when_the_plan_began() -> None:
    """So that the same lesson run twice on one engine gives the same."""
    first, again = plan("drop@3*inf%50"), plan("drop@3*inf%50", contexts=100)
    assert {n + 100 for n in hit(first, list(range(40)))} == hit(again, list(range(100, 140)))


def test_another_seed_hits_others_and_a_chance_is_what_it_says() -> None:
    few, many = plan("drop@3*inf%10", seed=1), plan("drop@3*inf%90", seed=2)
    contexts = list(range(1000))
    assert 50 < len(hit(few, contexts)) < 200
    assert 800 < len(hit(many, contexts)) < 950
    assert hit(plan("drop@3*inf%50", seed=1), contexts) != hit(
        plan("drop@3*inf%50", seed=2), contexts
    )
    assert not hit(plan("drop@3*inf%0"), contexts)


def test_chances_of_handshakes_are_drawn_for_each_in_turn() -> None:
    def run(seed: int) -> list[bool]:
        one = plan("http-503@handshake*inf%50", seed=seed)
        return [one.strike_handshake() is not None for _ in range(40)]

    assert run(1) == run(1) != run(2)
    assert {True, False} == set(run(1))


def test_several_strike_in_their_order_up_to_a_fatal_one() -> None:
    one = plan("non-json@3", "odd-bytes@3", "drop@3", "silence@3")
    assert [fault.kind for fault in one.strike(3, 1)] == ["non-json", "odd-bytes", "drop"]
    assert [fault.kind for fault in one.strike(3, 2)] == ["silence"]


def test_a_context_met_late_gets_what_lasts_from_an_earlier_chunk() -> None:
    one = plan("odd-bytes@3*inf", "drop@3*inf")
    assert not one.strike(5, 1)
    assert [fault.kind for fault in one.strike(5, 1, late=True)] == ["odd-bytes"]
    assert not one.strike("done", 1, late=True)


def test_jitters_are_the_same_for_the_same_seed_and_socket() -> None:
    def draws(source: random.Random) -> list[float]:
        return [source.random() for _ in range(5)]

    first, again = Plan(Weather(seed=4)), Plan(Weather(seed=4), sockets=10)
    assert draws(first.jitters("message", 1)) == draws(again.jitters("message", 11))
    streams = [("message", 1), ("message", 2), ("pong", 1)]
    for one, other in itertools.combinations(streams, 2):
        assert draws(first.jitters(*one)) != draws(first.jitters(*other))


def test_settings_are_read_and_given_back() -> None:
    fields = {"faults": ["drop@3", "busy@0*2"], "delay_ms": 5.0, "jitter_ms": 1.0,
              "bandwidth": 1000.0, "seed": 3}  # fmt: skip
    state = Plan(Weather.read(fields)).state()
    assert state == fields | {"struck": {"drop@3": 0, "busy@0*2": 0}}
    assert Weather.read({}) == Weather()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"fault": []}, "fault is none of its settings: faults, delay_ms"),
        ({"faults": "drop@3"}, "it takes a list"),
        ({"faults": [3]}, "it takes a list"),
        ({"faults": ["drop@3", "drop@3"]}, "drop@3 is given twice; write how often: \\*2"),
        ({"faults": ["drop"]}, "write KIND@WHERE"),
        ({"delay_ms": -1}, "delay_ms is -1; it takes 0 to 10000"),
        ({"delay_ms": True}, "delay_ms is True"),
        ({"delay_ms": None}, "delay_ms is None"),
        ({"jitter_ms": float("nan")}, "jitter_ms is nan"),
        ({"jitter_ms": 10001}, "jitter_ms is 10001"),
        ({"bandwidth": 0}, "bandwidth is 0; it takes 1 to"),
        ({"bandwidth": 10**400}, "bandwidth is 1000"),
        ({"seed": 1.5}, "seed is 1.5; it takes a whole number"),
        ({"seed": True}, "seed is True"),
    ],
)
def test_settings_that_make_no_sense_are_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        Weather.read(fields)
