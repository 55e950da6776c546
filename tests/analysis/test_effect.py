import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cartesia_nb.analysis.effect import effect
from cartesia_nb.errors import SettingsError
from tests.analysis.taken import Rows, rows_of


def column(rows: Rows, name: str, **where: object) -> np.ndarray:
    chosen = [row for row in rows if all(row[key] == value for key, value in where.items())]
    return np.array([row[name] for row in chosen], dtype=float)


def test_of_one_text_each_level_has_the_plain_mean_spread_and_ends() -> None:
    rows = rows_of(texts=1)
    found = effect(rows, "speed")
    assert found.measure.name == "speaking_rate"
    assert [one.value for one in found.levels] == [0.6, 0.8, 1.0, 1.2, 1.5]
    for one in found.levels:
        rates = column(rows, "speaking_rate", speed=one.value)
        assert one.n == 3
        assert one.mean == pytest.approx(rates.mean())
        assert one.sd == pytest.approx(rates.std(ddof=1))
        assert (one.low, one.high) == pytest.approx((rates.min(), rates.max()))


def test_the_factor_that_was_asked_for_is_recovered_within_its_interval() -> None:
    found = effect(rows_of(), "speed")
    assert found.reference == 1.0
    assert found.seen
    for one in found.levels:
        assert one.asked == one.value
        assert one.change is not None and one.change_low is not None and one.change_high is not None
        assert one.change == pytest.approx(one.asked, rel=0.02)
        assert one.change_low <= one.change <= one.change_high
        if one.value != 1.0:
            assert one.change_high / one.change_low == pytest.approx(1.02, abs=0.01)
    assert found.miss is not None and found.miss < 0.02
    assert found.extremes == (0.6, 1.5)
    assert found.change == pytest.approx(2.5, rel=0.02)
    assert found.spread == pytest.approx(0.01, rel=0.3)


def test_an_ignored_parameter_has_no_effect_on_anything() -> None:
    for seed in range(5):
        found = effect(rows_of(works=False, seed=seed), "speed")
        assert found.seen is False and found.p is not None and found.p > 0.01
        assert found.change == pytest.approx(1, abs=0.02)
        assert str(found).startswith("No effect seen: with speed from 0.6 to 1.5 ")
        assert effect(rows_of(seed=seed), "speed", "f0_median").seen is False


def test_of_one_text_p_is_that_of_the_analysis_of_variance() -> None:
    rows = rows_of(texts=1, works=False, noise=0.05)
    rates = [np.log(column(rows, "speaking_rate", speed=s)) for s in (0.6, 0.8, 1.0, 1.2, 1.5)]
    assert effect(rows, "speed").p == pytest.approx(stats.f_oneway(*rates).pvalue)
    levels = [column(rows, "loudness", speed=s) for s in (0.6, 0.8, 1.0, 1.2, 1.5)]
    assert effect(rows, "speed", "loudness").p == pytest.approx(stats.f_oneway(*levels).pvalue)


def test_what_texts_voices_and_other_settings_do_is_taken_out() -> None:
    rows = rows_of(voices=("amy", "bob"), volumes=(0.5, 1.0, 2.0))
    by_speed, by_volume = effect(rows, "speed"), effect(rows, "volume")
    by_voice = effect(rows, "voice")
    assert by_speed.spread == pytest.approx(0.01, rel=0.2)
    assert [one.change for one in by_speed.levels] == pytest.approx(
        [0.6, 0.8, 1, 1.2, 1.5], rel=0.01
    )
    assert by_volume.measure.name == "loudness"
    assert [one.asked for one in by_volume.levels] == pytest.approx([-6.02, 0, 6.02], abs=0.01)
    assert [one.change for one in by_volume.levels] == pytest.approx([-6.02, 0, 6.02], abs=0.02)
    assert by_voice.measure.name == "f0_median"
    assert by_voice.change == pytest.approx(1.5, rel=0.01)
    assert [one.asked for one in by_voice.levels] == [None, None]


def test_rows_that_failed_and_measures_that_are_unknown_are_counted_and_bias_nothing() -> None:
    rows = rows_of(noise=0.001)
    for row in rows[::7]:
        row.update(state="failed", error="it broke off", speaking_rate=None)
    for row in rows[1::11]:
        row["speaking_rate"] = None
    rows[4]["state"] = "waiting"
    found = effect(rows, "speed")
    assert found.failed == 7
    assert found.unknown == sum(
        row["state"] == "done" and row["speaking_rate"] is None for row in rows
    )
    assert found.takes == len(rows) - 7 - found.unknown - 1 == sum(one.n for one in found.levels)
    assert [one.change for one in found.levels] == pytest.approx([0.6, 0.8, 1, 1.2, 1.5], rel=0.005)


def test_a_value_all_of_whose_takes_failed_is_a_level_of_which_nothing_is_known() -> None:
    rows = rows_of()
    for row in rows:
        if row["speed"] == 0.8:
            row.update(state="failed", speaking_rate=None)
    found = effect(rows, "speed")
    one = found.levels[1]
    assert (one.value, one.n, one.mean, one.sd, one.change) == (0.8, 0, None, None, None)
    assert found.change == pytest.approx(2.5, rel=0.02)


