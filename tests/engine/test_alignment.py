"""Words and phonemes from marks."""

from __future__ import annotations

import numpy as np

from cartesia_nb.engine.alignment import phoneme_spans, word_spans
from cartesia_nb.engine.espeak import PhonemeMark, Rendering, WordMark


def rendering(words: list[tuple[int, int]], phonemes: list[tuple[str, int]]) -> Rendering:
    return Rendering(
        np.zeros(1000, np.int16),
        [WordMark(*word) for word in words],
        [PhonemeMark(*phoneme) for phoneme in phonemes],
    )


def test_words_keep_their_punctuation_and_end_before_the_pause() -> None:
    made = rendering([(0, 0), (6, 400)], [("a", 0), ("", 300), ("b", 400), ("", 800)])
    assert word_spans("Hey,  you!", made, 2000, 1000) == [("Hey,", 2.0, 2.3), ("you!", 2.4, 2.8)]


def test_a_word_without_a_mark_shares_the_time_of_the_one_before() -> None:
    made = rendering([(0, 0), (7, 400)], [("a", 0), ("b", 400)])
    assert word_spans("of the man", made, 0, 1000) == [
        ("of", 0.0, 0.16),
        ("the", 0.16, 0.4),
        ("man", 0.4, 1.0),
    ]


def test_first_words_without_a_mark_share_the_first_that_has_one() -> None:
    made = rendering([(2, 100)], [("a", 100)])
    assert [word.text for word in word_spans("x yy", made, 0, 1000)] == ["x", "yy"]


def test_marks_of_punctuation_are_no_words() -> None:
    made = rendering([(0, 0), (4, 500)], [("a", 0), ("b", 500)])
    assert [word.text for word in word_spans("a - b", made, 0, 1000)] == ["a", "b"]


def test_no_marks_at_all_still_give_the_words() -> None:
    assert word_spans("a b", rendering([], []), 0, 1000) == [("a", 0.0, 0.5), ("b", 0.5, 1.0)]


def test_phonemes_end_where_the_next_begins_and_pauses_are_left_out() -> None:
    made = rendering([], [("a", 0), ("", 300), ("b", 400)])
    assert phoneme_spans(made, 1000, 1000) == [("a", 1.0, 1.3), ("b", 1.4, 2.0)]
