"""A take's first chunk on its way, each stage in a row of its own with its length.

Imports matplotlib, so it is imported by plot functions when they run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties

from cartesia_nb.plots.course import STEPS, Course, Stage, span
from cartesia_nb.plots.panes import UPPER, WIDEST, longest
from cartesia_nb.plots.style import palette

_TEXT_SHARE: Final = 0.3
_LEAST_PT: Final = 5.5


class FirstChunk:
    """What is too short to be seen beside a whole take: the way of its first chunk to the ear.

    Args:
        ax: into which it is drawn.
        course: with at least one chunk.
        fills: colour and opacity by the stage that ends a segment.
    """

    def __init__(self, ax: Axes, course: Course, fills: Mapping[Stage, tuple[str, float]]) -> None:
        self._ax = ax
        self._course = course
        self._rows: list[tuple[float, float, tuple[str, float] | None]] = []
        timeline = course.take.timeline
        connected = course.after_zero(timeline.connected)
        requested = course.after_zero(timeline.requested)
        if not course.with_connecting:
            connected = None
        if connected is not None and requested is not None and 0 <= connected <= requested:
            self._rows.append((0.0, connected, None))
        for begin, end, _ in STEPS:
            began, ended = (float(course.stage(stage)[0]) for stage in (begin, end))
            if ended >= began:  # both are known
                self._rows.append((began, ended, fills[end]))

    def draw(self, place: tuple[float, float, float, float]) -> None:
        """Draw it there, in shares of the Axes, if its sound was heard."""
        sounded = self._course.stage("audible")[0]
        if not sounded > 0 or len(self._rows) < 3:
            return
        caption = f"first chunk, {self._course.since} to ear: {span(float(sounded))}"
        size = self._size(place, caption)
        if not size:
            return
        pane = self._ax.inset_axes(place, zorder=6.5)
        pane.set_axis_off()
        pane.set_in_layout(False)
        pane.set_navigate(False)
        ink = palette(self._ax).ink
        end = max(ended for _, ended, _ in self._rows)
        rows = len(self._rows)
        pane.set_xlim(0, end / (1 - _TEXT_SHARE))
        pane.set_ylim(rows + 0.1, -1.1)
        pane.text(0, -0.15, caption, va="bottom",
                  color=ink, fontsize=size, parse_math=False)  # fmt: skip
        for row, (began, ended, fill) in enumerate(self._rows):
            length = ended - began
            if fill is None:
                pane.barh(row + 0.5, length, 0.8, began, facecolor="none", edgecolor=ink,
                          hatch="///", alpha=0.35, linewidth=0)  # fmt: skip
            else:
                pane.barh(row + 0.5, length, 0.8, began, color=fill[0], alpha=fill[1],
                          linewidth=0.9 if fill[1] > 0.5 else 0.0)  # fmt: skip
            pane.text(ended + 0.02 * end, row + 0.5, span(length), va="center", color=ink,
                      fontsize=size, parse_math=False)  # fmt: skip

    def _size(self, place: tuple[float, float, float, float], caption: str) -> float:
        """Points of text as high as a row and no longer than the place; 0 if that is too small."""
        font = FontProperties(size=rcParams["legend.fontsize"])
        usual = font.get_size_in_points()
        figure = self._ax.get_figure(root=True)
        point = (72 if figure is None else figure.dpi) / 72
        row = self._ax.bbox.height / point * UPPER * place[3] / (len(self._rows) + 1.2)
        room = self._ax.bbox.width / point * (1 - WIDEST) * place[2]
        size = min(usual * 0.9, row * 0.95, usual * room / longest([caption], font))
        return float(size) if size >= _LEAST_PT else 0.0
