"""What the answers of blind tests come to, drawn."""

import io

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from scipy import stats

from cartesia_nb.errors import SettingsError
from cartesia_nb.plots import alt_text, plot_preference
from cartesia_nb.plots.label import Label
from cartesia_nb.tuning.scores import scored

Answers = list[dict[str, object]]


def answers(a: str, b: str, wins: int, n: int, kind: str = "ab", text: int = 1) -> Answers:
    """``n`` answers, of which ``wins`` are for ``a``, or right."""
    return [
        {
            "kind": kind, "a": a, "b": b, "text_number": text, "chosen": a if i < wins else b,
            "x": a if kind == "abx" else None, "correct": i < wins if kind == "abx" else None,
        }
        for i in range(n)
    ]  # fmt: skip


def shares(ax: Axes) -> list[float]:
    marks = [line for line in ax.lines if line.get_marker() == "o"]
    return [float(np.asarray(line.get_xdata())[0]) for line in marks]


def spans(ax: Axes) -> list[tuple[float, float]]:
    found = [line for line in ax.lines if line.get_marker() == "|"]
    return [(float(x[0]), float(x[1])) for x in (np.asarray(line.get_xdata()) for line in found)]


def names(ax: Axes) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def labels(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts if isinstance(text, Label)]


KINDS: dict[str, Answers] = {
    "one pair": answers("warm", "brisk", 13, 16),
    "one answer": answers("warm", "brisk", 1, 1),
    "all for one": answers("warm", "brisk", 16, 16),
    "none for one": answers("warm", "brisk", 0, 16),
    "abx": answers("warm", "brisk", 9, 16, "abx"),
    "both kinds": answers("warm", "brisk", 9, 16, "abx") + answers("warm", "brisk", 9, 16),
    "many pairs": [
        row for i in range(12) for row in answers(f"voice {i}", "a voice " * (i + 1), i, 12)
    ],
    "nothing": [],
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("style", ["default", "dark_background"])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_drawn_without_error_or_warning(kind: str, style: str) -> None:
    with plt.style.context(style):
        ax = plot_preference(KINDS[kind])
        figure, png = ax.get_figure(root=True), io.BytesIO()
        assert figure is not None
        figure.savefig(png, format="png")
    image = plt.imread(io.BytesIO(png.getvalue()))
    assert image[..., :3].std() > 0.01
    assert (image[0, 0, :3].mean() > 0.5) == (style == "default")
    assert alt_text(ax).startswith(ax.get_title(loc="left").replace("\n", " ")[:15])


@pytest.mark.parametrize("wins", [0, 3, 13, 16])
def test_share_interval_and_p_are_scipys_and_chance_is_a_line(wins: int) -> None:
    ax = plot_preference(answers("warm", "brisk", wins, 16))
    expected = stats.binomtest(wins, 16)
    ends = expected.proportion_ci(0.95, "exact")
    assert shares(ax) == pytest.approx([100 * wins / 16])
    assert spans(ax)[0] == pytest.approx((100 * ends.low, 100 * ends.high))
    assert labels(ax)[0] == "chance"
    p = "p < 0.001" if expected.pvalue < 0.001 else f"p = {expected.pvalue:.2g}"
    assert labels(ax)[1].startswith(f"{wins} of 16: ") and labels(ax)[1].endswith(p)
    assert any(list(np.asarray(line.get_xdata())) == [50, 50] for line in ax.lines)


def test_of_an_abx_test_what_was_right_counts_to_one_side() -> None:
    ax = plot_preference(answers("warm", "brisk", 12, 16, "abx"))
    p = stats.binomtest(12, 16, alternative="greater").pvalue
    assert f"p = {p:.2g}" in labels(ax)[1]
    assert ax.get_title(loc="left") == f"ABX test: 16 answers: they are told apart (p = {p:.2g})"
    assert names(ax) == ["warm\ntold from brisk\nn = 16"]
    assert ax.get_xlabel() == "X named rightly (%)"


def test_each_pair_is_a_row_and_the_same_pair_turned_round_is_the_same() -> None:
    rows = [*answers("a", "b", 9, 12), *answers("b", "a", 2, 8), *answers("a", "c", 1, 5)]
    ax = plot_preference(rows)
    assert names(ax) == ["a\nrather than b\nn = 20", "a\nrather than c\nn = 5"]
    assert shares(ax) == pytest.approx([75, 20])
    assert "each p is of its own row alone" in ax.get_title(loc="left").replace("\n", " ")


def test_answers_that_say_nothing_are_counted_and_left_out() -> None:
    rows = answers("a", "b", 9, 12)
    rows[0]["chosen"], rows[1]["chosen"] = None, float("nan")
    ax = plot_preference(rows)
    assert names(ax) == ["a\nrather than b\nn = 10, 2 undecided"]
    assert "and 2 were undecided" in alt_text(ax)


def test_the_kind_is_known_from_the_answers_where_they_do_not_say() -> None:
    right = [{**row, "kind": None} for row in answers("a", "b", 9, 12, "abx")]
    assert plot_preference(right).get_xlabel() == "X named rightly (%)"
    preferred = answers("a", "b", 9, 12)
    for row in preferred:
        del row["kind"]
    assert plot_preference(preferred).get_xlabel() == "preferred (%)"


@pytest.mark.parametrize("kind", ["ab", "abx"])
def test_scores_are_drawn_as_the_answers_that_they_are_of_with_each_text(kind: str) -> None:
    rows = [*answers("a", "b", 9, 12, kind), *answers("a", "b", 3, 12, kind, 2)]
    results = scored(kind, [("a", "b")], 2, rows, 0)
    ax = plot_preference(results)
    assert shares(ax) == pytest.approx([50, 75, 25])
    assert names(ax)[1:] == ["text 1\nn = 12", "text 2\nn = 12"]
    assert shares(plot_preference(rows)) == pytest.approx([50])
    counted = [{**row, "n": np.int64(24), "wins": np.int64(6)} for row in results.to_records()[:1]]
    assert shares(plot_preference(counted)) == [25]
    assert shares(plot_preference(results.to_records())) == shares(ax)
    assert "24 answers" in ax.get_title(loc="left")
    # None beside numbers is NaN in a table, and the numbers have a point.
    table = pd.DataFrame(results.to_records())
    for rows_of_it in (table, table.convert_dtypes()):
        again = plot_preference(rows_of_it.to_dict("records"))
        assert (shares(again), names(again)) == (shares(ax), names(ax))
        assert again.get_title(loc="left") == ax.get_title(loc="left")


def test_what_no_one_chose_is_undecided_in_a_table_too() -> None:
    rows = answers("warm", "brisk", 3, 4, kind="abx")
    rows[0]["correct"] = float("nan")
    ax = plot_preference(rows)
    assert shares(ax) == pytest.approx([100 * 2 / 3])
    assert names(ax) == ["warm\ntold from brisk\nn = 3, 1 undecided"]


def test_nothing_is_written_over_the_title_or_over_one_another() -> None:
    ax = plot_preference(answers("warm", "brisk", 8, 16))
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts if isinstance(text, Label)]
    assert len(boxes) == 2 and not boxes[0].overlaps(boxes[1])
    assert all(box.y1 <= ax.bbox.y1 for box in boxes)


