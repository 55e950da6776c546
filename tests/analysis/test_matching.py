from itertools import pairwise

import pytest

from cartesia_nb.analysis.matching import matches, normalised


@pytest.mark.parametrize(
    ("word", "same"),
    [
        ("Dog.", "dog"),
        ("“Don\N{RIGHT SINGLE QUOTATION MARK}t!”", "dont"),
        ("don't", "dont"),
        ("STRASSE", "straße"),
        ("ﬁne", "fine"),  # a ligature
        ("你好\N{FULLWIDTH COMMA}", "你好"),
        ("2,000", "2000"),
    ],
)
def test_case_and_punctuation_do_not_tell_words_apart(word: str, same: str) -> None:
    assert normalised(word) == normalised(same)


def test_accents_and_vowel_signs_do() -> None:
    assert normalised("thé") != normalised("the")
    assert normalised("मराठी") == "मराठी"


def test_what_is_punctuation_alone_stays_itself() -> None:
    assert normalised(" — ") == "—"
    assert normalised("😀") == "😀"
    assert matches(["—"], ["…"]) == []


def test_the_same_text_is_matched_word_by_word() -> None:
    text = ["It", "was", "long,", "and", "it", "was", "late."]
    assert matches(text, text) == [(i, i) for i in range(len(text))]


def test_words_that_were_added_left_out_or_changed_are_not_matched() -> None:
    first = ["the", "quick", "brown", "fox", "jumps", "over", "the", "dog"]
    second = ["The", "quick", "fox", "leaps", "over", "the", "very", "dog!"]
    found = [(first[a], second[b]) for a, b in matches(first, second)]
    assert found == [
        ("the", "The"), ("quick", "quick"), ("fox", "fox"), ("over", "over"), ("the", "the"),
        ("dog", "dog!"),
    ]  # fmt: skip


def test_order_is_kept_so_that_no_two_matches_cross() -> None:
    found = matches(list("abcdef"), list("defabc"))
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(found))
    assert found


def test_a_word_repeated_often_is_still_matched() -> None:
    assert len(matches(["well"] * 400, ["well"] * 300)) == 300
    first = [word for index in range(150) for word in (f"word{index}", "the")]
    second = [word for index in range(150) for word in (f"other{index}", "the")]
    assert len(matches(first, second)) == 150


def test_no_words_match_nothing() -> None:
    assert matches([], ["a"]) == matches(["a"], []) == matches([], []) == []
