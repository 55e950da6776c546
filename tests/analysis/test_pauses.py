import numpy as np
import numpy.typing as npt
import parselmouth
import pytest
from parselmouth.praat import call

from cartesia_nb.analysis.onset import block_power, block_size, speech_onset
from cartesia_nb.analysis.pauses import Speech, speech_in
from tests.analysis.spoken import VOICES, spoken

Floats = npt.NDArray[np.float32]
BLOCK_S = 0.0025


def hum(seconds: float, rate: int, level: float = 0.3) -> Floats:
    time = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * 150 * time)).astype(np.float32)


def still(seconds: float, rate: int) -> Floats:
    return np.zeros(round(seconds * rate), dtype=np.float32)


def found(samples: Floats, rate: int) -> Speech | None:
    block = block_size(rate)
    return speech_in(block_power(samples, block), block / rate)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
@pytest.mark.parametrize("level", [0.9, 0.05, 0.004])
def test_a_known_span_and_known_pauses_are_found_to_within_two_blocks(
    rate: int, level: float
) -> None:
    sound = np.concatenate([
        still(0.3, rate), hum(0.5, rate, level), still(0.2, rate), hum(0.4, rate, level),
        still(0.75, rate), hum(0.2, rate, level), still(0.4, rate),
    ])  # fmt: skip
    speech = found(sound, rate)
    assert speech is not None
    assert (speech.begin, speech.end) == pytest.approx((0.3, 2.35), abs=2 * BLOCK_S)
    expected = [[0.8, 1.0], [1.4, 2.15]]
    np.testing.assert_allclose(speech.pauses, expected, atol=2 * BLOCK_S)


def test_a_silence_shorter_than_a_pause_is_none() -> None:
    for seconds, count in ((0.05, 0), (0.14, 0), (0.1475, 0), (0.15, 1), (0.16, 1)):
        sound = np.concatenate([hum(0.3, 16000), still(seconds, 16000), hum(0.3, 16000)])
        speech = found(sound, 16000)
        assert speech is not None and len(speech.pauses) == count


def test_a_click_neither_ends_a_pause_nor_begins_the_speech() -> None:
    pause = still(0.5, 16000)
    pause[4000:4040] = 0.9
    lead = still(0.5, 16000)
    lead[1000:1040] = 0.9
    speech = found(np.concatenate([lead, hum(0.3, 16000), pause, hum(0.3, 16000)]), 16000)
    assert speech is not None
    assert speech.begin == pytest.approx(0.5, abs=2 * BLOCK_S)
    np.testing.assert_allclose(speech.pauses, [[0.8, 1.3]], atol=2 * BLOCK_S)


def test_noise_forty_db_below_the_speech_is_silence_in_it() -> None:
    sound = np.concatenate([hum(0.5, 16000), still(0.4, 16000), hum(0.5, 16000)])
    noise = np.random.default_rng(3).normal(0, 0.002, len(sound)).astype(np.float32)
    speech = found(sound + noise, 16000)
    assert speech is not None
    np.testing.assert_allclose(speech.pauses, [[0.5, 0.9]], atol=2 * BLOCK_S)


@pytest.mark.parametrize("count", [0, 1, 100, 44100])
def test_silence_holds_no_speech(count: int) -> None:
    assert found(np.zeros(count, dtype=np.float32), 44100) is None
    assert found(np.full(count, np.nan, dtype=np.float32), 44100) is None


def test_a_single_sample_and_what_lies_far_beyond_full_scale_are_speech_without_pauses() -> None:
    for sound in (np.full(1, 0.5, dtype=np.float32), np.full(8000, 1e30, dtype=np.float32)):
        speech = found(sound, 8000)
        assert speech is not None
        assert speech.begin == 0.0 and speech.end > 0 and len(speech.pauses) == 0


def test_it_begins_where_the_onset_does_and_sentences_are_parted_by_pauses() -> None:
    for rate in (8000, 44100):
        sound = np.concatenate([still(0.4, rate), spoken("gmw/en-US", rate), still(0.3, rate)])
        speech = found(sound, rate)
        assert speech is not None
        assert speech.begin == speech_onset(sound, rate)
        assert speech.end < len(sound) / rate - 0.3
        assert 3 <= len(speech.pauses) <= 7  # four sentences, some commas
        assert (np.diff(speech.pauses.ravel()) > 0).all()


def test_half_the_level_has_the_same_pauses() -> None:
    sound = spoken("gmw/en-US", 22050)
    loud, soft = found(sound, 22050), found(sound * np.float32(0.5), 22050)
    assert loud is not None and soft is not None
    np.testing.assert_allclose(loud.pauses, soft.pauses)


@pytest.mark.parametrize("voice", VOICES)
def test_the_pauses_between_sentences_are_praats(voice: str) -> None:
    samples = spoken(voice, 22050)
    sound = parselmouth.Sound(samples.astype(np.float64), 22050)
    # Pitch floor, time step, threshold, least silence, least sound, labels.
    grid = call(sound, "To TextGrid (silences)", 100, 0, -25, 0.25, 0.05, "still", "loud")
    theirs = [
        tuple(call(grid, f"Get {end} time of interval", 1, index) for end in ("start", "end"))
        for index in range(2, call(grid, "Get number of intervals", 1))
        if call(grid, "Get label of interval", 1, index) == "still"
    ]
    assert len(theirs) == 3
    speech = found(samples, 22050)
    assert speech is not None
    ours = [pause for pause in speech.pauses if pause[1] - pause[0] > 0.2]
    # Its contour is smoothed over 32 ms, so that a sound that fades is longer.
    np.testing.assert_allclose(ours, theirs, atol=0.08)
