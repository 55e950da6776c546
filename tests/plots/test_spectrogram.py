import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from cartesia_nb.analysis.mel import hz_to_mel
from cartesia_nb.errors import SettingsError
from cartesia_nb.plots import alt_text, plot_spectrogram
from cartesia_nb.plots.spectrogram import Scale
from cartesia_nb.plots.wordstrip import WordStrip, strip_height
from cartesia_nb.speech.backend import ENGINE
from cartesia_nb.speech.recording import Recording, Word
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from tests.plots.conftest import RATE, TEXT, MakeTake, Samples


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


def rows_of(ax: Axes) -> list[Axes]:
    return [row for row in ax.child_axes if isinstance(row, Axes)]


def strips(ax: Axes) -> list[WordStrip]:
    return [artist for artist in ax.artists if isinstance(artist, WordStrip)]


def strip(ax: Axes) -> WordStrip:
    (found,) = strips(ax)
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
    assert strips(plot_spectrogram(make_take(), words=False)) == []


def with_phonemes(take: Take) -> Take:
    take._recording.phonemes = [Word("ð", 0.1, 0.3), Word("ə", 0.3, 0.6), Word("k", 0.6, 0.9)]
    return take


def test_phonemes_stand_under_the_words_where_the_take_has_some(make_take: MakeTake) -> None:
    ax = plot_spectrogram(with_phonemes(make_take()))
    ax.figure.canvas.draw()
    words, phonemes = strips(ax)
    assert words.drawn == TEXT.split()
    assert phonemes.drawn == ["ð", "ə", "k"]
    assert len(strips(plot_spectrogram(with_phonemes(make_take()), phonemes=False))) == 1
    (alone,) = strips(plot_spectrogram(with_phonemes(make_take()), words=False))
    assert [word.text for word in alone.words] == ["ð", "ə", "k"]


def test_phonemes_that_were_asked_for_and_are_not_there_are_told_how_to_come(
    make_take: MakeTake,
) -> None:
    ax = plot_spectrogram(make_take(), phonemes=True)
    ax.figure.canvas.draw()
    assert strips(ax)[1].drawn == ["no phonemes: say it with add_phoneme_timestamps=True"]
    assert len(strips(plot_spectrogram(make_take()))) == 1


def test_words_that_come_out_of_order_stand_in_order(make_take: MakeTake) -> None:
    take = make_take()
    take._recording.words.reverse()
    ax = plot_spectrogram(take)
    ax.figure.canvas.draw()
    assert strip(ax).drawn == TEXT.split()


def test_several_takes_stand_in_rows_with_one_time_axis_and_one_range_of_colours(
    make_take: MakeTake,
) -> None:
    quiet = make_take(samples=tone_burst(2000, 0, 2, 2.0) * np.float32(0.01))
    loud = make_take(samples=tone_burst(2000, 0, 1, 1.0))
    ax = plot_spectrogram([quiet, loud, make_take(0.0, text="")])
    ax.figure.canvas.draw()
    first, second, third = rows_of(ax)
    assert first.images[0].get_clim() == second.images[0].get_clim()
    assert first.images[0].get_clim()[1] == pytest.approx(20 * math.log10(0.5), abs=0.5)
    assert np.asarray(first.images[0].get_array()).max() == pytest.approx(-46, abs=0.5)
    assert ax.get_xlim() == pytest.approx((0, 2.0))
    assert first.get_ylim() == second.get_ylim() == third.get_ylim() == (0, 8000)
    assert [text.get_text() for text in third.texts] == [
        "no audio was received", "take 3",
    ]  # fmt: skip
    boxes = [row.get_window_extent() for row in (first, second, third)]
    assert boxes[0].y0 > boxes[1].y1 > boxes[1].y0 > boxes[2].y1
    assert {round(box.x0) for box in boxes} == {round(ax.bbox.x0)}
    ax.set_xlim(0.2, 0.4)
    assert first.get_xlim() == second.get_xlim() == (0.2, 0.4)


@pytest.mark.parametrize("size", [(9.0, 4.5), (5.0, 9.0)])
def test_the_words_of_a_row_stand_in_the_room_before_the_next(
    make_take: MakeTake, size: tuple[float, float]
) -> None:
    _, given = plt.subplots(figsize=size, layout="constrained")
    ax = plot_spectrogram([with_phonemes(make_take()) for _ in range(3)], given)
    ax.figure.canvas.draw()
    first, second, _ = rows_of(ax)
    room = (first.get_window_extent().y0 - second.get_window_extent().y1) * 72 / ax.figure.dpi
    assert room >= strip_height(1 if size[0] > 5 else 2) + strip_height(1)
    assert [len(strips(row)) for row in (first, second)] == [2, 2]


def test_takes_of_several_rates_share_the_axis_and_what_a_rate_cannot_hold_is_told(
    make_take: MakeTake,
) -> None:
    low = Recording(Settings(sample_rate=8000), ENGINE)
    low.begin()
    wave = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000).astype(np.float32)
    low.add_audio(wave.tobytes(), received=1.0, step_time=None, flush_id=None)
    low.end("done", 2.0)
    ax = plot_spectrogram([make_take(1.0), Take(low)], labels=["wide", "narrow"])
    wide, narrow = rows_of(ax)
    assert wide.get_ylim() == narrow.get_ylim() == (0, 8000)
    assert brightest(narrow)[1] == pytest.approx(1000, abs=20)
    assert "a rate of 8000 Hz holds nothing here" in [text.get_text() for text in narrow.texts]
    assert "narrow" in [text.get_text() for text in narrow.texts]
    with pytest.raises(SettingsError, match="holds frequencies up to 4000 Hz"):
        plot_spectrogram(Take(low), max_frequency=8000)


