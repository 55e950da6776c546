"""What a take can be seen as: thin methods that reach up to the plots and the player.

The one module of this package that imports from the layers above it, and only when called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cartesia_nb.player.embed import EmbeddedSound
    from cartesia_nb.plots.spectrogram import Scale
    from cartesia_nb.speech.take import Take


class Views:
    """The methods of a ``Take`` that show it. Like matplotlib, for one thread."""

    def plot_latency(self, ax: Axes | None = None) -> Axes:
        """Draw when each chunk came, against when it was due.

        See ``cartesia_nb.plots.plot_latency``, which also takes several takes.
        """
        from cartesia_nb.plots.latency import plot_latency

        return plot_latency(cast("Take", self), ax)

    def plot_spectrogram(
        self,
        ax: Axes | None = None,
        *,
        scale: Scale = "linear",
        window: float = 0.025,
        hop: float | None = None,
        max_frequency: float | None = None,
        db_range: float = 70.0,
        words: bool = True,
        phonemes: bool | None = None,
    ) -> Axes:
        """Draw the level of each frequency over time, with words and phonemes beneath.

        See ``cartesia_nb.plots.plot_spectrogram``, which also takes several takes: ``window``
        and ``hop`` in seconds, ``max_frequency`` in Hz, ``db_range`` in dB.

        Raises:
            SettingsError: a value that makes no sense.
        """
        from cartesia_nb.plots.spectrogram import plot_spectrogram

        return plot_spectrogram(
            cast("Take", self),
            ax,
            scale=scale,
            window=window,
            hop=hop,
            max_frequency=max_frequency,
            db_range=db_range,
            words=words,
            phonemes=phonemes,
        )

    def plot_waveform(self, ax: Axes | None = None, *, words: bool = True) -> Axes:
        """Draw the samples at full scale, with leading silence, chunks, dry spells and clipping.

        See ``cartesia_nb.plots.plot_waveform``, which also takes several takes.
        """
        from cartesia_nb.plots.waveform import plot_waveform

        return plot_waveform(cast("Take", self), ax, words=words)

    def embed(self) -> EmbeddedSound:
        """The sound received so far as something to show: an audio control that goes into the
        notebook's file, so that exported HTML and readers without a kernel can play it.

        It is MP3, about 10 kB a second, at its own level: nothing is normalised.

        Raises:
            TakeFileError: it is more than about 25 minutes; write it to a file instead.
        """
        from cartesia_nb.player.embed import embed

        return embed(cast("Take", self))

    def _ipython_display_(self) -> None:
        from cartesia_nb.player.display import show

        show(cast("Take", self))

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object]:
        from cartesia_nb.player.display import mimebundle

        return mimebundle(cast("Take", self))
