"""Rows of takes whose settings did what is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import numpy as np

Rows = list[dict[str, object]]


def rows_of(
    *,
    speeds: Sequence[float | None] = (0.6, 0.8, 1.0, 1.2, 1.5),
    volumes: Sequence[float | None] = (None,),
    voices: Sequence[str] = ("amy",),
    texts: int = 3,
    repeats: int = 3,
    works: bool = True,
    noise: float = 0.01,
    seed: int = 1,
) -> Rows:
    """A row of each text, voice, volume, speed and repeat; rates vary by ``noise`` of each.

    Texts and voices have a pace, a level and a pitch of their own.
    """
    draw = np.random.default_rng(seed)

    def about(value: float) -> float:
        return value * (1 + noise * draw.normal())

    rows: Rows = []
    for text, number, volume, speed, repeat in product(
        range(texts), range(len(voices)), volumes, speeds, range(repeats)
    ):
        rate = (150 + 20 * text) * (1 + 0.1 * number) * ((speed or 1.0) if works else 1.0)
        level = 20 * math.log10(volume or 1.0) - 20 - text
        rows.append(
            {
                "number": len(rows) + 1,
                "text": f"text {text}",
                "text_number": text + 1,
                "repeat": repeat + 1,
                "state": "done",
                "error": None,
                "backend": "built-in engine",
                "speed": speed,
                "volume": volume,
                "voice": voices[number],
                "emotion": None,
                "speaking_rate": about(rate),
                "duration": about(600 / rate),
                "loudness": level + noise * draw.normal(),
                "f0_median": about(120 + 60 * number + text),
                "rate_source": "timestamps",
            }
        )
    return rows
