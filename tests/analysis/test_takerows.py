import math

import numpy as np
import pandas as pd
import pytest

from cartesia_nb.analysis.takerows import SETTINGS, TakeRows, block, key, plain
from cartesia_nb.errors import SettingsError
from cartesia_nb.speech.settings import FIELDS


def test_every_setting_there_is_is_known() -> None:
    assert set(SETTINGS) == set(FIELDS)
    assert len(SETTINGS) == len(FIELDS)


def test_takes_are_compared_with_those_of_the_same_text_and_other_settings() -> None:
    one = {"text": "a", "speed": 1.0, "voice": "amy", "repeat": 1, "loudness": -20}
    assert block(one, "speed") == block({**one, "speed": 2.0, "repeat": 2}, "speed")
    for other in ({"text": "b"}, {"voice": "bob"}, {"extra": {"x": [1]}}, {"backend": "Cartesia"}):
        assert block(one, "speed") != block({**one, **other}, "speed")


def test_values_are_told_apart_whatever_they_are() -> None:
    assert key({"a": [1]}) == key({"a": [1]}) != key({"a": [2]})
    assert key(float("nan")) == key(None)
    assert plain(float("nan")) is None


def test_what_a_table_has_for_none_is_none_and_endless_values_are_unknown() -> None:
    assert plain(pd.NA) is None and plain(np.float32("nan")) is None
    assert plain(np.bool_(True)) is True and plain(np.int64(3)) == 3
    rows = TakeRows([{"loudness": value} for value in (-20, -math.inf, pd.NA, None, np.nan)])
    assert [value for _, value in rows.measured("loudness")] == [-20.0]


def test_takes_that_broke_off_are_failed_and_those_that_wait_are_neither() -> None:
    states = ["done", "failed", "cancelled", "waiting", "speaking"]
    rows = TakeRows([{"state": state, "speed": 1.0} for state in states])
    assert rows.failed == 2
    assert [row["state"] for row in rows.done] == ["done"]


def test_what_a_voice_is_called_is_offered_as_no_measure() -> None:
    rows = TakeRows([{"voice": "a", "voice_name": "Amy", "state": "done", "loudness": -20.0}])
    with pytest.raises(SettingsError, match=r"There are loudness\.$"):
        rows.measured("nope")
