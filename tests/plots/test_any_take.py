"""What holds for every figure, of every kind of take, on light and dark."""

import io
import subprocess
import sys
from collections.abc import Callable

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from cartesia_nb.errors import ServerError, SettingsError
from cartesia_nb.plots import (
    alt_text,
    plot_alignment,
    plot_distribution,
    plot_latency,
    plot_loudness,
    plot_pitch,
    plot_spectrogram,
    plot_spectrograms,
    plot_waveform,
)
from cartesia_nb.speech.take import Take
from tests.plots.conftest import RATE, MakeTake, voice
from tests.plots.listened import FixedClock, listen

Plot = Callable[..., Axes]

PLOTS: list[Plot] = [
    plot_alignment,
    plot_distribution,
    plot_latency,
    plot_loudness,
    plot_pitch,
    plot_spectrogram,
    plot_spectrograms,
    plot_waveform,
]


def heard(take: Take, clock: FixedClock | None = None) -> Take:
    listen(take, clock=clock)
    return take


def cold(take: Take) -> Take:
    timeline = take.timeline
    timeline.cold, timeline.created, timeline.given, timeline.connected = True, 999, 999.2, 999.8
    return take


KINDS: dict[str, Callable[[MakeTake], Take]] = {
    "ordinary": lambda make: make(),
    "empty": lambda make: make(0.0, text=""),
    "failed before any audio": lambda make: make(
        0.0, state="failed", error=ServerError("refused " * 40)
    ),
    "failed on the way": lambda make: make(state="failed", error=ServerError("broke off")),
    "failed without a reason": lambda make: make(state="failed"),
    "cancelled": lambda make: make(state="cancelled"),
    "not answered yet": lambda make: make(0.0, state="connecting", requested=False),
    "still being spoken": lambda make: make(state="speaking"),
    "heard in a page": lambda make: heard(make(stalls={4: 0.5})),
    "heard on a clock nobody can place": lambda make: heard(make(), clock=FixedClock(error=None)),
    "heard as one sample": lambda make: heard(make(samples=np.full(1, 0.5, dtype=np.float32))),
    "over a connection opened for it": lambda make: cold(make()),
    "one chunk": lambda make: make(chunk=10.0),
    "one sample": lambda make: make(samples=np.full(1, 0.5, dtype=np.float32)),
    "a twentieth of a second": lambda make: make(0.05),
    "silent": lambda make: make(samples=np.zeros(RATE, dtype=np.float32)),
    "no numbers": lambda make: make(samples=np.full(RATE, np.nan, dtype=np.float32)),
    "beyond full scale": lambda make: make(samples=np.full(RATE, 1e30, dtype=np.float32)),
    "ten minutes": lambda make: make(samples=np.tile(voice(6.0), 100), text="well " * 1500),
}


def saved(ax: Axes, out: io.BytesIO, format: str) -> None:
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.savefig(out, format=format)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize("style", ["default", "dark_background"])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_drawn_without_error_or_warning(
    make_take: MakeTake, kind: str, style: str, plot: Plot
) -> None:
    take = KINDS[kind](make_take)
    with plt.style.context(style):
        ax = plot(take)
        png = io.BytesIO()
        saved(ax, png, "png")
    image = plt.imread(io.BytesIO(png.getvalue()))
    # Something was drawn, on the background of the style.
    assert image[..., :3].std() > 0.01
    assert (image[0, 0, :3].mean() > 0.5) == (style == "default")
    assert alt_text(ax).startswith(ax.get_title(loc="left").split("\n")[0])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("plot", PLOTS)
def test_takes_of_every_kind_stand_side_by_side(make_take: MakeTake, plot: Plot) -> None:
    kinds = [kind for kind in KINDS if kind != "ten minutes"]
    ax = plot([KINDS[kind](make_take) for kind in kinds])
    saved(ax, io.BytesIO(), "png")
    assert alt_text(ax)


@pytest.mark.parametrize("plot", PLOTS)
def test_given_an_axes_it_draws_there_and_makes_no_figure(make_take: MakeTake, plot: Plot) -> None:
    _, ax = plt.subplots()
    before = plt.get_fignums()
    assert plot(make_take(), ax) is ax
    assert plt.get_fignums() == before


@pytest.mark.parametrize("plot", PLOTS)
def test_without_one_the_figure_is_pyplots_so_that_notebooks_show_it(
    make_take: MakeTake, plot: Plot
) -> None:
    ax = plot(make_take())
    assert plt.gcf() is ax.figure


@pytest.mark.parametrize("plot", PLOTS)
def test_nothing_global_is_changed(make_take: MakeTake, plot: Plot) -> None:
    before = dict(matplotlib.rcParams)
    plot(make_take())
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize("format", ["svg", "pdf"])
def test_it_can_be_saved_as_vectors(make_take: MakeTake, plot: Plot, format: str) -> None:
    out = io.BytesIO()
    saved(plot(make_take(1.0)), out, format)
    assert len(out.getvalue()) > 1000


def test_an_axes_that_was_drawn_by_others_has_no_alternative_text() -> None:
    assert alt_text(plt.subplots()[1]) == ""


def test_importing_the_package_and_its_plots_leaves_matplotlib_alone() -> None:
    code = (
        "import sys, cartesia_nb, cartesia_nb.plots; "
        "print([name for name in sys.modules if name.startswith('matplotlib')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("plot", [one for one in PLOTS if one is not plot_distribution])
@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (5, "5"),
        ("Hello", "'Hello'"),
        ({"id": "x" * 90}, "{'id': 'xxxx"),
        ([None], "None"),
        ([{"number": 1}], "{'number': 1}"),
    ],
)
def test_what_is_no_take_is_refused_in_a_sentence(plot: Plot, given: object, shown: str) -> None:
    with pytest.raises(SettingsError) as refused:
        plot(given)
    said = str(refused.value)
    assert said.startswith(shown)
    assert said.endswith(" is no take; give a take, or several, such as session.history.takes.")
    assert len(said) < 140
    assert not plt.get_fignums()


@pytest.mark.parametrize("plot", [one for one in PLOTS if one is not plot_distribution])
def test_labels_that_are_not_one_for_each_leave_no_figure_behind(
    plot: Plot, make_take: MakeTake
) -> None:
    for labels in ("x", ["one", "two"], [], 3):
        with pytest.raises(SettingsError, match="for 1 takes; give a list with one for each"):
            plot(make_take(0.2), labels=labels)
    assert not plt.get_fignums()


@pytest.mark.parametrize("plot", PLOTS)
def test_several_axes_at_once_are_refused_in_a_sentence(plot: Plot, make_take: MakeTake) -> None:
    _, axes = plt.subplots(2, 2)
    with pytest.raises(SettingsError, match="ax is of type ndarray; give one Axes of matplotlib"):
        plot(make_take(0.2), ax=axes)
