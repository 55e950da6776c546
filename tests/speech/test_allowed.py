"""What each setting may be, as data that Settings itself is checked by."""

from __future__ import annotations

import math

import pytest

from cartesia_nb.errors import SettingsError
from cartesia_nb.speech.allowed import ALLOWED
from cartesia_nb.speech.settings import FIELDS, Settings


def test_every_setting_says_what_it_may_be_in_their_order() -> None:
    assert tuple(ALLOWED) == FIELDS
    assert all(allowed.about for allowed in ALLOWED.values())


@pytest.mark.parametrize("name", FIELDS)
def test_none_is_taken_where_that_is_said_and_nowhere_else(name: str) -> None:
    if ALLOWED[name].optional:
        assert getattr(Settings.of(**{name: None}), name) is None
    else:
        with pytest.raises(SettingsError):
            Settings.of(**{name: None})


@pytest.mark.parametrize("name", [name for name in FIELDS if ALLOWED[name].bounds])
def test_a_range_is_taken_to_its_ends_and_not_beyond(name: str) -> None:
    allowed = ALLOWED[name]
    assert allowed.bounds is not None
    whole = allowed.kind == "whole"
    for end, beyond in zip(allowed.bounds, (-math.inf, math.inf), strict=True):
        assert getattr(Settings.of(**{name: end}), name) == end
        past = end + math.copysign(1, beyond) if whole else math.nextafter(end, beyond)
        with pytest.raises(SettingsError, match=allowed.range):
            Settings.of(**{name: int(past) if whole else past})


@pytest.mark.parametrize("name", [name for name in FIELDS if ALLOWED[name].choices])
def test_every_choice_is_taken_and_others_where_they_are_only_suggestions(name: str) -> None:
    for choice in ALLOWED[name].choices:
        assert getattr(Settings.of(**{name: choice}), name) == choice
    if ALLOWED[name].kind == "choice":
        with pytest.raises(SettingsError, match="allowed are"):
            Settings.of(**{name: "xx"})
    else:
        assert getattr(Settings.of(**{name: "xx"}), name) == "xx"
