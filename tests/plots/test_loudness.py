import sys
from typing import cast

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.axes import Axes
from pyloudnorm import Meter

from cartesia_nb.errors import CartesiaNbError
from cartesia_nb.plots import alt_text, plot_loudness
from cartesia_nb.plots.wordstrip import WordStrip
from tests.plots.conftest import RATE, TEXT, MakeTake, voice

Floats = npt.NDArray[np.float64]


def tone(level: float, seconds: float = 2.0) -> npt.NDArray[np.float32]:
    time = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * 1000 * time)).astype(np.float32)


def legend(ax: Axes) -> list[str]:
    found = ax.get_legend()
    return [] if found is None else [text.get_text() for text in found.get_texts()]


def curve(ax: Axes) -> tuple[Floats, Floats]:
    line = ax.lines[0]
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


def test_the_line_is_as_loud_as_the_sound_at_its_time(make_take: MakeTake) -> None:
    ax = plot_loudness(make_take(samples=np.concatenate([tone(0.5), tone(0.05)])))
    times, levels = curve(ax)
    assert times[0] == pytest.approx(0.2, abs=0.01)
    assert times[-1] == pytest.approx(3.8, abs=0.03)
    loud, quiet = levels[(times > 0.5) & (times < 1.7)], levels[times > 2.3]
    np.testing.assert_allclose(loud, -9, atol=0.3)
    np.testing.assert_allclose(loud.mean() - quiet.mean(), 20, atol=0.1)


def test_integrated_loudness_is_marked_and_said_and_so_is_the_peak(make_take: MakeTake) -> None:
    sound = voice(3.0)
    whole = Meter(RATE, "DeMan").integrated_loudness(sound)
    ax = plot_loudness(make_take(samples=sound))
    minus = "\N{MINUS SIGN}"
    assert legend(ax)[1] == f"integrated {minus}{abs(whole):.1f} LUFS"
    highest = 20 * np.log10(np.abs(sound).max())
    assert legend(ax)[2] == f"sample peak {minus}{abs(highest):.1f} dBFS"
    dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
    np.testing.assert_allclose(np.asarray(dashed[0].get_ydata()), whole, atol=0.001)


def test_axes_have_units_and_the_title_says_who_spoke(make_take: MakeTake) -> None:
    ax = plot_loudness(make_take(2.0))
    assert ax.get_ylabel() == "momentary loudness (LUFS)"
    assert ax.get_xlabel() == "time (s)"
    assert ax.get_xlim() == pytest.approx((0, 2.0))
    assert ax.get_title(loc="left") == "Loudness: built-in engine (espeak-ng)"


def test_a_take_shorter_than_a_block_is_a_level_line_over_all_of_it(make_take: MakeTake) -> None:
    ax = plot_loudness(make_take(samples=tone(0.5, 0.1)))
    times, levels = curve(ax)
    np.testing.assert_allclose(times, [0, 0.1])
    assert levels[0] == levels[1] == pytest.approx(-9, abs=0.5)


def test_one_take_has_its_words_beneath(make_take: MakeTake) -> None:
    ax = plot_loudness(make_take())
    ax.figure.canvas.draw()
    (strip,) = (artist for artist in ax.artists if isinstance(artist, WordStrip))
    assert strip.drawn == TEXT.split()


def test_several_takes_are_told_apart_without_colour_and_named(make_take: MakeTake) -> None:
    silent = make_take(samples=np.zeros(RATE, dtype=np.float32))
    takes = [make_take(samples=tone(0.5)), make_take(samples=tone(0.25)), silent, make_take(0.0)]
    ax = plot_loudness(takes, labels=["loud", "quiet", "silent", "none"])
    lines = legend(ax)
    assert lines[0].startswith("loud: integrated \N{MINUS SIGN}9.")
    assert lines[1].startswith("quiet: integrated \N{MINUS SIGN}15.")
    assert lines[2:] == ["silent: silence", "none: no audio"]
    drawn = [line for line in ax.lines if len(np.asarray(line.get_xdata())) > 2]
    assert len({line.get_linestyle() for line in drawn[:3]}) == 3
    assert legend(plot_loudness([takes[0]] * 9))[-1] == "and 1 more"


@pytest.mark.parametrize("size", [(4.5, 3.5), (9.0, 4.5), (16.0, 9.0)])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_legend_covers_no_line(
    make_take: MakeTake, size: tuple[float, float], count: int
) -> None:
    _, given = plt.subplots(figsize=size, layout="constrained")
    takes = [make_take()] * count
    ax = plot_loudness(takes if count > 1 else takes[0], given)
    ax.figure.canvas.draw()
    found = ax.get_legend()
    assert found is not None
    top = ax.transData.transform((1, float(np.nanmax(curve(ax)[1]))))[1]
    assert top < found.get_window_extent().y0


def test_what_is_silent_says_so(make_take: MakeTake) -> None:
    ax = plot_loudness(make_take(samples=np.zeros(RATE, dtype=np.float32)))
    assert [text.get_text() for text in ax.texts] == ["only silence"]
    assert "1.00 s of audio, all silent" in alt_text(ax)
    ax = plot_loudness(make_take(0.0))
    assert [text.get_text() for text in ax.texts] == ["no audio was received"]
    assert "no takes" in plot_loudness([]).get_title(loc="left")


def test_pauses_far_under_the_speech_do_not_flatten_it(make_take: MakeTake) -> None:
    sound = np.concatenate([tone(0.5), np.zeros(2 * RATE, dtype=np.float32), tone(0.5)])
    low, high = plot_loudness(make_take(samples=sound)).get_ylim()
    assert high - low < 70


def test_alternative_text_gives_the_figures_in_sentences(make_take: MakeTake) -> None:
    text = alt_text(make_take(samples=tone(2.0)).plot_loudness())
    assert "2.00 s of audio; the integrated loudness is 3." in text
    assert "the sample peak 6.0 dBFS, beyond full scale." in text
    assert "Words: The quick brown fox" in text


def test_without_the_extra_one_sentence_says_so_and_no_figure_is_left(
    make_take: MakeTake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cast("dict[str, object]", sys.modules), "pyloudnorm", None)
    for take in (make_take(), make_take(0.0)):
        with pytest.raises(CartesiaNbError, match=r'pip install "cartesia-nb\[analysis\]"'):
            plot_loudness(take)
    assert plt.get_fignums() == []
