"""What a take can be seen as: thin methods that reach up to the plots and the player.

The one module of this package that imports from the layers above it, and only when called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .take import Take


class Views:
    """The methods of a ``Take`` that show it."""

    def plot_latency(self, ax: Axes | None = None) -> Axes:
        """When each chunk came, against when it was due. See ``cartesia_nb.plots``."""
        from ..plots.latency import plot_latency

        return plot_latency(cast("Take", self), ax)

    def plot_spectrogram(self, ax: Axes | None = None) -> Axes:
        """Level over time and frequency, with the words. See ``cartesia_nb.plots``."""
        from ..plots.spectrogram import plot_spectrogram

        return plot_spectrogram(cast("Take", self), ax)

    # Any: IPython's display protocol.
    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object]:
        from ..player.player import mimebundle

        return mimebundle(cast("Take", self))
