from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from scipy.signal import butter, sosfilt, welch

from cartesia_nb.analysis.onset import block_power, block_size, speech_threshold
from cartesia_nb.analysis.tilt import BAND_HZ, spectral_tilt
from tests.analysis.spoken import VOICES, spoken

Floats = npt.NDArray[np.float32]
RATES = [8000, 16000, 22050, 24000, 44100, 48000]


def noise(seconds: float, rate: int, tilt: float) -> Floats:
    """Noise whose density falls by ``tilt`` dB an octave from 100 Hz on, and is flat below."""
    rng = np.random.default_rng(5)
    spectrum = np.fft.rfft(rng.normal(0, 1, round(seconds * rate)))
    frequency = np.maximum(np.fft.rfftfreq(round(seconds * rate), 1 / rate), 100)
    spectrum *= (frequency / 1000) ** (tilt / (20 * np.log10(2)))
    wave = np.fft.irfft(spectrum)
    return np.asarray(0.1 * wave / wave.std(), dtype=np.float32)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("tilt", [0.0, -3.01, -6.0, -12.0, 3.0])
def test_the_tilt_of_noise_is_found_at_every_rate(rate: int, tilt: float) -> None:
    assert spectral_tilt(noise(8.0, rate, tilt), rate) == pytest.approx(tilt, abs=0.3)


@pytest.mark.parametrize("voice", VOICES[:3])
def test_it_is_the_slope_of_welchs_density_in_thirds_of_octaves(voice: str) -> None:
    rate = 22050
    samples = spoken(voice, rate)
    frequency, density = welch(samples, rate, "hann", 551, 276, 1024, detrend=False)
    edges = np.geomspace(*BAND_HZ, 12)
    levels = [
        10 * np.log10(density[(frequency >= low) & (frequency < high)].mean())
        for low, high in pairwise(edges)
    ]
    expected = np.polyfit(np.arange(11) / 3, levels, 1)[0]
    assert spectral_tilt(samples, rate) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("voice", VOICES[:3])
def test_it_does_not_depend_on_the_sample_rate_or_the_level(voice: str) -> None:
    values = [spectral_tilt(spoken(voice, rate), rate) for rate in RATES]
    known = [value for value in values if value is not None]
    assert len(known) == len(RATES)
    # The window is not the same number of samples; resampling to 8 kHz takes from the last band.
    assert max(known) - min(known) < 0.4
    softer = spectral_tilt(spoken(voice, 22050) * np.float32(0.1), 22050)
    assert softer == pytest.approx(values[2], abs=0.02)


def test_a_muffled_voice_is_steeper() -> None:
    plain = spoken("gmw/en-US", 22050)
    low_pass = butter(1, 1000, fs=22050, output="sos")
    muffled = np.asarray(sosfilt(low_pass, plain), dtype=np.float32)
    before, after = spectral_tilt(plain, 22050), spectral_tilt(muffled, 22050)
    assert before is not None and after is not None
    assert after < before - 1.5


def test_hiss_before_and_after_the_speech_changes_nothing() -> None:
    plain = spoken("gmw/en-US", 16000)
    hiss = np.random.default_rng(2).normal(0, 0.003, 30 * 16000).astype(np.float32)
    assert spectral_tilt(hiss, 16000) == pytest.approx(0, abs=0.2)
    long = np.concatenate([hiss, plain, hiss])
    assert spectral_tilt(long, 16000) == pytest.approx(spectral_tilt(plain, 16000), abs=0.02)


@pytest.mark.parametrize("count", [0, 1, 100, 490, 8000])
def test_where_there_is_no_speech_there_is_none(count: int) -> None:
    assert spectral_tilt(np.zeros(count, dtype=np.float32), 8000) is None
    assert spectral_tilt(np.full(count, np.nan, dtype=np.float32), 8000) is None
    if count <= 490:
        assert spectral_tilt(noise(1.0, 8000, 0.0)[:count], 8000) is None


def test_samples_far_beyond_full_scale_have_a_tilt_and_are_not_written() -> None:
    loud = noise(2.0, 8000, -6.0) * np.float32(1e30)
    loud[100] = np.nan
    loud.flags.writeable = False
    assert spectral_tilt(loud, 8000) == pytest.approx(-6.0, abs=0.4)


def test_every_frame_of_speech_counts_once() -> None:
    """Against all frames at once; 20 s are several batches of them."""
    samples, rate = np.tile(spoken("gmw/en-US", 8000), 2), 8000
    frames = np.lib.stride_tricks.sliding_window_view(samples, 200)[::100].astype(np.float64)
    threshold = speech_threshold(block_power(samples, block_size(rate)))
    assert threshold is not None
    frames = frames[(frames**2).mean(axis=1) >= threshold]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(200) / 200)
    density = (np.abs(np.fft.rfft(frames * window, 256)) ** 2).mean(axis=0)
    frequency, edges = np.fft.rfftfreq(256, 1 / rate), np.geomspace(*BAND_HZ, 12)
    levels = [
        10 * np.log10(density[(frequency >= low) & (frequency < high)].mean())
        for low, high in pairwise(edges)
    ]
    expected = np.polyfit(np.arange(11) / 3, levels, 1)[0]
    assert spectral_tilt(samples, rate) == pytest.approx(expected, abs=1e-6)
