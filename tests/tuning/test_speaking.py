"""When a change on the tuner's controls is spoken by itself. The clock is the test's own."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from cartesia_nb.speech.settings import Settings
from cartesia_nb.tuning.speaking import QUIET_S, Debounce, Wanted

A, B, C = (Wanted("Hi.", Settings(speed=speed)) for speed in (0.8, 1.0, 1.2))


def test_three_changes_in_a_second_are_spoken_once_when_they_have_come_to_rest() -> None:
    debounce = Debounce()
    spoken = []
    for now in [each / 20 for each in range(41)]:
        if now in (0.0, 0.4, 0.8):
            debounce.changed({0.0: A, 0.4: B, 0.8: C}[now], now)
        ready = debounce.ready(now)
        if ready is not None:
            spoken.append((now, ready))
    assert spoken == [(1.4, C)]


def test_what_has_just_been_spoken_is_not_spoken_again() -> None:
    debounce = Debounce()
    debounce.spoken(A)
    debounce.changed(A, 0.0)
    assert debounce.due is None
    debounce.changed(B, 1.0)
    debounce.changed(A, 1.1)  # back before it was due
    assert debounce.ready(9.0) is None
    debounce.changed(B, 10.0)
    assert debounce.ready(11.0) == B
    debounce.changed(A, 12.0)
    assert debounce.ready(13.0) == A


def test_a_text_makes_a_difference_as_a_setting_does() -> None:
    debounce = Debounce()
    debounce.spoken(A)
    debounce.changed(A._replace(text="Hi there."), 0.0)
    assert debounce.ready(QUIET_S) == Wanted("Hi there.", A.settings)


def test_what_failed_may_be_spoken_again() -> None:
    debounce = Debounce()
    debounce.spoken(A)
    debounce.failed()
    debounce.changed(A, 0.0)
    assert debounce.ready(QUIET_S) == A


def test_the_same_told_twice_is_not_put_off() -> None:
    debounce = Debounce()
    debounce.changed(A, 0.0)
    debounce.changed(A, 0.5)
    assert debounce.due == QUIET_S


def test_what_is_spoken_on_demand_is_not_due_any_more() -> None:
    debounce = Debounce()
    debounce.changed(A, 0.0)
    debounce.spoken(A)
    assert debounce.due is None and debounce.ready(9.0) is None


@given(
    st.lists(
        st.tuples(st.integers(0, 3000), st.sampled_from([A, B, C])),
        min_size=1,
        max_size=20,
        unique_by=lambda move: move[0],
    )
)
def test_whatever_comes_when_nothing_is_spoken_twice_in_a_row_nor_before_its_quiet(
    moves: list[tuple[int, Wanted]],
) -> None:
    debounce = Debounce()
    changes = sorted(moves, key=lambda move: move[0])
    spoken: list[tuple[int, Wanted]] = []
    for now in range(0, 4001, 10):
        while changes and changes[0][0] <= now:
            at, wanted = changes.pop(0)
            debounce.changed(wanted, at / 1000)
        ready = debounce.ready(now / 1000)
        if ready is not None:
            spoken.append((now, ready))
    assert all(one[1] != two[1] for one, two in itertools.pairwise(spoken))
    assert all(
        not any(now - 600 < at < now - 10 and wanted != said for at, wanted in moves)
        for now, said in spoken
    )
    last = max(moves, key=lambda move: move[0])[1]
    assert spoken and spoken[-1][1] == last
