"""The outline of sound: what an eye sees of more samples than there are pixels."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

FULL_SCALE: Final = 32767 / 32768
"""From here on a sample counts as clipped: the largest value that 16 bits hold."""

_COLUMNS: Final = 4000


def envelope(samples: Samples, columns: int) -> tuple[Samples, Samples]:
    """The least and the greatest sample of each of ``columns`` stretches of equal length.

    No sample is left out, so that a click of one sample stays visible; none is copied.

    Args:
        samples: mono, shape ``(n,)``. What is no number is passed over.
        columns: 1 or more; ``n`` if there are fewer samples.

    Returns:
        Two arrays of shape ``(min(columns, n),)``. Column ``i`` covers samples
        ``[i * n // columns, (i + 1) * n // columns)``; it is NaN if none of them is a number.
    """
    count = len(samples)
    columns = min(columns, count)
    edges = np.arange(columns, dtype=np.int64) * count // max(columns, 1)
    if not columns:
        return np.empty(0, dtype=np.float32), np.empty(0, dtype=np.float32)
    return np.fmin.reduceat(samples, edges), np.fmax.reduceat(samples, edges)


def clipped(samples: Samples) -> tuple[int, npt.NDArray[np.int64]]:
    """How many samples are at full scale or beyond, and where.

    Args:
        samples: mono, full scale at ±1.0, shape ``(n,)``.

    Returns:
        Their number, and ``[first, stop)`` of the stretches they lie in, shape ``(k, 2)``: one at
        most for each of 4,000 columns, from the first such sample in it to the last.
    """
    low, high = envelope(samples, _COLUMNS)
    # What is no number is neither.
    columns = np.flatnonzero((high >= FULL_SCALE) | (low <= -FULL_SCALE))
    total, stretches = 0, np.empty((len(columns), 2), dtype=np.int64)
    for index, column in enumerate(columns.tolist()):
        first, stop = (place * len(samples) // len(low) for place in (column, column + 1))
        over = np.flatnonzero(np.abs(samples[first:stop]) >= FULL_SCALE)
        stretches[index] = first + over[0], first + over[-1] + 1
        total += len(over)
    return total, stretches
