"""Where speech begins and ends in a take, and the pauses in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cartesia_nb.analysis.onset import onset_in, speech_threshold, tamed

PAUSE_S: Final = 0.15
"""A silence this long is a pause; the closure of a stop such as p or t is shorter."""

BURST_S: Final = 0.02
"""Sound shorter than half of this does not interrupt a silence: a click is no word."""


@dataclass(frozen=True, eq=False, slots=True)
class Speech:
    """The span of speech, and the pauses in it; all in seconds from the take's beginning.

    Attributes:
        begin: where it begins.
        end: where it ends.
        pauses: from when to when each lasts, in order, shape ``(n, 2)``.
    """

    begin: float
    end: float
    pauses: npt.NDArray[np.float64]


def speech_in(
    power: npt.NDArray[np.float64], block_s: float, *, pause: float = PAUSE_S
) -> Speech | None:
    """Find speech and its pauses in the power of blocks.

    Speech lasts from where ``analysis.onset`` finds its beginning to where it finds it when read
    backwards. A block is silent when it is under that same threshold: 30 dB below the level of
    the speech, and never under -60 dBFS. As Praat does it, short bursts are removed first (a block
    goes with the majority of the 20 ms about it), then silences shorter than ``pause``.

    Args:
        power: mean square of each block, as ``analysis.onset.block_power`` gives it, shape
            ``(n,)``.
        block_s: seconds of a block.
        pause: seconds from which on a silence is a pause.

    Returns:
        ``None`` where there is no speech. Edges are right to within about a block for sounds that
        begin and end abruptly.

    Source: the order of steps from Praat's manual, "Intensity: To TextGrid (silences)"; its
    threshold there is 25 dB below the maximum unless said, ours is below the level of the speech
    (ITU-R BS.1770-4's gates), which one loud sound does not move. Literature on pauses puts the
    least from 0.1 to 0.25 s (F. Goldman-Eisler, "Psycholinguistics", 1968, has 0.25 s).
    """
    begin = onset_in(power, block_s)
    backwards = onset_in(power[::-1], block_s)
    threshold = speech_threshold(tamed(power))
    if begin is None or backwards is None or threshold is None:
        return None
    first = round(begin / block_s)
    stop = max(len(power) - round(backwards / block_s), first + 1)
    quiet = ~_majority(tamed(power[first:stop]) >= threshold, max(round(BURST_S / block_s), 1))
    edges = np.diff(np.concatenate([[0], quiet.astype(np.int8), [0]]))
    spans = np.stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)], axis=1)
    # Half a block of grace, as lengths are whole blocks.
    long = (spans[:, 1] - spans[:, 0] + 0.5) * block_s > pause
    inside = (spans[:, 0] > 0) & (spans[:, 1] < stop - first)
    pauses = (spans[long & inside].astype(np.float64) + first) * block_s
    return Speech(first * block_s, stop * block_s, pauses)


def _majority(loud: npt.NDArray[np.bool_], width: int) -> npt.NDArray[np.bool_]:
    """Whether at least half of the ``width`` blocks about each are, or of those that there are."""
    running = np.concatenate(([0], np.cumsum(loud)))
    index = np.arange(len(loud))
    low = np.maximum(index - width // 2, 0)
    high = np.minimum(index + width // 2 + 1, len(loud))
    return np.asarray(2 * (running[high] - running[low]) >= high - low)
