"""What a page told of playing a take once: rows in any order, and moments on the kernel's clock."""

from __future__ import annotations

import json

import pytest

from cartesia_nb.speech.listening import (
    Arrival,
    Decoded,
    DrySpell,
    Listening,
    Span,
)
from cartesia_nb.speech.milestones import MAX_ROWS
from cartesia_nb.speech.placing import Placed
from tests.speech.clocks import Behind, close

RATE = 1000


def listening(*spans: Span, output_error: float | None = 0.003) -> Listening:
    made = Listening("page", 1, Behind(), RATE, output_error=output_error)
    made.add_spans(spans)
    return made


def test_a_sample_is_audible_where_its_span_says_and_no_other_is() -> None:
    one = listening(Span(0, 500, 1.0), Span(500, 250, 2.0), Span(900, 100, 3.0))
    assert close(one.audible_at(0), 101.0, 0.005)
    assert close(one.audible_at(499), 101.499, 0.005)
    assert close(one.audible_at(500), 102.0, 0.005)
    assert close(one.audible_at(950), 103.05, 0.005)
    assert [one.audible_at(sample) for sample in (-1, 750, 899, 1000)] == [None] * 4


def test_how_sure_nobody_is_of_the_output_nobody_is_of_the_ear() -> None:
    one = listening(Span(0, 500, 1.0), output_error=None)
    assert one.audible_at(0) is None
    assert one.audible_on_page(0) == 1.0
    assert one.place(1.0) == Placed(101.0, 0.002)
    assert one.place(None) is None


def test_a_span_told_again_has_grown() -> None:
    one = listening(Span(0, 100, 1.0))
    one.add_spans([Span(0, 900, 1.0), Span(900, 0, 1.9)])
    one.add_spans([Span(900, 50, 1.9)])
    assert one.spans == (Span(0, 900, 1.0), Span(900, 50, 1.9))


def test_of_what_is_heard_again_after_a_seek_the_first_time_counts() -> None:
    one = listening(Span(0, 500, 1.0), Span(800, 200, 2.0), Span(0, 1000, 9.0))
    assert one.audible_on_page(100) == pytest.approx(1.1)
    assert one.audible_on_page(600) == pytest.approx(9.6)
    assert one.audible_on_page(900) == pytest.approx(2.1)


def test_spans_that_overlap_or_come_in_any_order_never_overlap_here() -> None:
    one = listening(Span(300, 300, 2.0), Span(0, 1000, 5.0), Span(200, 900, 8.0))
    assert one.audible_on_page(0) == pytest.approx(5.0)
    assert one.audible_on_page(450) == pytest.approx(2.15)
    assert one.audible_on_page(700) == pytest.approx(5.7)
    assert one.audible_on_page(1050) == pytest.approx(8.85)


def test_rows_that_go_back_are_left_out() -> None:
    one = listening()
    one.add_arrivals([Arrival(10, 1.0), Arrival(5, 2.0), Arrival(10, 3.0)])
    one.add_arrivals([Arrival(8, 4.0), Arrival(20, None), Arrival(30, 5.0)])
    assert tuple(one.arrivals) == (Arrival(10, 1.0), Arrival(20, None), Arrival(30, 5.0))
    one.add_decoded([Decoded(4, 1.0), Decoded(4, 2.0), Decoded(6, 2.0)])
    assert tuple(one.decoded) == (Decoded(4, 1.0), Decoded(6, 2.0))


def test_a_dry_spell_told_again_has_changed_and_one_of_no_length_was_none() -> None:
    one = listening()
    one.add_dry([DrySpell(0.5, 1.0, None), DrySpell(0.8, 2.0, None)])
    one.add_dry([DrySpell(0.5, 1.0, 1.5), DrySpell(0.8, 2.0, 2.0)])
    assert one.dry == (DrySpell(0.5, 1.0, 1.5),)


def test_a_page_that_reports_for_ever_fills_bounded_room() -> None:
    one = listening()
    one.add_arrivals(Arrival(end, 1.0) for end in range(1, MAX_ROWS + 100))
    assert len(one.arrivals) == MAX_ROWS


def test_a_slip_that_is_told_after_a_sample_was_rendered_makes_it_less_sure() -> None:
    one = listening(Span(0, 9000, 1.04))
    # The first report leaves as the first sample is rendered; the output slips after it.
    for at, error in ((1.01, 0.005), (1.51, 0.045), (2.01, 0.045), (4.01, 0.005), (6.01, 0.005)):
        one.add_output(at, 0.04, error)
    sure = [one.audible_at(sample) for sample in (0, 7000)]
    assert [round(placed.error - 0.002, 6) for placed in sure if placed] == [0.045, 0.005]


def test_a_listening_survives_json_with_every_moment_where_it_was() -> None:
    one = Listening("page", 2, Behind(known=0.5), RATE, asked=0.75, by_person=True)
    one.disturbed, one.prebuffer, one.ended = 9.0, 0.08, True
    one.output, one.output_latency, one.output_error = "worklet 1000 Hz", 0.03, 0.001
    for at in (1.0, 1.5, 2.0, 2.5, 3.0):
        one.add_output(at, 0.03, 0.001)
    assert [row.at for row in one.output_errors] == [1.0, 3.0]
    one.add_arrivals([Arrival(10, 0.25), Arrival(20, None), Arrival(30, 5.0)])
    one.add_decoded([Decoded(5, 1.0), Decoded(9, None)])
    one.add_spans([Span(0, 1000, 2.0), Span(1000, 300, 3.0), Span(1300, 600, 70.0)])
    one.add_dry([DrySpell(1.3, 3.5, 70.0), DrySpell(1.9, 71.0, None)])
    again = Listening.from_dict(json.loads(json.dumps(one.to_dict())))
    assert again.to_dict() == one.to_dict()
    assert again.spans == one.spans
    for moment in (0.75, 1.0, 3.5, 5.0, 9.0, 70.0, 71.0):
        assert close(again.place(moment), moment + 100.0, 0.002)
    for sample in (0, 999, 1299, 1300, 1899):
        before, after = one.audible_at(sample), again.audible_at(sample)
        assert before is not None
        assert after is not None
        assert after.moment == pytest.approx(before.moment)
        assert before.error <= after.error < before.error + 1e-4
    assert again.place(0.25) is None, "what was unknown stays so"
    assert again.place(30.0) is None, "nothing near it was placed"


WHOLE = Listening("page", 1, Behind(), RATE).to_dict()


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"clock": 3},
        {"clock": [], "page": "p", "number": "x"},
        {**WHOLE, "arrivals": [[1 << 80, 1.0]]},
        {**WHOLE, "decoded": [[1.5, 1.0]]},
        {**WHOLE, "decoded": [[1, "soon"]]},
    ],
)
def test_what_is_no_saved_listening_is_refused(plain: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Listening.from_dict(plain)
