import numpy as np
import pytest
from scipy import stats

from cartesia_nb.analysis.within import compare


def numbers(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.intp)


def rng() -> np.random.Generator:
    return np.random.default_rng(11)


@pytest.mark.parametrize("sizes", [(3, 3), (2, 9, 4), (5, 5, 5, 5), (1, 2, 30)])
@pytest.mark.parametrize("shift", [0.0, 0.4, 5.0])
def test_in_one_block_it_is_the_one_way_analysis_of_variance(
    sizes: tuple[int, ...], shift: float
) -> None:
    draw = rng()
    groups = [draw.normal(shift * i, 1, size) for i, size in enumerate(sizes)]
    values = np.concatenate(groups)
    levels = np.repeat(np.arange(len(sizes)), sizes)
    found = compare(values, levels, np.zeros_like(levels))
    assert found is not None
    expected = stats.f_oneway(*groups)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-8)
    assert found.freedom == len(values) - len(sizes)
    np.testing.assert_allclose(found.adjusted, values)
    inside = sum(((group - group.mean()) ** 2).sum() for group in groups)
    assert found.spread == pytest.approx(np.sqrt(inside / found.freedom))
    total = ((values - values.mean()) ** 2).sum()
    assert found.explained == pytest.approx(1 - inside / total)


def test_with_blocks_and_gaps_it_is_the_f_test_of_nested_models() -> None:
    draw = rng()
    levels, blocks = draw.integers(0, 4, 60), draw.integers(0, 7, 60)
    values = levels * 0.3 + blocks * 10.0 + draw.normal(0, 1, 60)
    found = compare(values, levels, blocks)
    assert found is not None
    one = np.eye(4)[levels][:, 1:]
    other = np.eye(7)[blocks]
    squares = [
        float(np.linalg.lstsq(design, values, rcond=None)[1][0])
        for design in (other, np.hstack([other, one]))
    ]
    f = (squares[0] - squares[1]) / 3 / (squares[1] / (60 - 10))
    assert found.p == pytest.approx(stats.f.sf(f, 3, 50), rel=1e-6)
    assert found.freedom == 50
    effects = np.linalg.lstsq(np.hstack([other, one]), values, rcond=None)[0][7:]
    np.testing.assert_allclose(found.effects[1:] - found.effects[0], effects, atol=1e-9)


def test_what_blocks_differ_by_is_taken_out_also_where_a_level_is_missing_from_one() -> None:
    levels, blocks = numbers(0, 1, 2, 0, 1, 1, 2), numbers(0, 0, 0, 1, 1, 2, 2)
    own = np.array([100.0, -50.0, 7.0])
    values = np.array([1.0, 2.0, 4.0])[levels] + own[blocks]
    found = compare(values, levels, blocks)
    assert found is not None
    np.testing.assert_allclose(found.effects - found.effects[0], [0, 1, 3], atol=1e-9)
    for level in range(3):
        assert np.ptp(found.adjusted[levels == level]) == pytest.approx(0, abs=1e-9)
    assert found.spread is None  # no level twice in a block
    assert found.p == 0.0


def test_the_interval_of_a_difference_is_that_of_students_t_test() -> None:
    draw = rng()
    one, other = draw.normal(0, 1, 8), draw.normal(1, 1, 5)
    levels = np.repeat([0, 1], [8, 5])
    found = compare(np.concatenate([one, other]), levels, np.zeros_like(levels))
    assert found is not None
    expected = stats.ttest_ind(other, one).confidence_interval(0.95)
    half = found.half_width(1, 0)
    assert half == pytest.approx((expected.high - expected.low) / 2)
    assert found.effects[1] - found.effects[0] == pytest.approx((expected.high + expected.low) / 2)
    assert found.half_width(0, 0) == 0.0


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    draw = rng()
    levels, blocks = np.tile(np.repeat(np.arange(3), 2), 4), np.repeat(np.arange(4), 6)
    held = 0
    for _ in range(400):
        values = levels * 0.5 + draw.normal(0, 3, 4)[blocks] + draw.normal(0, 1, 24)
        found = compare(values, levels, blocks)
        assert found is not None
        half = found.half_width(2, 0)
        assert half is not None
        held += abs(found.effects[2] - found.effects[0] - 1.0) <= half
    assert 0.92 < held / 400 < 0.98


