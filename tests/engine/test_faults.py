"""Faults as text and back, and what is refused."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia_nb.engine.faults import KINDS, Fault, Moment
from cartesia_nb.engine.refusals import Refusal


@st.composite
def faults(draw: st.DrawFn) -> Fault:
    """Any that there can be."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    place = draw(st.sampled_from(KINDS[kind].moments))
    where = draw(st.integers(0, 10**8)) if place == "chunk" else cast(Moment, place)
    times = draw(st.none() | st.integers(1, 10**8))
    return Fault(kind, where, times, draw(st.floats(0, 100)))


@given(faults())
def test_a_fault_is_read_back_from_its_text(fault: Fault) -> None:
    assert Fault.parse(str(fault)) == fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("drop@3", Fault("drop", 3)),
        ("silence@0*2", Fault("silence", 0, 2)),
        ("http-429@handshake*3", Fault("http-429", "handshake", 3)),
        ("close-1011@done*inf%10", Fault("close-1011", "done", None, 10)),
        ("drop@3%0.5", Fault("drop", 3, 1, 0.5)),
        ("half-open@idle", Fault("half-open", "idle")),
    ],
)
def test_the_text_of_a_fault(text: str, fault: Fault) -> None:
    assert Fault.parse(text) == fault
    assert str(fault) == text


def test_what_is_as_usual_is_left_out() -> None:
    assert str(Fault.parse("drop@3*1%100")) == "drop@3"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "write KIND@WHERE"),
        ("drop", "write KIND@WHERE"),
        ("drop@3*", "write KIND@WHERE"),
        ("drop@3%10*2", "write KIND@WHERE"),
        ("drop@3*-1", "write KIND@WHERE"),
        ("drop@3 ", "write KIND@WHERE"),
        ("dropp@3", "There is no fault 'dropp'; there are drop, close-1000"),
        ("drop@-1", "can't strike at '-1'; it takes a chunk's number from 0"),
        ("drop@later", "can't strike at 'later'"),
        ("drop@3*0", "can't strike 0 times; it takes 1 or more"),
        ("drop@3%100.5", "The chance is 100.5 %; it takes 0 to 100"),
        ("drop@handshake", "drop makes no sense at 'handshake'; it takes a chunk's number"),
        ("http-503@3", "http-503 makes no sense at chunk 3; it takes 'handshake'"),
        ("no-handshake@idle", "no sense at 'idle'"),
        ("done-twice@3", "done-twice makes no sense at chunk 3; it takes 'done'"),
        ("odd-bytes@done", "odd-bytes makes no sense at 'done'; it takes a chunk's number"),
        ("timestamps-early@done", "no sense"),
        ("huge-frame@done", "no sense"),
        ("silence@idle", "silence makes no sense at 'idle'"),
        ("error@idle", "no sense"),
        ("busy@idle", "no sense"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(Refusal) as caught:
        Fault.parse(text)
    assert said in caught.value.message


@pytest.mark.parametrize("where", [-1, True, 1.5, "later"])
def test_a_fault_that_is_made_is_checked_as_well(where: object) -> None:
    with pytest.raises(Refusal, match="can't strike at"):
        Fault("drop", cast(Moment, where))
