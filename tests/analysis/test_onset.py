import numpy as np
import numpy.typing as npt
import pytest

from cartesia_nb.analysis.onset import BLOCK_S, block_power, speech_onset

Floats = npt.NDArray[np.float32]


def tone(seconds: float, rate: int, level: float = 0.3, hertz: float = 220.0) -> Floats:
    time = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def voice(seconds: float, rate: int, pitch: float = 80.0) -> Floats:
    """A low voice: a decaying 500 Hz resonance struck at each period, nearly still in between."""
    time = np.arange(round(seconds * rate)) / rate
    since = time % (1 / pitch)
    return (0.4 * np.exp(-since * 250) * np.sin(2 * np.pi * 500 * since)).astype(np.float32)


def padded(seconds: float, rate: int, sound: Floats) -> Floats:
    return np.concatenate([np.zeros(round(seconds * rate), dtype=np.float32), sound])


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
@pytest.mark.parametrize("padding", [0.0, 0.003, 0.05, 0.2137, 1.5])
@pytest.mark.parametrize("level", [0.9, 0.05, 0.004])
def test_known_padding_is_found_to_within_a_block(rate: int, padding: float, level: float) -> None:
    onset = speech_onset(padded(padding, rate, tone(0.5, rate, level)), rate)
    assert onset == pytest.approx(padding, abs=1.05 * BLOCK_S)


def test_a_low_voice_that_is_nearly_still_between_its_pulses_counts_as_sustained() -> None:
    onset = speech_onset(padded(0.1, 16000, voice(0.5, 16000)), 16000)
    assert onset == pytest.approx(0.1, abs=BLOCK_S)


@pytest.mark.parametrize("count", [0, 1, 100, 44100])
def test_silence_has_no_onset(count: int) -> None:
    assert speech_onset(np.zeros(count, dtype=np.float32), 44100) is None


def test_what_lies_under_the_absolute_floor_is_silence() -> None:
    assert speech_onset(tone(1.0, 16000, level=0.0009), 16000) is None


def test_a_click_before_the_speech_is_not_its_onset() -> None:
    sound = padded(0.3, 16000, tone(0.5, 16000))
    sound[1600:1610] = 0.8
    assert speech_onset(sound, 16000) == pytest.approx(0.3, abs=BLOCK_S)


def test_background_noise_forty_db_below_the_speech_is_not_its_onset() -> None:
    rng = np.random.default_rng(1)
    sound = padded(0.4, 16000, tone(0.5, 16000)) + rng.normal(0, 0.002, 14400).astype(np.float32)
    assert speech_onset(sound.astype(np.float32), 16000) == pytest.approx(0.4, abs=BLOCK_S)


def test_long_pauses_do_not_change_the_level_of_the_speech() -> None:
    word = padded(0.25, 8000, tone(0.2, 8000))
    assert speech_onset(padded(20.0, 8000, word), 8000) == pytest.approx(20.25, abs=BLOCK_S)


def test_a_sound_shorter_than_a_block_is_found() -> None:
    assert speech_onset(tone(0.001, 8000, hertz=1000), 8000) == 0.0


def test_samples_that_are_no_numbers_are_silence() -> None:
    sound = np.full(8000, np.nan, dtype=np.float32)
    assert speech_onset(sound, 8000) is None


def test_samples_far_beyond_full_scale_are_sound() -> None:
    sound = np.full(8000, 1e30, dtype=np.float32)
    assert speech_onset(padded(0.1, 8000, sound), 8000) == pytest.approx(0.1, abs=BLOCK_S)
    beyond = padded(0.1, 8000, sound[:-7])  # the last block is no whole one
    assert speech_onset(beyond, 8000) == pytest.approx(0.1, abs=BLOCK_S)


def test_hiss_that_goes_on_and_on_does_not_pull_the_level_of_the_speech_down() -> None:
    # Over the floor and 35 dB under the speech, which would be found 4 dB lower by their mean.
    hiss = tone(20.0, 8000, level=0.5 * 10 ** (-35 / 20))
    sound = np.concatenate([hiss, tone(0.2, 8000, level=0.5)])
    assert speech_onset(sound, 8000) == pytest.approx(20.0, abs=BLOCK_S)


def test_reading_does_not_need_writable_samples() -> None:
    sound = padded(0.1, 8000, tone(0.2, 8000))
    sound.flags.writeable = False
    assert speech_onset(sound, 8000) == pytest.approx(0.1, abs=BLOCK_S)


@pytest.mark.parametrize("count", [0, 1, 7, 8, 1000, 2_100_001])
def test_block_power_is_the_mean_square_of_each_block(count: int) -> None:
    sound = np.random.default_rng(count).normal(0, 0.2, count).astype(np.float32)
    power = block_power(sound, 8)
    expected = [np.mean(np.square(sound[i : i + 8], dtype=float)) for i in range(0, count, 8)]
    np.testing.assert_allclose(power, expected[: len(power)], rtol=1e-5, atol=1e-12)
    assert len(power) == len(expected)
