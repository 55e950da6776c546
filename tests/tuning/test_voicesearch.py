"""What a search over voices finds."""

from __future__ import annotations

import time

import pytest

from cartesia_nb.protocol import limits
from cartesia_nb.speech.voices import Voice
from cartesia_nb.tuning.voicesearch import LANGUAGE_NAMES, VoiceSearch, about, named, row

KATIE = Voice(
    "f786", "Katie", "Friendly Fixer", "Enunciating young adult", "en", ("en-US",), "feminine"
)
RENE = Voice("ab12", "Renée", "", "Conteur", "fr", ("fr-FR", "fr-CA"), "masculine", "parisian")
MINE = Voice("zz99", "", language="de", mine=True)
SEARCH = VoiceSearch([KATIE, RENE, MINE])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [KATIE, RENE, MINE]),
        ("kat", [KATIE]),
        ("FIXER friendly", [KATIE]),  # of the tagline, in any order
        ("young", [KATIE]),  # of the description
        ("zz9", [MINE]),  # of the id
        ("renee", [RENE]),  # without its accent
        ("PARISIAN", [RENE]),
        ("  french  ", [RENE]),
        ("fr-ca", [RENE]),
        ("katie renée", []),
        ("[.*", []),
    ],
)
def test_every_word_is_looked_for_in_all_that_is_told_of_a_voice(
    text: str, found: list[Voice]
) -> None:
    assert SEARCH.find(text) == found


def test_language_and_gender_narrow_it_down() -> None:
    assert SEARCH.find(language="fr") == [RENE]
    assert SEARCH.find(gender="feminine") == [KATIE]
    assert SEARCH.find(language="fr", gender="feminine") == []


def test_only_languages_and_genders_that_there_are_can_be_chosen() -> None:
    assert SEARCH.languages == [
        ("English (en)", "en"),
        ("French (fr)", "fr"),
        ("German (de)", "de"),
    ]
    assert SEARCH.genders == [("feminine", "feminine"), ("masculine", "masculine")]
    assert VoiceSearch([Voice("x", language="xx")]).languages == [("xx (xx)", "xx")]
    assert VoiceSearch().languages == []


def test_a_row_tells_what_is_known_and_leaves_out_the_rest() -> None:
    assert row(KATIE) == "Katie · en-US · feminine"
    assert row(RENE) == "Renée · fr-FR · masculine · parisian"
    assert row(MINE) == "zz99 · yours · de"
    assert named(MINE) == "zz99"


def test_what_is_told_of_a_voice_is_a_few_sentences_on_one_line() -> None:
    assert about(KATIE) == "Friendly Fixer. Enunciating young adult."
    assert about(RENE) == "Conteur. Speaks fr-FR, fr-CA."
    assert about(MINE) == ""
    assert len(about(Voice("x", description="word " * 1000))) <= 600


def test_text_from_a_server_can_neither_turn_a_row_around_nor_break_it() -> None:
    odd = Voice("x", "a\u202eb\nc\ud800", language="en")
    assert row(odd) == "a�b c� · en"


def test_every_language_of_the_protocol_has_a_name() -> None:
    assert set(LANGUAGE_NAMES) == set(limits.LANGUAGES)


def test_a_thousand_voices_are_searched_in_no_time_that_a_person_notices() -> None:
    many = VoiceSearch([Voice(f"id-{n}", f"Name {n}", "t", "d " * 100, "en") for n in range(1000)])
    began = time.process_time()
    assert [voice.name for voice in many.find("name 77 id")][:1] == ["Name 77"]
    # A bound that only something of another order would break, such as a server asked each time.
    assert time.process_time() - began < 1.0
