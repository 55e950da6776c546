"""The mel scale, and a spectrogram's bins brought onto it for the eye."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def hz_to_mel(frequency: npt.ArrayLike) -> Floats:
    """``2595 log10(1 + f / 700)``.

    Source: D. O'Shaughnessy, "Speech Communication: Human and Machine", 1987; as in HTK.
    """
    return np.asarray(2595.0 * np.log10(1.0 + np.asarray(frequency, dtype=np.float64) / 700.0))


def mel_to_hz(mel: npt.ArrayLike) -> Floats:
    """The inverse of ``hz_to_mel``."""
    return np.asarray(700.0 * (10.0 ** (np.asarray(mel, dtype=np.float64) / 2595.0) - 1.0))


def mel_rows(
    power: npt.NDArray[np.float32], frequencies: Floats, rows: int
) -> npt.NDArray[np.float32]:
    """The same power on rows evenly spaced in mel, from the first frequency to the last.

    Row ``r`` is centred on mel ``m0 + r (m1 - m0) / (rows - 1)``. Where it covers bins, it is
    their maximum, and where bins are wider than rows, it lies on the line between two of them.
    So a tone reads the same level as on the linear scale. This is a change of axis for a figure
    and no filter bank: its rows do not add up neighbouring bins.

    Args:
        power: shape ``(columns, bins)``.
        frequencies: Hz of each bin, evenly spaced, shape ``(bins,)``, at least 2.
        rows: how many, at least 2.

    Returns:
        Shape ``(columns, rows)``.
    """
    low, high = hz_to_mel(frequencies[0]), hz_to_mel(frequencies[-1])
    half = (high - low) / (rows - 1) / 2
    middles = np.linspace(low, high, rows)
    step = frequencies[1] - frequencies[0]
    first = np.ceil((mel_to_hz(middles - half) - frequencies[0]) / step).clip(0, None).astype(int)
    last = np.floor((mel_to_hz(middles + half) - frequencies[0]) / step).astype(int)
    last = np.minimum(last, len(frequencies) - 1)
    place = ((mel_to_hz(middles) - frequencies[0]) / step).clip(0, len(frequencies) - 1)
    below = np.minimum(place.astype(int), len(frequencies) - 2)
    share = (place - below).astype(np.float32)
    result: npt.NDArray[np.float32] = power[:, below] * (1 - share)
    result += power[:, below + 1] * share
    for row in np.flatnonzero(last >= first):
        result[:, row] = power[:, first[row] : last[row] + 1].max(axis=1)
    return result
