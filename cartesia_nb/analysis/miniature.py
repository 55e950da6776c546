"""A spectrogram made small: few columns, few rows on the mel scale, levels in dB."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cartesia_nb.analysis.mel import hz_to_mel, mel_rows
from cartesia_nb.analysis.stft import Grid, pooling, power

Levels = npt.NDArray[np.float32]

FLOOR_DB: Final = -120.0
"""What is softer, and what is no number, reads as this."""

WINDOW_S: Final = 0.025
HOP_S: Final = (0.002, 0.0125)
ROWS: Final = 64
"""From 0 Hz to ``max_frequency``."""


@dataclass(frozen=True)
class Miniature:
    """What is left of a sound for a small picture.

    Attributes:
        levels: dB relative to a full-scale sine, shape ``(columns, rows)``: time, then frequency
            from 0 Hz up, evenly spaced in mel. No columns where there is no sound.
        column: seconds of a column.
        seconds: how long the sound is.
        frequency: Hz of the last row: ``max_frequency``, or half the sample rate if that is less.
        loudest: in dB; ``None`` where there is only silence.
    """

    levels: Levels
    column: float
    seconds: float
    frequency: float
    loudest: float | None


def miniature(
    samples: npt.NDArray[np.float32],
    sample_rate: int,
    *,
    columns: int,
    max_frequency: float,
) -> Miniature:
    """The levels of a sound; neighbours share a column by their maximum.

    Args:
        samples: mono, full scale at ±1.0, shape ``(n,)``.
        sample_rate: in Hz.
        columns: at most so many, 1 or more.
        max_frequency: in Hz, above 0. At a rate that holds less there are fewer rows.
    """
    frequency = min(max_frequency, sample_rate / 2)
    share = float(hz_to_mel(frequency) / hz_to_mel(max_frequency))
    rows = max(2, round(ROWS * share))
    seconds = len(samples) / sample_rate
    if not len(samples):
        return Miniature(np.empty((0, rows), np.float32), 0.0, 0.0, frequency, None)
    hop = min(max(seconds / columns, HOP_S[0]), HOP_S[1])
    grid = Grid.of(sample_rate, window=WINDOW_S, hop=hop)
    bins = min(math.ceil(frequency * grid.nfft / sample_rate) + 1, grid.nfft // 2 + 1)
    values = power(samples, grid, columns=columns, bins=bins)
    values = mel_rows(np.nan_to_num(values, nan=0.0), grid.frequencies[:bins], rows)
    levels = 10 * np.log10(np.maximum(values, np.float32(10 ** (FLOOR_DB / 10))))
    column = pooling(grid.frames(len(samples)), columns) * grid.hop / sample_rate
    loudest = float(levels.max())
    return Miniature(
        levels.astype(np.float32), column, seconds, frequency,
        None if loudest <= FLOOR_DB else loudest,
    )  # fmt: skip
