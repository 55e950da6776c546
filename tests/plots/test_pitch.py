import math

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.transforms import Bbox

from cartesia_nb.analysis.pitch import pitch
from cartesia_nb.errors import SettingsError
from cartesia_nb.plots import alt_text, plot_pitch
from cartesia_nb.plots.wordstrip import WordStrip
from tests.plots.conftest import RATE, TEXT, MakeTake

Samples = npt.NDArray[np.float32]


def hum(hertz: float, seconds: float = 1.0) -> Samples:
    """A voice on one note."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = sum(0.2 / k * np.sin(2 * np.pi * k * hertz * time) for k in range(1, 6))
    return np.asarray(wave, dtype=np.float32)


def still(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), dtype=np.float32)


def legend(ax: Axes) -> list[str]:
    found = ax.get_legend()
    return [] if found is None else [text.get_text() for text in found.get_texts()]


def curves(ax: Axes) -> list[tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
    lines = [(np.asarray(line.get_xdata()), np.asarray(line.get_ydata())) for line in ax.lines]
    return [(x, y) for x, y in lines if len(x) > 2]


def strips(ax: Axes) -> list[list[tuple[float, float]]]:
    """Beginning and end of each bar, by take."""
    found = [bars for bars in ax.collections if isinstance(bars, PolyCollection)]
    return [[(box.x0, box.x1) for box in boxes(bars)] for bars in found]


def boxes(bars: PolyCollection) -> list[Bbox]:
    """Of each bar: x in seconds, y as a share of the Axes' height."""
    return [path.get_extents() for path in bars.get_paths()]


def test_a_note_lies_at_its_time_and_frequency(make_take: MakeTake) -> None:
    ax = plot_pitch(make_take(samples=np.concatenate([still(1), hum(150), still(1)])))
    ((times, hertz),) = curves(ax)
    voiced = ~np.isnan(hertz)
    assert times[voiced].min() == pytest.approx(1, abs=0.03)
    assert times[voiced].max() == pytest.approx(2, abs=0.03)
    np.testing.assert_allclose(hertz[voiced], 150, rtol=0.01)


def test_the_line_has_gaps_where_nothing_is_voiced_and_the_strip_says_where_it_is(
    make_take: MakeTake,
) -> None:
    sound = np.concatenate([still(0.5), hum(120), still(0.5), hum(180), still(0.5)])
    (bars,) = strips(plot_pitch(make_take(samples=sound)))
    np.testing.assert_allclose(bars, [(0.5, 1.5), (2.0, 3.0)], atol=0.04)


def test_the_median_is_marked_and_said(make_take: MakeTake) -> None:
    ax = plot_pitch(make_take(samples=np.concatenate([hum(100, 2), hum(200)])))
    assert "median 100 Hz" in legend(ax)
    (dashed,) = (line for line in ax.lines if line.get_linestyle() == "--")
    np.testing.assert_allclose(np.asarray(dashed.get_ydata()), 100, rtol=0.01)
    assert "90 % from 100 to 200 Hz (12.0 semitones)" in legend(ax)
    assert legend(ax)[0] == "voiced 3.0 of 3.0 s"


def test_the_range_leaves_out_the_lowest_and_the_highest_twentieth(make_take: MakeTake) -> None:
    notes = np.concatenate([hum(100, 0.1), hum(150, 9.8), hum(300, 0.1)])
    assert "90 % from 150 to 150 Hz (0.0 semitones)" in legend(plot_pitch(make_take(samples=notes)))


def test_equal_intervals_are_equally_high(make_take: MakeTake) -> None:
    ax = plot_pitch(make_take(samples=np.concatenate([hum(100), hum(200), hum(400)])))
    low, middle, high = (ax.transData.transform((0, hertz))[1] for hertz in (100, 200, 400))
    assert middle - low == pytest.approx(high - middle)
    assert ax.get_ylabel() == "pitch, F0 (Hz)"
    assert ax.get_xlabel() == "time (s)"
    ax.figure.canvas.draw()
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert {"100", "200", "400"} <= set(labels)
    assert not {"60", "500", "600", "800"} & set(labels)  # no voice is there


def test_the_voice_is_looked_for_between_floor_and_ceiling(make_take: MakeTake) -> None:
    take = make_take(samples=hum(100))
    ((_, hertz),) = curves(plot_pitch(take, floor=30, ceiling=80))
    np.testing.assert_allclose(np.nanmedian(hertz), 50, rtol=0.02)  # for want of the true one
    ((_, hertz),) = curves(plot_pitch(take, floor=50, ceiling=300))
    np.testing.assert_allclose(np.nanmedian(hertz), 100, rtol=0.02)


