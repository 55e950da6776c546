"""What a take can be seen as: thin methods that reach up to the plots and the player.

The one module of this package that imports from the layers above it, and only when called.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cartesia_nb.player.embed import EmbeddedSound
    from cartesia_nb.plots.spectrogram import Scale
    from cartesia_nb.speech.take import Take


class Views:
    """The methods of a ``Take`` that show it. Like matplotlib, for one thread."""

    def plot_latency(self, ax: Axes | None = None) -> Axes:
        """Draw where each chunk was when, from the text that was sent to the ear, against the
        moment it was due, and the seconds of audio in hand beneath.

        See ``cartesia_nb.plots.plot_latency``, which also compares several takes.
        """
        from cartesia_nb.plots.latency import plot_latency

        return plot_latency(cast("Take", self), ax)

    def plot_pitch(
        self, ax: Axes | None = None, *, floor: float = 75.0, ceiling: float = 500.0
    ) -> Axes:
        """Draw the fundamental frequency of the voice over time, with the words beneath.

        See ``cartesia_nb.plots.plot_pitch``, which also takes several takes: ``floor`` and
        ``ceiling`` in Hz.

        Raises:
            SettingsError: a value that makes no sense.
        """
        from cartesia_nb.plots.pitch import plot_pitch

        return plot_pitch(cast("Take", self), ax, floor=floor, ceiling=ceiling)

    def plot_loudness(self, ax: Axes | None = None) -> Axes:
        """Draw the loudness over time in LUFS, with the words beneath.

        See ``cartesia_nb.plots.plot_loudness``, which also takes several takes.

        Raises:
            CartesiaNbError: the extra ``analysis`` is not installed.
        """
        from cartesia_nb.plots.loudness import plot_loudness

        return plot_loudness(cast("Take", self), ax)

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

    def plot_alignment(
        self, *others: Take, ax: Axes | None = None, labels: Sequence[str] | None = None
    ) -> Axes:
        """Draw its words over time, joined with those of other takes of the same text.

        See ``cartesia_nb.plots.plot_alignment``; ``labels`` are for this take and the others.

        Raises:
            SettingsError: the labels are not one for each take.
        """
        from cartesia_nb.plots.alignment import plot_alignment

        return plot_alignment([cast("Take", self), *others], ax, labels=labels)

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
