"""The cheapest path through candidates of which each frame has a few: Viterbi's algorithm."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

VOICED_UNVOICED_COST: Final = 0.14
OCTAVE_JUMP_COST: Final = 0.35
USUAL_HOP: Final = 0.01
"""The seconds between frames for which the costs are meant."""

_BATCH: Final = 4096


def best_path(frequencies: Floats, strengths: Floats, hop: float) -> npt.NDArray[np.intp]:
    """Which candidate of each frame lies on the path whose strengths less its costs are the most.

    From one frame to the next it costs ``VOICED_UNVOICED_COST`` to begin or end voicing, and
    ``OCTAVE_JUMP_COST`` for each octave between two voiced candidates, both times ``0.01 / hop``
    so that the path does not depend on how fine the frames are.

    Source: P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
    harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993, step 4; the costs'
    values and their dependence on the hop as in Praat's manual, "Sound: To Pitch (raw
    autocorrelation)".

    Args:
        frequencies: Hz, 0 for unvoiced, shape ``(frames, candidates)``.
        strengths: of each candidate, ``-inf`` for none, the same shape.
        hop: seconds from frame to frame.

    Returns:
        Shape ``(frames,)``.
    """
    frames, width = frequencies.shape
    chosen = np.zeros(frames, dtype=np.intp)
    if frames == 0:
        return chosen
    correction = USUAL_HOP / hop
    change = np.float32(VOICED_UNVOICED_COST * correction)
    octave = np.float32(OCTAVE_JUMP_COST * correction)
    back = np.zeros((frames, width), dtype=np.uint8)
    columns = np.arange(width)
    best = strengths[0].astype(np.float64)
    for first in range(1, frames, _BATCH):
        stop = min(first + _BATCH, frames)
        voiced = frequencies[first - 1 : stop] > 0
        pitch = np.log2(np.where(voiced, frequencies[first - 1 : stop], np.float32(1)))
        # Axis 1 is the candidate it goes to, axis 2 the one it comes from.
        costs = np.abs(pitch[1:, :, None] - pitch[:-1, None, :])
        costs *= octave
        both = voiced[1:, :, None] & voiced[:-1, None, :]
        differ = voiced[1:, :, None] != voiced[:-1, None, :]
        costs *= both
        costs += differ * change
        for frame in range(first, stop):
            total = best - costs[frame - first]
            come = total.argmax(axis=1)
            back[frame] = come
            best = total[columns, come] + strengths[frame]
    chosen[-1] = best.argmax()
    for frame in range(frames - 1, 0, -1):
        chosen[frame - 1] = back[frame, chosen[frame]]
    return chosen
