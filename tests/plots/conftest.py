"""Takes made by hand, of the real kind; speech from nothing but sines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import matplotlib
import numpy as np
import numpy.typing as npt
import pytest

from cartesia_nb.errors import CartesiaNbError
from cartesia_nb.speech.backend import ENGINE, Backend
from cartesia_nb.speech.recording import Recording, State, Word
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take

Samples = npt.NDArray[np.float32]

RATE = 22050
TEXT = "The quick brown fox jumps over the lazy dog"


class MakeTake(Protocol):
    """See ``make_take``."""

    def __call__(
        self,
        seconds: float = 3.0,
        *,
        samples: Samples | None = None,
        text: str = TEXT,
        chunk: float = 0.12,
        first: float = 0.1,
        speedup: float = 3.0,
        stalls: Mapping[int, float] = ...,
        requested: bool = True,
        state: State = "done",
        error: CartesiaNbError | None = None,
        rate: int = RATE,
        backend: Backend = ENGINE,
    ) -> Take: ...


def voice(seconds: float, rate: int = RATE) -> Samples:
    """Vowel-like: harmonics of 120 Hz that swell and fade three times a second, 50 ms late."""
    time = np.arange(round(seconds * rate)) / rate
    wave = np.sum([np.sin(2 * np.pi * 120 * k * time) / k for k in range(1, 20)], axis=0)
    wave *= 0.2 * np.abs(np.sin(2 * np.pi * 1.5 * time)) ** 0.5
    wave[: round(0.05 * rate)] = 0
    return np.asarray(wave, dtype=np.float32)


def words_of(text: str, seconds: float) -> list[Word]:
    pieces = text.split()
    edges = np.linspace(0, seconds, len(pieces) + 1)
    return [Word(piece, edges[i], edges[i + 1]) for i, piece in enumerate(pieces)]


@pytest.fixture
def make_take() -> MakeTake:
    """Make a take whose chunk ``i`` came ``stalls[i]`` seconds late, at ``speedup`` x real time."""

    def make(
        seconds: float = 3.0,
        *,
        samples: Samples | None = None,
        text: str = TEXT,
        chunk: float = 0.12,
        first: float = 0.1,
        speedup: float = 3.0,
        stalls: Mapping[int, float] | None = None,
        requested: bool = True,
        state: State = "done",
        error: CartesiaNbError | None = None,
        rate: int = RATE,
        backend: Backend = ENGINE,
    ) -> Take:
        samples = voice(seconds, rate) if samples is None else samples
        recording = Recording(Settings(sample_rate=rate), backend)
        recording.add_text(text)
        recording.begin()
        recording.timeline.requested = 1000.0 if requested else None
        now = 1000.0 + first
        size = round(chunk * rate)
        for index, begin in enumerate(range(0, len(samples), size)):
            part = samples[begin : begin + size]
            now += (stalls or {}).get(index, 0.0)
            recording.add_audio(part.tobytes(), received=now, step_time=None, flush_id=None)
            now += len(part) / rate / speedup
        recording.add_words(words_of(text, len(samples) / rate), None)
        if state not in ("connecting", "speaking"):
            recording.end(state, now, error)
        return Take(recording)

    return make


@pytest.fixture(autouse=True)
def agg() -> Iterator[None]:
    """Draw without a screen, and leave no figure open."""
    matplotlib.use("agg")
    yield
    import matplotlib.pyplot as plt

    plt.close("all")
