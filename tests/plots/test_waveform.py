import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from cartesia_nb.errors import ServerError, SettingsError
from cartesia_nb.plots import alt_text, plot_waveform
from cartesia_nb.plots.outline import Outline
from cartesia_nb.plots.wordstrip import WordStrip
from cartesia_nb.speech.listening import DrySpell, FrozenClock, Span
from cartesia_nb.speech.take import Take
from tests.plots.conftest import RATE, TEXT, MakeTake


def legend(ax: Axes) -> list[str]:
    found = ax.get_legend()
    return [] if found is None else [text.get_text() for text in found.get_texts()]


def rows_of(ax: Axes) -> list[Axes]:
    return [row for row in ax.child_axes if isinstance(row, Axes)]


def outline(ax: Axes) -> Outline:
    ax.figure.canvas.draw()
    (found,) = (artist for artist in ax.artists if isinstance(artist, Outline))
    return found


def upright(ax: Axes) -> list[list[float]]:
    """Where the groups of upright lines stand."""
    return [
        [float(segment[0][0]) for segment in group.get_segments()]
        for group in ax.collections
        if isinstance(group, LineCollection)
    ]


def played(take: Take, *dry: DrySpell, disturbed: float | None = None) -> Take:
    listening = take.timeline.listening_of("page", 1, FrozenClock())
    assert listening is not None
    listening.add_spans([Span(0, RATE, 5.0)])
    listening.add_dry(dry)
    listening.disturbed = disturbed
    return take


def test_the_outline_reaches_from_the_least_to_the_greatest_sample(make_take: MakeTake) -> None:
    samples = np.zeros(60 * RATE, dtype=np.float32)
    samples[20 * RATE], samples[40 * RATE] = 0.7, -0.9
    times, low, high = outline(plot_waveform(make_take(samples=samples))).columns
    assert times[high.argmax()] == pytest.approx(20, abs=0.15)
    assert times[low.argmin()] == pytest.approx(40, abs=0.15)
    assert (high.max(), low.min()) == pytest.approx((0.7, -0.9))


def test_there_are_as_many_columns_as_pixels(make_take: MakeTake) -> None:
    ax = plot_waveform(make_take(60.0))
    times, _, _ = outline(ax).columns
    assert len(times) == pytest.approx(ax.bbox.width, abs=2)


def test_zoomed_in_the_samples_themselves_are_drawn(make_take: MakeTake) -> None:
    take = make_take()
    ax = plot_waveform(take)
    ax.set_xlim(1.0, 1.01)
    times, low, high = outline(ax).columns
    np.testing.assert_array_equal(low, high)
    first = round(times[0] * RATE)
    assert times[0] <= 1.0 and times[-1] >= 1.01
    np.testing.assert_array_equal(high, take.samples[first : first + len(high)])


def test_the_axis_is_full_scale_with_decibels_beside_it(make_take: MakeTake) -> None:
    ax = plot_waveform(make_take())
    assert ax.get_xlabel() == "time (s)"
    assert ax.get_ylabel() == "amplitude (full scale ±1)"
    low, high = ax.get_ylim()
    assert low < -1 and high > 1
    told = [text.get_text() for text in ax.texts]
    assert told == ["0 dBFS", "−6 dBFS", "−12 dBFS"]  # noqa: RUF001


def test_leading_silence_is_marked_and_named(make_take: MakeTake) -> None:
    ax = plot_waveform(make_take())
    (line,) = (text for text in legend(ax) if text.startswith("leading silence"))
    assert line in ("leading silence 50 ms", "leading silence 52 ms", "leading silence 53 ms")
    assert any(group == pytest.approx([0.051], abs=0.003) for group in upright(ax))
    silent = plot_waveform(make_take(samples=np.zeros(RATE, dtype=np.float32)))
    assert "only silence" in legend(silent)
    assert not any("leading" in text for text in legend(silent))


def test_chunks_are_marked_where_they_begin_unless_they_are_too_dense(make_take: MakeTake) -> None:
    ax = plot_waveform(make_take(0.6))
    assert "5 chunks" in legend(ax)
    assert any(group == pytest.approx([0, 0.12, 0.24, 0.36, 0.48]) for group in upright(ax))
    dense = plot_waveform(make_take(60.0))
    assert "500 chunks, too dense to mark" in legend(dense)
    assert all(len(group) < 100 for group in upright(dense))


def test_dry_spells_that_nobody_heard_are_those_on_paper(make_take: MakeTake) -> None:
    ax = plot_waveform(make_take(stalls={2: 1.0}))
    assert "1 dry spell on paper, 840 ms" in legend(ax)
    assert [0.24] in upright(ax)
    assert "1 dry spell on paper, 840 ms" in alt_text(ax)


