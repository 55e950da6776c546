"""What answers come to, against scipy's figures."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from cartesia_nb.tuning.scores import Results, scored


def rows(
    kind: str, *answers: tuple[int, bool], a: str = "slow", b: str = "quick"
) -> list[dict[str, object]]:
    """Of a text number, and whether ``a`` was preferred or X named rightly."""
    return [
        {
            "a": a,
            "b": b,
            "text_number": text,
            # Which of the two is chosen says nothing of whether it is right.
            "chosen": (a, b)[index % 2] if kind == "abx" else a if won else b,
            "correct": won if kind == "abx" else None,
        }
        for index, (text, won) in enumerate(answers)
    ]


def results(kind: str, wins: int, n: int, left: int = 0) -> Results:
    answers = [(1, True)] * wins + [(1, False)] * (n - wins)
    return scored(kind, [("slow", "quick")], 1, rows(kind, *answers), left)


@pytest.mark.parametrize(("wins", "n"), [(12, 16), (3, 16), (8, 16), (0, 5), (5, 5), (61, 100)])
def test_figures_are_scipys(wins: int, n: int) -> None:
    for kind, alternative in (("ab", "two-sided"), ("abx", "greater")):
        (score,) = results(kind, wins, n)
        wanted = binomtest(wins, n, alternative=alternative)
        assert (score.n, score.wins, score.share) == (n, wins, wins / n)
        assert score.p == pytest.approx(wanted.pvalue, rel=1e-9)
        exact = binomtest(wins, n).proportion_ci(0.95, "exact")
        assert (score.low, score.high) == pytest.approx((exact.low, exact.high), rel=1e-6)


def test_each_is_told_in_a_sentence() -> None:
    assert str(results("ab", 13, 16)) == (
        "slow and quick: slow was preferred in 13 of 16 trials "
        "(81%, 95% interval 54% to 96%, p = 0.021): slow is preferred."
    )
    assert str(results("ab", 3, 16)).endswith(": quick is preferred.")
    assert str(results("ab", 9, 16)).endswith(": no preference is shown.")
    assert str(results("abx", 12, 16)) == (
        "slow and quick: X was named rightly in 12 of 16 trials "
        "(75%, 95% interval 48% to 93%, p = 0.038): they are told apart."
    )
    assert str(results("abx", 2, 16)).endswith(": no difference is shown.")
    assert "p = below 0.001" not in str(results("ab", 30, 30))
    assert "p below 0.001" in str(results("ab", 30, 30))


def test_before_there_are_answers_nothing_is_claimed() -> None:
    (score,) = results("ab", 0, 0, left=1)
    assert (score.share, score.low, score.high, score.p) == (None, 0.0, 1.0, 1.0)
    told = results("ab", 0, 0, left=1).lines()
    assert told[0] == "slow and quick: no answers yet."
    assert told[1].startswith("1 trial is left;")


def test_what_is_left_is_told_and_that_p_is_for_the_whole() -> None:
    assert "3 trials are left; p holds when all are answered" in str(results("abx", 5, 6, left=3))


def test_several_texts_are_told_together_and_each_by_itself() -> None:
    found = scored("ab", [("slow", "quick")], 2, rows("ab", (1, True), (1, True), (2, False)), 0)
    assert [(each.text_number, each.n, each.wins) for each in found] == [
        (None, 3, 2),
        (1, 2, 2),
        (2, 1, 0),
    ]
    assert "slow and quick, text 2: slow was preferred in 0 of 1 trial" in str(found)


def test_several_pairs_are_told_by_pair_and_what_that_means_for_p() -> None:
    answers = [*rows("ab", (1, True)), *rows("ab", (1, False), b="other")]
    found = scored("ab", [("slow", "quick"), ("slow", "other")], 1, answers, 0)
    assert [(each.b, each.wins) for each in found] == [("quick", 1), ("other", 0)]
    assert "hold it against 0.05/2 = 0.025" in str(found)


def test_results_are_plain_rows_too() -> None:
    (row,) = results("ab", 12, 16).to_records()
    assert (row["kind"], row["a"], row["b"], row["n"], row["wins"]) == (
        "ab",
        "slow",
        "quick",
        16,
        12,
    )
    assert repr(results("ab", 12, 16)) == str(results("ab", 12, 16))
