"""A page's clock when the page can no longer be asked."""

from __future__ import annotations

import pytest

from cartesia_nb.speech.placing import DRIFT, FrozenClock, Placed
from tests.speech.clocks import Behind, close


def test_a_frozen_clock_widens_with_the_distance_and_keeps_a_point_a_second() -> None:
    frozen = FrozenClock.of(Behind(), (tick / 100 for tick in range(1001)))
    assert len(frozen.to_list()) <= 12
    placed = frozen.place(3.5)
    assert placed is not None
    assert placed.moment == pytest.approx(103.5)
    assert 0.002 <= placed.error <= 0.002 + DRIFT
    away = FrozenClock.of(Behind(), [2.0]).place(3.5)
    assert away is not None
    assert away.error == pytest.approx(0.002 + 1.5 * DRIFT, abs=1e-9)
    assert frozen.place(float("nan")) is None
    assert FrozenClock().place(1.0) is None


def test_a_frozen_clock_keeps_both_sides_of_a_jump() -> None:
    class Jumps:
        def place(self, moment: float) -> Placed:
            return Placed(moment + (10.0 if moment < 5.0 else 70.0), 0.001)

    frozen = FrozenClock.of(Jumps(), [4.8, 4.9, 5.0, 5.1])
    for moment in (4.8, 4.9, 5.0, 5.1):
        assert close(frozen.place(moment), Jumps().place(moment).moment, 0.001)
