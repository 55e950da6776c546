"""Reports of pages that are of another version, broken or lying: what can be right is kept."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia_nb.speaker import messages
from cartesia_nb.speaker.heard import MOST_ROWS, Down, Heard, Output
from cartesia_nb.speech.listening import Arrival, Decoded, DrySpell, Span

NAN, INF = math.nan, math.inf


def read(**fields: object) -> Heard:
    report = messages.parse({"type": "heard", "take": "t", "position": 1.0, **fields})
    assert isinstance(report, Heard)
    return report


def test_a_report_that_says_only_how_far_it_is_is_one() -> None:
    assert read() == Heard("t", 1.0, ended=False)


@pytest.mark.parametrize(
    "row",
    [
        None, 3, "row", [], [1], [1, 2.0, 3.0], [-1, 2.0], [1.5, 2.0], [True, 2.0], [2**60, 2.0],
        [1, NAN], [1, INF], [1, -INF], [1, "2"], [1, True], [1, 1e300], [1, 10**400], [1, [2.0]],
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_right_is_left_out_alone(row: object) -> None:
    report = read(arrivals=[[4, 1.0], row, [8, None]], decoded=[row, [2, 1.5]])
    assert report.arrivals == (Arrival(4, 1.0), Arrival(8, None))
    assert report.decoded == (Decoded(2, 1.5),)


@pytest.mark.parametrize(
    "row",
    [None, [0, 5], [0, 0, 1.0], [-1, 5, 1.0], [0, 5, None], [0, 5, NAN], [0, 2**60, 1.0], {}],
)
def test_a_span_that_cannot_be_right_is_left_out_alone(row: object) -> None:
    assert read(spans=[row, [0, 5, 1.0]]).spans == (Span(0, 5, 1.0),)


@pytest.mark.parametrize(
    "row", [None, [1.0, 2.0], [-1.0, 2.0, 3.0], [1.0, 3.0, 2.0], [1.0, NAN, None], [1.0, 2.0, "x"]]
)
def test_a_dry_spell_that_cannot_be_right_is_left_out_alone(row: object) -> None:
    assert read(dry=[row, [1.0, 2.0, None]]).dry == (DrySpell(1.0, 2.0, None),)


def test_no_more_rows_are_read_than_a_report_may_have() -> None:
    rows = [[end, 1.0] for end in range(1, 5_000)]
    assert len(read(arrivals=rows).arrivals) == MOST_ROWS


@pytest.mark.parametrize("value", [None, 7, "rows", {"0": [1, 2]}, [[]]])
def test_what_is_no_list_of_rows_is_none(value: object) -> None:
    report = read(arrivals=value, decoded=value, spans=value, dry=value)
    assert report == Heard("t", 1.0, ended=False)


def test_how_it_sounds_is_told_apart_from_how_well_that_is_known() -> None:
    output = {"kind": "scheduled", "rate": 48000, "latency": 0.03, "error": None}
    assert read(output=output).output == Output("scheduled", 48000, 0.03, None)
    assert str(read(output=output).output) == "scheduled 48000 Hz"
    assert read(output={**output, "latency": -1, "error": NAN}).output == Output(
        "scheduled", 48000, None, None
    )
    wrongs: list[object] = [{"kind": "<b>", "rate": 1}, {"kind": "worklet", "rate": 0}, {}, [], "a"]
    for wrong in wrongs:
        assert read(output=wrong).output is None


def test_a_pair_of_moments_is_whole_or_nothing() -> None:
    assert read(down={"sent": 1, "arrived": 2.5}).down == Down(1.0, 2.5)
    for wrong in ({"sent": 1}, {"sent": NAN, "arrived": 1}, [1, 2], None):
        assert read(down=wrong).down is None


@pytest.mark.parametrize("listening", [-1, 1.5, "1", True, 10**30, None])
def test_a_listening_without_a_number_is_none(listening: object) -> None:
    assert read(listening=listening).listening == 0


_junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "1", "sent"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["kind", "rate", "sent", "arrived"]), inner)
    ),
    max_leaves=12,
)
_FIELDS = (
    "position", "page", "sent", "playing", "ended", "prebuffer", "listening", "asked", "by_person",
    "disturbed", "arrivals", "decoded", "spans", "dry", "output", "down",
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(_FIELDS), _junk))
def test_no_report_is_an_exception(fields: dict[str, object]) -> None:
    content = {"type": "heard", "take": "t", "position": 0.0, **fields}
    report = messages.parse(content)
    assert report is None or isinstance(report, Heard)
    messages.signed(content)
