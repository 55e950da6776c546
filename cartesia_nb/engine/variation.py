"""How a take differs from another of the same text: a little in pace, pitch and level. Pure.

A cloud voice does not say a sentence twice in the same way; espeak-ng does, to the sample.
"""

from __future__ import annotations

import random
from typing import Final, NamedTuple

MOST: Final = 10.0
"""The largest spread, in percent: any more and it is another voice."""

_WIDEST: Final = 3.0


class Variation(NamedTuple):
    """Factors on what was asked for."""

    pace: float = 1.0
    pitch: float = 1.0
    level: float = 1.0
    """Of the amplitude."""


NONE: Final = Variation()


def drawn(percent: float, seed: int, number: int) -> Variation:
    """The variation of one take.

    Args:
        percent: the standard deviation of each factor, 0 to ``MOST``; none is further from 1 than
            three of these. 0 varies nothing.
        seed: the same one gives the same variations.
        number: the take's.
    """
    if not percent:
        return NONE
    source = random.Random(f"{seed}/variation/{number}")
    return Variation(*(1 + percent / 100 * _bounded(source.gauss(0, 1)) for _ in range(3)))


def _bounded(deviation: float) -> float:
    return min(_WIDEST, max(-_WIDEST, deviation))