def test_one_take_of_each_setting_has_no_spread_and_of_one_text_no_p() -> None:
    several = effect(rows_of(repeats=1), "speed")
    assert several.spread is None and several.seen
    assert all(one.sd is None for one in several.levels)
    single = effect(rows_of(repeats=1, texts=1), "speed")
    assert (single.p, single.seen, single.spread) == (None, None, None)
    assert single.change == pytest.approx(2.5, rel=0.05)
    assert "each was spoken once" in str(single)


def test_takes_that_do_not_vary_at_all_are_no_hindrance() -> None:
    same, works = (effect(rows_of(noise=0, works=works), "speed") for works in (False, True))
    assert (same.p, same.seen, same.spread) == (1.0, False, 0.0)
    assert same.change == pytest.approx(1)
    assert (works.p, works.seen, works.spread) == (0.0, True, 0.0)
    assert works.miss == pytest.approx(0, abs=1e-9)


def test_not_set_is_a_value_too_and_what_a_factor_is_against() -> None:
    found = effect(rows_of(speeds=(1.3, None, 0.8)), "speed")
    assert [one.value for one in found.levels] == [None, 0.8, 1.3]
    assert found.reference is None
    assert [one.asked for one in found.levels] == [1.0, 0.8, 1.3]
    both = effect(rows_of(speeds=(None, 1.0, 1.3)), "speed")
    assert both.reference == 1.0
    neither = effect(rows_of(speeds=(0.7, 1.2, 1.5)), "speed")
    assert neither.reference == 1.2
    assert [one.asked for one in neither.levels] == pytest.approx([0.7 / 1.2, 1, 1.25])


def test_speeds_that_are_words_or_zero_are_values_like_others() -> None:
    rows = rows_of(speeds=(0.6, 1.0, 1.5))
    words = [
        {**row, "speed": {0.6: "slow", 1.5: "fast"}.get(float(str(row["speed"])))} for row in rows
    ]
    found = effect(words, "speed")
    assert [one.value for one in found.levels] == [None, "slow", "fast"]
    assert found.reference is None and found.seen
    assert effect([row for row in words if row["speed"]], "speed").reference == "slow"
    zero = effect([{**row, "speed": float(str(row["speed"])) - 0.6} for row in rows], "speed")
    assert [one.asked for one in zero.levels] == [None, pytest.approx(0.4 / 0.9), 1.0]


def test_rates_by_words_times_are_not_held_against_rates_by_the_signal() -> None:
    rows = rows_of(speeds=(1.0, 1.2), repeats=4)
    for row in rows:
        if row["repeat"] in ((1, 2) if row["speed"] == 1.0 else (1, 2, 3)):
            row["rate_source"] = "signal"
            row["speaking_rate"] = 0.8 * float(str(row["speaking_rate"]))
    found = effect(rows, "speed")
    assert found.change == pytest.approx(1.2, rel=0.02)
    assert found.spread == pytest.approx(0.01, rel=0.5)
    assert effect(rows, "speed", "loudness").with_it == ()


def test_the_extremes_are_those_of_the_effects_where_takes_are_missing() -> None:
    """The arithmetic mean of values that scatter is above their level."""
    rows = rows_of(speeds=(0.8, 1.0, 1.2), texts=1, works=False, repeats=2)
    for row, rate in zip(rows, (50.0, 200.0, 104.0, 104.0, 101.0, 101.0), strict=True):
        row["speaking_rate"] = rate
    found = effect(rows, "speed")
    assert found.extremes == (0.8, 1.0)
    assert found.change == pytest.approx(1.04)


def test_levels_are_compared_in_the_unit_of_their_own_text() -> None:
    """The level that is put back is the mean over takes, so that the grand mean stays."""
    rows = [
        row
        for row in rows_of(texts=2, noise=0.001)
        if row["text"] == "text 0" or row["repeat"] == 1
    ]
    found = effect(rows, "speed", "loudness")
    values = np.array([float(str(row["loudness"])) for row in rows])
    assert found.points[1].mean() == pytest.approx(values.mean())


def test_counts_that_came_as_none_are_zero_and_not_next_to_it() -> None:
    rows = [{**row, "pauses": number * 5 % 4} for number, row in enumerate(rows_of())]
    values = np.abs(effect(rows, "speed", "pauses").points[1])
    assert values.min() == 0 and values[values > 0].min() > 1e-6


def test_how_far_from_what_was_asked_is_a_share_of_it() -> None:
    came = {0.6: 0.66, 1.0: 1.0, 1.5: 1.575}
    rows = rows_of(speeds=list(came), noise=0)
    for row in rows:
        row["speaking_rate"] = 150 * came[float(str(row["speed"]))]
    found = effect(rows, "speed")
    assert found.miss == pytest.approx(0.1)
    assert found.furthest is not None and found.furthest.value == 0.6


