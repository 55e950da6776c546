"""What figures of a curve over time share: the time axis, words beneath, styles, the legend.

Imports matplotlib, so it is imported by plot functions when they run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator

from cartesia_nb.plots.rows import pixels_per_point
from cartesia_nb.plots.style import new_axes, palette
from cartesia_nb.plots.takes import TakeLike, longest
from cartesia_nb.plots.wordstrip import WordStrip, make_room, rows_for, strip_height

NAMED_TAKES: Final = 8
"""More are drawn, and counted in the legend."""

_DASHES: Final = ("-", "--", "-.", ":")
_MARKERS: Final = "os^Dv"
_CHARACTER: Final = 0.54
"""Width of a character of text as a share of the font's size."""

_HANDLE: Final = 4.2
"""Width of a legend's handle with its gaps, as a share of the font's size."""

_ROW: Final = 1.55
_MOST_SHARE: Final = 0.6
_SMALLEST: Final = 0.7
_LONG_S: Final = 20.0
_USUAL_WIDTH_PT: Final = 9.0 * 72 * 0.86


@dataclass(frozen=True, slots=True)
class Style:
    """How one of several takes is drawn; told apart without its colour too."""

    colour: str
    dashes: str
    marker: str


class TicksWithin(LogLocator):
    """Ticks at these multiples of powers of ten, where the curves are and nowhere else."""

    def __init__(self, multiples: Sequence[float], limits: tuple[float, float]) -> None:
        super().__init__(subs=multiples, numticks=100)
        self._limits = limits

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        """As matplotlib asks for them."""
        low, high = self._limits
        return [value for value in super().tick_values(vmin, vmax) if low <= value <= high]


def style(ax: Axes, index: int) -> Style:
    """That of the take of that index, from 0 on."""
    series = palette(ax).series
    return Style(
        colour=series[index % len(series)],
        dashes=_DASHES[index % len(_DASHES)],
        marker=_MARKERS[index % len(_MARKERS)],
    )


def curve_width(seconds: float) -> float:
    """Points of a curve's line: thinner where much of it is drawn side by side."""
    return max(2.2 * float(max(seconds / _LONG_S, 1.0) ** -0.4), 0.5)


def time_axes(ax: Axes | None, takes: Sequence[TakeLike], said: Sequence[str]) -> Axes:
    """The Axes to draw into, x in seconds from 0 to the end of the longest take.

    A single take has its words beneath.

    Args:
        ax: where to draw; a new figure, as high as its legend asks, if ``None``.
        takes: all of the figure's.
        said: what the legend is going to say.
    """
    duration = longest(takes) or 1.0
    if ax is None:
        ax = new_axes(height=4.5 + max(_legend_height(said, _USUAL_WIDTH_PT) - 40, 0) / 72)
    words = takes[0].words if len(takes) == 1 and len(takes[0].samples) else ()
    if words:
        lines = rows_for(words, ax.bbox.width / pixels_per_point(ax) / duration)
        WordStrip(ax, words, rows=lines)
        make_room(ax, strip_height(lines))
    ax.set_xlim(0, duration)
    ax.set_xlabel("time (s)")
    ax.grid(True, axis="y", color=palette(ax).ink, alpha=0.12, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def draw_legend(
    ax: Axes, handles: Sequence[Artist | None], said: Sequence[str], *, below: float = 0.0
) -> None:
    """Draw a legend above the curves, and make room for it by widening the limits of y.

    Args:
        ax: whose limits are those of the curves, on the scale they are drawn on.
        handles: what each line of it names; ``None`` where it only says something.
        said: the texts, never taken for mathematics.
        below: share of the Axes' height to keep free under the curves.
    """
    share = 0.0
    if said:
        # Only now it is known how much room labels and words take, and so how large the Axes is.
        figure = ax.get_figure(root=True)
        engine = None if figure is None else figure.get_layout_engine()
        if figure is not None and engine is not None:
            engine.execute(figure)
        share = _place_legend(ax, handles, said, most=0.8 - below)
    scale = ax.yaxis.get_transform()
    low, high = scale.transform(np.array(ax.get_ylim(), dtype=np.float64))
    room = (high - low) / (1 - share - below)
    wider = scale.inverted().transform(np.array([low - room * below, high + room * share]))
    ax.set_ylim(float(wider[0]), float(wider[1]))


def _place_legend(
    ax: Axes, handles: Sequence[Artist | None], said: Sequence[str], *, most: float
) -> float:
    """The share of the Axes' height that the legend takes: in columns, and smaller, if need be."""
    size = FontProperties(size=rcParams["legend.fontsize"]).get_size_in_points()
    for lines in range(1, len(said) + 1):
        columns = -(-len(said) // lines)
        wide, high = _draw_legend(ax, handles, said, size, columns)
        if wide <= 0.99:
            break
    smaller = max(min(0.99 / wide, 1.0 if high <= _MOST_SHARE else _MOST_SHARE / high), _SMALLEST)
    if smaller < 1:
        _, high = _draw_legend(ax, handles, said, size * smaller, columns)
    return min(high, most)


def _draw_legend(
    ax: Axes, handles: Sequence[Artist | None], said: Sequence[str], size: float, columns: int
) -> tuple[float, float]:
    """Its width and height as shares of the Axes'."""
    legend = ax.legend(
        [Patch(alpha=0) if handle is None else handle for handle in handles], said,
        loc="upper left", ncols=columns, fontsize=size, framealpha=0.8, edgecolor="none",
        borderaxespad=0.2, handlelength=2.2, columnspacing=1.2,
    )  # fmt: skip
    legend.set_zorder(7)
    # In a figure that is made smaller later, the curves are not to shrink for its sake.
    legend.set_in_layout(False)
    for text in legend.get_texts():
        text.set_parse_math(False)
    box = legend.get_window_extent()
    return (
        float((box.x1 - ax.bbox.x0) / ax.bbox.width),
        float((ax.bbox.y1 - box.y0) / ax.bbox.height),
    )


def _legend_height(said: Sequence[str], width_pt: float) -> float:
    """Points that a legend takes in an Axes ``width_pt`` wide, at a guess."""
    points = FontProperties(size=rcParams["legend.fontsize"]).get_size_in_points()
    widest = (_CHARACTER * max(map(len, said), default=1) + _HANDLE) * points
    columns = max(int(width_pt / widest), 1)
    return points * _ROW * -(-len(said) // columns)
