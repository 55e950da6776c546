"""Spectral tilt: how fast the long-term average spectrum of speech falls towards high frequencies.

A firm or strained voice is flatter (nearer to 0), a soft or muffled one falls more steeply.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from cartesia_nb.analysis.onset import block_power, block_size, speech_threshold, tamed
from cartesia_nb.analysis.stft import hann

BAND_HZ: Final = (1000 * 2 ** (-11 / 6), 1000 * 2 ** (11 / 6))
"""From 281 to 3,564 Hz: under half of the lowest sample rate, 8 kHz, and above most voices' F0."""

WINDOW_S: Final = 0.025

_BANDS: Final = 11
_LEAST_WINDOWS: Final = 4
_BATCH: Final = 256


def spectral_tilt(samples: npt.NDArray[np.float32], sample_rate: int) -> float | None:
    """The slope of the long-term average spectrum in dB an octave; negative where it falls.

    The spectrum's density is averaged over all frames of 25 ms (Hann, overlapping by half) that are
    speech, no more than 30 dB below its level (``analysis.onset``). Its means in 11 bands of a
    third of an octave, about 315 to 3,175 Hz, each as heavy as the next, are fitted with a
    straight line over log2 of frequency. White noise has 0, pink noise -3.

    Args:
        samples: mono, shape ``(n,)``; neither copied as a whole nor written. What is no number is
            silence.
        sample_rate: in Hz, from 8,000 on.

    Returns:
        ``None`` where less than 62.5 ms are speech, or a band has no power at all.

    Source: the long-term average spectrum in thirds of an octave as in D. Byrne et al., "An
    international comparison of long-term average speech spectra", JASA 96(4), 1994, pages
    2108-2120; the bands as IEC 61260 has them, to the base of 2; the line over log2 of frequency
    and its band are ours.
    """
    window = round(WINDOW_S * sample_rate)
    if len(samples) < window or sample_rate < 2 * BAND_HZ[1]:
        return None
    power = tamed(block_power(samples, block_size(sample_rate)))
    threshold = speech_threshold(power)
    if threshold is None:
        return None
    nfft = 1 << (window - 1).bit_length()
    density, weights = np.zeros(nfft // 2 + 1), hann(window).astype(np.float64)
    views = sliding_window_view(samples, window)[:: window // 2]
    count = 0
    for first in range(0, len(views), _BATCH):
        frames = np.nan_to_num(views[first : first + _BATCH], nan=0.0, posinf=0.0, neginf=0.0)
        # In float64, as squares of the largest floats are none in float32.
        frames = frames.astype(np.float64)
        frames = frames[np.einsum("ij,ij->i", frames, frames) / window >= threshold]
        spectrum = np.fft.rfft(frames * weights, n=nfft)
        density += (spectrum.real**2 + spectrum.imag**2).sum(axis=0)
        count += len(frames)
    if count < _LEAST_WINDOWS:
        return None
    return _slope(density, np.arange(len(density)) * sample_rate / nfft)


def _slope(density: npt.NDArray[np.float64], frequencies: npt.NDArray[np.float64]) -> float | None:
    edges = np.geomspace(*BAND_HZ, _BANDS + 1)
    places = np.searchsorted(edges, frequencies, side="right") - 1
    inside = (places >= 0) & (places < _BANDS)
    number = np.bincount(places[inside], minlength=_BANDS)
    total = np.bincount(places[inside], weights=density[inside], minlength=_BANDS)
    if not (total > 0).all():
        return None
    levels = 10 * np.log10(total / number)
    octaves = np.log2(np.sqrt(edges[:-1] * edges[1:]))
    return float(np.polyfit(octaves, levels, 1)[0])
