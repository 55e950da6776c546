import math

import numpy as np
import pytest
from scipy import stats

from cartesia_nb.analysis.statistics import (
    Alternative,
    binomial_p,
    f_tail,
    interval,
    t_quantile,
)
from cartesia_nb.errors import SettingsError
from cartesia_nb.tuning import statistics

COUNTS = [1, 2, 3, 5, 8, 12, 20, 33, 100, 999]
CHANCES = [0.5, 1 / 3, 0.25, 0.02, 0.97, 0.0, 1.0]
ALTERNATIVES: list[Alternative] = ["two-sided", "greater"]


def outcomes(trials: int) -> range:
    return range(0, trials + 1, max(trials // 33, 1))


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("chance", CHANCES)
@pytest.mark.parametrize("trials", COUNTS)
def test_the_binomial_p_is_scipys(trials: int, chance: float, alternative: Alternative) -> None:
    for successes in outcomes(trials):
        expected = stats.binomtest(successes, trials, chance, alternative).pvalue
        found = binomial_p(successes, trials, chance, alternative)
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-290), successes


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999])
@pytest.mark.parametrize("trials", COUNTS)
def test_the_interval_is_scipys_exact_one(trials: int, confidence: float) -> None:
    for successes in outcomes(trials):
        expected = stats.binomtest(successes, trials).proportion_ci(confidence, "exact")
        assert interval(successes, trials, confidence) == pytest.approx(
            (expected.low, expected.high), rel=1e-9, abs=1e-12
        )


def test_none_and_all_have_an_interval_to_the_very_end() -> None:
    assert interval(0, 10)[0] == 0.0 and interval(10, 10)[1] == 1.0
    assert interval(0, 10)[1] == pytest.approx(0.3084971078)
    assert interval(10, 10)[0] == pytest.approx(0.6915028922)
    assert binomial_p(0, 10) == binomial_p(10, 10) == pytest.approx(2 / 1024)
    assert binomial_p(10, 10, alternative="greater") == pytest.approx(1 / 1024)
    assert binomial_p(0, 10, alternative="greater") == 1.0
    assert binomial_p(5, 10) == 1.0


@pytest.mark.parametrize("trials", [10**5, 10**6, 10**7])
def test_many_trials_neither_overflow_nor_lose_the_figures(trials: int) -> None:
    for successes in (trials // 2, trials // 2 + round(1.3 * math.sqrt(trials)), trials // 3, 0):
        expected = stats.binomtest(successes, trials)
        assert binomial_p(successes, trials) == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-300)
        ends = expected.proportion_ci()
        assert interval(successes, trials) == pytest.approx((ends.low, ends.high), abs=1e-10)


def test_numbers_of_numpy_are_numbers() -> None:
    assert binomial_p(int(np.int64(8)), 10) == binomial_p(np.int64(8), np.int32(10))
    assert interval(np.int64(8), 10) == interval(8, 10)


@pytest.mark.parametrize(
    ("successes", "trials", "said"),
    [
        (0, 0, "trials is 0; it must be a whole number from 1 on"),
        (0, -3, "trials is -3"),
        (1, 2.5, "trials is 2.5"),
        (True, True, "trials is True"),
        (3, 2, "successes is 3 of 2 trials; it must be a whole number from 0 to 2"),
        (-1, 2, "successes is -1"),
        ("1", 2, "successes is '1'"),
    ],
)
def test_counts_that_make_no_sense_are_refused_in_a_sentence(
    successes: int, trials: int, said: str
) -> None:
    for ask in (binomial_p, interval):
        with pytest.raises(SettingsError, match=said):
            ask(successes, trials)


def test_chances_that_make_no_sense_are_refused_in_a_sentence() -> None:
    with pytest.raises(SettingsError, match="chance is 2; it must be a number from 0 to 1"):
        binomial_p(1, 2, 2)
    with pytest.raises(SettingsError, match="chance is nan"):
        binomial_p(1, 2, math.nan)
    with pytest.raises(SettingsError, match=r"confidence is 95; it must be .* above 0 and below 1"):
        interval(1, 2, 95)
    with pytest.raises(SettingsError, match="alternative is 'less'"):
        binomial_p(1, 2, alternative="less")  # type: ignore[arg-type]  # what one might try


@pytest.mark.parametrize("between", [1, 2, 7, 40])
@pytest.mark.parametrize("within", [1, 2, 9, 300, 5000])
def test_the_tail_of_f_is_scipys(between: int, within: int) -> None:
    for value in (0.0, 1e-6, 0.3, 1.0, 2.5, 17.0, 400.0, 1e9, math.inf):
        expected = stats.f.sf(value, between, within)
        assert f_tail(value, between, within) == pytest.approx(expected, rel=1e-8, abs=1e-290)


@pytest.mark.parametrize("freedom", [1, 2, 3, 10, 100, 10000])
def test_students_t_is_scipys(freedom: int) -> None:
    for confidence in (0.5, 0.9, 0.95, 0.999):
        expected = stats.t.ppf(0.5 + confidence / 2, freedom)
        assert t_quantile(confidence, freedom) == pytest.approx(expected, rel=1e-9)


def test_who_tunes_finds_them_too() -> None:
    assert statistics.binomial_p is binomial_p
    assert statistics.interval is interval
