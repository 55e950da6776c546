"""What was asked for and what came, drawn from rows whose truth is known."""

import io

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from cartesia_nb.analysis.effect import effect
from cartesia_nb.errors import SettingsError
from cartesia_nb.plots import alt_text, plot_realised
from cartesia_nb.plots.label import Label
from cartesia_nb.plots.style import fonts
from tests.analysis.taken import Rows, rows_of
from tests.plots.drawn import legend


def dots(ax: Axes) -> np.ndarray:
    (line,) = (line for line in ax.lines if line.get_marker() == "o")
    return np.asarray(line.get_xydata())


def means(ax: Axes) -> list[tuple[float, float]]:
    """Middle and height of each mean's bar."""
    bars = [line for line in ax.lines if line.get_linewidth() == 2.6]
    found = [np.asarray(line.get_xydata()) for line in bars]
    return [(float(bar[:, 0].mean()), float(bar[0, 1])) for bar in found]


def asked(ax: Axes) -> list[np.ndarray]:
    return [np.asarray(line.get_xydata()) for line in ax.lines if line.get_linestyle() == "--"]


def names(ax: Axes) -> list[str]:
    return [label.get_text() for label in ax.get_xticklabels()]


def labels(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts if isinstance(text, Label)]


def failing(rows: Rows, every: int) -> Rows:
    for row in rows[::every]:
        row.update(state="failed", speaking_rate=None, loudness=None, f0_median=None)
    return rows


KINDS: dict[str, tuple[Rows, str, str | None]] = {
    "five speeds": (rows_of(), "speed", None),
    "eight speeds": (rows_of(speeds=np.linspace(0.6, 1.5, 8).round(3).tolist()), "speed", None),
    "forty speeds": (rows_of(speeds=np.linspace(0.6, 1.5, 40).round(3).tolist()), "speed", None),
    "three speeds": (rows_of(speeds=(0.8, 1.0, 1.3)), "speed", None),
    "a speed of zero": (rows_of(speeds=(0.0, 0.8, 1.3)), "speed", None),
    "speeds that are words": ([{**row, "speed": f"x{row['speed']}"} for row in rows_of()], "speed",
                              None),
    "one speed": (rows_of(speeds=(1.0,)), "speed", None),
    "one take": (rows_of(speeds=(1.0,), texts=1, repeats=1), "speed", None),
    "one take of each": (rows_of(texts=1, repeats=1), "speed", None),
    "not set among the numbers": (rows_of(speeds=(None, 0.8, 1.3)), "speed", None),
    "not set and one number": (rows_of(speeds=(None, 1.3)), "speed", None),
    "an ignored speed": (rows_of(works=False), "speed", None),
    "takes that never vary": (rows_of(works=False, noise=0), "speed", None),
    "volumes": (rows_of(speeds=(None,), volumes=(None, 0.5, 1.0, 2.0)), "volume", None),
    "voices": (rows_of(voices=[f"{i}1b4c2e9-2a75-5f18-9f31-4315fcdc35b{i}" for i in range(4)],
                       speeds=(None,)), "voice", None),
    "voices with long names": (rows_of(voices=["the voice " + "of somebody " * i for i in range(9)],
                                       speeds=(None,)), "voice", None),
    "a length": (rows_of(), "speed", "duration"),
    "failed ones": (failing(rows_of(), 3), "speed", None),
    "nothing but failed ones": (failing(rows_of(), 1), "speed", None),
    "thousands": (rows_of(texts=100, repeats=8), "speed", None),
    "together with another": ([{**row, "voice": f"v{row['speed']}"} for row in rows_of()], "speed",
                              None),
}  # fmt: skip


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("style", ["default", "dark_background"])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_drawn_without_error_or_warning(kind: str, style: str) -> None:
    rows, parameter, measure = KINDS[kind]
    with plt.style.context(style):
        ax = plot_realised(rows, parameter, measure=measure)
        figure, png = ax.get_figure(root=True), io.BytesIO()
        assert figure is not None
        figure.savefig(png, format="png")
    image = plt.imread(io.BytesIO(png.getvalue()))
    assert image[..., :3].std() > 0.01
    assert (image[0, 0, :3].mean() > 0.5) == (style == "default")
    assert alt_text(ax).startswith(ax.get_title(loc="left").split("\n")[0][:20])
    # All that is written lies within the picture.
    for text in labels_within(ax):
        assert figure.bbox.x0 <= text.x0 and text.x1 <= figure.bbox.x1