def test_in_words_it_says_all_of_it() -> None:
    assert alt_text(plot_preference(answers("warm", "brisk", 13, 16))) == (
        "AB test: 16 answers: warm is preferred (p = 0.021). warm and brisk: warm was preferred in "
        "13 of 16 answers, 81 %, 95 % interval 54 to 96 %, p = 0.021; warm is preferred."
    )
    assert alt_text(plot_preference([])) == "Blind test: 0 answers."


def test_given_an_axes_it_draws_there_and_nothing_global_is_changed() -> None:
    _, axes = plt.subplots(1, 2)
    before, figures = dict(matplotlib.rcParams), plt.get_fignums()
    assert plot_preference(KINDS["one pair"], axes[0]) is axes[0]
    assert dict(matplotlib.rcParams) == before and plt.get_fignums() == figures
    assert not axes[1].lines


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (5, "5 is no answer of a blind test; give test.to_records() or test.results()."),
        ([{"a": "x"}], "{'a': 'x'} is no answer of a blind test"),
        ("ab", "'ab' is no answer"),
        ([{"a": "x", "b": "y", "kind": "mushra"}], "kind is 'mushra' in a row"),
        ([{"a": "x", "b": "y", "kind": "ab", "n": 3, "wins": 4}], "{'a': 'x', 'b': 'y'"),
    ],
)
def test_what_is_no_answer_is_refused_in_a_sentence(given: list[object], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        plot_preference(given)
    assert str(refused.value).startswith(said)
    assert not plt.get_fignums()