def test_what_chance_does_one_time_in_a_hundred_is_seen() -> None:
    found = [effect(rows_of(works=False, seed=seed, texts=1), "speed") for seed in (452, 429)]
    assert [one.seen for one in found] == [True, False]
    assert [one.p for one in found] == pytest.approx([0.005, 0.015], abs=0.004)


def test_lengths_are_asked_for_the_other_way_round() -> None:
    found = effect(rows_of(), "speed", "duration")
    assert [one.asked for one in found.levels] == pytest.approx(
        [1 / s for s in (0.6, 0.8, 1, 1.2, 1.5)]
    )
    assert found.miss is not None and found.miss < 0.02
    assert found.change == pytest.approx(0.4, rel=0.02)


def test_values_that_are_text_come_in_the_order_of_the_rows() -> None:
    rows = rows_of(speeds=(None,), voices=("zoe", "amy", "kim"))
    assert [one.value for one in effect(rows, "voice").levels] == ["zoe", "amy", "kim"]
    for row in rows:
        row["emotion"] = None if row["voice"] == "amy" else "calm"
        row["voice"] = "amy"
    assert [one.value for one in effect(rows, "emotion").levels] == [None, "calm"]


def test_what_changed_together_can_not_be_told_apart() -> None:
    rows = rows_of()
    for row in rows:
        row["voice"] = f"voice of {row['speed']}"
    found = effect(rows, "speed")
    assert found.with_it == ("voice",)
    assert (found.p, found.change, found.seen) == (None, None, None)
    assert all(one.change is None for one in found.levels)
    assert "speed changed together with voice, so what it did alone can't be told" in str(found)


def test_tables_give_the_same_as_rows() -> None:
    rows = rows_of(speeds=(None, 0.8, 1.3))
    table = pd.DataFrame(rows)
    assert table["speed"].isna().any()
    expected = effect(rows, "speed").to_records()
    assert effect(table.to_dict("records"), "speed").to_records() == expected
    nullable = table.convert_dtypes().to_dict("records")
    assert effect(nullable, "speed").to_records() == expected
    assert list(pd.DataFrame(expected).columns)[:4] == ["speed", "name", "n", "mean"]


def test_a_measure_of_ones_own_is_compared_by_difference_and_yes_or_no_is_one_or_zero() -> None:
    rows = rows_of(noise=0.001)
    for row in rows:
        row["score"] = float(str(row["speed"])) - 3
        row["clear"] = row["speed"] == 1.0
    score = effect(rows, "speed", "score")
    assert not score.measure.ratio
    assert score.change == pytest.approx(0.9)
    clear = effect(rows, "speed", "clear")
    assert [one.mean for one in clear.levels] == pytest.approx([0, 0, 1, 0, 0])


def test_a_rate_that_is_zero_somewhere_is_compared_by_difference() -> None:
    rows = rows_of()
    rows[0]["speaking_rate"] = 0.0
    assert not effect(rows, "speed").measure.ratio


def test_where_the_measure_is_unknown_of_every_take_that_is_said() -> None:
    rows = rows_of()
    for row in rows:
        row["loudness"] = None
    found = effect(rows, "speed", "loudness")
    assert (found.takes, found.unknown, found.seen) == (0, 45, None)
    assert "the loudness is unknown of every take" in str(found)
    assert "cartesia-nb[analysis]" in str(found)


@pytest.mark.parametrize(
    ("parameter", "measure", "said"),
    [
        ("sped", None, "The rows have no setting 'sped'. Did you mean 'speed'?"),
        ("xyz", None, "The rows have no setting 'xyz'. What varies: speed."),
        (7, None, "The rows have no setting 7. What varies: speed."),
        ("voice", None, "voice does not vary: every take has 'amy'. Choose one of speed."),
        ("emotion", None, "emotion does not vary: none has it set. Choose one of speed."),
        ("speed", "loudnes", "The rows have no measure 'loudnes'. Did you mean 'loudness'?"),
        ("speed", "text", "The rows have no measure 'text'. There are speaking_rate, duration, "),
        ("speed", "voice", "The rows have no measure 'voice'. There are "),
    ],
)
def test_what_there_is_not_is_refused_in_a_sentence(
    parameter: str, measure: str | None, said: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        effect(rows_of(), parameter, measure)
    assert str(refused.value).startswith(said)


def test_what_are_no_rows_is_refused_in_a_sentence() -> None:
    with pytest.raises(SettingsError, match="There are no rows to look at"):
        effect([], "speed")
    with pytest.raises(SettingsError, match="'number' is no row; give rows that are dicts"):
        effect(pd.DataFrame(rows_of()), "speed")
    with pytest.raises(SettingsError, match="5 is no row"):
        effect(5, "speed")  # type: ignore[arg-type]  # what one might try
    rows = rows_of()
    rows[3]["speaking_rate"] = "fast"
    with pytest.raises(
        SettingsError, match="speaking_rate is 'fast' in a row; it must be a number"
    ):
        effect(rows, "speed")


def test_an_iterator_is_read_once_and_rows_are_left_as_they_were() -> None:
    rows = rows_of()
    before = [dict(row) for row in rows]
    assert effect(iter(rows), "speed").takes == 45
    assert rows == before