def labels_within(ax: Axes) -> list[matplotlib.transforms.BboxBase]:
    return [text.get_window_extent() for text in ax.get_xticklabels()]


def test_every_take_is_a_dot_and_the_bar_is_the_mean_of_a_values_takes() -> None:
    rows = rows_of(texts=1)
    ax = plot_realised(rows, "speed")
    drawn = dots(ax)
    np.testing.assert_allclose(drawn[:, 1], [float(str(row["speaking_rate"])) for row in rows])
    wanted = np.array([float(str(row["speed"])) for row in rows])
    assert np.abs(drawn[:, 0] - wanted).max() < 0.1
    levels = effect(rows, "speed").levels
    assert [x for x, _ in means(ax)] == pytest.approx([one.value for one in levels])
    assert [y for _, y in means(ax)] == pytest.approx([one.mean for one in levels])
    assert ax.get_ylabel() == "speaking rate (words/min)"
    assert ax.get_xlabel() == "speed asked for (factor)"


def test_the_whisker_is_the_spread_over_repeats() -> None:
    rows = rows_of(texts=1)
    ax = plot_realised(rows, "speed")
    whiskers = [one for one in ax.collections if isinstance(one, LineCollection)]
    reach = [np.ptp(one.get_segments()[0][:, 1]) / 2 for one in whiskers]
    assert reach == pytest.approx([one.sd for one in effect(rows, "speed").levels])


def test_as_asked_is_a_line_through_the_reference() -> None:
    rows = rows_of(noise=0.0, texts=1)
    (line,) = asked(plot_realised(rows, "speed"))
    np.testing.assert_allclose(line[:, 1], 150 * line[:, 0])
    assert (line[0, 0], line[-1, 0]) == (0.6, 1.5)
    rows = rows_of(noise=0.0, texts=1, speeds=(None,), volumes=(None, 0.5, 2.0))
    curve, unset = asked(plot_realised(rows, "volume"))
    np.testing.assert_allclose(curve[:, 1], -20 + 20 * np.log10(curve[:, 0]))
    np.testing.assert_allclose(unset[:, 1], -20)


def test_where_asking_says_nothing_of_the_measure_there_is_no_such_line() -> None:
    assert not asked(plot_realised(rows_of(voices=("amy", "bob")), "voice"))
    ax = plot_realised(rows_of(), "speed", measure="f0_median")
    assert not asked(ax)
    assert "as asked" not in legend(ax)


def test_what_came_is_written_above_the_takes() -> None:
    assert labels(plot_realised(rows_of(noise=0), "speed")) == [
        f"{factor:.2f}\N{MULTIPLICATION SIGN}" for factor in (0.6, 0.8, 1.0, 1.2, 1.5)
    ]
    rows = rows_of(noise=0, texts=1, speeds=(None,), volumes=(0.5, 1.0, 2.0))
    assert labels(plot_realised(rows, "volume")) == [
        "\N{MINUS SIGN}6.0 LU", "reference", "+6.0 LU",
    ]  # fmt: skip
    rows = rows_of(noise=0, texts=1, speeds=(None,), voices=("amy", "bob"))
    assert labels(plot_realised(rows, "voice")) == ["120 Hz", "180 Hz"]