def test_no_takes_at_all_is_said() -> None:
    assert alt_text(plot_spectrogram([])) == "Spectrogram: no takes."


def test_a_click_of_one_sample_stays_visible_in_ten_minutes(make_take: MakeTake) -> None:
    samples = np.zeros(600 * RATE, dtype=np.float32)
    samples[123 * RATE] = 1.0
    ax = plot_spectrogram(make_take(samples=samples))
    values = np.asarray(ax.images[0].get_array())
    left, right, _, _ = ax.images[0].get_extent()
    lit = np.flatnonzero(values.max(axis=0) > values.min() + 6)
    times = left + (lit + 0.5) * (right - left) / values.shape[1]
    assert len(lit) >= 1
    assert times == pytest.approx(123.0, abs=1.0)


class Late(Take):
    """Its audio comes when its samples are asked for the ``comes``-th time."""

    asked = 0
    comes = 0

    @property
    def samples(self) -> Samples:
        self.asked += 1
        if self.asked == self.comes:
            pcm = tone_burst(440, 0, 0.3, 0.3).tobytes()
            self._recording.add_audio(pcm, received=1.0, step_time=None, flush_id=None)
        return super().samples


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("comes", [2, 3, 4])
def test_the_first_audio_may_come_while_it_is_drawn(make_take: MakeTake, comes: int) -> None:
    take = Late(make_take(0.0, state="speaking")._recording)
    take.comes = comes
    ax = plot_spectrogram(take)
    assert len(take.samples) > 0
    assert ax.texts[0].get_text() == "no audio was received"


@pytest.mark.parametrize("scale", ["linear", "mel"])
def test_each_cell_is_centred_on_its_frame_and_its_bin(make_take: MakeTake, scale: Scale) -> None:
    ax = plot_spectrogram(
        make_take(0.5), scale=scale, window=0.01, hop=0.01, max_frequency=RATE / 2
    )
    image = ax.images[0]
    rows, columns = np.asarray(image.get_array()).shape
    left, right, low, high = image.get_extent()
    hop = round(0.01 * RATE) / RATE
    assert left == pytest.approx(-hop / 2)
    assert (right - left) / columns == pytest.approx(hop)
    top = float(hz_to_mel(RATE / 2)) if scale == "mel" else RATE / 2
    cell = (high - low) / rows
    assert (low + cell / 2, high - cell / 2) == pytest.approx((0, top), abs=1e-6)


def test_the_time_axis_keeps_its_width_beside_another_plot(make_take: MakeTake) -> None:
    figure, (above, below) = plt.subplots(2, 1, sharex=True, layout="constrained")
    above.plot([0, 3], [0, 1])
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
        ({"max_frequency": 12000.0}, "holds frequencies up to 11025 Hz, so give one"),
        ({"max_frequency": 0.0}, "max_frequency is 0.0 Hz"),
        ({"max_frequency": math.nan}, "max_frequency is nan Hz"),
        ({"max_frequency": "8k"}, "max_frequency is '8k'; it must be a number of Hz, such as 8000"),
        ({"max_frequency": True}, "max_frequency is True; it must be a number of Hz"),
        ({"db_range": 0.0}, "db_range is 0.0 dB; it must be a finite number above 0, such as 70"),
        ({"db_range": None}, "db_range is None; it must be a number of dB"),
        ({"window": None}, "window is None; it must be a number of seconds, such as 0.025"),
        ({"window": 60}, "window is 60 seconds; it must be at most 10"),
        ({"hop": "1 ms"}, "hop is '1 ms'; it must be a number of seconds, such as 0.01"),
        ({"hop": False}, "hop is False; it must be a number of seconds"),
        ({"scale": None}, "scale is None; it must be 'linear' or 'mel'"),
    ],
)
def test_a_wrong_setting_is_refused_and_leaves_no_figure(
    make_take: MakeTake, wrong: dict[str, object], says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        plot_spectrogram(make_take(), **wrong)  # type: ignore[arg-type]  # wrong on purpose
    assert plt.get_fignums() == []


def test_a_take_draws_it_with_its_phonemes_by_its_method(make_take: MakeTake) -> None:
    assert len(strips(make_take().plot_spectrogram(phonemes=True))) == 2


def test_silence_and_samples_that_are_no_numbers_are_told_apart(make_take: MakeTake) -> None:
    silent = make_take(samples=np.zeros(RATE, dtype=np.float32))
    broken = make_take(samples=np.full(RATE, np.nan, dtype=np.float32))
    assert [text.get_text() for text in plot_spectrogram(silent).texts] == ["only silence"]
    assert [text.get_text() for text in plot_spectrogram(broken).texts] == ["no sample is a number"]


def test_alternative_text_says_what_is_seen(make_take: MakeTake) -> None:
    text = alt_text(plot_spectrogram(make_take()))
    assert "It shows 0 to 8 kHz on a linear scale. 3.00 s of audio, the loudest is" in text
    assert "Words: The quick brown fox" in text
    assert "dB re full scale" in text
