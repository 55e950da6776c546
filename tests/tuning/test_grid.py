"""From a sweep's arguments to its texts and settings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cartesia_nb.errors import SettingsError, TextError
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.voices import Voice, Voices
from cartesia_nb.tuning.grid import settings_of, texts_of, voice_names

BASE = Settings(speed=1.1, sample_rate=22050)


def speeds(**grid: object) -> list[float | None]:
    return [each.speed for each in settings_of(BASE, None, grid)]


def test_every_combination_is_there_over_the_sessions_own_settings() -> None:
    made = settings_of(
        BASE, None, {"speed": [0.8, 1.2], "volume": (0.5, 1.0), "encoding": "pcm_s16le"}
    )
    assert [(each.speed, each.volume) for each in made] == [
        (0.8, 0.5),
        (0.8, 1.0),
        (1.2, 0.5),
        (1.2, 1.0),
    ]
    assert {(each.encoding, each.sample_rate) for each in made} == {("pcm_s16le", 22050)}


def test_without_a_grid_there_are_the_sessions_own_settings() -> None:
    assert settings_of(BASE, None, {}) == (BASE,)


@pytest.mark.parametrize(
    "axis",
    [[1, 1.25], (1, 1.25), np.array([1, 1.25]), pd.Series([1, 1.25]), iter([1, 1.25])],
    ids=["list", "tuple", "array", "column", "iterator"],
)
def test_whatever_holds_several_values_is_an_axis(axis: object) -> None:
    assert speeds(speed=axis) == [1, 1.25]


def test_a_range_is_an_axis_of_whole_numbers() -> None:
    made = settings_of(BASE, None, {"max_buffer_delay_ms": range(0, 300, 100)})
    assert [each.max_buffer_delay_ms for each in made] == [0, 100, 200]


def test_numbers_of_numpy_are_what_was_meant_by_them() -> None:
    assert speeds(speed=np.arange(0.7, 0.95, 0.1)) == [0.7, 0.8, 0.9]
    assert speeds(speed=np.float32(1.25)) == [1.25]


def test_voices_are_taken_for_their_ids_alone_and_as_a_table() -> None:
    voices = Voices([Voice("a", "Ann"), Voice("b", "Bob")])
    assert [each.voice for each in settings_of(BASE, None, {"voice": voices})] == ["a", "b"]
    assert [each.voice for each in settings_of(BASE, None, {"voice": voices[1]})] == ["b"]
    nested = {"mode": "id", "id": "c"}
    assert [each.voice for each in settings_of(BASE, None, {"voice": nested})] == ["c"]


def test_none_is_a_value_that_leaves_it_to_the_server() -> None:
    assert speeds(speed=[None, 1.2]) == [None, 1.2]


def test_a_list_of_settings_stands_as_it_is_and_dicts_are_over_the_sessions() -> None:
    made = settings_of(BASE, [Settings(), {"speed": 0.9}], {})
    assert made == (Settings(), BASE.replace(speed=0.9))


@pytest.mark.parametrize(
    ("given", "grid", "sentence"),
    [
        (None, {"sped": [1]}, "Did you mean 'speed'"),
        (None, {"speed": []}, r"The grid is empty: speed=\[\] has no value"),
        (None, {"speed": [1, 3]}, r"speed is 3; allowed is 0\.6 to 1\.5"),
        (None, {"speed": [1, 1.0]}, "speed has 1.0 twice"),
        (None, {"speed": {1, 1.2}}, "a set, which has no order"),
        ([], {}, r"settings=\[\] has nothing in it"),
        ([{"speed": 1}, {"speed": 1.0}], {}, "Settings 1 and 2 are the same"),
        ([{"speed": 1}], {"volume": [1, 2]}, "not both"),
        ({"speed": 1}, {}, "it takes a list of Settings or of dicts"),
        (["fast"], {}, "number 1 is 'fast'"),
        ([{"sped": 1}], {}, "Did you mean 'speed'"),
    ],
)
def test_what_makes_no_sense_is_said(given: object, grid: dict[str, object], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        settings_of(BASE, given, grid)


def test_texts_are_one_or_any_number_of_them() -> None:
    assert texts_of("One.") == ("One.",)
    assert texts_of(["One.", "Two."]) == ("One.", "Two.")
    assert texts_of(pd.Series(["One."])) == ("One.",)
    assert texts_of(f"{n}." for n in range(2)) == ("0.", "1.")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("  ", "The text is empty or only spaces"),
        ([], "There are no texts"),
        (["One.", " "], "Text 2 is empty or only spaces"),
        (["One.", float("nan")], r"Text 2 is nan \(float\)"),
        (["One.", "\ud83d"], "half a character"),
        ({"a": "One."}, "a sweep takes a str, or a list"),
        (7, "a sweep takes a str, or a list"),
        ({"One.", "Two."}, r"are a set.*sorted\(texts\)"),
        (pd.DataFrame({"text": ["One."]}), r"are a table \(DataFrame\); give one column"),
    ],
)
def test_what_is_no_text_is_said(given: object, sentence: str) -> None:
    with pytest.raises(TextError, match=sentence):
        texts_of(given)


def test_voices_given_as_rows_of_a_table_are_called_by_their_names() -> None:
    ann, other, bob = Voice("a1" * 8, "Ann"), Voice("b2" * 8, "Ann"), Voice("c3" * 8, "Bob")
    assert voice_names(None, {"voice": Voices([ann, bob])}) == {ann.id: "Ann", bob.id: "Bob"}
    assert voice_names(None, {"voice": bob}) == {bob.id: "Bob"}
    assert voice_names([{"voice": ann}, {"voice": other}, {"speed": 1}], {}) == {
        ann.id: "Ann (a1a1a1a1)",
        other.id: "Ann (b2b2b2b2)",
    }
    assert voice_names(None, {"voice": ["an-id"], "speed": [1.0]}) == {}
