import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from cartesia_nb.analysis.mel import hz_to_mel
from cartesia_nb.errors import SettingsError
from cartesia_nb.plots import alt_text, plot_spectrogram
from cartesia_nb.plots.wordstrip import WordStrip
from tests.plots.conftest import RATE, TEXT, MakeTake


def tone_burst(hertz: float, begin: float, end: float, seconds: float) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    wave = 0.5 * np.sin(2 * np.pi * hertz * time) * ((time >= begin) & (time < end))
    return wave.astype(np.float32)


def brightest(ax: Axes) -> tuple[float, float]:
    """x and y of the middle of the loudest cells, in data units."""
    image = ax.images[0]
    left, right, low, high = image.get_extent()
    values = np.asarray(image.get_array())
    rows, columns = np.nonzero(values > values.max() - 3)
    x = left + (columns.mean() + 0.5) * (right - left) / values.shape[1]
    y = low + (rows.mean() + 0.5) * (high - low) / values.shape[0]
    return float(x), float(y)


def strip(ax: Axes) -> WordStrip:
    (found,) = (artist for artist in ax.artists if isinstance(artist, WordStrip))
    return found


@pytest.mark.parametrize("seconds", [1.0, 30.0])
def test_a_tone_lies_at_its_time_and_frequency(make_take: MakeTake, seconds: float) -> None:
    wave = tone_burst(2000, 0.6 * seconds, 0.8 * seconds, seconds)
    ax = plot_spectrogram(make_take(samples=wave))
    x, y = brightest(ax)
    assert x == pytest.approx(0.7 * seconds, abs=max(0.002, 0.0005 * seconds))
    assert y == pytest.approx(2000, abs=RATE / 1024)


def test_on_the_mel_scale_it_lies_at_its_mel(make_take: MakeTake) -> None:
    wave = tone_burst(2000, 0.4, 0.6, 1.0)
    ax = plot_spectrogram(make_take(samples=wave), scale="mel")
    assert brightest(ax)[1] == pytest.approx(float(hz_to_mel(2000)), abs=20)
    ax.figure.canvas.draw()
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "0", "0.25", "0.5", "1", "2", "4", "8",
    ]  # fmt: skip


def test_colours_reach_from_the_maximum_down_by_the_range(make_take: MakeTake) -> None:
    wave = tone_burst(2000, 0, 1, 1.0)
    low, high = plot_spectrogram(make_take(samples=wave), db_range=50).images[0].get_clim()
    assert high == pytest.approx(20 * math.log10(0.5), abs=0.5)
    assert high - low == 50


def test_axes_have_units_and_span_the_take(make_take: MakeTake) -> None:
    ax = plot_spectrogram(make_take(2.0))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (s)", "frequency (kHz)")
    assert ax.get_xlim() == pytest.approx((0, 2.0))
    assert ax.get_ylim() == (0, 8000)
    assert "built-in engine" in ax.get_title(loc="left")
    assert plot_spectrogram(make_take(), max_frequency=RATE / 2).get_ylim() == (0, RATE / 2)


def test_a_long_take_is_drawn_in_no_more_columns_than_can_be_seen(make_take: MakeTake) -> None:
    ax = plot_spectrogram(make_take(120.0))
    assert np.asarray(ax.images[0].get_array()).shape[1] <= 4000


def test_words_stand_beneath_and_never_over_each_other(make_take: MakeTake) -> None:
    ax = plot_spectrogram(make_take())
    ax.figure.canvas.draw()
    assert strip(ax).drawn == TEXT.split()


def test_words_are_laid_out_anew_when_the_view_changes(make_take: MakeTake) -> None:
    take = make_take(60.0, text=" ".join(f"word{i}" for i in range(300)))
    ax = plot_spectrogram(take)
    ax.figure.canvas.draw()
    assert strip(ax).drawn == ["300 words, too dense to write here"]
    ax.set_xlim(10.05, 10.95)
    ax.figure.canvas.draw()
    assert strip(ax).drawn == ["word50", "word51", "word52", "word53", "word54"]


def test_words_in_any_script_and_with_any_sign_are_drawn_without_a_warning(
    make_take: MakeTake,
) -> None:
    ax = plot_spectrogram(make_take(text="你好 世界 $x^ \\frac{ मराठी مرحبا 😀"))
    ax.figure.canvas.draw()
    assert len(strip(ax).drawn) == 7


def test_words_can_be_left_out(make_take: MakeTake) -> None:
    assert not any(
        isinstance(artist, WordStrip)
        for artist in plot_spectrogram(make_take(), words=False).artists
    )


def test_the_time_axis_keeps_its_width_beside_another_plot(make_take: MakeTake) -> None:
    figure, (above, below) = plt.subplots(2, 1, sharex=True, layout="constrained")
    make_take().plot_latency(above)
    plot_spectrogram(make_take(), below)
    figure.canvas.draw()
    assert above.bbox.x0 == pytest.approx(below.bbox.x0)
    assert above.bbox.x1 == pytest.approx(below.bbox.x1)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"scale": "bark"}, "scale is 'bark'; it must be 'linear' or 'mel'"),
        ({"window": 0.01, "hop": 0.02}, r"hop \(20 ms\) is longer than window \(10 ms\)"),
        ({"window": -1.0}, "window is -1.0 s"),
        ({"window": 1e-9}, "window is 0 samples"),
        ({"max_frequency": 12000.0}, "holds frequencies above 0 and up to 11025 Hz"),
        ({"max_frequency": 0.0}, "max_frequency is 0.0 Hz"),
        ({"max_frequency": math.nan}, "max_frequency is nan Hz"),
        ({"db_range": 0.0}, "db_range is 0.0; it must be above 0 dB"),
    ],
)
def test_a_wrong_setting_is_refused_and_leaves_no_figure(
    make_take: MakeTake, wrong: dict[str, object], says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        plot_spectrogram(make_take(), **wrong)  # type: ignore[arg-type]  # wrong on purpose
    assert plt.get_fignums() == []


def test_alternative_text_says_what_is_seen(make_take: MakeTake) -> None:
    text = alt_text(plot_spectrogram(make_take()))
    assert "3.00 s of audio, 0 to 8 kHz on a linear scale" in text
    assert "Words: The quick brown fox" in text
    assert "dB re full scale" in text
