"""Takes made by hand, for what is drawn and told of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from cartesia_nb.errors import CartesiaNbError
from cartesia_nb.protocol.encodings import encode
from cartesia_nb.speech.backend import ENGINE, Backend
from cartesia_nb.speech.recording import Recording, State
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take

Samples = npt.NDArray[np.float32]

FOX = "The quick brown fox jumps over the lazy dog."


def voice(seconds: float, rate: int = 44_100) -> Samples:
    """Harmonics of 120 Hz that swell and fade three times a second, 50 ms late."""
    time = np.arange(round(seconds * rate)) / rate
    wave = np.zeros(len(time))
    for k in range(1, 12):
        wave += np.sin(2 * np.pi * 120 * k * time) / k
    samples = (wave * 0.2 * np.abs(np.sin(2 * np.pi * 1.5 * time)) ** 0.5).astype(np.float32)
    samples[: round(0.05 * rate)] = 0
    return samples


def take_of(
    samples: Samples,
    text: str = FOX,
    *,
    state: State = "done",
    error: CartesiaNbError | None = None,
    backend: Backend = ENGINE,
    late: Mapping[int, float] | None = None,
    **settings: object,
) -> Take:
    """A take that came in chunks of 0.12 s at three times real time, chunk i ``late[i]`` s late."""
    recording = Recording(Settings.of(**settings), backend)
    recording.add_text(text)
    recording.begin()
    recording.timeline.requested = 1000.0
    pcm = encode(samples, recording.settings.encoding)
    size = round(0.12 * recording.settings.sample_rate) * recording.settings.bytes_per_sample
    now = 1000.1
    for index, first in enumerate(range(0, len(pcm), size)):
        now += (late or {}).get(index, 0.0)
        recording.add_audio(pcm[first : first + size], received=now, step_time=None, flush_id=None)
        now += 0.04
    recording.end(state, now, error)
    return Take(recording)