def test_an_ignored_parameter_is_seen_at_once() -> None:
    ax = plot_realised(rows_of(works=False), "speed")
    assert "no effect seen" in [text.get_text() for text in ax.texts]
    title = ax.get_title(loc="left").replace("\n", " ").replace("\N{NO-BREAK SPACE}", " ")
    assert "No effect seen: with speed from 0.6 to 1.5 the speaking rate differs by " in title
    assert "takes of one setting differ by " in title
    # Its height is not that of the noise.
    low, high = ax.get_ylim()
    assert high - low > 100
    flat = plot_realised(rows_of(works=False), "speed", measure="loudness")
    assert np.ptp(flat.get_ylim()) > 5
    seen = plot_realised(rows_of(), "speed")
    assert "no effect seen" not in [text.get_text() for text in seen.texts]
    assert "An effect is seen" in seen.get_title(loc="left")


def test_too_few_takes_are_seen_at_once_too() -> None:
    ax = plot_realised(rows_of(texts=1, repeats=1), "speed")
    assert "too few takes to tell" in [text.get_text() for text in ax.texts]
    assert "no effect seen" not in [text.get_text() for text in ax.texts]
    alone = plot_realised(rows_of(speeds=(1.0,)), "speed")
    assert not {"too few takes to tell", "no effect seen"} & {t.get_text() for t in alone.texts}


@pytest.mark.parametrize("kind", ["five speeds", "an ignored speed", "volumes", "voices"])
def test_the_title_takes_three_lines_and_most_of_the_width(kind: str) -> None:
    rows, parameter, measure = KINDS[kind]
    ax = plot_realised(rows, parameter, measure=measure)
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    assert len(ax.get_title(loc="left").split("\n")) <= 3
    (title,) = (
        text
        for text in ax.get_children()
        if getattr(text, "get_text", str)() == ax.get_title(loc="left")
    )
    box = title.get_window_extent()
    assert 0.6 * figure.bbox.width < box.x1 <= figure.bbox.width


def test_texts_are_brought_to_one_level_before_they_are_drawn() -> None:
    drawn = dots(plot_realised(rows_of(works=False, texts=3, noise=0.001), "speed"))
    assert np.ptp(drawn[:, 1]) < 0.01 * drawn[:, 1].mean()


def test_values_are_named_with_how_many_takes_they_have() -> None:
    rows = failing(rows_of(texts=1), 3)
    ax = plot_realised(rows, "speed")
    assert names(ax) == [f"{value:g}\nn = 2" for value in (0.6, 0.8, 1, 1.2, 1.5)]
    assert "10 takes, 5 failed" in ax.get_title(loc="left").replace("\n", " ")


def test_long_ids_are_cut_and_names_that_the_rows_carry_are_taken_instead() -> None:
    ids = [f"{i}{'b' * 7}-2a75-5f18-9f31-4315fcdc35b1" for i in range(4)]
    rows = rows_of(voices=ids, speeds=(None,))
    assert [name.split("\n")[0] for name in names(plot_realised(rows, "voice"))] == [
        f"{i}{'b' * 7}…" for i in range(4)
    ]
    for row in rows:
        row["voice_name"] = f"Voice {str(row['voice'])[0]}"
    ax = plot_realised(rows, "voice")
    assert names(ax)[:2] == ["Voice 0\nn = 9", "Voice 1\nn = 9"]
    assert "Voice 0: 9 takes, mean" in alt_text(ax)


@pytest.mark.filterwarnings("ignore:Glyph")  # where no such font is installed
def test_names_in_other_scripts_are_written_in_fonts_that_have_them() -> None:
    ax = plot_realised(rows_of(voices=("日本語の声", "amy"), speeds=(None,)), "voice")
    expected = fonts(["日本語の声"])
    assert expected is not None
    assert ax.get_xticklabels()[0].get_fontfamily() == expected
    plain = plot_realised(rows_of(), "speed")
    assert plain.get_xticklabels()[0].get_fontfamily() == matplotlib.rcParams["font.family"]
    assert fonts(["amy\nbob"]) is None
    assert ax.get_title(loc="left").startswith("Voice and median pitch: ")
    rows = [{**row, "sample_rate": row["speed"]} for row in rows_of()]
    assert plot_realised(rows, "sample_rate").get_title(loc="left").startswith("Sample rate and ")


