"""Words written into blocks of their own width, laid out when drawn.

Imports matplotlib, so it is imported by plot functions when they run.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Final

from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform

from cartesia_nb.plots.rows import pixels_per_point
from cartesia_nb.plots.style import fonts, palette
from cartesia_nb.plots.takes import WordLike

_SIZES: Final = (1.0, 0.8, 0.6)
_SMALLEST_PT: Final = 6.0
_INSET_PT: Final = 1.5
_NARROWEST: Final = 0.25
"""Width of a narrow character as a share of the font's size."""


class WordBlocks(Artist):
    """The text of each word in the middle of its span, in one of three sizes.

    A word that would have to be smaller is left out; zoom in to see it.

    Args:
        ax: the Axes whose x is the time in seconds.
        words: in any order.
        y: of their middle, in data coordinates.
        outlined: whether they are to be read on a hatching.

    Attributes:
        drawn: what was written when last drawn.
    """

    def __init__(
        self, ax: Axes, words: Sequence[WordLike], y: float, *, outlined: bool = False
    ) -> None:
        super().__init__()
        self._words, self._y = [word for word in words if word.text.strip()], y
        self.drawn: list[str] = []
        self._text = Text(
            0, 0, "", color=palette(ax).ink, ha="center", va="center", parse_math=False
        )
        self._text.set_transform(IdentityTransform())
        if outlined:
            self._text.set_path_effects([withStroke(linewidth=4, foreground=ax.get_facecolor())])
        families = fonts(word.text for word in self._words)
        if families is not None:
            self._text.set_fontfamily(families)
        self._size = FontProperties(size=rcParams["font.size"]).get_size_in_points()
        self.set_zorder(4)
        self.set_in_layout(False)
        ax.add_artist(self)
        self._text.set_figure(ax.figure)
        self._text.set_clip_path(ax.patch)

    def draw(self, renderer: RendererBase) -> None:
        """Write what has room in the view as it is now."""
        ax = self.axes
        if not self.get_visible() or not isinstance(ax, Axes):
            return
        point = pixels_per_point(ax)
        self.drawn = []
        left, right = ax.bbox.intervalx
        # A character that no installed font has is drawn as a box; saying so per draw helps nobody.
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=r"Glyph \d+ .*missing from")
            for word in self._words:
                (begin, y), (end, _) = ax.transData.transform(
                    [(word.start, self._y), (word.end, self._y)]
                )
                begin, end = max(float(begin), left), min(float(end), right)
                room = (end - begin) / point - 2 * _INSET_PT
                text = word.text.strip()
                if room < _NARROWEST * _SMALLEST_PT * len(text):
                    continue
                self._text.set_text(text)
                self._text.set_fontsize(self._size)
                width = self._text.get_window_extent(renderer).width / point
                size = next((share for share in _SIZES if width * share <= room), 0) * self._size
                if size < _SMALLEST_PT:
                    continue
                self._text.set_fontsize(size)
                self._text.set_position(((begin + end) / 2, float(y)))
                self._text.draw(renderer)
                self.drawn.append(text)
