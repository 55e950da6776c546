"""What can be compared, what it is called, and what is refused in a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cartesia_nb.errors import SettingsError
from cartesia_nb.speech.backend import ENGINE
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning.candidates import candidates
from tests.tuning.heard import take_of, tone

ONE, TWO = take_of(tone(1.0), speed=0.8), take_of(tone(1.1), speed=1.2)
EMPTY = take_of(np.zeros(0, np.float32))


def labels(*takes: Take) -> list[str]:
    return [candidate.label for candidate in candidates(takes)]


def test_a_mapping_names_its_takes_and_may_have_several_of_each() -> None:
    found = candidates({"slow": [ONE, TWO], "quick": (TWO, ONE)})
    assert [(each.label, each.takes) for each in found] == [
        ("slow", (ONE, TWO)),
        ("quick", (TWO, ONE)),
    ]
    assert [each.takes for each in candidates({"slow": ONE, "quick": TWO})] == [(ONE,), (TWO,)]


def test_without_labels_takes_are_called_by_what_their_settings_differ_in() -> None:
    assert labels(ONE, TWO) == ["speed 0.8", "speed 1.2"]
    assert labels(ONE, take_of(tone(1))) == ["speed 0.8", "speed as it is"]


def test_where_settings_are_the_same_the_text_names_them_and_else_a_number() -> None:
    assert labels(take_of(tone(1), "Hello."), take_of(tone(1), "Bye.")) == ["“Hello.”", "“Bye.”"]
    assert labels(take_of(tone(1)), take_of(tone(1))) == ["take 1", "take 2"]
    again = take_of(tone(1), speed=1.2)
    assert labels(ONE, TWO, again) == ["speed 0.8", "take 1, speed 1.2", "take 2, speed 1.2"]


# Any: what somebody might give.
@pytest.mark.parametrize(
    ("given", "called", "said"),
    [
        ([ONE], None, "give two or more takes"),
        (ONE, None, "give two or more takes"),
        ({"only": ONE}, None, "give two or more takes"),
        ([], None, "give two or more takes"),
        (7, None, "7 is no take"),
        ("takes", None, "'takes' is no take"),
        ([ONE, "two"], None, "'two' is no take"),
        ([ONE, EMPTY], ["a", "b"], "'b' has no audio; leave it out"),
        ({"a": ONE, "b": []}, None, "'b' has no takes"),
        ([ONE, TWO], ["a"], "labels is ['a'] for 2 takes"),
        ([ONE, TWO], "ab", "labels is 'ab' for 2 takes"),
        ([ONE, TWO], ["a", "a"], "'a' is there twice"),
        ([ONE, TWO], ["a", " "], "Label 2 is empty"),
        ({"a": ONE, "b": TWO}, ["a", "b"], "beside a mapping"),
    ],
)
def test_what_cannot_be_compared_is_refused(given: Any, called: Any, said: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        candidates(given, called)
    assert said in str(refusal.value)


def test_a_take_that_is_still_being_spoken_is_to_be_waited_for() -> None:
    growing = Take(Recording(Settings(), ENGINE))
    with pytest.raises(SettingsError, match="still being spoken; wait for it first"):
        candidates([ONE, growing])


def test_labels_may_come_one_by_one() -> None:
    called: Any = iter(["a", "b"])
    assert [each.label for each in candidates([ONE, TWO], called)] == ["a", "b"]


def test_a_label_is_one_line_that_does_nothing_but_stand_there() -> None:
    found = candidates([ONE, TWO], ["a\n\x1b[31mred", "b" * 100])
    assert found[0].label == "a \N{REPLACEMENT CHARACTER}[31mred"
    assert len(found[1].label) == 40
