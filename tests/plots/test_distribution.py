import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from cartesia_nb.errors import SettingsError
from cartesia_nb.plots import alt_text, plot_distribution
from cartesia_nb.plots.label import Label
from cartesia_nb.plots.quantity import Quantity
from cartesia_nb.speech.metrics import Metrics
from cartesia_nb.speech.take import Take
from tests.plots.conftest import MakeTake


def rows(*values: float | None, cold: object = False, **more: object) -> list[dict[str, object]]:
    return [{"ttfa": value, "cold": cold, "state": "done", **more} for value in values]


def heard(make_take: MakeTake, *firsts: float, cold: bool | None = False) -> list[Take]:
    takes = [make_take(0.5, first=first) for first in firsts]
    for take in takes:
        take.timeline.cold = cold
    return takes


def dots(ax: Axes) -> list[np.ndarray]:
    """What is drawn of each group: x of its dots."""
    return [np.asarray(line.get_xdata()) for line in ax.lines if line.get_marker() in list("Dos")]


def names(ax: Axes) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def labels(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts if isinstance(text, Label)]


def test_every_take_is_a_dot_at_its_figure(make_take: MakeTake) -> None:
    ax = plot_distribution(heard(make_take, 0.1, 0.3, 0.2), metric="ttfb")
    (drawn,) = dots(ax)
    np.testing.assert_allclose(drawn, [100, 200, 300])
    assert ax.get_xlabel() == "time to first byte (ms)"
    assert ax.get_title(loc="left").startswith("Time to first byte (TTFB): 3 takes, built-in")


def test_median_quartiles_and_p90_are_those_of_numpy_and_named() -> None:
    values = np.random.default_rng(7).gamma(3, 0.2, 41)
    low, median, high, p90 = np.quantile(values, [0.25, 0.5, 0.75, 0.9]) * 1000
    ax = plot_distribution(rows(*values))
    assert labels(ax) == [
        f"median {median:.0f} ms, IQR {low:.0f} to {high:.0f} ms",
        f"p90 {p90:.0f} ms",
    ]
    lines = [np.asarray(line.get_xdata()) for line in ax.lines]
    assert any(len(x) == 5 and np.allclose([x.min(), x.max()], [low, high]) for x in lines)
    for value in (median, p90):
        assert any(len(x) == 2 and np.allclose(x, value) for x in lines)
    assert f"median {median:.0f} ms, half of them between" in alt_text(ax)


def test_cold_and_warm_and_unknown_are_rows_of_their_own_with_their_n() -> None:
    ax = plot_distribution(
        [*rows(0.2, 0.21, 0.2), *rows(0.9, cold=True), *rows(0.4, 0.4, cold=None)]
    )
    assert names(ax) == ["cold\nn = 1", "warm\nn = 3", "unknown if cold\nn = 2"]
    assert [len(x) for x in dots(ax)] == [1, 3, 2]
    assert "Cold: 1 take, 900 ms. Warm: 3 takes, median 200 ms" in alt_text(ax)


def test_unknown_figures_are_counted_and_never_drawn() -> None:
    ax = plot_distribution(rows(0.2, None, float("nan"), 0.3))
    assert names(ax) == ["warm\nn = 2, 2 unknown"]
    assert [len(x) for x in dots(ax)] == [2]
    assert "unknown of 2 more takes" in alt_text(ax)


def test_where_all_are_unknown_it_is_said_instead() -> None:
    ax = plot_distribution(rows(None, None))
    assert not dots(ax)
    assert [text.get_text() for text in ax.texts] == ["unknown of 2 takes"]
    assert "Warm: unknown of 2 takes." in alt_text(ax)


def test_takes_and_rows_may_stand_side_by_side(make_take: MakeTake) -> None:
    takes = heard(make_take, 0.1)
    ax = plot_distribution([*takes, {"ttfb": 0.4, "cold": False}], metric="ttfb")
    np.testing.assert_allclose(dots(ax)[0], [100, 400])


def test_one_take_or_one_row_is_enough(make_take: MakeTake) -> None:
    (take,) = heard(make_take, 0.1)
    for one in (take, {"ttfb": 0.1, "cold": False}):
        ax = plot_distribution(one, metric="ttfb")
        assert labels(ax) == ["100 ms"]


def test_an_iterator_is_read_once_and_whole() -> None:
    ax = plot_distribution(row for row in rows(0.1, 0.2, 0.3))
    assert [len(x) for x in dots(ax)] == [3]


def test_groups_come_by_label_each_cold_and_warm_apart() -> None:
    groups = {"near": [*rows(0.1), *rows(0.5, cold=True)], "far": rows(0.3, 0.4)}
    assert names(plot_distribution(groups)) == [
        "near\ncold\nn = 1", "near\nwarm\nn = 1", "far\nwarm\nn = 2",
    ]  # fmt: skip
    ax = plot_distribution(groups, labels=["A", "B"])
    assert [name.split("\n")[0] for name in names(ax)] == ["A", "A", "B"]


def test_takes_can_be_told_apart_by_a_field_of_theirs(make_take: MakeTake) -> None:
    mixed = [*rows(0.1, voice="amy"), *rows(0.2, voice="bob"), *rows(0.3, voice="amy")]
    assert names(plot_distribution(mixed, by="voice")) == ["amy\nwarm\nn = 2", "bob\nwarm\nn = 1"]
    takes = heard(make_take, 0.1, 0.2)
    assert names(plot_distribution(takes, by="backend"))[0].startswith("built-in engine")
    assert names(plot_distribution(takes, by="sample_rate")) == ["22050\nwarm\nn = 2"]
    by_length = plot_distribution(takes, by=lambda take: "short")
    assert names(by_length) == ["short\nwarm\nn = 2"]


