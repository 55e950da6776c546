import numpy as np
import pytest

from cartesia_nb.analysis.mel import hz_to_mel, mel_rows, mel_to_hz


def test_a_thousand_hertz_are_a_thousand_mel() -> None:
    assert float(hz_to_mel(1000)) == pytest.approx(1000, abs=0.1)
    assert float(hz_to_mel(0)) == 0.0


def test_there_and_back() -> None:
    hertz = np.linspace(0, 24000, 97)
    np.testing.assert_allclose(mel_to_hz(hz_to_mel(hertz)), hertz, atol=1e-8)


@pytest.mark.parametrize("bins", [2, 65, 1025])
@pytest.mark.parametrize("rows", [2, 40, 300])
def test_a_tone_keeps_its_level_and_its_place(bins: int, rows: int) -> None:
    frequencies = np.linspace(0, 8000, bins)
    mels = np.linspace(0, hz_to_mel(8000), rows)
    for bin in {0, bins // 3, bins - 1}:
        power = np.zeros((1, bins), dtype=np.float32)
        power[0, bin] = 0.7
        row = int(np.abs(mels - hz_to_mel(frequencies[bin])).argmin())
        converted = mel_rows(power, frequencies, rows)[0]
        assert abs(int(converted.argmax()) - row) <= 1
        covered = bins >= 4 * rows or bin in (0, bins - 1)
        assert converted.max() == pytest.approx(0.7, rel=1e-5 if covered else 0.5)


def test_an_even_spectrum_stays_even() -> None:
    power = np.full((3, 257), 0.25, dtype=np.float32)
    rows = mel_rows(power, np.linspace(0, 8000, 257), 200)
    assert rows.shape == (3, 200)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, 0.25, rtol=1e-6)
