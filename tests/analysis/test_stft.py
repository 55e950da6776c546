"""Tolerance against scipy, which computes in float64 here: 2e-6 of the largest magnitude.

float32 carries 6e-8 of each value; a transform of some thousand points adds its rounding.
"""

import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy.signal import ShortTimeFFT

from cartesia_nb.analysis.stft import Grid, hann, pooling, power, stft
from cartesia_nb.errors import SettingsError

TOLERANCE = 2e-6


def noise(count: int) -> npt.NDArray[np.float32]:
    return np.random.default_rng(count).normal(0, 0.2, count).astype(np.float32)


def scipys(samples: npt.NDArray[np.float32], grid: Grid) -> npt.NDArray[np.complex128]:
    """The same frames from scipy; its own window is centred, and so are its frames."""
    transform = ShortTimeFFT(
        hann(grid.window).astype(np.float64),
        grid.hop,
        grid.sample_rate,
        mfft=grid.nfft,
        phase_shift=None,
    )
    frames = grid.frames(len(samples))
    result = transform.stft(samples.astype(np.float64), p0=0, p1=frames)
    return np.asarray(result.T, dtype=np.complex128)


@pytest.mark.parametrize(
    ("count", "window", "hop", "nfft"),
    [
        (48000, 400, 100, 512),
        (48000, 1103, 441, 2048),  # an odd window
        (48000, 512, 512, 512),  # frames side by side
        (20000, 256, 1, 256),
        (1200, 400, 160, 512),  # more edge than middle
        (401, 400, 7, 1000),  # one sample longer than the window
    ],
)
def test_it_equals_scipys(count: int, window: int, hop: int, nfft: int) -> None:
    grid = Grid(16000, window, hop, nfft)
    ours = stft(noise(count), grid)
    theirs = scipys(noise(count), grid)
    assert ours.dtype == np.complex64
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= TOLERANCE * np.abs(theirs).max()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 199, 200, 201, 399, 400, 599, 600, 2000])
@pytest.mark.parametrize("hop", [1, 7, 200, 400])
def test_at_any_length_each_frame_is_the_transform_of_its_own_samples(count: int, hop: int) -> None:
    grid = Grid(16000, 400, hop, 400)
    padded = np.concatenate([np.zeros(200), noise(count), np.zeros(800)])
    frames = [padded[k * hop : k * hop + 400] * hann(400) for k in range(grid.frames(count))]
    ours = stft(noise(count), grid)
    assert ours.shape == (math.ceil(count / hop), 201)
    if count:
        expected = np.fft.rfft(np.array(frames))
        assert np.abs(ours - expected).max() <= TOLERANCE * max(np.abs(expected).max(), 1e-3)


def test_the_samples_are_not_copied_or_written() -> None:
    samples = noise(5000)
    before = samples.copy()
    samples.flags.writeable = False
    stft(samples, Grid(16000, 400, 100, 512))
    np.testing.assert_array_equal(samples, before)


@pytest.mark.parametrize(("level", "decibels"), [(1.0, 0.0), (0.5, -6.02), (0.001, -60.0)])
@pytest.mark.parametrize("window", [256, 512])
def test_a_tone_reads_its_level_whatever_the_window(
    level: float, decibels: float, window: int
) -> None:
    tone = (level * np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)).astype(np.float32)
    grid = Grid(16000, window, 64, window)
    column = power(tone, grid)[100]
    assert grid.frequencies[int(column.argmax())] == 1000.0
    assert 10 * math.log10(column.max()) == pytest.approx(decibels, abs=0.01)


def test_a_click_lies_at_its_own_time() -> None:
    click = np.zeros(16000, dtype=np.float32)
    click[8000] = 1.0
    grid = Grid.of(16000, window=0.01, hop=0.001)
    loudest = int(power(click, grid).sum(axis=1).argmax())
    assert grid.times(16000)[loudest] == pytest.approx(0.5)


@pytest.mark.parametrize("columns", [1, 3, 7, 99, 1000, 5000])
def test_pooled_columns_are_the_maximum_of_their_frames(columns: int) -> None:
    samples = noise(30000)
    grid = Grid(16000, 400, 30, 512)
    full = power(samples, grid)
    pooled = power(samples, grid, columns=columns, bins=40)
    pool = pooling(len(full), columns)
    expected = [full[i : i + pool, :40].max(axis=0) for i in range(0, len(full), pool)]
    assert len(pooled) <= columns
    np.testing.assert_array_equal(pooled, np.array(expected))


def test_pooling_across_batches_loses_no_frame() -> None:
    samples = noise(400_000)
    grid = Grid(16000, 400, 100, 512)
    full = power(samples, grid)
    np.testing.assert_array_equal(power(samples, grid, columns=1)[0], full.max(axis=0))


@pytest.mark.parametrize(
    ("window", "hop", "nfft", "says"),
    [
        (0.0, 0.01, None, "window is 0.0 s"),
        (-1.0, 0.01, None, "window is -1.0 s"),
        (math.nan, 0.01, None, "window is nan s"),
        (0.025, math.inf, None, "hop is inf s"),
        (0.00001, 0.00001, None, "window is 0 samples"),
        (0.025, 0.00001, None, "hop is 0 samples"),
        (0.025, 0.05, None, r"hop \(50 ms\) is longer than window \(25 ms\)"),
        (0.025, 0.01, 128, "nfft is 128 samples; it must be at least the window's 400"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(
    window: float, hop: float, nfft: int | None, says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        Grid.of(16000, window=window, hop=hop, nfft=nfft)


def test_a_grid_in_samples_is_held_to_the_same() -> None:
    with pytest.raises(SettingsError, match="hop is 401 samples and the window 400"):
        Grid(16000, 400, 401, 512)
    with pytest.raises(SettingsError, match="sample_rate is 0 Hz"):
        Grid(0, 400, 100, 512)


def test_the_transform_is_a_power_of_two_unless_given() -> None:
    assert Grid.of(16000, window=0.025, hop=0.01).nfft == 512
    assert Grid.of(16000, window=0.032, hop=0.01).nfft == 512
    assert Grid.of(16000, window=0.025, hop=0.01, nfft=600).nfft == 600
