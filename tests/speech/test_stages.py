"""Each chunk's way to the ear, and the text it came from."""

from __future__ import annotations

import pytest

from cartesia_nb.speech.listening import Arrival, Decoded, Placed, Span
from cartesia_nb.speech.milestones import Milestones
from cartesia_nb.speech.recording import Word
from cartesia_nb.speech.stages import stages, word_ends
from cartesia_nb.speech.timeline import Timeline

RATE, SIZE = 1000, 2


class Behind:
    """A page's clock, a hundred seconds behind."""

    def place(self, moment: float) -> Placed | None:
        return Placed(moment + 100.0, 0.002)


def streamed(*received: float, size: int = 1000) -> Timeline:
    """Chunks of half a second each, sent to the page 1 ms after they were received."""
    timeline = Timeline(RATE, SIZE, created=99.0)
    for index, moment in enumerate(received):
        timeline.add_chunk(size, received=moment)
        timeline.add_sent((index + 1) * size, moment + 0.001)
    return timeline


def heard(timeline: Timeline, *, page: str = "page", number: int = 1, at: float = 0.2) -> None:
    """A page plays all of it from its own moment ``at`` on."""
    one = timeline.listening_of(page, number, Behind())
    assert one is not None
    one.output_error = 0.001
    if number == 1:
        for row in timeline.sent:
            one.add_arrivals([Arrival(row.end, row.at - 100.0 + 0.005)])
    one.add_decoded([Decoded(chunk.offset // SIZE + 500, at) for chunk in timeline.chunks])
    one.add_spans([Span(0, 500 * timeline.count, at)])


def test_a_chunk_goes_from_the_push_to_the_ear() -> None:
    timeline = streamed(100.1, 100.2)
    timeline.sending(100.0, 7)
    heard(timeline, at=0.25)
    first, second = stages(timeline)
    assert (first.pushed, first.received) == (100.0, 100.1)
    assert first.sent == pytest.approx(100.101)
    assert first.arrived == pytest.approx(100.106)
    assert first.decoded == pytest.approx(100.25)
    assert first.audible == pytest.approx(100.25)
    assert first.clock_error == pytest.approx(0.003)
    assert first.in_hand == pytest.approx(0.144)
    assert second.audible == pytest.approx(100.75)
    assert second.in_hand == pytest.approx(100.75 - 100.206)
    assert second.ahead == pytest.approx(0.4)
    assert second.dry == 0.0
    assert second.chunk is timeline.chunks[1]


def test_what_no_page_told_is_unknown() -> None:
    timeline = Timeline(RATE, SIZE)
    timeline.add_chunk(1000, received=100.1)
    (stage,) = stages(timeline)
    assert stage.received == 100.1
    unknown = (stage.pushed, stage.sent, stage.arrived, stage.decoded, stage.audible)
    assert unknown == (None,) * 5
    assert stage.clock_error is None
    assert stage.in_hand is None
    assert stages(Timeline(RATE, SIZE)) == ()


def test_a_message_that_holds_several_chunks_brings_them_all() -> None:
    timeline = Timeline(RATE, SIZE)
    for moment in (100.0, 100.1, 100.2):
        timeline.add_chunk(700, received=moment)
    timeline.add_sent(1000, 100.15)
    timeline.add_sent(2100, 100.25)
    assert [stage.sent for stage in stages(timeline)] == [100.15, 100.25, 100.25]


def test_of_a_page_that_came_late_the_chunks_from_before_have_no_arrival() -> None:
    timeline = streamed(100.1, 100.2, 100.3)
    heard(timeline)
    one = timeline.listenings[0]
    one.arrivals = Milestones(Arrival, [Arrival(2000, None), Arrival(3000, 0.31)])
    arrived = [stage.arrived for stage in stages(timeline)]
    assert arrived == [None, None, pytest.approx(100.31)]


def test_a_replay_changes_nothing() -> None:
    timeline = streamed(100.1, 100.2)
    heard(timeline, at=0.25)
    before = stages(timeline)
    heard(timeline, number=2, at=60.0)
    heard(timeline, page="another", at=90.0)
    assert stages(timeline) == before


def test_a_listening_that_began_in_the_middle_is_not_the_figures() -> None:
    timeline = streamed(100.1, 100.2)
    one = timeline.listening_of("reloaded", 1, Behind())
    assert one is not None
    one.add_spans([Span(250, 750, 5.0)])
    assert [stage.audible for stage in stages(timeline)] == [None, None]
    heard(timeline, page="reloaded", number=2, at=9.0)
    chosen = timeline.listening
    assert chosen is not None
    assert chosen.number == 2
    assert [stage.audible for stage in stages(timeline)] == [
        pytest.approx(109.0), pytest.approx(109.5),
    ]  # fmt: skip


def test_after_a_person_paused_a_chunk_is_still_audible_and_was_not_in_hand_for_so_long() -> None:
    timeline = streamed(100.1, 100.2)
    heard(timeline, at=0.25)
    one = timeline.listenings[0]
    one.spans = (Span(0, 500, 0.25), Span(500, 500, 30.0))
    one.disturbed = 0.5
    first, second = stages(timeline)
    assert first.in_hand is not None
    assert second.audible == pytest.approx(130.0)
    assert second.in_hand is None


def test_a_chunk_that_completes_no_sample_has_no_sound_of_its_own() -> None:
    timeline = Timeline(RATE, SIZE)
    timeline.add_chunk(1, received=100.0)
    timeline.add_chunk(1, received=100.1)
    heard(timeline)
    assert [stage.audible for stage in stages(timeline)] == [None, pytest.approx(100.2)]


def test_text_sent_again_keeps_its_first_moment() -> None:
    timeline = streamed(100.5)
    for moment in (100.0, 100.4):
        timeline.sending(moment, 5)
    assert [push.at for push in timeline.pushes] == [100.0]
    assert stages(timeline)[0].pushed == 100.0


TEXT = "One two. Two three."
WORDS = [
    Word("One", 0.1, 0.3),
    Word("two.", 0.4, 0.6),
    Word("Two", 0.9, 1.2),
    Word("three.", 1.2, 1.4),
]


def test_which_push_a_chunk_speaks_is_told_by_the_words_that_sound_in_it() -> None:
    timeline = streamed(100.1, 100.2, 100.3, 100.4)
    timeline.sending(100.0, 4)
    timeline.sending(100.01, 9)
    timeline.sending(100.02, len(TEXT))
    pushed = [stage.pushed for stage in stages(timeline, WORDS, TEXT)]
    # At 0.5 "two." still sounds; at 1.0 "Two"; after the last word nothing is spoken.
    assert pushed == [100.0, 100.01, 100.02, None]
    assert [stage.pushed for stage in stages(timeline)] == [None] * 4


def test_a_word_that_two_pushes_share_is_told_by_the_one_that_completes_it() -> None:
    timeline = streamed(100.1)
    timeline.sending(100.0, 2)
    timeline.sending(100.05, 9)
    assert stages(timeline, WORDS, TEXT)[0].pushed == 100.05


def test_words_are_found_in_their_order_whatever_the_server_leaves_out_or_changes() -> None:
    words = [Word(text, 0.0, 0.0) for text in ("one", "TWO", "plus", "two", "three", "")]
    assert word_ends(words, TEXT) == [3, 7, None, 12, 18, None]
    assert word_ends(words, "") == [None] * 6


def test_an_hour_of_small_chunks_is_staged_in_a_moment() -> None:
    timeline = Timeline(RATE, SIZE)
    timeline.sending(0.0, 3)
    one = timeline.listening_of("page", 1, Behind())
    assert one is not None
    one.output_error = 0.0
    for index in range(90_000):
        timeline.add_chunk(80, received=index * 0.01)
        timeline.add_sent(80 * (index + 1), index * 0.01)
    one.add_arrivals(Arrival(row.end, row.at - 100.0) for row in timeline.sent)
    one.add_spans(Span(second * 1000, 1000, second - 99.0) for second in range(3600))
    found = stages(timeline)
    assert len(found) == 90_000
    assert found[-1].audible == pytest.approx(1.0 + 89_999 * 0.04)