def test_a_long_name_of_a_group_leaves_room_for_its_takes() -> None:
    (name,) = names(plot_distribution({"well " * 40: rows(0.1)}))
    *label, temperature, number = name.split("\n")
    assert (temperature, number) == ("warm", "n = 1")
    assert len(label) == 3
    assert all(len(line) <= 22 for line in label)


def test_failed_takes_are_counted_in_the_title() -> None:
    ax = plot_distribution([*rows(0.1), {"ttfa": None, "cold": False, "state": "failed"}])
    assert ax.get_title(loc="left") == "Time to first audio (TTFA): 2 takes, 1 of them failed"


def test_no_takes_at_all_is_said() -> None:
    none: list[list[Take] | dict[str, list[Take]]] = [[], {}]
    for nothing in none:
        assert plot_distribution(nothing).get_title(loc="left").endswith("no takes")


def test_the_same_takes_give_the_same_picture() -> None:
    values = np.random.default_rng(3).random(50)
    one, other = (plot_distribution(rows(*values)) for _ in range(2))
    for a, b in zip(one.lines, other.lines, strict=True):
        np.testing.assert_array_equal(a.get_xydata(), b.get_xydata())


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Metrics)])
def test_every_numeric_figure_can_be_drawn_and_its_axis_has_a_name(
    make_take: MakeTake, field: str
) -> None:
    if field == "cold":
        with pytest.raises(SettingsError, match="cold"):
            plot_distribution([], metric=field)
        return
    ax = plot_distribution(heard(make_take, 0.1, 0.2), metric=field)
    assert ax.get_xlabel()
    assert alt_text(ax)


def test_units_follow_the_size() -> None:
    assert plot_distribution(rows(0.2, 30.0)).get_xlabel() == "time to first audio (s)"
    assert Quantity.of("rtf").say(0.25, 1.0) == "0.25"
    assert Quantity.of("ttfa").say(0.0123, 0.5) == "12.3 ms"
    assert Quantity.of("ttfa").say(0.5, 20.0) == "0.5 s"


@pytest.mark.parametrize("font", [10, 18])
@pytest.mark.parametrize("size", [(4.5, 3.5), (9.0, 4.5)])
def test_no_label_leaves_the_axes_or_covers_another(font: float, size: tuple[float, float]) -> None:
    with plt.rc_context({"font.size": font}):
        _, given = plt.subplots(figsize=size, layout="constrained")
        ax = plot_distribution(
            {"a": rows(0.1, 0.101, 0.102, 0.9), "b": rows(0.88, 0.89, 0.9)}, given
        )
        ax.figure.canvas.draw()
    found = [text for text in ax.texts if isinstance(text, Label)]
    boxes = [text.get_window_extent() for text in found]
    assert len(boxes) == 4
    for index, box in enumerate(boxes):
        if box.width < ax.bbox.width:
            assert box.x0 >= ax.bbox.x0 - 1
            assert box.x1 <= ax.bbox.x1 + 1
        assert not any(box.overlaps(other) for other in boxes[index + 1 :])


def test_what_is_counted_has_an_axis_of_whole_numbers() -> None:
    ax = plot_distribution([{"chunks": n, "cold": False} for n in (1, 2, 4)], metric="chunks")
    assert all(float(tick).is_integer() for tick in ax.get_xticks())


class TestRefused:
    def test_an_unknown_metric_with_the_names_of_all(self) -> None:
        with pytest.raises(SettingsError, match=r"metric is 'speed'; it must be one of .*ttfa"):
            plot_distribution([], metric="speed")

    def test_a_metric_in_the_place_of_the_axes(self) -> None:
        with pytest.raises(SettingsError, match="write metric='ttfb'"):
            plot_distribution([], "ttfb")  # type: ignore[arg-type]  # the mistake itself

    @pytest.mark.parametrize("what", [3, [3], ["a"], {"near": 3}, {"near": [None]}])
    def test_what_is_neither_take_nor_row(self, what: object) -> None:
        with pytest.raises(SettingsError, match="neither a take nor a row"):
            plot_distribution(what)  # type: ignore[arg-type]  # the mistake itself

    def test_a_field_that_the_takes_have_not(self, make_take: MakeTake) -> None:
        with pytest.raises(SettingsError, match="by is 'colour'"):
            plot_distribution(make_take(0.1), by="colour")
        with pytest.raises(SettingsError, match="by is 'colour'"):
            plot_distribution(rows(0.1), by="colour")

    @pytest.mark.parametrize("given", [["a"], ["a", "b", "c"], "ab"])
    def test_labels_that_are_not_one_for_each_group(self, given: list[str]) -> None:
        with pytest.raises(SettingsError, match="for 2 groups"):
            plot_distribution({"x": rows(0.1), "y": rows(0.2)}, labels=given)

    @pytest.mark.parametrize("value", ["fast", True])
    def test_a_figure_that_is_no_number(self, value: object) -> None:
        with pytest.raises(SettingsError, match="must be a number or None"):
            plot_distribution([{"ttfa": value}])

    def test_nothing_refused_leaves_an_empty_figure(self) -> None:
        before = plt.get_fignums()
        with pytest.raises(SettingsError):
            plot_distribution([{"ttfa": "fast"}])
        assert plt.get_fignums() == before
