"""Text beside a mark that stays inside its Axes, also when zoomed or resized.

Imports matplotlib, so it is imported by plot functions when they run.
"""

from __future__ import annotations

from typing import Final

from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

_INSET_PT: Final = 3.0


class Label(Text):
    """``text`` at a place in ``ax``'s data, moved sideways as far as its edges ask.

    Args:
        ax: where it is added.
        x: in data coordinates.
        y: in data coordinates.
        text: never taken for mathematics.
        va: which of its edges is at ``y``.
        ha: which of its edges is at ``x`` while there is room.
        size: of the font in points; matplotlib's own if ``None``.
        color: of the text.
        lift: how far from ``y`` that edge is kept, in points.
    """

    def __init__(
        self,
        ax: Axes,
        x: float,
        y: float,
        text: str,
        *,
        color: str,
        va: str = "center",
        ha: str = "center",
        size: float | None = None,
        lift: float = 0.0,
    ) -> None:
        super().__init__(
            x, y, text, color=color, va=va, ha=ha, fontsize=size, parse_math=False, zorder=7
        )
        # Moved through its transform, as a new position would ask for another drawing.
        self._nudge = Affine2D()
        self._lift = -lift if va == "top" else lift
        self.set_transform(ax.transData + self._nudge)
        self.set_in_layout(False)
        ax.add_artist(self)
        self.set_clip_on(False)

    def draw(self, renderer: RendererBase) -> None:
        ax = self.axes
        # What is out of sight by zooming stays out of sight.
        low, high = sorted(ax.get_xlim()) if isinstance(ax, Axes) else (0.0, 0.0)
        if not isinstance(ax, Axes) or not low <= self.get_position()[0] <= high:
            return
        self._nudge.clear()
        box = self.get_window_extent(renderer)
        figure = ax.get_figure(root=True)
        # Files of vectors have 72 dots to the inch while they are written.
        per_point = 1.0 if figure is None else figure.dpi / 72
        inset = _INSET_PT * per_point
        right = max(ax.bbox.x0 + inset - box.x0, 0.0)
        left = max(box.x1 - (ax.bbox.x1 - inset), 0.0)
        self._nudge.translate(right - left, self._lift * per_point)
        super().draw(renderer)
