"""Where speech begins in a take.

Levels are dBFS of the RMS: 0 dB is a full-scale square wave, -3 dB a full-scale sine.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

BLOCK_S: Final = 0.0025
"""Length of a block, and so the resolution of the onset, in seconds."""

FLOOR_DB: Final = -60.0
"""Nothing below this level is speech, however quiet the rest is."""

BELOW_SPEECH_DB: Final = 30.0
"""A block counts as sound when it is no further than this below the speech's own level."""

_GATE_DB: Final = 10.0
_SUSTAIN_BLOCKS: Final = 8
_SUSTAIN_SHARE: Final = 0.5
_SLAB: Final = 1 << 20


def speech_onset(samples: npt.NDArray[np.float32], sample_rate: int) -> float | None:
    """Seconds of leading silence: where the first sound that is no mere click begins.

    Args:
        samples: mono, full scale at ±1.0, shape ``(n,)``.
        sample_rate: in Hz.

    Returns:
        The start of the first block of 2.5 ms whose RMS reaches the threshold, if at least half
        of the 20 ms from there on (or of what is left) reach it too; ``None`` if there is none,
        as in silence. Right to within one block for sounds that begin abruptly.

    The threshold is 30 dB below the level of the speech, and never under -60 dBFS. The level
    of the speech is the mean power of the blocks that are active, found by the two gates of
    ITU-R BS.1770-4, section 2.1 (an absolute one, then one 10 dB below the mean of what
    passed it), on blocks of 2.5 ms and without its frequency weighting, so that neither long
    pauses nor background noise pull it down.
    """
    block = block_size(sample_rate)
    return onset_in(block_power(samples, block), block / sample_rate)


def block_size(sample_rate: int) -> int:
    """Samples in a block."""
    return max(1, round(sample_rate * BLOCK_S))


def onset_in(power: npt.NDArray[np.float64], block_s: float) -> float | None:
    """As ``speech_onset``, of the power of each block: what is kept of samples that are gone.

    Args:
        power: as ``block_power`` gives it, shape ``(n,)``.
        block_s: seconds of a block.
    """
    power = tamed(power)
    threshold = speech_threshold(power)
    if threshold is None:
        return None
    loud = power >= threshold
    running = np.concatenate(([0], np.cumsum(loud)))
    for index in np.flatnonzero(loud):
        stop = min(int(index) + _SUSTAIN_BLOCKS, loud.size)
        if running[stop] - running[index] >= _SUSTAIN_SHARE * (stop - index):
            return float(index * block_s)
    return None


def speech_threshold(power: npt.NDArray[np.float64]) -> float | None:
    """The power from which on a block counts as sound, as ``speech_onset`` says; ``None`` for
    silence.

    Args:
        power: of each block, as ``tamed`` gives it, shape ``(n,)``.
    """
    floor = 10 ** (FLOOR_DB / 10)
    active = power[power >= floor]
    if active.size == 0:
        return None
    active = active[active >= active.mean() * 10 ** (-_GATE_DB / 10)]
    return max(floor, float(active.mean()) * 10 ** (-BELOW_SPEECH_DB / 10))


def tamed(power: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The same, finite: what is no number is silence."""
    # The sum of a whole block is float32's and may be infinite, where that of the last is not.
    return np.asarray(np.minimum(np.nan_to_num(power, nan=0.0), np.finfo(np.float32).max))


def block_power(samples: npt.NDArray[np.float32], block: int) -> npt.NDArray[np.float64]:
    """Mean square of consecutive blocks of ``block`` samples; the last may be shorter.

    Returns:
        Shape ``(ceil(n / block),)``. The samples are not copied but for the last block.
    """
    whole = len(samples) // block
    power = np.empty(-(-len(samples) // block), dtype=np.float64)
    rows = samples[: whole * block].reshape(whole, block)
    step = max(1, _SLAB // block)
    for first in range(0, whole, step):
        part = rows[first : first + step]
        power[first : first + len(part)] = np.einsum("ij,ij->i", part, part) / block
    if whole < len(power):
        rest = samples[whole * block :].astype(np.float64)
        power[whole] = float(np.mean(rest * rest))
    return power
