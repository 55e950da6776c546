"""Speech of the built-in engine's voice, to hold the analysis to references on."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

from cartesia_nb.engine.espeak import Espeak, Manner

VOICES: Final = (
    "gmw/en-US", "gmw/en-US+f3", "gmw/en-US+m7", "gmw/en-US+f2", "gmw/en-US+Annie", "gmw/en-US+f5",
)  # fmt: skip

TEXT: Final = (
    "The quick brown fox jumps over the lazy dog, and then it sleeps for an hour. "
    "Nobody minds! Who would? It was a long way, uphill, in the rain."
)


@cache
def spoken(voice: str, rate: int, text: str = TEXT) -> npt.NDArray[np.float32]:
    """``text`` by an espeak-ng voice, full scale at ±1.0; not to be written to."""
    library = Espeak()
    whole = library.render(text, Manner(voice)).samples.astype(np.float32) / 32768
    samples = np.asarray(soxr.resample(whole, library.sample_rate, rate), dtype=np.float32)
    samples.flags.writeable = False
    return samples
