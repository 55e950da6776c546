"""Takes made by hand for histories, and waiting for what comes of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import numpy as np

from cartesia_nb.protocol.encodings import encode
from cartesia_nb.speech import backend
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take


def spoken(text: str = "Hello there.", seconds: float = 0.5, **settings: object) -> Take:
    """A take with 0.1 s of silence, then a tone, that is not over yet."""
    recording = Recording(Settings.of(sample_rate=8000, **settings), backend.ENGINE)
    recording.add_text(text)
    recording.timeline.sending(50.0, len(text))
    at = np.arange(round(seconds * 8000)) / 8000
    wave = np.where(at < 0.1, 0, 0.3 * np.sin(2 * np.pi * 440 * at)).astype(np.float32)
    if seconds:
        pcm = encode(wave, "pcm_f32le")
        recording.add_audio(pcm, received=50.2, step_time=None, flush_id=None)
    return Take(recording)


def until(condition: Callable[[], bool], why: str) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, why
        gc.collect()
        time.sleep(0.01)
