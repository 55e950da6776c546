import math

import pytest

from cartesia_nb.analysis.effect import effect
from cartesia_nb.analysis.levels import as_asked
from cartesia_nb.analysis.measures import Measure
from tests.analysis.taken import rows_of

RATE, LOUDNESS = Measure.of("speaking_rate"), Measure.of("loudness")


@pytest.mark.parametrize(
    ("parameter", "measure", "value", "reference", "expected"),
    [
        ("speed", "speaking_rate", 1.5, 1.0, 1.5),
        ("speed", "articulation_rate", 1.5, None, 1.5),
        ("speed", "speaking_rate", None, 0.8, 1.25),
        ("speed", "duration", 1.25, 1.0, 0.8),
        ("speed", "speech_seconds", 0.5, 1.0, 2.0),
        ("volume", "loudness", 2.0, 1.0, 20 * math.log10(2)),
        ("volume", "loudness", None, None, 0.0),
        ("speed", "loudness", 1.5, 1.0, None),
        ("volume", "speaking_rate", 2.0, 1.0, None),
        ("emotion", "speaking_rate", "sad", None, None),
        ("speed", "speaking_rate", "fast", None, None),
        ("speed", "speaking_rate", 0.0, 1.0, None),
        ("speed", "speaking_rate", 1.0, 0.0, None),
    ],
)
def test_what_would_come_if_it_did_as_asked(
    parameter: str, measure: str, value: object, reference: object, expected: float | None
) -> None:
    found = as_asked(parameter, Measure.of(measure), value, reference)
    assert found == (None if expected is None else pytest.approx(expected))


def test_a_miss_is_a_share_of_a_ratio_and_a_difference_of_levels() -> None:
    rows = rows_of(speeds=(1.0, 1.5), volumes=(1.0, 2.0), noise=0)
    for row in rows:
        if row["speed"] == 1.5:
            row["speaking_rate"] = 0.9 * float(str(row["speaking_rate"]))
        if row["volume"] == 2.0:
            row["loudness"] = float(str(row["loudness"])) - 2
    fast, loud = effect(rows, "speed").levels[1], effect(rows, "volume").levels[1]
    assert fast.miss(RATE) == pytest.approx(0.1)
    assert loud.miss(LOUDNESS) == pytest.approx(2.0)
    assert effect(rows, "speed", "loudness").levels[1].miss(LOUDNESS) is None


def test_an_interval_from_values_beyond_sense_is_still_of_numbers() -> None:
    rows = rows_of(speeds=(1.0, 1.5), texts=2, repeats=1)
    for row, rate in zip(rows, (1e-300, 1e300, 1e300, 1e-300), strict=True):
        row["speaking_rate"] = rate
    found = effect(rows, "speed")
    assert found.change_low is not None and found.change_high is not None
    assert 0 < found.change_low < found.change_high < math.inf
    assert found.seen is None and str(found)
