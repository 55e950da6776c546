import io
from collections.abc import Sequence
from typing import overload

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from cartesia_nb.analysis.mel import hz_to_mel
from cartesia_nb.errors import ServerError, SettingsError
from cartesia_nb.plots import alt_text, plot_spectrogram, plot_spectrograms
from cartesia_nb.plots.contact import Cell, contact_sheet
from cartesia_nb.speech.take import Take
from tests.plots.conftest import RATE, MakeTake, Samples, voice
from tests.tuning.heard import take_of


def pictures(ax: Axes) -> list[AxesImage]:
    return [child.images[0] for child in ax.child_axes if child.images]


def places(ax: Axes) -> list[Axes]:
    """All but the key to the colours."""
    return [child for child in ax.child_axes if isinstance(child, Axes)][:-1]


def column_of(place: Axes) -> float:
    return round(float(place.get_position().x0), 3)


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for place in ax.child_axes for text in place.texts]


def titles(ax: Axes) -> list[str]:
    named = [place.get_title(loc="left") for place in places(ax)]
    return [one.replace("\N{NO-BREAK SPACE}", " ") for one in named if one]


def spoken(speed: float, volume: float, seconds: float = 1.0) -> Take:
    return take_of(voice(seconds, 24_000) * volume, speed=speed, volume=volume)


