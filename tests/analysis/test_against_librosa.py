"""STFT, mel and onset beside librosa's, and onset beside a known padding.

Tolerances:

- STFT: 2e-6 of the largest magnitude; both are float32, whose rounding is 6e-8 a value and grows
  with the transform.
- mel: 1e-9 of the frequency; the same formula in float64.
- levels of tones: 0.1 dB over or 1.5 dB under on the mel picture. A Hann window reads a tone
  between two bins up to 1.42 dB low.
- place of tones: to the width of a row or of a bin, whichever is more; half as much again beside
  librosa's filters, whose triangles are as wide as two rows. (Where rows are narrower than bins,
  some of those filters are empty, so they are no reference.)
- onset: one block (2.5 ms) beside the padding; two blocks beside librosa's trimming (40 dB under
  the loudest frame), which has another threshold.
"""

import librosa
import numpy as np
import numpy.typing as npt
import pytest

from cartesia_nb.analysis.mel import hz_to_mel, mel_rows, mel_to_hz
from cartesia_nb.analysis.onset import BLOCK_S, speech_onset
from cartesia_nb.analysis.stft import Grid, hann, power, stft
from tests.analysis.spoken import VOICES, spoken

STFT_TOLERANCE = 2e-6

Floats = npt.NDArray[np.float32]


def noise(count: int) -> Floats:
    return np.random.default_rng(count).normal(0, 0.2, count).astype(np.float32)


def librosas(samples: Floats, grid: Grid) -> npt.NDArray[np.complex64]:
    """librosa's transform of our frames; it centres the transform, we begin it with the window."""
    before = grid.nfft // 2 - grid.window // 2
    window = np.zeros(grid.nfft, dtype=np.float32)
    window[before : before + grid.window] = librosa.filters.get_window("hann", grid.window)
    found = librosa.stft(
        samples, n_fft=grid.nfft, hop_length=grid.hop, window=window, center=True,
        pad_mode="constant",
    )  # fmt: skip
    turn = np.exp(2j * np.pi * np.arange(grid.nfft // 2 + 1) * before / grid.nfft)
    # librosa adds a frame centred on the end where the hop divides the length.
    return np.asarray((found * turn[:, None]).T[: grid.frames(len(samples))], dtype=np.complex64)


@pytest.mark.parametrize(
    ("window", "hop", "nfft"),
    [
        (512, 128, 512),  # librosa's own case
        (400, 160, 512),  # zeros behind the window
        (1103, 441, 2048),  # an odd window
        (256, 256, 256),  # frames side by side
        (551, 7, 1024),
    ],
)
@pytest.mark.parametrize("source", ["noise", "speech"])
def test_the_transform_equals_librosas(source: str, window: int, hop: int, nfft: int) -> None:
    samples = noise(22050) if source == "noise" else spoken(VOICES[0], 22050)[:44100]
    grid = Grid(22050, window, hop, nfft)
    ours, theirs = stft(samples, grid), librosas(samples, grid)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= STFT_TOLERANCE * np.abs(theirs).max()


def test_without_zeros_behind_the_window_it_is_librosas_called_plainly() -> None:
    samples, grid = spoken(VOICES[1], 16000), Grid(16000, 1024, 256, 1024)
    theirs = librosa.stft(samples, n_fft=1024, hop_length=256, window="hann", pad_mode="constant")
    ours = stft(samples, grid).T
    theirs = theirs[:, : ours.shape[1]]
    assert np.abs(ours - theirs).max() <= STFT_TOLERANCE * np.abs(theirs).max()


def test_the_window_is_librosas() -> None:
    for length in (2, 3, 400, 1103):
        theirs = librosa.filters.get_window("hann", length)
        np.testing.assert_allclose(hann(length), theirs, atol=1e-7)


def test_hertz_and_mel_are_librosas_after_htk() -> None:
    hertz = np.linspace(0, 24000, 1001)
    mel = librosa.hz_to_mel(hertz, htk=True)
    np.testing.assert_allclose(hz_to_mel(hertz), mel, rtol=1e-9)
    np.testing.assert_allclose(mel_to_hz(mel), librosa.mel_to_hz(mel, htk=True), rtol=1e-9)
    rows = np.linspace(0, float(hz_to_mel(8000)), 320)
    theirs = librosa.mel_frequencies(n_mels=320, fmin=0, fmax=8000, htk=True)
    np.testing.assert_allclose(mel_to_hz(rows), theirs, rtol=1e-9)


@pytest.mark.parametrize("hertz", [97.0, 220.0, 441.3, 1000.0, 2718.0, 5000.0, 7900.0])
@pytest.mark.parametrize("level", [1.0, 0.1, 0.003])
@pytest.mark.parametrize("rows", [40, 320])
def test_a_tone_has_its_level_and_its_place_on_the_mel_rows(
    hertz: float, level: float, rows: int
) -> None:
    rate = 22050
    tone = (level * np.sin(2 * np.pi * hertz * np.arange(rate) / rate)).astype(np.float32)
    grid = Grid.of(rate, window=0.025, hop=0.01)
    bins = int(np.ceil(8000 * grid.nfft / rate)) + 1
    frequencies = grid.frequencies[:bins]
    highest = float(frequencies[-1])
    column = mel_rows(power(tone, grid, bins=bins), frequencies, rows)[50]
    assert -1.5 <= 10 * np.log10(column.max() / level**2) <= 0.1
    centres = librosa.mel_frequencies(n_mels=rows, fmin=0, fmax=highest, htk=True)
    row = int(column.argmax())
    spacing = max(float(np.gradient(centres)[row]), rate / grid.nfft)
    assert abs(centres[row] - hertz) <= spacing
    if rows > 40:
        return
    # Its triangles peak at the same centres; the first and the last are edges alone.
    filters = librosa.filters.mel(
        sr=rate, n_fft=grid.nfft, n_mels=rows - 2, fmin=0, fmax=highest, htk=True, norm=None
    )
    theirs = filters @ np.abs(librosas(tone, grid)[50]) ** 2
    assert abs(centres[1 + int(theirs.argmax())] - hertz) <= 1.5 * spacing


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("rate", [8000, 22050, 44100])
@pytest.mark.parametrize("text", ["The quick brown fox.", "Taxi!", "Sixteen.", "Many.", "Of all."])
def test_padding_before_speech_is_found(voice: str, rate: int, text: str) -> None:
    speech = spoken(voice, rate, text)
    first = speech_onset(speech, rate)
    assert first is not None
    for seconds in (0.05, 0.2137, 1.5):
        padding = round(seconds * rate)
        padded = np.concatenate([np.zeros(padding, dtype=np.float32), speech])
        assert speech_onset(padded, rate) == pytest.approx(padding / rate + first, abs=BLOCK_S)
    block = round(BLOCK_S * rate)
    _, (begin, _) = librosa.effects.trim(
        speech, top_db=40, frame_length=2 * block, hop_length=block
    )
    assert first == pytest.approx(begin / rate, abs=2 * BLOCK_S)
