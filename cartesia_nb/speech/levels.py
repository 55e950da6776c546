"""How loud a take is, block by block, as it grows: where its speech begins is found there."""

from __future__ import annotations

import threading
from typing import Final

import numpy as np
import numpy.typing as npt

from cartesia_nb.analysis.onset import block_power, block_size, onset_in
from cartesia_nb.protocol.encodings import BYTES_PER_SAMPLE, decode
from cartesia_nb.speech.store import ByteStore

_SLAB: Final = 1 << 19
"""Samples decoded at once."""


class Levels:
    """The mean square of each 2.5 ms of a take, of which every sample is read once.

    It takes 3 kB for a second of audio, once it was asked. Any thread may ask but the network
    loop, which must read no samples.

    Args:
        store: the take's bytes.
        encoding: of theirs.
        sample_rate: in Hz.
    """

    def __init__(self, store: ByteStore, encoding: str, sample_rate: int) -> None:
        self._store = store
        self._encoding = encoding
        self._width = BYTES_PER_SAMPLE[encoding]
        self._rate = sample_rate
        self._block = block_size(sample_rate)
        self._lock = threading.Lock()
        self._power: npt.NDArray[np.float64] = np.empty(0)
        self._found: tuple[int, float | None] = (0, None)

    def onset(self) -> tuple[int, float | None]:
        """How many samples there are, and how many seconds of them are leading silence.

        As ``analysis.onset.speech_onset`` finds them; ``None`` for silence.
        """
        with self._lock:
            count = self._store.size // self._width
            if count != self._found[0]:
                power = np.concatenate((self._whole(count), self._rest(count)))
                self._found = count, onset_in(power, self._block / self._rate)
            return self._found

    def _whole(self, count: int) -> npt.NDArray[np.float64]:
        """The power of all whole blocks; what is new is read."""
        parts, known = [self._power], len(self._power)
        step = max(1, _SLAB // self._block)
        for first in range(known, count // self._block, step):
            last = min(first + step, count // self._block)
            parts.append(self._read(first * self._block, last * self._block))
        self._power = np.concatenate(parts) if len(parts) > 1 else self._power
        return self._power

    def _rest(self, count: int) -> npt.NDArray[np.float64]:
        """The power of the last block, which is no whole one; empty if there is none."""
        return self._read(count // self._block * self._block, count)

    def _read(self, first: int, last: int) -> npt.NDArray[np.float64]:
        pcm = self._store.read(first * self._width, last * self._width)
        return block_power(decode(pcm, self._encoding), self._block)
