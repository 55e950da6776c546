"""How long to wait before trying again."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

FACTOR: Final = 2.0


class Backoff:
    """Waits that double up to a cap, each shortened by chance, so that many do not try at once.

    Args:
        first: the first wait, in seconds.
        cap: the longest, in seconds.
        chance: gives numbers from 0 to 1.
    """

    def __init__(
        self, first: float, cap: float, chance: Callable[[], float] = random.random
    ) -> None:
        self._first = first
        self._cap = cap
        self._chance = chance
        self._failures = 0

    def next(self) -> float:
        """The next wait, in seconds: half of it is certain, half is chance."""
        whole = min(self._cap, self._first * FACTOR**self._failures)
        # Beyond the cap the exponent has no meaning, and would overflow in a week.
        self._failures = min(self._failures + 1, 60)
        return whole * (0.5 + 0.5 * self._chance())

    def reset(self) -> None:
        """It worked: begin again with the first wait."""
        self._failures = 0
