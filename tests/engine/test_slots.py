"""Contexts in flight, counted by account."""

from __future__ import annotations

from cartesia_nb.engine.slots import Slots


def test_an_account_gets_as_many_as_its_limit_and_one_more_when_one_is_back() -> None:
    slots = Slots()
    assert [slots.take("a", 2) for _ in range(3)] == [True, True, False]
    assert slots.take("b", 2)
    assert slots.running == 3
    slots.release("a")
    assert slots.take("a", 2)


def test_without_a_limit_there_is_always_one() -> None:
    slots = Slots()
    assert all(slots.take("a", None) for _ in range(100))
    assert not slots.take("a", 100)
    for _ in range(100):
        slots.release("a")
    assert slots.running == 0
