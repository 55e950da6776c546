"""What settings do to the voice."""

from __future__ import annotations

from cartesia_nb.engine.prosody import EMOTIONS, rate_for
from cartesia_nb.protocol import limits


def test_every_emotion_of_the_protocol_has_its_colour_and_no_other() -> None:
    assert set(EMOTIONS) == set(limits.EMOTIONS)
    assert EMOTIONS["neutral"] == (0, 0, 1.0)


def test_no_emotion_takes_the_speed_beyond_what_espeak_can_do() -> None:
    for colour in EMOTIONS.values():
        for speed in limits.SPEED_RANGE:
            assert 80 < rate_for(speed * colour.pace) < 450


def test_speed_one_is_the_usual_rate_and_faster_is_more() -> None:
    assert rate_for(1.0) == 175
    rates = [rate_for(speed / 10) for speed in range(6, 16)]
    assert rates == sorted(set(rates))
