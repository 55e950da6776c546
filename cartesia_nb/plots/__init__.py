"""Figures of takes: ``plot_x(take_or_takes, ax=None, ...)`` returns matplotlib ``Axes``.

Without ``ax`` a figure is made through pyplot, so that notebooks show it; with one, nothing but
that Axes is drawn into. Nothing is shown, saved or set globally. ``alt_text(ax)`` says what the
figure shows, in words. Importing this package does not import matplotlib; plotting does, and
like matplotlib itself it belongs into one thread.
"""

from cartesia_nb.plots.alignment import plot_alignment
from cartesia_nb.plots.contact import plot_spectrograms
from cartesia_nb.plots.distribution import plot_distribution
from cartesia_nb.plots.latency import plot_latency
from cartesia_nb.plots.loudness import plot_loudness
from cartesia_nb.plots.pitch import plot_pitch
from cartesia_nb.plots.preference import plot_preference
from cartesia_nb.plots.realised import plot_realised
from cartesia_nb.plots.spectrogram import plot_spectrogram
from cartesia_nb.plots.style import alt_text
from cartesia_nb.plots.waveform import plot_waveform

__all__ = [
    "alt_text",
    "plot_alignment",
    "plot_distribution",
    "plot_latency",
    "plot_loudness",
    "plot_pitch",
    "plot_preference",
    "plot_realised",
    "plot_spectrogram",
    "plot_spectrograms",
    "plot_waveform",
]
