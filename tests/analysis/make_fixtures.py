"""Writes what the page's spectrogram is held to: ``python -m tests.analysis.make_fixtures``.

Samples in, and what cartesia_nb.analysis makes of them; arrays as base64 of little-endian float32.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cartesia_nb.analysis.mel import mel_rows
from cartesia_nb.analysis.stft import Grid, power

FOLDER: Final = Path(__file__).parents[1] / "fixtures" / "spectro"

CASES: Final = (
    # name, rate, samples, the highest frequency kept, rows
    ("8 kHz", 8000, 1500, 4000.0, (2, 40, 160)),
    ("11.025 kHz, whose hop and window are odd", 11025, 1200, 4000.0, (40,)),
    ("24 kHz", 24000, 2400, 8000.0, (160,)),
    # 25 ms are 1102.5 samples, which Python rounds to the even number.
    ("44.1 kHz", 44100, 3000, 8000.0, (40, 320)),
    ("48 kHz, full scale and beyond", 48000, 2000, 5000.0, (100,)),
    ("shorter than a window", 16000, 150, 8000.0, (40,)),
    ("one sample", 16000, 1, 8000.0, (40,)),
    ("none", 16000, 0, 8000.0, (40,)),
)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps([case(*one) for one in CASES], indent=1)
    (FOLDER / "stft.json").write_text(text + "\n", "utf-8")


# Any: the values are whatever JSON holds.
def case(
    name: str, rate: int, count: int, frequency: float, rows: tuple[int, ...]
) -> dict[str, Any]:
    samples = voice(rate, count)
    if "full scale" in name:
        samples *= np.float32(2.5)
    grid = Grid.of(rate, window=0.025, hop=0.01)
    bins = min(int(np.ceil(frequency * grid.nfft / rate)) + 1, grid.nfft // 2 + 1)
    values = power(samples, grid, bins=bins)
    frequencies = grid.frequencies[:bins]
    return {
        "name": name,
        "rate": rate,
        "grid": {"window": grid.window, "hop": grid.hop, "nfft": grid.nfft},
        "bins": bins,
        "frames": len(values),
        "samples": encoded(samples),
        "power": encoded(values),
        "mel": [
            {
                "rows": count,
                "frequency": float(frequencies[-1]),
                "power": encoded(mel_rows(values, frequencies, count)),
            }
            for count in rows
        ],
    }


def voice(rate: int, count: int) -> npt.NDArray[np.float32]:
    """Harmonics that glide, a little noise: some of everything that a bin can hold."""
    time = np.arange(count) / rate
    phase = 2 * np.pi * (140 * time + 90 * time**2)
    sound = sum(0.3 / k * np.sin(k * phase) for k in range(1, 12))
    sound = sound + np.random.default_rng(count).normal(0, 0.01, count)
    return np.asarray(sound, dtype=np.float32)


def encoded(values: npt.NDArray[np.float32]) -> str:
    return base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")


if __name__ == "__main__":
    main()
