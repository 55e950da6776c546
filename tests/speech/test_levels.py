"""Where speech begins in a take that grows, of which every sample is read once."""

from __future__ import annotations

import numpy as np
import pytest

from cartesia_nb.analysis.onset import speech_onset
from cartesia_nb.protocol.encodings import ENCODINGS, decode, encode
from cartesia_nb.speech.levels import Levels
from cartesia_nb.speech.store import ByteStore

RATE = 22050


class CountingStore(ByteStore):
    """Counts the bytes that are read of it."""

    taken = 0

    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        found = super().read(start, stop)
        self.taken += len(found)
        return found


def speech(seconds: float = 1.7) -> bytes:
    time = np.arange(round(seconds * RATE)) / RATE
    wave = np.where(time < 0.3, 0.0, 0.4 * np.sin(2 * np.pi * 200 * time)).astype(np.float32)
    return encode(wave, "pcm_f32le")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_finds_at_every_size_what_the_whole_gives(encoding: str) -> None:
    pcm = encode(decode(speech(), "pcm_f32le"), encoding)
    store = ByteStore()
    levels = Levels(store, encoding, RATE)
    for first in range(0, len(pcm), 7_001):
        store.append(pcm[first : first + 7_001])
        whole = decode(store.read(), encoding)
        assert levels.onset() == (len(whole), speech_onset(whole, RATE))
    assert levels.onset()[1] == pytest.approx(0.3, abs=0.003)


def test_no_sample_is_read_twice_but_those_of_the_last_block() -> None:
    pcm, store = speech(), CountingStore()
    levels = Levels(store, "pcm_f32le", RATE)
    steps = range(0, len(pcm), 4_000)
    for first in steps:
        store.append(pcm[first : first + 4_000])
        levels.onset()
        levels.onset()
    assert len(pcm) <= store.taken <= len(pcm) + len(steps) * 55 * 4
    taken = store.taken
    levels.onset()
    assert store.taken == taken, "nothing is new"


def test_silence_and_nothing_have_no_onset() -> None:
    store = ByteStore()
    levels = Levels(store, "pcm_s16le", RATE)
    assert levels.onset() == (0, None)
    store.append(bytes(3_001))
    assert levels.onset() == (1_500, None)
