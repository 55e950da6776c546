"""The loudspeaker is heard whole, and what is missing from a recording shows."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile
from scipy.signal import butter, lfilter

from tests.browser.correlate import align
from tests.browser.ears import RATE, Calibration, DeafError, Ears, Recording, Samples, line

pytestmark = pytest.mark.needs("sound")


def speechlike(seconds: float, rate: int) -> Samples:
    """Noise with the band and the rhythm of speech, and nothing that repeats."""
    rng = np.random.default_rng(7)
    b, a = butter(2, [200 / (rate / 2), 3400 / (rate / 2)], "band")
    noise = lfilter(b, a, rng.standard_normal(round(seconds * rate)))
    rhythm = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * np.arange(noise.size) / rate)
    shaped = noise * rhythm
    return np.asarray(0.5 * shaped / np.abs(shaped).max(), np.float32)


@pytest.mark.parametrize("rate", [RATE, 22050])
def test_a_known_sound_is_heard_whole(ears: Ears, tmp_path: Path, rate: int) -> None:
    sound = speechlike(2.5, rate)
    wavfile.write(tmp_path / "sound.wav", rate, sound)
    with ears.record() as recording:
        ears.play(tmp_path / "sound.wav")
        recording.wait_for_silence(0.3, timeout=10)
    found = align(recording.samples, sound, recording_rate=RATE, reference_rate=rate)
    assert found.correlation > 0.99
    assert found.worst > 0.99
    assert found.gain == pytest.approx(1.0, abs=0.05)


def test_silence_is_told_from_sound(ears: Ears) -> None:
    with (
        ears.record() as recording,
        pytest.raises(DeafError, match=r"Nothing was heard within 0\.3"),
    ):
        recording.wait_for_sound(0.3)
    assert recording.samples.size > 0
    assert not np.any(recording.samples)


def test_the_recorders_own_delay_is_known(ears: Ears) -> None:
    assert ears.delay is not None
    assert abs(ears.delay) < 0.1


def test_the_recorder_is_set_by_the_loudspeakers_own_clock(ears: Ears) -> None:
    before = ears.calibration
    try:
        found = ears.set_clock()
        assert ears.calibration is found
        with ears.record() as recording:
            assert recording.calibration is found
    finally:
        ears.calibration = before


def arrivals(seconds: float, fast: float) -> list[tuple[float, int]]:
    """Blocks of a loudspeaker that is `fast` too fast; most come late, by up to 30 ms."""
    rng = np.random.default_rng(3)
    ends = 220 * np.arange(1, round(seconds * RATE / 220))
    late = rng.exponential(0.004, ends.size).clip(0, 0.03)
    late[rng.random(ends.size) < 0.3] = 0
    moments = np.maximum.accumulate(1000 + ends / RATE * (1 - fast) + late)
    return [(float(moment), 220) for moment in moments]


@pytest.mark.parametrize("fast", [0.0, 200e-6])
def test_a_recordings_clock_is_read_from_the_blocks_that_came_soonest(fast: float) -> None:
    clock = line(arrivals(8.0, fast), RATE)
    for sample in (0, 2 * RATE, 7 * RATE):
        assert clock.at(sample) == pytest.approx(1000 + sample / RATE * (1 - fast), abs=3e-4)


def test_less_than_a_second_of_recording_has_no_clock() -> None:
    for blocks in ([], arrivals(0.4, 0.0)):
        with pytest.raises(ValueError, match="less than a second"):
            line(blocks, RATE)


def test_a_sample_is_heard_later_than_it_was_recorded_by_the_calibration() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream, os.fdopen(writing, "wb", 0) as recorder:
        recording = Recording(stream, RATE, Calibration(offset=0.005, spread=0.001))
        recorder.close()
        recording._close()
        recording._blocks = [(at, np.zeros(n, np.float32)) for at, n in arrivals(4.0, 0.0)]
        assert recording.moment(RATE) == pytest.approx(1001.005, abs=3e-4)


@pytest.mark.parametrize("fault", ["cut short", "gap", "repeat"])
def test_a_fault_anywhere_shows_in_the_worst_second(fault: str) -> None:
    sound = speechlike(6.0, RATE)
    part = RATE // 5
    faulty = {
        "cut short": sound[: -3 * part],
        "gap": np.concatenate([sound[: 2 * RATE], np.zeros(part, np.float32), sound[2 * RATE :]]),
        "repeat": np.concatenate([sound[: 2 * RATE], sound[2 * RATE - part :]]),
    }[fault]
    recording = np.concatenate([np.zeros(RATE, np.float32), faulty, np.zeros(RATE, np.float32)])
    assert align(recording, sound, recording_rate=RATE, reference_rate=RATE).worst < 0.9


def test_a_start_that_was_missed_gives_a_negative_offset() -> None:
    sound = speechlike(4.0, RATE)
    found = align(sound[1000:], sound, recording_rate=RATE, reference_rate=RATE)
    assert found.offset == -1000


def test_comparing_with_silence_is_refused() -> None:
    with pytest.raises(ValueError, match=r"recording .* is empty or silent"):
        align(np.zeros(10, np.float32), np.ones(10, np.float32), recording_rate=8, reference_rate=8)
