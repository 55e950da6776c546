"""Where text is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia_nb.engine.sentences import (
    LONGEST_PIECE,
    SENTENCE_PAUSE,
    last_sentence_end,
    pieces,
)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("One. Two. Thr", "One. Two. "),
        ("No end yet", ""),
        ("Not yet.", ""),
        ('"Really?" she', '"Really?" '),
        ("Wait... what", "Wait... "),
        ("Pay 3.50 now", ""),
        ("Ask Dr. Who", ""),
        ("J. S. Bach", ""),
        ("e.g. this", ""),
        ("你好。世界", "你好。"),
        ("नमस्ते। दुनिया", "नमस्ते। "),
        ("Title\n\nText", "Title\n\n"),
    ],
)
def test_sentence_ends(text: str, whole: str) -> None:
    assert text[: last_sentence_end(text)] == whole


def test_each_sentence_is_a_piece_with_its_pause() -> None:
    result = pieces("One. Two, three! Four")
    assert [piece.text for piece in result] == ["One. ", "Two, three! ", "Four"]
    assert [piece.pause for piece in result] == [SENTENCE_PAUSE, SENTENCE_PAUSE, 0.0]


def test_a_long_sentence_is_cut_at_its_clauses_and_else_between_words() -> None:
    clauses = pieces("some words that go on for quite a while, " * 20)
    assert all(piece.text.endswith(", ") for piece in clauses)
    words = pieces("word " * 300)
    assert all(piece.text.endswith("word ") for piece in words)
    assert len(words) > 5


def test_inline_tags_are_not_spoken_and_a_smaller_sign_is() -> None:
    (piece,) = pieces('A <speed ratio="1.2"/>B [laughter] 2 < 3')
    assert piece.text.split() == ["A", "B", "2", "<", "3"]


def test_pieces_without_a_letter_are_left_out() -> None:
    assert pieces("... !!! -- ") == []


@given(st.text(alphabet="abc ,.!?\n。é", max_size=1500))
def test_pieces_are_short_and_together_the_text(text: str) -> None:
    result = pieces(text)
    assert all(0 < len(piece.text) <= LONGEST_PIECE for piece in result)
    joined = "".join(piece.text for piece in result)
    assert [c for c in joined if c.isalnum()] == [c for c in text if c.isalnum()]
