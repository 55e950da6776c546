"""Rows that say how far something had got, many of them."""

from __future__ import annotations

import gc

from cartesia_nb.speech.milestones import Arrival, Milestones


def rows_of(milestones: Milestones[Arrival]) -> list[tuple[int, float | None]]:
    return [(end, at) for end, at in milestones]


def test_rows_that_were_read_stay_as_they_were_when_others_follow() -> None:
    first = Milestones(Arrival, [Arrival(10, 1.0)])
    iterator = iter(first)
    second = first.and_then([Arrival(20, None), Arrival(30, 3.0)])
    other = first.and_then([Arrival(25, 9.0)])
    assert list(iterator) == [Arrival(10, 1.0)]
    assert rows_of(first) == [(10, 1.0)]
    assert rows_of(second) == [(10, 1.0), (20, None), (30, 3.0)]
    assert rows_of(other) == [(10, 1.0), (25, 9.0)]


def test_when_something_was_reached_is_the_first_row_s_that_reaches_it() -> None:
    first = Milestones(Arrival, [Arrival(10, 1.0)])
    whole = first.and_then([Arrival(20, None), Arrival(30, 3.0)])
    assert [whole.reaching(end) for end in (1, 10, 11, 20, 21, 30, 31)] == [
        1.0, 1.0, None, None, 3.0, 3.0, None,
    ]  # fmt: skip
    assert first.reaching(30) is None


def test_an_hour_of_rows_is_nothing_to_the_garbage_collector() -> None:
    milestones = Milestones(Arrival)
    gc.collect()
    before = len(gc.get_objects())
    for end in range(1, 20_001, 10):
        milestones = milestones.and_then(Arrival(end + more, 1.0) for more in range(10))
    gc.collect()
    assert len(milestones) == 20_000
    assert len(gc.get_objects()) - before < 1000
