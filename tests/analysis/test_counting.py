import pytest

from cartesia_nb.analysis.counting import letters, without_markup, words_in


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        (" \n ", 0),
        ("... - !", 0),
        ("Yes.", 1),
        ("The quick brown fox, don't you know", 7),
        ("well-known - and 3.14 too", 4),
        ("2 + 2 = 4", 3),
        ("今日は良い天気。", 7),
        ("ｶﾀｶﾅ", 4),
        ("iPhoneを買う", 4),
        ("สวัสดี", 4),  # its vowel signs above the line are no letters
        ("안녕하세요 여러분", 2),
        ("नमस्ते दुनिया", 2),
        ('Well, <break time="1s"/> yes <spell>AB</spell>', 3),
        ("a < b and b > c", 5),
    ],
)
def test_words_are_counted_in_every_script(text: str, count: int) -> None:
    assert words_in(text) == count


def test_tags_are_not_spoken_and_less_than_is_no_tag() -> None:
    assert without_markup('One<break time="1s"/>two').split() == ["One", "two"]
    assert without_markup("a < b > c") == "a < b > c"


def test_what_is_spoken_of_a_word_is_its_letters_and_digits() -> None:
    assert letters("“Dog's”, 2nd!") == "dogs2nd"
    assert letters("...") == ""
