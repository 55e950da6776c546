"""A page's moments on the kernel's clock: exact bounds, sleep, late answers, and the promise."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartesia_nb.speaker import clock as clock_module
from cartesia_nb.speaker.clock import MAX_BOUNDS, PROMPT_S, IntervalClock
from cartesia_nb.speech.placing import DRIFT
from tests.speaker.twoclocks import TwoClocks

SHIFTS = (0.0, 60.0, -60.0, 1e6, -1e6)


def exchanged(shift: float, *moments: float, quick: float = 0.002) -> IntervalClock:
    """A clock of a page that is ``shift`` seconds behind, after a message each way at each."""
    clock = IntervalClock()
    for moment in moments:
        clock.down(moment + shift - quick, moment)
        clock.up(moment, moment + shift + quick)
    return clock


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_moment_between_a_message_down_and_one_up_lies_between_their_bounds(shift: float) -> None:
    clock = IntervalClock()
    clock.down(10.0 + shift, 10.004)  # took at most what θ leaves: θ >= shift - 0.004
    clock.up(10.004, 10.010 + shift)  # θ <= shift + 0.006
    placed = clock.place(10.004)
    assert placed is not None
    assert placed.moment == pytest.approx(10.005 + shift, abs=1e-9)
    assert placed.error == pytest.approx(0.005, abs=1e-9)


def test_away_from_its_bounds_an_interval_widens_by_the_drift() -> None:
    clock = exchanged(5.0, 0.0, 100.0)
    at_a_bound, between = clock.place(100.0), clock.place(50.0)
    assert at_a_bound is not None
    assert between is not None
    assert at_a_bound.error == pytest.approx(0.002)
    assert between.error == pytest.approx(0.002 + 50 * DRIFT)
    span = clock.span(205.0)
    assert span is not None
    assert span == pytest.approx((5.0, 0.002 + 100 * DRIFT), abs=1e-5)


def test_only_the_tightest_bounds_count_and_are_kept() -> None:
    clock = exchanged(5.0, 10.0)
    for tick in range(100):
        moment = 10.001 + tick / 100
        clock.down(moment + 5.0 - 0.5, moment)
        clock.up(moment, moment + 5.0 + 0.05)
    assert clock.bounds == 2
    placed = clock.place(10.5)
    assert placed is not None
    assert placed.error == pytest.approx(0.002 + 0.5 * DRIFT)


def test_a_day_of_messages_takes_bounded_room_and_stays_tight() -> None:
    clock = IntervalClock()
    chance = random.Random(1)
    for tick in range(2 * 86_400):
        moment = tick / 2
        theta = 7.0 + moment * 0.5 * DRIFT
        clock.down(moment + theta - 0.001 - chance.expovariate(1000), moment)
        clock.up(moment, moment + theta + 0.001 + chance.expovariate(1000))
    assert clock.bounds <= 2 * MAX_BOUNDS
    for moment in (0.0, 3600.25, 43_200.1, 86_399.0):
        placed = clock.place(moment)
        assert placed is not None
        assert abs(placed.moment - moment - 7.0 - moment * 0.5 * DRIFT) <= placed.error < 0.005


def test_when_bounds_are_thinned_answers_are_wider_and_still_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock_module, "MAX_BOUNDS", 64)
    clock = IntervalClock()
    for moment in map(float, range(0, 10_000, 50)):  # too far apart for one to follow from another
        clock.down(moment - 0.001, moment)
        clock.up(moment, moment + 0.001)
    assert clock.bounds <= 128
    for moment in (0.0, 777.0, 9_940.0):
        placed = clock.place(moment)
        assert placed is not None
        assert abs(placed.moment - moment) <= placed.error < 0.1


@pytest.mark.parametrize("jump", [60.0, -60.0, 3600.0, -3600.0])
@pytest.mark.parametrize("shift", SHIFTS)
def test_after_a_sleep_of_either_side_a_new_epoch_begins(jump: float, shift: float) -> None:
    clock = exchanged(shift, 10.0, 11.0)
    for moment in (20.0, 20.5, 21.0):
        clock.down(moment + shift + jump - 0.002, moment)
        clock.up(moment, moment + shift + jump + 0.002)
    before, between, after = clock.place(10.5), clock.place(15.0), clock.place(20.7)
    assert before is not None
    assert abs(before.moment - 10.5 - shift) <= before.error < 0.01
    assert between is None
    assert after is not None
    assert abs(after.moment - 20.7 - shift - jump) <= after.error < 0.01


def test_until_a_message_down_shows_the_sleep_a_moment_after_it_is_wide_not_wrong() -> None:
    clock = exchanged(5.0, 10.0, 11.0)
    clock.up(20.0, 20.0 + 65.002)  # a minute late, or after a sleep of a minute?
    for moment in (12.0, 19.9):
        placed = clock.place(moment)
        assert placed is not None
        for theta in (5.0, 65.0):
            assert abs(placed.moment - moment - theta) <= placed.error
    assert clock.place(20.1) is None


def test_answers_that_come_seconds_late_change_nothing_of_what_was_known() -> None:
    clock = exchanged(5.0, 10.0, 11.0)
    known = clock.place(10.5)
    for late in range(12, 20):
        clock.up(late, late + 5.0 + 3.0)
    assert clock.place(10.5) == known
    waiting = clock.place(15.0)
    assert waiting is not None
    assert abs(waiting.moment - 15.0 - 5.0) <= waiting.error
    clock.up(20.0, 20.0 + 5.002)
    settled = clock.place(15.0)
    assert settled is not None
    assert abs(settled.moment - 15.0 - 5.0) <= settled.error < 0.005


def test_a_page_that_never_answers_is_nowhere() -> None:
    clock = IntervalClock()
    assert clock.place(1.0) is None
    assert clock.span(1.0) is None
    clock.down(1.0, 1.0)
    assert clock.place(1.0) is None
    assert clock.span(1.0) is None


def test_with_messages_from_the_page_alone_nothing_is_known() -> None:
    clock = IntervalClock()
    clock.up(1.0, 1.0)
    assert clock.place(1.0) is None
    assert clock.span(1.0) is None


def test_what_no_message_of_the_page_has_come_after_is_unknown() -> None:
    clock = exchanged(5.0, 10.0)
    clock.down(16.0 - 0.001, 11.0)
    assert clock.place(10.5) is None
    clock.up(12.0, 17.001)
    assert clock.place(10.5) is not None


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), 1e300, 1e12])
def test_numbers_that_no_clock_shows_are_left_out(bad: float) -> None:
    clock = exchanged(5.0, 10.0)
    clock.down(bad, 10.0)
    clock.down(10.0, bad)
    clock.up(bad, 10.0)
    clock.up(10.0, bad)
    assert clock.bounds == 2
    assert clock.place(bad) is None
    assert clock.span(bad) is None
    assert clock.place(10.0) is not None


def test_a_page_that_tells_a_new_time_with_each_message_takes_bounded_room() -> None:
    clock = IntervalClock()
    for tick in range(2_000):
        clock.down(float(tick % 7) * 1e5, float(tick))
        clock.up(float(tick), float(tick % 5) * 1e5)
        clock.place(float(tick))
    assert clock.bounds < 1_000


def test_a_coarse_page_clock_widens_every_answer() -> None:
    clock = IntervalClock(grain=0.001)
    clock.down(15.0005, 10.0)  # read a millisecond early: the bounds cross
    clock.up(10.0, 15.0)
    placed, span = clock.place(10.0), clock.span(15.0)
    assert placed is not None
    assert span is not None
    assert placed.error == pytest.approx(0.00125)
    assert span[1] >= 0.001


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_moment_lies_within_the_error_or_is_unknown(data: st.DataObject) -> None:
    """The promise, whatever the clocks show, drift and sleep, and however late messages are."""
    world = TwoClocks(data.draw)
    clock = world.clock
    for _ in range(data.draw(st.integers(1, 25), label="events")):
        world.happen()
        for moment, truth in world.moments:
            placed = clock.place(moment)
            assert placed is None or abs(placed.moment - truth) <= placed.error + 1e-6
    world.settle()
    for moment, truth in world.moments:
        placed = clock.place(moment)
        assert placed is None or abs(placed.moment - truth) <= placed.error + 1e-6
    placed = clock.place(world.moments[-1][0])
    assert placed is not None, "a prompt exchange vouches for the moment between"
    assert placed.error < PROMPT_S


def test_late_news_of_before_a_sleep_makes_nothing_of_what_came_after_unknown() -> None:
    clock = exchanged(60.0, 10.0, 11.0)
    for moment in (12.0, 13.0):  # the kernel slept for twenty seconds
        clock.down(moment + 40.0 - 0.002, moment)
        clock.up(moment, moment + 40.0 + 0.002)
    before = [clock.place(moment) for moment in (12.5, 13.0)]
    clock.down(10.5 + 60.0 - 0.003, 10.5)  # a page that was paused tells only now
    assert [clock.place(moment) for moment in (12.5, 13.0)] == before
    assert None not in before


def test_now_is_as_sure_as_the_last_answer_until_a_prompt_one_comes() -> None:
    clock = exchanged(60.0, 10.0)
    clock.up(12.0, 12.0 + 60.0 + 5.0)
    late = clock.span(77.0)
    clock.up(20.0, 20.0 + 60.0 + 0.002)
    prompt = clock.span(80.1)
    assert late is not None
    assert prompt is not None
    assert late[1] == pytest.approx(2.5, abs=0.01)
    assert prompt[1] < 0.01