class Counted(Sequence[Take]):
    """Takes of which each is made when it is asked for; it counts those that are alive."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._made: list[object] = []
        self.most = 0

    def __len__(self) -> int:
        return self._number

    @overload
    def __getitem__(self, index: int) -> Take: ...
    @overload
    def __getitem__(self, index: slice) -> list[Take]: ...
    def __getitem__(self, index: int | slice) -> Take | list[Take]:
        import weakref

        assert isinstance(index, int)
        take = take_of(voice(0.5, 24_000), speed=0.6 + 0.01 * index)
        self._made = [one for one in self._made if one() is not None]  # type: ignore[operator]  # weak references
        self._made.append(weakref.ref(take._recording))
        self.most = max(self.most, len(self._made))
        return take


def test_all_share_one_time_axis_one_frequency_axis_and_one_range_of_colours(
    make_take: MakeTake,
) -> None:
    ax = plot_spectrograms([make_take(1.0), make_take(2.5, samples=voice(2.5) * 0.1)])
    assert {place.get_xlim() for place in places(ax)} == {(0, 2.5)}
    assert {place.get_ylim() for place in places(ax)} == {(0, float(hz_to_mel(8000)))}
    first, second = pictures(ax)
    assert first.get_clim() == second.get_clim()
    assert first.get_clim()[1] - first.get_clim()[0] == pytest.approx(70)
    loud, soft = (float(np.asarray(one.get_array()).max()) for one in (first, second))
    assert loud == pytest.approx(first.get_clim()[1])
    assert loud - soft == pytest.approx(20, abs=0.5)


def test_a_level_reads_as_in_the_large_spectrogram(make_take: MakeTake) -> None:
    time = np.arange(RATE) / RATE
    take = make_take(samples=(0.1 * np.sin(2 * np.pi * 1000 * time)).astype(np.float32))
    small = np.asarray(pictures(plot_spectrograms(take))[0].get_array())
    large = np.asarray(plot_spectrogram(take, scale="mel").images[0].get_array())
    assert small.max() == pytest.approx(large.max(), abs=0.3) == pytest.approx(-20, abs=0.6)
    row = int(small.max(axis=1).argmax()) / (len(small) - 1) * float(hz_to_mel(8000))
    assert row == pytest.approx(float(hz_to_mel(1000)), abs=50)


def test_two_settings_run_down_and_across() -> None:
    takes = [spoken(speed, volume) for speed in (0.8, 1.0, 1.2) for volume in (0.5, 2.0)]
    ax = plot_spectrograms(takes)
    assert titles(ax) == ["volume 0.5", "volume 2"]
    assert len({column_of(place) for place in places(ax)}) == 2
    downs = [place.get_ylabel().replace("\N{NO-BREAK SPACE}", " ") for place in places(ax)[::2]]
    assert downs == ["speed 0.8\nkHz", "speed 1\nkHz", "speed 1.2\nkHz"]
    assert "speed 1.2, volume 0.5: 1.00 s" in alt_text(ax)


def test_what_is_no_table_is_a_plain_grid_with_what_differs_as_labels() -> None:
    ax = plot_spectrograms([spoken(speed, 1.0) for speed in (0.6, 0.8, 1.0, 1.2, 1.5)])
    assert titles(ax) == ["speed 0.6", "speed 0.8", "speed 1", "speed 1.2", "speed 1.5"]
    assert len({column_of(place) for place in places(ax)}) == 4
    twice = plot_spectrograms([spoken(0.8, 1.0), spoken(0.8, 0.5), spoken(1.0, 1.0)] * 2)
    assert len(titles(twice)) == 6


def test_labels_and_columns_are_as_they_were_asked_for(make_take: MakeTake) -> None:
    takes = [make_take(1.0) for _ in range(4)]
    ax = plot_spectrograms(takes, labels=["one", "$two$", "three", "four"], columns=2)
    assert titles(ax) == ["one", "$two$", "three", "four"]
    assert len({column_of(place) for place in places(ax)}) == 2
    assert "$two$: 1.00 s" in alt_text(ax)


def test_no_more_than_one_take_is_held_at_a_time() -> None:
    takes = Counted(20)
    plot_spectrograms(takes)
    assert takes.most == 1


def test_a_bounded_number_stands_on_a_sheet_and_more_is_refused_before_anything_is_loaded() -> None:
    takes = Counted(61)
    with pytest.raises(SettingsError, match=r"61 .* takes 60.*gallery\(\)"):
        plot_spectrograms(takes)
    assert takes.most == 0
    assert plt.get_fignums() == []


def test_what_failed_is_an_empty_place_with_the_reason(make_take: MakeTake) -> None:
    failed = make_take(0.0, state="failed", error=ServerError("The server broke off."))
    ax = plot_spectrograms([make_take(1.0), failed])
    assert len(pictures(ax)) == 1
    assert [" ".join(text.split()) for text in texts(ax)] == ["failed: The server broke off."]
    assert "failed: The server broke off." in alt_text(ax)
    never = contact_sheet([Cell(None, "5", instead="not spoken yet"), Cell(lambda: make_take(1.0))])
    assert texts(never) == ["not spoken yet"]
    assert "5: not spoken yet." in alt_text(never)


def test_a_lower_sample_rate_fills_the_rows_that_it_holds(make_take: MakeTake) -> None:
    ax = plot_spectrograms([make_take(1.0), make_take(1.0, rate=8000)])
    high, low = (one.get_extent()[3] for one in pictures(ax))
    assert low == pytest.approx(float(hz_to_mel(4000)), rel=0.02)
    assert high == pytest.approx(float(hz_to_mel(8000)), rel=0.02)
    alone = plot_spectrograms(make_take(1.0, rate=8000))
    assert places(alone)[0].get_ylim()[1] == pytest.approx(float(hz_to_mel(4000)))


@pytest.mark.parametrize("background", ["default", "dark_background"])
@pytest.mark.parametrize("number", [0, 1, 60])
def test_any_number_is_drawn_on_light_and_dark(
    make_take: MakeTake, number: int, background: str
) -> None:
    with plt.style.context(background):
        take = make_take(0.3)
        ax = plot_spectrograms([take] * number)
        figure = ax.get_figure(root=True)
        assert figure is not None
        figure.savefig(io.BytesIO(), format="png")
    assert len(pictures(ax)) == number
    assert (f"{number} take" if number else "no takes") in alt_text(ax)


@pytest.mark.parametrize(
    ("sound", "said"),
    [(np.zeros(RATE, np.float32), "only silence"), (np.zeros(0, np.float32), "no audio")],
)
def test_no_sound_is_said(make_take: MakeTake, sound: Samples, said: str) -> None:
    ax = plot_spectrograms([make_take(1.0), make_take(samples=sound)])
    assert said in alt_text(ax)
    assert any(said in text for text in texts(ax))


def test_it_is_drawn_into_what_was_given_and_nowhere_else(make_take: MakeTake) -> None:
    figure, (left, right) = plt.subplots(1, 2)
    assert plot_spectrograms([make_take(1.0)] * 3, left) is left
    assert right.child_axes == []
    assert figure.axes == [left, right]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"columns": 0}, "columns is 0"),
        ({"columns": True}, "columns is True"),
        ({"labels": ["one", "two"]}, "2|two"),
        ({"labels": "a"}, "give a list"),
        ({"max_frequency": -1}, "max_frequency"),
        ({"db_range": "70"}, "db_range"),
        ({"ax": 3}, "Axes"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_no_figure(
    make_take: MakeTake, wrong: dict[str, object], says: str
) -> None:
    # Whatever a person may give.
    with pytest.raises(SettingsError, match=says):
        plot_spectrograms([make_take(0.2)], **wrong)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(SettingsError, match="is no take"):
        plot_spectrograms(["speech"])  # type: ignore[list-item]  # that is the point
    assert plt.get_fignums() == []
