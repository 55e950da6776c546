"""A page's clock for the tests of what stands on it."""

from __future__ import annotations

import pytest

from cartesia_nb.speech.placing import Placed


class Behind:
    """A page's clock that is ``offset`` seconds behind; before ``known`` it is not known."""

    def __init__(self, offset: float = 100.0, error: float = 0.002, known: float = 0.0) -> None:
        self.offset, self.error, self.known = offset, error, known

    def place(self, moment: float) -> Placed | None:
        return None if moment < self.known else Placed(moment + self.offset, self.error)


def close(placed: Placed | None, moment: float, error: float) -> bool:
    """Whether that is where it is; the error may have grown by the drift of a second."""
    assert placed is not None
    return placed.moment == pytest.approx(moment) and 0 <= placed.error - error + 1e-9 <= 1.1e-4
