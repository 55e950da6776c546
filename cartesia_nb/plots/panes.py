"""An Axes that shares its own area with a second one beneath and with a legend beside.

Imports matplotlib, so it is imported by plot functions when they run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axes._base import _AxesBase
from matplotlib.backend_bases import RendererBase
from matplotlib.font_manager import FontProperties
from matplotlib.gridspec import SubplotSpec
from matplotlib.legend import Legend
from matplotlib.legend_handler import HandlerTuple
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Bbox

Handle: TypeAlias = "Artist | tuple[Artist, ...]"

LOWER: Final = 0.28
_GAP: Final = 0.05
UPPER: Final = 1 - LOWER - _GAP
WIDEST: Final = 0.46
_SMALLEST_PT: Final = 5.0
_SPACE_EM: Final = 0.7
_HANDLE_EM: Final = 2.6
_ROW_EM: Final = 1.42


class Panes:
    """``ax`` over ``lower``, with a legend at the right, all inside the area that was ``ax``'s.

    Where layouts place ``ax`` as a whole, the three follow: other Axes of the figure lose nothing.

    Args:
        ax: becomes the upper pane; its x limits are the lower one's as well.

    Attributes:
        ax: the upper pane.
        lower: the one beneath, a child of ``ax``.
    """

    def __init__(self, ax: Axes) -> None:
        self.ax = ax
        self._share = _Share(ax)
        ax.set_axes_locator(self._share)
        self.lower: Axes = ax.inset_axes(
            (0, -(LOWER + _GAP) / UPPER, 1, LOWER / UPPER), sharex=ax, zorder=ax.get_zorder()
        )
        ax.tick_params(labelbottom=False)

    def legend(self, handles: Sequence[Handle], texts: Sequence[str]) -> None:
        """Name the handles beside the panes, in letters small enough for all of them."""
        figure = self.ax.get_figure(root=True)
        per_point = (72 if figure is None else figure.dpi) / 72
        font = FontProperties(size=rcParams["legend.fontsize"])
        size = font.get_size_in_points()
        lines = [line for text in texts for line in text.split("\n")]
        width = (longest(lines, font) / size + _HANDLE_EM + _SPACE_EM) * size * per_point
        height = (_ROW_EM * len(lines)) * size * per_point
        room = self.ax.bbox.width * WIDEST, self.ax.bbox.height * 1.05
        size = max(size * min(1.0, room[0] / width, room[1] / height), _SMALLEST_PT)
        legend = self.ax.legend(
            handles, texts, loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=size,
            borderaxespad=_SPACE_EM, borderpad=0.0, frameon=False, handlelength=_HANDLE_EM - 0.9,
            handletextpad=0.6, labelspacing=0.3,
            handler_map={tuple: HandlerTuple(ndivide=None)},
        )  # fmt: skip
        for text in legend.get_texts():
            text.set_parse_math(False)
        self._share.legend = legend
        self._share.space = _SPACE_EM * size * per_point


def label_upwards(ax: Axes, text: str, share: float, *, of: Axes | None = None) -> None:
    """Name the y axis in one line if that is as long as the pane is high, else in two, or small.

    Args:
        ax: whose axis.
        text: its name, with the unit in brackets at its end.
        share: how much of ``of`` it will be high.
        of: the Axes whose area is shared; ``ax`` if ``None``.
    """
    font = FontProperties(size=rcParams["axes.labelsize"])
    size = font.get_size_in_points()
    figure = ax.get_figure(root=True)
    room = (of or ax).bbox.height * share * 72 / (72 if figure is None else figure.dpi)
    lines = [text]
    if longest(lines, font) > room:
        words = text.split(" ")
        pairs = [[" ".join(words[:at]), " ".join(words[at:])] for at in range(1, len(words))]
        lines = min(pairs, default=lines, key=lambda pair: longest(pair, font))
    ax.set_ylabel("\n".join(lines), fontsize=size * min(1.0, room / longest(lines, font)))


def longest(lines: Sequence[str], font: FontProperties) -> float:
    """Points."""
    return max(text_to_path.get_text_width_height_descent(line, font, False)[0] for line in lines)


class _Share:
    """What matplotlib asks where to put the upper pane, whenever it draws."""

    def __init__(self, ax: Axes) -> None:
        known = ax.get_axes_locator()
        self._ax = ax
        # Drawn into a second time, the area is still the whole one.
        self._whole: Callable[[_AxesBase, RendererBase], Bbox] | None
        self._whole = known._whole if isinstance(known, _Share) else known
        self.legend: Legend | None = None
        self.space = 0.0

    def get_subplotspec(self) -> SubplotSpec | None:
        """The place in a grid, for ``tight_layout``, which asks the locator instead of the Axes."""
        return self._ax.get_subplotspec()

    def __call__(self, ax: _AxesBase, renderer: RendererBase) -> Bbox:
        whole = ax.get_position(original=True) if self._whole is None else self._whole(ax, renderer)
        beside = 0.0
        if self.legend is not None:
            pixels = self.legend.get_window_extent(renderer).width + self.space
            figure = ax.get_figure(root=False)
            assert figure is not None  # what has a renderer is in a figure
            beside = min(pixels / figure.bbox.width, whole.width * 0.6)
        height = whole.height * (LOWER + _GAP)
        return Bbox([[whole.x0, whole.y0 + height], [whole.x1 - beside, whole.y1]])
