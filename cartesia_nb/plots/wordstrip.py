"""Words under a time axis, laid out when drawn, so that zooming and resizing keep them right.

Imports matplotlib, so it is imported by plot functions when they run.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import LineCollection
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform

from cartesia_nb.plots.rows import pixels_per_point
from cartesia_nb.plots.style import CHARACTER, fonts, palette
from cartesia_nb.plots.takes import WordLike

_GAP_PT: Final = 4.0
_TOP_PT: Final = 4.0
LINE: Final = 1.35
"""Height of a line of text as a share of the font's size."""

_LEAST_SHARE: Final = 0.3


class WordStrip(Artist):
    """Each word's span as a line, and its text under it if one of some rows has the room.

    What has no room is left out, never drawn over another word; where most have none, their
    number is told instead. The strip stands under an Axes' lower edge; ``make_room`` moves the
    tick labels down for it.

    Args:
        ax: the Axes whose x is the time in seconds.
        words: in any order.
        rows: of text.
        down: points from the lower edge to the strip.
        noun: what ``words`` are, for several.
        instead: what to write where there are none.
        faint: whether the spans are lines of the second rank.

    Attributes:
        drawn: what was written when last drawn.
    """

    def __init__(
        self,
        ax: Axes,
        words: Sequence[WordLike],
        *,
        rows: int = 2,
        down: float = 0.0,
        noun: str = "words",
        instead: str = "",
        faint: bool = False,
    ) -> None:
        super().__init__()
        self.words = sorted(
            (word for word in words if word.text.strip()), key=lambda word: word.start
        )
        self.drawn: list[str] = []
        self._rows, self._down, self._noun, self._instead = rows, down, noun, instead
        colours = palette(ax)
        self._text = Text(0, 0, "", color=colours.ink, ha="center", va="top", parse_math=False)
        self._text.set_transform(IdentityTransform())
        families = fonts(word.text for word in self.words)
        if families is not None:
            self._text.set_fontfamily(families)
        self._row_pt = row_height()
        self._spans = LineCollection(
            [],
            colors=colours.ink if faint else colours.main,
            alpha=0.5 if faint else 1.0,
            linewidths=1.2 if faint else 2.5,
            capstyle="butt",
        )
        self._spans.set_transform(IdentityTransform())
        # The moved tick labels make the room, so the layout need not ask the strip.
        self.set_in_layout(False)
        self.set_clip_on(False)
        ax.add_artist(self)
        for part in (self._text, self._spans):
            part.set_figure(ax.figure)

    def draw(self, renderer: RendererBase) -> None:
        """Place the words for the view as it is now."""
        if not self.get_visible() or self.axes is None:
            return
        ax = self.axes
        point = pixels_per_point(ax)
        top = ax.bbox.y0 - (self._down + _TOP_PT) * point
        low, high = sorted(ax.get_xlim())
        shown = [word for word in self.words if word.end >= low and word.start <= high]
        edges = np.array([(word.start, word.end) for word in shown]).reshape(-1, 2).clip(low, high)
        pixels = ax.transData.transform(np.column_stack([edges.ravel(), np.zeros(edges.size)]))
        spans = [(float(a), float(b)) for a, b in pixels[:, 0].reshape(-1, 2)]
        # A character that no installed font has is drawn as a box; saying so per draw helps nobody.
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=r"Glyph \d+ .*missing from")
            places = self._layout(shown, spans, point, renderer)
            told = "" if self.words else self._instead
            if len(places) < _LEAST_SHARE * len(shown):
                told = f"{len(shown):,} {self._noun}, too dense to write here"
            if told:
                places = [(told, sum(ax.bbox.intervalx) / 2, 0)]
            self.drawn = [text for text, _, _ in places]
            for text, middle, row in places:
                self._text.set_text(text)
                self._text.set_position((middle, top - (2 + row * self._row_pt) * point))
                self._text.draw(renderer)
        self._spans.set_segments(
            [[(a + point, top), (max(b, a + 2 * point), top)] for a, b in spans]
        )
        self._spans.draw(renderer)

    def _layout(
        self,
        words: Sequence[WordLike],
        spans: Sequence[tuple[float, float]],
        point: float,
        renderer: RendererBase,
    ) -> list[tuple[str, float, int]]:
        """Text, middle in pixels and row of each word for which a row has the room."""
        assert self.axes is not None
        left, right = self.axes.bbox.intervalx
        taken = [-float("inf")] * self._rows
        places = []
        for word, (begin, end) in zip(words, spans, strict=True):
            if min(taken) >= (begin + end) / 2:
                continue
            text = word.text.strip()
            self._text.set_text(text)
            half = self._text.get_window_extent(renderer).width / 2
            middle = min(max((begin + end) / 2, left + half), right - half)
            for row in range(self._rows):
                if middle - half >= taken[row]:
                    places.append((text, middle, row))
                    taken[row] = middle + half + _GAP_PT * point
                    break
        return places


def row_height() -> float:
    """Points from one row of text to the next."""
    return FontProperties(size=rcParams["font.size"]).get_size_in_points() * LINE


def rows_for(words: Sequence[WordLike], points_per_second: float) -> int:
    """How many rows of text let neighbours stand side by side, 1 or 2, by a guess at widths."""
    size = row_height() / LINE
    middles = [(word.start + word.end) / 2 * points_per_second for word in words]
    halves = [CHARACTER * size * len(word.text) / 2 for word in words]
    tight = any(
        middles[i + 1] - middles[i] < halves[i] + halves[i + 1] + _GAP_PT
        for i in range(len(words) - 1)
    )
    return 2 if tight else 1


def strip_height(rows: int) -> float:
    """Points that a strip with that many rows takes."""
    return _TOP_PT + rows * row_height()


def make_room(ax: Axes, points: float) -> None:
    """Move the labels of the x axis down."""
    ax.tick_params(axis="x", which="both", pad=points, length=0)
