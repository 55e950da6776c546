"""The schedule of chunks, in counts."""

from __future__ import annotations

import pytest

from cartesia_nb.engine.pacing import Pacer


def test_first_audio_comes_after_its_time_and_then_thrice_as_fast_as_it_plays() -> None:
    pacer = Pacer(0.09, 3.0)
    pacer.start(100.0)
    assert pacer.due == pytest.approx(100.09)
    for _ in range(30):
        pacer.sent(0.08)
    assert pacer.due == pytest.approx(100.09 + 30 * 0.08 / 3)


def test_text_after_a_wait_takes_its_own_time_to_first_audio() -> None:
    pacer = Pacer(0.09, 3.0)
    pacer.start(100.0)
    pacer.sent(0.3)
    pacer.start(105.0)
    assert pacer.due == pytest.approx(105.09)


def test_a_voice_behind_its_schedule_is_not_hurried_by_new_text() -> None:
    pacer = Pacer(0.09, 3.0)
    pacer.start(100.0)
    pacer.sent(30.0)
    pacer.start(101.0)
    assert pacer.due == pytest.approx(110.09)


def test_without_pacing_everything_is_due() -> None:
    pacer = Pacer(0.09, None)
    pacer.start(100.0)
    pacer.sent(0.3)
    assert pacer.due == float("-inf")