@pytest.mark.parametrize(
    ("floor", "ceiling", "says"),
    [
        (0.0, 500.0, "floor is 0.0 Hz"),
        (math.nan, 500.0, "floor is nan Hz"),
        (75.0, 60.0, "ceiling is 60 Hz; it must be above the floor"),
        (75.0, 20000.0, "at most half the sample rate"),
    ],
)
def test_a_wrong_setting_is_refused_and_leaves_no_figure(
    make_take: MakeTake, floor: float, ceiling: float, says: str
) -> None:
    for takes in (make_take(), [make_take(), make_take(0.0)]):
        with pytest.raises(SettingsError, match=says):
            plot_pitch(takes, floor=floor, ceiling=ceiling)
    assert plt.get_fignums() == []


def test_one_take_has_its_words_beneath_and_several_have_none(make_take: MakeTake) -> None:
    def written(ax: Axes) -> list[list[str]]:
        ax.figure.canvas.draw()
        return [artist.drawn for artist in ax.artists if isinstance(artist, WordStrip)]

    assert written(plot_pitch(make_take())) == [TEXT.split()]
    assert written(plot_pitch([make_take(), make_take()])) == []


def test_several_takes_are_told_apart_without_colour_and_named(make_take: MakeTake) -> None:
    takes = [make_take(samples=hum(100)), make_take(samples=hum(200)), make_take(0.0)]
    ax = plot_pitch(takes, labels=["low", "high", "none"])
    assert legend(ax)[:3] == [
        "low: median 100 Hz, range 0.0 semitones",
        "high: median 200 Hz, range 0.0 semitones",
        "none: no audio",
    ]
    lines = [line for line in ax.lines if len(np.asarray(line.get_xdata())) > 2]
    assert len({line.get_marker() for line in lines}) == len({line.get_color() for line in lines})
    assert len(strips(ax)) == 3
    assert legend(plot_pitch(takes))[0].startswith("1 “The quick brown fox…”: median")
    many = legend(plot_pitch([takes[0]] * 12))
    assert many[8] == "and 4 more"
    assert len(many) == 10


@pytest.mark.parametrize("size", [(4.5, 3.5), (9.0, 4.5), (16.0, 9.0)])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_legend_and_strips_cover_no_line(
    make_take: MakeTake, size: tuple[float, float], count: int
) -> None:
    _, given = plt.subplots(figsize=size, layout="constrained")
    takes = [make_take(samples=np.concatenate([hum(90), hum(420)]))] * count
    ax = plot_pitch(takes if count > 1 else takes[0], given)
    ax.figure.canvas.draw()
    found = ax.get_legend()
    assert found is not None
    for _, hertz in curves(ax):
        heights = ax.transData.transform([(1, float(np.nanmin(hertz))), (1, np.nanmax(hertz))])
        assert heights[1, 1] < found.get_window_extent().y0
        bars = [bars for bars in ax.collections if isinstance(bars, PolyCollection)]
        tops = [box.y1 for one in bars for box in boxes(one)]
        assert heights[0, 1] > ax.transAxes.transform((0, max(tops)))[1]


def test_what_has_no_pitch_says_so(make_take: MakeTake) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, RATE).astype(np.float32)
    ax = plot_pitch(make_take(samples=noise))
    assert [text.get_text() for text in ax.texts] == ["nothing voiced was found"]
    assert "1.00 s of audio, in which nothing is voiced" in alt_text(ax)
    ax = plot_pitch(make_take(0.0))
    assert [text.get_text() for text in ax.texts] == ["no audio was received"]
    assert "no takes" in plot_pitch([]).get_title(loc="left")


def test_alternative_text_gives_the_figures_in_sentences(make_take: MakeTake) -> None:
    text = alt_text(plot_pitch(make_take(samples=np.concatenate([hum(100, 2), hum(200)]))))
    assert "looked for from 75 to 500 Hz" in text
    assert "3.00 of 3.00 s are voiced; the median is 100 Hz" in text
    assert "a range of 12.0 semitones" in text
    assert "Words: The quick brown fox" in text


def test_it_draws_what_the_analysis_finds(make_take: MakeTake) -> None:
    take = make_take()
    ((times, hertz),) = curves(take.plot_pitch())
    found = pitch(take.samples, take.sample_rate)
    np.testing.assert_array_equal(times, found.times)
    np.testing.assert_array_equal(hertz, found.frequency)
