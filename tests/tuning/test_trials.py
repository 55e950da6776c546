"""The drawing of trials: balanced, shuffled, and not to be known before."""

from __future__ import annotations

from collections import Counter

import pytest

from cartesia_nb.tuning.trials import LEAST, Trial, balanced, draw


@pytest.mark.parametrize(("candidates", "texts"), [(2, 1), (2, 3), (3, 1), (4, 2), (9, 1)])
def test_unless_told_otherwise_all_comes_equally_often(candidates: int, texts: int) -> None:
    count = balanced(candidates, texts)
    assert count >= LEAST
    trials = draw("ab", candidates, texts, count)
    assert len(trials) == count
    cells = Counter((trial.a, trial.b, trial.text, trial.first) for trial in trials)
    assert len(cells) == candidates * (candidates - 1) * texts
    assert len(set(cells.values())) == 1
    assert all(trial.a < trial.b and trial.x is None for trial in trials)


@pytest.mark.parametrize("count", [1, 5, 7, 13, 29])
def test_any_number_is_balanced_as_far_as_it_goes(count: int) -> None:
    trials = draw("abx", 3, 2, count)
    pairs = Counter((trial.a, trial.b) for trial in trials)
    sides = [Counter(t.first == t.a for t in trials if (t.a, t.b) == pair) for pair in pairs]
    texts = [Counter(t.text for t in trials if (t.a, t.b) == pair) for pair in pairs]
    assert _even(list(pairs.values()), 3)
    assert all(_even(list(each.values()), 2) for each in sides)
    assert all(_even(list(each.values()), 2) for each in texts)


def _even(numbers: list[int], groups: int) -> bool:
    whole = [*numbers, *([0] * (groups - len(numbers)))]
    return max(whole) - min(whole) <= 1


def test_what_was_given_counts_and_the_rest_makes_up_for_it() -> None:
    given = [Trial(0, 1, 0, 0)] * 5
    rest = draw("ab", 2, 1, 16, given)
    assert len(rest) == 11
    assert Counter(trial.first for trial in rest) == {0: 3, 1: 8}
    assert draw("ab", 2, 1, 16, [*given, *rest]) == []


def test_x_is_a_coin_for_each_trial_by_itself() -> None:
    """Balanced, it would let who knows that guess better than the binomial p supposes."""
    counts = Counter(
        sum(trial.x == trial.a for trial in draw("abx", 2, 1, 16)) for _ in range(1000)
    )
    assert len(counts) > 7
    mean = sum(right * often for right, often in counts.items()) / 1000
    variance = sum((right - mean) ** 2 * often for right, often in counts.items()) / 1000
    assert mean == pytest.approx(8, abs=0.5)  # eight standard errors
    assert variance == pytest.approx(4, abs=1.4)


def test_x_tells_nothing_of_the_side_and_each_drawing_is_another() -> None:
    trials = [trial for _ in range(500) for trial in draw("abx", 2, 1, 16)]
    assert sum(trial.x == trial.first for trial in trials) == pytest.approx(4000, abs=360)
    firsts = {tuple(trial.first for trial in draw("ab", 2, 1, 32)) for _ in range(20)}
    assert len(firsts) == 20


def test_what_has_come_does_not_tell_which_pair_is_next() -> None:
    beginnings = [draw("ab", 3, 1, 18)[:3] for _ in range(400)]
    different = [len({(trial.a, trial.b) for trial in trials}) for trials in beginnings]
    assert set(different) == {1, 2, 3}


def test_the_second_is_the_other_one() -> None:
    assert Trial(1, 4, 0, 1).second == 4
    assert Trial(1, 4, 0, 4).second == 1
