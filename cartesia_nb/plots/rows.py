"""Several takes in one Axes: a row each, one time axis for all.

Imports matplotlib, so it is imported by plot functions when they run.
"""

from __future__ import annotations

from typing import Final

from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.font_manager import FontProperties
from matplotlib.transforms import Bbox

from cartesia_nb.plots.style import palette

GAP_PT: Final = 5.0
_TALLEST_IN: Final = 200.0
"""Beyond some 600 inches matplotlib cannot make a picture."""


def rows(ax: Axes, count: int, *, below: float = 0.0) -> list[Axes]:
    """Divide the area of ``ax`` into ``count`` rows, from top to bottom.

    Each is an inset Axes that shares the x axis of ``ax``, so that zooming one zooms all; the
    ticks of the x axis stay at the lower edge of ``ax``.

    Args:
        ax: whose frame and y axis give way to those of the rows.
        count: 1 or more.
        below: points to keep free beneath each row; beneath the last one they lie outside of
            ``ax``.
    """
    result = []
    for index in range(count):
        row = ax.inset_axes((0, 0, 1, 1), sharex=ax)
        place = _Place(ax, index, count, below + GAP_PT)
        row.set_axes_locator(place)
        # About there, for who measures before it is drawn; placing takes it out of the layout.
        row.set_position(place(row, None))
        row.set_in_layout(True)
        row.set_facecolor(ax.get_facecolor())
        row.xaxis.set_visible(False)
        result.append(row)
    ax.patch.set_visible(False)
    ax.yaxis.set_visible(False)
    ax.spines[:].set_visible(False)
    return result


def name_row(row: Axes, text: str, *, on_picture: bool = False) -> None:
    """Write whose row it is into its upper left corner, to be read on whatever lies there."""
    row.annotate(
        text, (0, 1), xycoords="axes fraction", xytext=(4, -3), textcoords="offset points",
        ha="left", va="top", fontsize="small", zorder=8, parse_math=False,
        color="white" if on_picture else palette(row).ink,
        bbox={
            "facecolor": "black" if on_picture else row.get_facecolor(),
            "alpha": 0.6, "edgecolor": "none", "pad": 1.5,
        },
    )  # fmt: skip


def rows_height(count: int, around: float = 0.0) -> float:
    """Inches for a figure of so many rows, with ``around`` points above and beneath each."""
    points = FontProperties(size=rcParams["font.size"]).get_size_in_points()
    height = 0.8 * points / 10 + count * ((13 * points + around) / 72)
    return min(max(4.5, height), _TALLEST_IN)


class _Place:
    """Where a row lies, in the figure's own coordinates, for the size ``ax`` has when drawn."""

    def __init__(self, ax: Axes, index: int, count: int, gap: float) -> None:
        self._ax, self._index, self._count, self._gap = ax, index, count, gap

    def __call__(self, row: object, renderer: RendererBase | None) -> Bbox:
        box = self._ax.bbox
        # Text that finds no room is better than rows of which nothing is seen.
        gap = min(self._gap * pixels_per_point(self._ax), box.height / self._count / 2)
        height = (box.height - gap * (self._count - 1)) / self._count
        top = box.y1 - self._index * (height + gap)
        inside = Bbox.from_extents(box.x0, top - height, box.x1, top)
        figure = self._ax.get_figure(root=False)
        assert figure is not None  # it is being drawn
        return inside.transformed(figure.transSubfigure.inverted())


def pixels_per_point(artist: Artist) -> float:
    """How many pixels a point has in the artist's figure as it is drawn now."""
    figure = artist.get_figure(root=True)
    # Vector formats set the figure to 72 dpi while it is drawn.
    return 1.0 if figure is None else figure.dpi / 72