def test_without_an_effect_p_is_below_a_bound_as_often_as_the_bound_says() -> None:
    draw = rng()
    levels, blocks = np.tile(np.repeat(np.arange(4), 2), 3), np.repeat(np.arange(3), 8)
    low = 0
    for _ in range(400):
        found = compare(draw.normal(0, 1, 24) + blocks * 5.0, levels, blocks)
        assert found is not None and found.p is not None
        low += found.p < 0.1
    assert 0.06 < low / 400 < 0.14


@pytest.mark.parametrize(
    ("levels", "blocks"),
    [
        (numbers(0, 0, 1, 1), numbers(0, 0, 1, 1)),
        (numbers(0, 1, 2, 3), numbers(0, 0, 1, 1)),
        (numbers(0, 1, 1, 2), numbers(0, 0, 1, 2)),
    ],
)
def test_levels_that_never_share_a_block_can_not_be_compared(
    levels: np.ndarray, blocks: np.ndarray
) -> None:
    assert compare(np.arange(4.0), levels, blocks) is None


def test_one_value_of_each_leaves_nothing_to_hold_it_against() -> None:
    found = compare(np.array([1.0, 2.0, 5.0]), numbers(0, 1, 2), numbers(0, 0, 0))
    assert found is not None
    assert (found.p, found.spread, found.freedom) == (None, None, 0)
    assert found.half_width(0, 1) is None
    assert found.effects[2] - found.effects[0] == pytest.approx(4)


@pytest.mark.parametrize("size", [1e-12, 1.0, 1e12])
def test_what_never_varies_has_no_effect_for_sure_whatever_rounding_does(size: float) -> None:
    levels, blocks = numbers(0, 0, 1, 1, 0, 0, 1, 1), numbers(0, 0, 0, 0, 1, 1, 1, 1)
    noise = 1 + rng().normal(0, 1e-13, 8)
    found = compare(size * np.where(blocks == 0, 0.1 + 0.2, 0.9) * noise, levels, blocks)
    assert found is not None
    assert (found.p, found.spread, found.explained) == (1.0, 0.0, None)


def test_what_is_the_same_each_time_counts_once() -> None:
    draw = np.random.default_rng(8)
    levels, blocks = (grid.ravel() for grid in np.meshgrid(np.arange(3), np.arange(4)))
    values = draw.normal(size=12)
    once = compare(values, levels, blocks)
    # Not equally often, either.
    again = draw.permutation(np.repeat(np.arange(12), draw.integers(1, 4, 12)))
    more = compare(values[again], levels[again], blocks[again])
    assert once is not None and more is not None
    assert once.spread is None and more.spread == 0.0
    assert (more.p, more.freedom, more.explained) == pytest.approx((once.p, 6, once.explained))
    np.testing.assert_allclose(more.effects - more.effects[0], once.effects - once.effects[0])
    np.testing.assert_allclose(more.adjusted, once.adjusted[again])
    assert more.half_width(0, 2) == pytest.approx(once.half_width(0, 2))


def test_what_differs_without_chance_has_no_interval() -> None:
    levels, blocks = np.array([0, 0, 1, 1]), np.zeros(4, dtype=np.intp)
    differs = compare(np.array([1.0, 1.0, 2.0, 2.0]), levels, blocks)
    same = compare(np.array([1.0, 1.0, 1.0, 1.0]), levels, blocks)
    assert differs is not None and same is not None
    assert (differs.p, same.p) == (0.0, 1.0)
    assert differs.half_width(0, 1) is None and same.half_width(0, 1) is None
