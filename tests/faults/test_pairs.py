"""That no two of fault, moment and consumer go without each other."""

from __future__ import annotations

from itertools import product
from typing import Final

from tests.faults.pairs import cover
from tests.faults.promises import CONSUMERS, MOMENTS, ROWS

CASES: Final = cover(ROWS)


def test_each_fault_strikes_at_each_of_its_moments() -> None:
    met = {(case.row.name, case.moment) for case in CASES}
    assert met == {(row.name, moment) for row in ROWS for moment in row.promised}


def test_each_fault_strikes_before_each_consumer() -> None:
    met = {(case.row.name, case.consumer) for case in CASES}
    assert met == {(row.name, consumer) for row, consumer in product(ROWS, CONSUMERS)}


def test_at_each_moment_something_strikes_before_each_consumer() -> None:
    met = {(case.moment, case.consumer) for case in CASES}
    assert met == set(product(MOMENTS, CONSUMERS))


def test_no_case_comes_twice_and_the_first_of_each_end_is_marked() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    first = [(case.row.name, case.promised) for case in CASES if not case.again]
    ends = {(row.name, end) for row in ROWS for end in row.promised.values()}
    assert sorted(first) == sorted(ends)


def test_there_are_few() -> None:
    assert len(CASES) == sum(max(len(row.promised), len(CONSUMERS)) for row in ROWS)
