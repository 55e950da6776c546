"""The outline of a take's samples, laid out when drawn, so that zooming in shows the samples.

Imports matplotlib, so it is imported by plot functions when they run.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.transforms import IdentityTransform

from cartesia_nb.analysis.envelope import envelope
from cartesia_nb.plots.rows import pixels_per_point

# Any: numpy's own word for a width of float that does not matter.
Floats = npt.NDArray[np.floating[Any]]


class Outline(Artist):
    """From the least to the greatest sample of each pixel column; where there are fewer samples
    than pixels, the line through them.

    Args:
        ax: the Axes whose x is the time in seconds, and y full scale at ±1.
        samples: kept, not copied; shape ``(n,)``.
        sample_rate: in Hz.
        color: of the outline.
        limit: what is beyond is drawn there.

    Attributes:
        columns: seconds of the left edges, least and greatest sample when last drawn.
    """

    def __init__(
        self,
        ax: Axes,
        samples: npt.NDArray[np.float32],
        sample_rate: int,
        *,
        color: str,
        limit: float,
    ) -> None:
        super().__init__()
        self._samples, self._rate, self._limit = samples, sample_rate, limit
        nothing = np.empty(0, dtype=np.float64)
        self.columns = nothing, nothing, nothing
        self._area = PolyCollection([], facecolors=color, edgecolors=color, linewidths=0.6)
        self._line = Line2D([], [], color=color, linewidth=1.2, markersize=3)
        self.set_zorder(2.2)
        self.set_in_layout(False)
        ax.add_artist(self)
        for part in (self._area, self._line):
            part.set_figure(ax.figure)
            part.set_transform(IdentityTransform())
            part.set_clip_path(ax.patch)

    def draw(self, renderer: RendererBase) -> None:
        """Find the outline of what is in view now."""
        ax = self.axes
        if not self.get_visible() or not isinstance(ax, Axes):
            return
        low, high = sorted(ax.get_xlim())
        # One more at each side, so that the outline reaches the edges.
        first = max(math.floor(low * self._rate) - 1, 0)
        stop = min(math.ceil(high * self._rate) + 2, len(self._samples))
        if stop <= first:
            return
        part = self._samples[first:stop]
        pixels = max(1, math.ceil(ax.bbox.width * (stop - first) / ((high - low) * self._rate)))
        bottom, top = (np.clip(edge, -self._limit, self._limit) for edge in envelope(part, pixels))
        starts = np.arange(len(top)) * len(part) // len(top)
        times = (first + starts) / self._rate
        self.columns = times, bottom.astype(np.float64), top.astype(np.float64)
        if len(top) == len(part):
            self._draw_line(renderer, ax, times, top)
        else:
            end = stop / self._rate
            self._draw_area(renderer, ax, np.append(times, end), bottom, top)

    def _draw_line(self, renderer: RendererBase, ax: Axes, times: Floats, values: Floats) -> None:
        at = ax.transData.transform(np.column_stack([times, values]))
        self._line.set_data(at[:, 0], at[:, 1])
        apart = ax.bbox.width / max(1, len(times)) / pixels_per_point(ax)
        self._line.set_marker("o" if apart > 6 else "")
        self._line.draw(renderer)

    def _draw_area(
        self, renderer: RendererBase, ax: Axes, edges: Floats, bottom: Floats, top: Floats
    ) -> None:
        known = np.isfinite(top)
        bounds = np.flatnonzero(np.diff(np.concatenate(([False], known, [False])).astype(int)))
        shapes = []
        for begin, end in bounds.reshape(-1, 2):
            x = np.repeat(edges[begin : end + 1], 2)[1:-1]
            upper, lower = np.repeat(top[begin:end], 2), np.repeat(bottom[begin:end], 2)
            outline = np.concatenate(
                [np.column_stack([x, upper]), np.column_stack([x, lower])[::-1]]
            )
            shapes.append(ax.transData.transform(outline))
        self._area.set_verts(shapes)
        self._area.draw(renderer)
