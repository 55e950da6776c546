"""What a sweep is to speak, in what order, and what that will cost."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from cartesia_nb.speech.settings import Settings
from cartesia_nb.tuning.plan import Plan, duration, speech_seconds

SPEEDS = tuple(Settings(speed=speed) for speed in (0.8, 1.0, 1.2))
PLAN = Plan(("One.", "Two, longer."), SPEEDS, 4)


def test_every_text_is_spoken_with_every_settings_as_often_as_asked() -> None:
    jobs = [PLAN.job(number) for number in range(1, PLAN.total + 1)]
    assert PLAN.total == 24
    assert [job.number for job in jobs] == list(range(1, 25))
    spoken = Counter((job.text, job.settings.speed) for job in jobs)
    assert set(spoken.values()) == {4} and len(spoken) == 6
    assert all(PLAN.texts[job.text_number - 1] == job.text for job in jobs)
    assert len({(job.text, job.settings, job.repeat) for job in jobs}) == 24


def test_each_repeat_is_whole_before_the_next_and_in_an_order_of_its_own() -> None:
    order = [PLAN.job(number) for number in PLAN.order()]
    blocks = [order[at : at + 6] for at in range(0, 24, 6)]
    assert [{job.repeat for job in block} for block in blocks] == [{1}, {2}, {3}, {4}]
    within = [tuple((job.text_number, job.settings.speed) for job in block) for block in blocks]
    assert len(set(within)) == 4


def test_a_service_that_gets_slower_does_not_look_like_an_effect_of_a_setting() -> None:
    plan = Plan(("One.",), SPEEDS, 100)
    moments: dict[float | None, list[int]] = {}
    for moment, number in enumerate(plan.order()):
        moments.setdefault(plan.job(number).settings.speed, []).append(moment)
    means = [sum(each) / len(each) for each in moments.values()]
    assert max(means) - min(means) < 0.5  # of 300; in the order of the grid it would be 2


def test_the_same_plan_always_has_the_same_order() -> None:
    assert list(PLAN.order())[:6] == [4, 6, 3, 5, 2, 1]


def test_characters_are_counted_for_each_time_that_they_are_sent() -> None:
    assert PLAN.characters() == (4 + 12) * 3 * 4
    assert PLAN.characters(iter([1, 4])) == 4 + 12


def test_the_estimate_is_of_what_is_left_and_of_how_many_go_at_once() -> None:
    text = "x" * 450  # 30 s of speech, made in 10
    plan = Plan((text,), SPEEDS, 2)
    estimate = plan.estimate(plan.order(), 2)
    assert (estimate.takes, estimate.characters) == (6, 2700)
    assert estimate.seconds == pytest.approx(6 * 10.1 / 2)
    assert plan.estimate(iter([1]), 15).seconds == pytest.approx(10.1)
    assert plan.estimate(iter([]), 2).seconds == 0


def test_signs_that_are_whole_syllables_take_longer() -> None:
    assert speech_seconds("abc") == pytest.approx(0.2)
    assert speech_seconds("你好吗") == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "1 s"), (40, "40 s"), (600, "10 min"), (9000, "2.5 h")]
)
def test_how_long_it_takes_is_said_in_fitting_units(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_what_varies_is_named() -> None:
    assert PLAN.varying == ("speed",)
    other = (Settings(), Settings(pronunciation_dict_id="d", add_timestamps=False))
    assert Plan(("One.",), other, 1).varying == ("add_timestamps", "pronunciation_dict_id")


def test_a_plan_survives_json() -> None:
    extra = Settings(extra={"generation_config": {"pitch": 1}})
    plan = Plan(("One.", "Zwei: ß"), (extra, Settings(speed=1)), 2)
    again = Plan.from_dict(json.loads(json.dumps(plan.to_dict())))
    assert again == plan and again.difference(plan) is None


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Plan(PLAN.texts, SPEEDS, 3), "repeats is 4 there and 3 here"),
        (Plan(("One.",), SPEEDS, 4), "2 texts there and 1 here"),
        (Plan(("One.", "Too."), SPEEDS, 4), "text 2 is 'Two, longer.' there and 'Too.' here"),
        (Plan(PLAN.texts, SPEEDS[:2], 4), "3 settings there and 2 here"),
        (
            Plan(PLAN.texts, (*SPEEDS[:2], Settings(speed=1.3)), 4),
            "settings 3: speed is 1.2 there, 1.3 here",
        ),
    ],
)
def test_what_differs_between_two_plans_is_named(other: Plan, said: str) -> None:
    assert PLAN.difference(other) == said
