"""A figure that tells notebooks what it shows, for readers who do not see it.

The one module of the plots that imports matplotlib; to be imported when something is drawn.
"""

from __future__ import annotations

from matplotlib.figure import Figure

from cartesia_nb.plots.style import alt_text


class DescribedFigure(Figure):
    """Its picture in a notebook carries the alternative text of its Axes."""

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, object], dict[str, object]]:
        # No data: the picture itself is made as that of any figure.
        text = " ".join(words for ax in self.axes if (words := alt_text(ax)))
        return {}, {"image/png": {"alt": text}} if text else {}
