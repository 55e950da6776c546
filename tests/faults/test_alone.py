"""Every fault at every moment before every consumer, on the router alone."""

from __future__ import annotations

from typing import Final

import pytest

from tests.faults.__main__ import BEGIN, END, PAGE, table
from tests.faults.alone import LONGEST_PROMISED_S, TEXT, run
from tests.faults.promises import CONSUMERS, MEANING, ROWS, Consumer, Moment, Outcome, Row
from tests.speech.rig import CHUNKS, payload

CASES: Final = [
    pytest.param(row, moment, consumer, id=f"{row.name} {moment} {consumer}".replace(",", ""))
    for row in ROWS
    for moment in row.promised
    for consumer in CONSUMERS
]


@pytest.mark.parametrize(("row", "moment", "consumer"), CASES)
def test_it_ends_as_promised_with_all_that_came_and_the_next_take_works(
    row: Row, moment: Moment, consumer: Consumer
) -> None:
    outcome: Outcome = row.promised[moment]
    result = run(row.kind, moment, consumer, for_ever=row.for_ever)
    whole = b"".join(payload("take", TEXT, at) for at in range(CHUNKS))
    if outcome in ("whole", "again"):
        assert (result.state, result.error) == ("done", None)
        assert (result.resent > 0) == (outcome == "again")
        assert len(result.kept) >= len(whole)
    else:
        assert result.state == "failed"
        assert type(result.error).__name__ == MEANING[outcome]
    assert result.kept == result.given, "every sample received is in the take, and nothing else"
    assert result.seconds <= LONGEST_PROMISED_S
    if result.consumed is not None:
        assert result.consumed == result.kept
    assert result.told is (None if consumer == "absent" else result.error)
    assert result.next_state == "done"


def test_the_table_that_contributors_read_is_what_comes_of_it() -> None:
    """If it is not any more: ``make faults``, and look at what changed."""
    assert BEGIN + table() + END in PAGE.read_text("utf-8")


def test_a_context_that_is_sent_again_holds_nothing_of_the_first_time() -> None:
    result = run("drop", "first", "waiting")
    assert result.kept == b"".join(payload("take-2", TEXT, at) for at in range(CHUNKS))


def test_faults_in_the_middle_leave_what_came_before_them() -> None:
    result = run("close-1000", "middle", "absent")
    assert result.kept == b"".join(payload("take", TEXT, at) for at in range(2))
    assert run("close-1000", "done", "absent").kept.count(b"|2]") == 1
