"""The same word in several takes."""

from __future__ import annotations

import random

import numpy as np
import pytest

from cartesia_nb.speech.recording import Word
from cartesia_nb.tuning.places import LEAST_S, Places, Spoken, places
from tests.tuning.heard import spoken, tone


def take(text: str, *starts: float, duration: float = 2.0) -> Spoken:
    return Spoken(spoken(text, starts), duration, 0.1, duration - 0.1)


def check(found: Places, durations: list[float]) -> None:
    assert len({len(row) for row in found.seconds}) == 1
    for row, duration in zip(found.seconds, durations, strict=True):
        assert row[0] == 0.0
        assert row[-1] == duration
        assert (np.diff(row) > 0).all()


def test_words_that_all_have_are_anchors_in_each_at_their_own_time() -> None:
    found = places(
        [take("Hello big world", 0.1, 0.5, 1.0), take("hello, World!", 0.2, 1.5, duration=3.0)]
    )
    assert found.by_words
    assert found.words == ((("Hello", "hello,"), 1), (("world", "World!"), 3))
    assert found.seconds[0] == pytest.approx((0.0, 0.1, 0.3, 1.0, 1.2, 2.0))
    assert found.seconds[1] == pytest.approx((0.0, 0.2, 0.4, 1.5, 1.7, 3.0))


def test_where_no_pause_follows_a_word_its_end_is_no_anchor() -> None:
    found = places([take("a b", 0.1, 0.3), take("a b", 0.1, 0.9)])
    assert found.seconds[0] == pytest.approx((0.0, 0.1, 0.3, 0.5, 2.0))


def test_a_word_must_be_in_all_of_three() -> None:
    three = [take("a b c", 0, 0.5, 1), take("a c", 0.3, 1.2), take("b c", 0.2, 1.5)]
    found = places(three)
    assert [texts for texts, _ in found.words] == [("c", "c", "c")]
    check(found, [2.0] * 3)


def test_a_word_at_the_very_beginning_is_moved_a_little_and_kept() -> None:
    found = places([take("a b", 0.0, 0.5), take("a b", 0.3, 0.9)])
    assert found.words[0] == (("a", "a"), 1)
    assert [row[1] for row in found.seconds] == [LEAST_S, 0.3]


def test_an_anchor_that_would_have_to_move_far_is_left_out() -> None:
    late = Spoken(spoken("a b", (0.5, 0.2)), 2.0, 0.1, 1.9)  # as the server says, in no order
    found = places([Spoken((Word("a", 0.5, 0.6), Word("b", 0.2, 0.3)), 2.0, 0.1, 1.9), late])
    assert [texts for texts, _ in found.words] == [("a", "a")]
    beyond = [Spoken((Word("a", 9.0, 9.1),), 2.0, 0.1, 1.9), take("a", 0.5)]
    assert places(beyond).words == ()


@pytest.mark.parametrize(
    "second", [Spoken((), 3.0, 0.5, 2.5), Spoken(spoken("x y", (0.6, 2.0)), 3.0, 0.5, 2.5)]
)
def test_without_a_common_word_places_are_in_proportion_to_the_speech(second: Spoken) -> None:
    found = places([take("a b", 0.1, 1.0), second])
    assert not found.by_words
    assert found.words == ()
    assert found.seconds == ((0.0, 0.1, 1.9, 2.0), (0.0, 0.5, 2.5, 3.0))


def test_silence_has_its_ends_alone() -> None:
    silent = Spoken.of(np.zeros(1000, np.float32), 1000)
    assert (silent.onset, silent.end) == (None, None)
    found = places([silent, take("a", 0.5)])
    assert found.seconds == ((0.0, 1.0), (0.0, 2.0))


def test_speech_is_found_from_both_sides() -> None:
    rate = 24_000
    samples = np.concatenate([tone(1.0, rate), np.zeros(rate // 2, np.float32)])
    found = Spoken.of(samples, rate)
    assert found.duration == 1.5
    assert found.onset == pytest.approx(0.05, abs=0.01)
    assert found.end == pytest.approx(1.0, abs=0.01)


def test_whatever_a_server_says_of_times_anchors_increase_strictly() -> None:
    chance = random.Random(3)
    for _ in range(300):
        durations = [chance.choice([0.0005, 0.02, 0.5, 3.0]) for _ in range(3)]
        takes = []
        for duration in durations:
            words = [
                Word(chance.choice("abc"), at, at + chance.uniform(-0.1, 0.5))
                for at in (chance.choice([-0.5, 0.0, 0.001, 0.2, 1.0, 9.0]) for _ in range(6))
            ]
            takes.append(Spoken.of(tone(duration), 24_000, words))
        check(places(takes), [each.duration for each in takes])