def test_dry_spells_that_a_page_told_of_stand_where_it_heard_them(make_take: MakeTake) -> None:
    spells = DrySpell(0.5, 5.5, 5.7), DrySpell(0.8, 6.0, 6.1)
    ax = plot_waveform(played(make_take(stalls={2: 1.0}), *spells))
    assert "2 dry spells heard, 300 ms" in legend(ax)
    assert [0.5, 0.8] in upright(ax)
    ax = plot_waveform(played(make_take(stalls={2: 1.0}), *spells, disturbed=5.8))
    assert "1 dry spell heard, 200 ms" in legend(ax)
    assert "1 dry spell heard" in legend(
        plot_waveform(played(make_take(), DrySpell(0.5, 5.5, None)))
    )
    assert "no dry spell heard" in alt_text(plot_waveform(played(make_take(stalls={2: 1.0}))))


def test_samples_at_full_scale_are_marked_and_counted(make_take: MakeTake) -> None:
    samples = np.full(RATE, 0.1, dtype=np.float32)
    samples[RATE // 2 : RATE // 2 + 10] = 1.2
    ax = plot_waveform(make_take(samples=samples))
    assert "clipping: 10 samples at full scale" in legend(ax)
    assert "peak +1.6 dBFS" in legend(ax)
    (marks,) = (
        group for group in ax.collections
        if isinstance(group, LineCollection) and "clipping" in str(group.get_label())
    )  # fmt: skip
    times = np.concatenate([segment[:, 0] for segment in marks.get_segments()])
    assert (times.min(), times.max()) == pytest.approx((0.5, 0.5 + 10 / RATE), abs=1e-4)
    assert "no clipping" in alt_text(plot_waveform(make_take()))


def test_words_stand_beneath_unless_left_out(make_take: MakeTake) -> None:
    ax = plot_waveform(make_take())
    ax.figure.canvas.draw()
    (strip,) = (artist for artist in ax.artists if isinstance(artist, WordStrip))
    assert strip.drawn == TEXT.split()
    bare = plot_waveform(make_take(), words=False)
    assert not any(isinstance(artist, WordStrip) for artist in bare.artists)


def test_several_takes_stand_in_rows_with_one_time_axis(make_take: MakeTake) -> None:
    failed = make_take(1.0, state="failed", error=ServerError("broke off"))
    ax = plot_waveform([make_take(2.0), failed, make_take(0.0, text="")], labels=["a", "b", "c"])
    ax.figure.canvas.draw()
    names = [[text.get_text() for text in row.texts][-1] for row in rows_of(ax)]
    assert names == ["a", "b: failed: broke off", "c"]
    assert ax.get_xlim() == pytest.approx((0, 2.0))
    assert [row.get_xlim() for row in rows_of(ax)] == [ax.get_xlim()] * 3
    text = alt_text(ax)
    assert "a: 2.00 s of audio in 17 chunks" in text
    assert "b, failed: broke off: 1.00 s of audio" in text
    assert "c: no audio was received." in text


@pytest.mark.parametrize(
    ("size", "font"),
    [((4.5, 3.0), 8), ((4.5, 3.0), 10), ((9.0, 4.5), 10), ((9.0, 4.5), 18), ((16.0, 9.0), 18)],
)
def test_the_legend_covers_no_samples_however_loud(
    make_take: MakeTake, size: tuple[float, float], font: int
) -> None:
    with plt.rc_context({"font.size": font}):
        _, given = plt.subplots(figsize=size, layout="constrained")
        loud = make_take(samples=np.full(RATE, 2.0, dtype=np.float32), stalls={2: 1.0})
        ax = plot_waveform(loud, given)
        ax.figure.canvas.draw()
        found = ax.get_legend()
        assert found is not None
        box = found.get_window_extent()
        assert box.y0 >= ax.transData.transform((0, 1.1))[1]
        assert box.x0 >= ax.bbox.x0


def test_wrong_labels_are_refused_and_leave_no_figure(make_take: MakeTake) -> None:
    with pytest.raises(SettingsError, match="give a list with one for each"):
        plot_waveform([make_take(), make_take()], labels=["one"])
    assert plt.get_fignums() == []


def test_no_takes_at_all_is_said() -> None:
    assert alt_text(plot_waveform([])) == "Waveform: no takes."


def test_a_take_draws_it_by_its_method(make_take: MakeTake) -> None:
    assert "25 chunks" in legend(make_take().plot_waveform())


def test_samples_that_are_no_numbers_are_told(make_take: MakeTake) -> None:
    ax = plot_waveform(make_take(samples=np.full(RATE, np.nan, dtype=np.float32)))
    assert "no sample is a number" in legend(ax)
    mixed = np.full(RATE, 0.5, dtype=np.float32)
    mixed[1000:9000] = np.nan
    times, _, high = outline(plot_waveform(make_take(samples=mixed))).columns
    assert np.isnan(high[(times > 0.1) & (times < 0.35)]).all()
    assert (high[times > 0.45] == 0.5).all()
