from cartesia_nb.analysis.takerows import SETTINGS, block, key, plain
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
