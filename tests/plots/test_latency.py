from collections.abc import Iterable

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from cartesia_nb.errors import ServerError
from cartesia_nb.plots import alt_text, plot_latency
from tests.plots.conftest import MakeTake


def legend(ax: Axes) -> list[str]:
    found = ax.get_legend()
    return [] if found is None else [text.get_text() for text in found.get_texts()]


def curve(ax: Axes, points: int) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    for line in ax.lines:
        x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
        if len(x) == points:
            yield x, y


def test_each_chunk_lies_where_it_was_received_and_as_wide_as_its_audio(
    make_take: MakeTake,
) -> None:
    take = make_take(0.36)
    ax = plot_latency(take)
    received, playback = curve(ax, 6)
    np.testing.assert_allclose(received[0], [0, 0.12, 0.12, 0.24, 0.24, 0.36])
    np.testing.assert_allclose(received[1], [100, 100, 140, 140, 180, 180])
    np.testing.assert_allclose(playback[1], [100, 220, 220, 340, 340, 460])


def test_first_byte_and_first_audio_are_marked_and_named(make_take: MakeTake) -> None:
    ax = plot_latency(make_take())
    assert legend(ax)[0] == "TTFB 100 ms"
    assert legend(ax)[1] in ("TTFA 150 ms", "TTFA 152 ms", "TTFA 153 ms")
    marks = [(line.get_marker(), line.get_xydata()) for line in ax.lines]
    assert any(shape == "D" and np.allclose(at, [[0, 100]]) for shape, at in marks)
    assert any(shape == "o" and np.allclose(at, [[0.05, 151.5]], atol=2) for shape, at in marks)


def test_a_dry_spell_is_drawn_from_when_the_chunk_was_due_to_when_it_came(
    make_take: MakeTake,
) -> None:
    ax = plot_latency(make_take(stalls={2: 1.0}))
    # Due at 100 + 240 ms; came at 100 + 2 x 40 + 1000 ms.
    assert "1 dry spell, 840 ms" in legend(ax)
    assert "dry 840 ms" in [text.get_text() for text in ax.texts]
    (spells,) = (found for found in ax.collections if isinstance(found, LineCollection))
    np.testing.assert_allclose(spells.get_segments(), [[(0.24, 340), (0.24, 1180)]])
    assert "largest gap 1,040 ms" in legend(ax)


def test_a_stream_in_time_has_no_dry_spell(make_take: MakeTake) -> None:
    ax = plot_latency(make_take())
    assert not any("dry" in line for line in legend(ax))
    assert "no dry spell" in alt_text(ax)
    assert "buffered ahead, at least 80 ms" in legend(ax)


def test_axes_have_units_and_the_title_says_who_spoke(make_take: MakeTake) -> None:
    ax = plot_latency(make_take())
    assert ax.get_xlabel() == "position in the audio (s)"
    assert ax.get_ylabel() == "time since the request (ms)"
    assert "built-in engine" in ax.get_title(loc="left")


def test_without_the_request_it_counts_from_the_first_chunk_and_names_no_first_byte(
    make_take: MakeTake,
) -> None:
    ax = plot_latency(make_take(requested=False))
    assert ax.get_ylabel() == "time since the first chunk (ms)"
    assert not any("TTFB" in line for line in legend(ax))
    assert "time to first byte unknown" in alt_text(ax)


def test_a_failure_is_told_with_what_was_received(make_take: MakeTake) -> None:
    error = ServerError("No credit ($\\frac$ left) for a_b^c.")
    ax = plot_latency(make_take(state="failed", error=error))
    ax.figure.canvas.draw()  # dollars and carets are text, no mathematics
    assert "failed: No credit ($\\frac$ left) for a_b^c." in ax.get_title(loc="left")
    assert "25 chunks" in alt_text(ax)


def test_takes_side_by_side_each_have_a_name_and_their_figures(make_take: MakeTake) -> None:
    takes = [make_take(), make_take(1.0, first=0.3, text="Other words"), make_take(0.0)]
    ax = plot_latency(takes)
    lines = legend(ax)
    assert lines[0].startswith("1 “The quick brown fox…”: TTFB 100 ms, TTFA 15")
    assert lines[1].startswith("2 “Other words”: TTFB 300 ms")
    assert lines[2].endswith("no audio")
    named = legend(plot_latency(takes, labels=["a", "b", "c"]))
    assert [line[:2] for line in named[:3]] == ["a:", "b:", "c:"]


@pytest.mark.parametrize("size", [(4.5, 3.5), (9.0, 4.5), (16.0, 9.0)])
@pytest.mark.parametrize("stalls", [{}, {1: 2.5}, {12: 3.0}, {1: 1.0, 8: 0.5, 16: 2.0}])
def test_the_legend_covers_no_line(
    make_take: MakeTake, size: tuple[float, float], stalls: dict[int, float]
) -> None:
    _, given = plt.subplots(figsize=size, layout="constrained")
    ax = plot_latency(make_take(stalls=stalls), given)
    ax.figure.canvas.draw()
    found = ax.get_legend()
    assert found is not None
    box = found.get_window_extent()
    for x, y in curve(ax, 50):
        dense = np.linspace(0, 3, 2000)
        at = ax.transData.transform(np.column_stack([dense, np.interp(dense, x, y)]))
        inside = (at[:, 0] < box.x1) & (at[:, 0] > box.x0) & (at[:, 1] > box.y0)
        assert not np.any(inside & (at[:, 1] < box.y1))


def test_no_takes_at_all_is_said(make_take: MakeTake) -> None:
    assert "no takes" in plot_latency([]).get_title(loc="left")


def test_alternative_text_gives_the_figures_in_sentences(make_take: MakeTake) -> None:
    text = alt_text(plot_latency(make_take(stalls={2: 1.0})))
    assert "25 chunks brought 3.00 s of audio" in text
    assert "time to first byte 100 ms" in text
    assert "1 dry spell, 840 ms" in text
