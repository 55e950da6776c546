"""Takes made by hand, that say what a test says they do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cartesia_nb.protocol.encodings import Samples, encode
from cartesia_nb.speech.backend import ENGINE
from cartesia_nb.speech.recording import Recording, State, Word
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.timeline import Timeline


def tone(seconds: float, rate: int = 24_000, level: float = 0.1, pitch: float = 150.0) -> Samples:
    """Harmonics that swell and fade three times a second, 50 ms late."""
    time = np.arange(round(seconds * rate)) / rate
    wave = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 9))
    samples = (level * wave * np.abs(np.sin(2 * np.pi * 1.5 * time)) ** 0.5).astype(np.float32)
    samples[: round(0.05 * rate)] = 0
    return np.asarray(samples, dtype=np.float32)


def spoken(text: str, starts: Sequence[float], length: float = 0.2) -> tuple[Word, ...]:
    """The words of a text and where they begin."""
    return tuple(
        Word(word, start, start + length) for word, start in zip(text.split(), starts, strict=True)
    )


def take_of(
    samples: Samples,
    text: str = "one two three",
    words: Sequence[Word] = (),
    *,
    state: State = "done",
    **settings: object,
) -> Take:
    """A take that is over, of samples at 24,000 Hz unless said."""
    wanted = Settings.of(**{"encoding": "pcm_s16le", "sample_rate": 24_000, **settings})
    recording = Recording(wanted, ENGINE)
    recording.restore(
        text=text,
        pcm=encode(samples, wanted.encoding),
        words=words,
        phonemes=(),
        timeline=Timeline(wanted.sample_rate, wanted.bytes_per_sample),
        state=state,
        error=None,
    )
    return Take(recording)
