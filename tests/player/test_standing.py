"""How a take stands in pages that report different things."""

from __future__ import annotations

import pytest

from cartesia_nb.player.standing import Report, Reports, Standing, read
from cartesia_nb.speaker.speaker import PATIENCE_S

NOTHING = Report("", 0.0, playing=False, ended=False)


def heard(page: str, position: float, *, playing: bool = False, ended: bool = False) -> Report:
    return Report(page, position, playing, ended)


@pytest.mark.parametrize(
    ("last", "state"),
    [
        (heard("a", 0.0), "idle"),
        (heard("a", 1.0, playing=True), "playing"),
        (heard("a", 1.0), "paused"),
        (heard("a", 2.0, ended=True), "ended"),
    ],
)
def test_a_page_s_last_report_says_how_it_stands(last: Report, state: str) -> None:
    reports = Reports(NOTHING)
    reports.add(heard("a", 0.5, playing=True), 0.0)
    reports.add(last, 1.0)
    assert reports.standing(1.0) == (last.position, last.playing, state)


def test_a_page_that_plays_is_believed_before_one_that_does_not() -> None:
    reports = Reports(NOTHING)
    reports.add(heard("plays", 1.0, playing=True), 0.0)
    reports.add(heard("looks", 7.0), 0.1)
    assert reports.standing(0.1) == Standing(1.0, True, "playing")
    reports.add(heard("plays", 1.5), 0.5)
    assert reports.standing(0.5) == Standing(1.5, False, "paused")


def test_of_two_pages_that_play_the_position_is_that_of_the_first() -> None:
    reports = Reports(NOTHING)
    for tick in range(4):
        reports.add(heard("first", float(tick), playing=True), tick)
        reports.add(heard("second", tick / 10, playing=True), tick)
        assert reports.standing(tick).position == tick
    reports.add(heard("first", 4.0, ended=True), 4)
    assert reports.standing(4) == Standing(0.3, True, "playing")


def test_a_page_that_was_closed_while_it_played_does_not_play_for_ever() -> None:
    reports = Reports(NOTHING)
    reports.add(heard("closed", 1.0, playing=True), 0.0)
    assert reports.standing(PATIENCE_S - 0.1).playing
    assert reports.standing(PATIENCE_S) == Standing(1.0, False, "paused")


def test_what_was_heard_before_is_known_from_the_beginning() -> None:
    assert Reports(heard("", 2.5, ended=True)).standing(0.0) == Standing(2.5, False, "ended")


@pytest.mark.parametrize(
    "content",
    [
        None,
        {"type": "hello", "page": "a"},
        {"type": "heard", "page": "a", "take": "another", "position": 1.0, "playing": True},
        {"type": "heard", "page": "a", "take": "t", "position": -1.0, "playing": True},
        {"type": "heard", "page": "a", "take": "t", "position": float("nan"), "playing": True},
    ],
)
def test_a_message_that_says_nothing_of_this_take_is_none(content: object) -> None:
    assert read(content, "t") is None


def test_a_report_is_read_as_the_page_sends_it() -> None:
    content = {"type": "heard", "page": "a", "take": "t", "position": 1, "playing": True}
    assert read(content, "t") == heard("a", 1.0, playing=True)
    assert read({**content, "playing": "yes", "ended": True}, "t") == heard("a", 1.0, ended=True)