def test_not_set_stands_beside_the_numbers() -> None:
    ax = plot_realised(rows_of(speeds=(None, 0.8, 1.3)), "speed")
    assert names(ax)[0].startswith("not set")
    ticks = ax.get_xticks()
    assert ticks[0] < 0.8 - 0.05 and list(ticks[1:]) == [0.8, 1.3]


def test_in_words_it_says_what_came_of_each_value() -> None:
    said = alt_text(plot_realised(failing(rows_of(noise=0), 4), "speed"))
    assert said.startswith(
        "Speed and speaking rate: built-in engine, 33 takes of 3 texts, 12 failed."
    )
    assert "An effect is seen: from speed 0.6 to 1.5 the speaking rate changed by +150 %" in said
    assert "12 more failed" in said
    assert "speed 0.6: " in said and "words/min." in said


def test_where_the_measure_is_unknown_of_all_that_is_said_instead() -> None:
    ax = plot_realised(failing(rows_of(), 1), "speed")
    assert [text.get_text() for text in ax.texts] == ["unknown of 45 takes"]


def test_a_table_and_an_iterator_do_as_well() -> None:
    table = pd.DataFrame(rows_of(speeds=(None, 0.8, 1.3)))
    ax = plot_realised(iter(table.to_dict("records")), "speed")
    assert len(dots(ax)) == 27


def test_given_an_axes_it_draws_there_and_nothing_global_is_changed() -> None:
    _, axes = plt.subplots(1, 2)
    before, figures = dict(matplotlib.rcParams), plt.get_fignums()
    assert plot_realised(rows_of(), "speed", axes[0]) is axes[0]
    assert dict(matplotlib.rcParams) == before and plt.get_fignums() == figures
    assert not axes[1].lines


@pytest.mark.parametrize("format", ["svg", "pdf"])
def test_it_can_be_saved_as_vectors(format: str) -> None:
    figure, out = plot_realised(rows_of(), "speed").get_figure(root=True), io.BytesIO()
    assert figure is not None
    figure.savefig(out, format=format)
    assert len(out.getvalue()) > 1000


def test_what_there_is_not_is_refused_in_a_sentence_and_leaves_no_figure() -> None:
    with pytest.raises(SettingsError, match="Did you mean 'speed'"):
        plot_realised(rows_of(), "sped")
    with pytest.raises(SettingsError, match="Did you mean 'loudness'"):
        plot_realised(rows_of(), "speed", measure="loudnes")
    with pytest.raises(SettingsError, match="is no row"):
        plot_realised([3], "speed")  # type: ignore[list-item]  # what one might try
    with pytest.raises(SettingsError, match="ax is of type ndarray"):
        plot_realised(rows_of(), "speed", np.array([1]))  # type: ignore[arg-type]  # likewise
    assert not plt.get_fignums()


def test_all_that_is_drawn_is_in_sight() -> None:
    rows = rows_of(texts=1, speeds=(1.0, 1.2), repeats=2)
    for row, rate in zip(rows, (100.0, 900.0, 100.0, 900.0), strict=True):
        row["speaking_rate"] = rate
    ax = plot_realised(rows, "speed")
    low, high = ax.get_ylim()
    ends = [
        one.get_segments()[0][:, 1] for one in ax.collections if isinstance(one, LineCollection)
    ]
    assert low <= min(end.min() for end in ends) and high >= max(end.max() for end in ends)
    (line,) = (line for line in ax.lines if line.get_marker() == "o")
    assert float(line.get_alpha() or 0.0) > 0.3


@pytest.mark.filterwarnings("error")
def test_where_every_value_is_zero_there_is_an_axis() -> None:
    rows = [{**row, "score": 0.0} for row in rows_of()]
    low, high = plot_realised(rows, "speed", measure="score").get_ylim()
    assert low < 0 < high
