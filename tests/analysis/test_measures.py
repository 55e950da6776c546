from dataclasses import fields

import pytest

from cartesia_nb.analysis.measures import MINUS, Measure
from cartesia_nb.tuning.realised import Realised


def test_every_figure_of_what_was_realised_has_a_title_and_most_a_unit() -> None:
    for field in fields(Realised):
        measure = Measure.of(field.name)
        if field.name != "rate_source":
            assert measure.unit or field.name == "pauses", field.name


def test_a_name_nobody_described_is_a_plain_number() -> None:
    assert Measure.of("my_score") == Measure("my_score", "my score")
    assert Measure.of("my_score").say(3.14159) == "3.14"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"), (1234.5, "1,234"), (191.43, "191"), (99.96, "100"), (9.09, "9.09"),
        (0.0123, "0.0123"), (0.5, "0.5"), (-23.04, "-23"), (-0.0004, "-0.0004"), (3e-9, "3e-09"),
        (100.0, "100"), (1e9, "1e+09"),
    ],
)  # fmt: skip
def test_values_are_shown_in_three_figures(value: float, shown: str) -> None:
    assert Measure.of("x").say(value) == shown.replace("-", MINUS)


def test_changes_have_a_sign_and_a_unit() -> None:
    assert Measure.of("speaking_rate").say_change(2.5) == "+150 %"
    assert Measure.of("speaking_rate").say_change(0.997) == f"{MINUS}0.3 %"
    assert Measure.of("speaking_rate").say_change(1.0) == "0 %"
    assert Measure.of("loudness").say_change(-6.02) == f"{MINUS}6 LU"
    assert Measure.of("spectral_tilt").say_change(0.51) == "+0.51 dB/octave"
    assert Measure.of("speaking_rate").say_spread(0.0113) == "1.1 %"
    assert Measure.of("loudness").say_spread(0.123) == "0.12 LU"
