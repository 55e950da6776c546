import json
import threading
from itertools import pairwise

import pytest

from cartesia_nb.speech.listening import FrozenClock, Span
from cartesia_nb.speech.timeline import MAX_LISTENINGS, Chunk, Push, Sent, Timeline, playout


def timeline_of(*arrivals: tuple[float, float]) -> Timeline:
    """Chunks as (received, seconds of audio), 16 bit at 1 kHz, requested at 100.0."""
    timeline = Timeline(1000, 2, created=99.0)
    timeline.requested = 100.0
    for received, duration in arrivals:
        timeline.add_chunk(round(duration * 2000), received=received)
    return timeline


def test_chunks_follow_each_other_in_bytes_and_in_seconds() -> None:
    chunks = timeline_of((100.1, 0.5), (100.2, 0.25)).chunks
    assert chunks == (
        Chunk(0, offset=0, size=1000, start=0.0, duration=0.5, received=100.1),
        Chunk(1, offset=1000, size=500, start=0.5, duration=0.25, received=100.2),
    )
    assert chunks[1].end == 0.75


def test_a_sample_cut_in_two_belongs_to_the_chunk_that_completes_it() -> None:
    timeline = Timeline(1000, 4)
    sizes = [3, 3, 1, 0, 5]
    chunks = [timeline.add_chunk(size) for size in sizes]
    assert [round(chunk.duration * 1000) for chunk in chunks] == [0, 1, 0, 0, 2]
    assert [round(chunk.start * 1000) for chunk in chunks] == [0, 0, 1, 1, 1]
    assert [chunk.offset for chunk in chunks] == [0, 3, 6, 7, 7]


def test_a_snapshot_does_not_grow() -> None:
    timeline = timeline_of((100.1, 0.5))
    before = timeline.chunks
    timeline.add_chunk(100)
    assert len(before) == 1
    assert len(timeline.chunks) == 2


def test_snapshots_taken_while_chunks_arrive_have_no_holes() -> None:
    timeline = Timeline(1000, 2)
    writing = threading.Event()
    finished = threading.Event()
    faults: list[str] = []

    def read() -> None:
        writing.set()
        while not finished.is_set():
            chunks = timeline.chunks
            if [chunk.index for chunk in chunks] != list(range(len(chunks))):
                faults.append("index")
            if any(a.offset + a.size != b.offset for a, b in pairwise(chunks)):
                faults.append("offset")

    reader = threading.Thread(target=read)
    reader.start()
    assert writing.wait(10)
    for size in range(500):
        timeline.add_chunk(size)
    finished.set()
    reader.join(10)
    assert not reader.is_alive()
    assert faults == []


def test_moments_not_observed_are_none() -> None:
    timeline = Timeline(24000, 4)
    assert timeline.given is None
    assert timeline.requested is None
    assert timeline.last_text is None
    assert timeline.handshake is None
    assert timeline.listening is None
    assert timeline.connected is None
    assert timeline.cold is None
    assert timeline.ended is None


def test_playback_on_paper_runs_ahead_when_chunks_come_early() -> None:
    dues = playout(timeline_of((100.1, 0.5), (100.2, 0.5), (100.3, 0.5)).chunks)
    assert [due.due for due in dues] == pytest.approx([100.1, 100.6, 101.1])
    assert [due.ahead for due in dues] == pytest.approx([0.0, 0.4, 0.8])
    assert [due.dry for due in dues] == [0.0, 0.0, 0.0]


def test_playback_on_paper_waits_for_a_late_chunk_and_goes_on_later_by_as_much() -> None:
    dues = playout(timeline_of((100.1, 0.5), (101.0, 0.5), (101.1, 0.5)).chunks)
    assert [due.due for due in dues] == pytest.approx([100.1, 100.6, 101.5])
    assert [due.dry for due in dues] == pytest.approx([0.0, 0.4, 0.0])
    assert dues[1].ahead == pytest.approx(-0.4)
    assert dues[2].ahead == pytest.approx(0.4)


def test_playback_on_paper_waits_for_its_prebuffer_once() -> None:
    chunks = timeline_of((100.1, 0.5), (100.4, 0.5), (101.3, 0.5), (103.0, 0.5)).chunks
    dues = playout(chunks, prebuffer=0.8)
    assert dues[0].due == 100.4
    assert [due.ahead for due in dues] == pytest.approx([0.3, 0.5, 0.1, -1.1])
    assert [due.dry for due in dues] == pytest.approx([0.0, 0.0, 0.0, 1.1])
    assert playout(chunks, prebuffer=0.5) == playout(chunks)


def test_playback_on_paper_begins_with_the_last_chunk_where_the_prebuffer_never_fills() -> None:
    dues = playout(timeline_of((100.1, 0.5), (100.4, 0.5)).chunks, prebuffer=60.0)
    assert [due.due for due in dues] == [100.4, 100.9]
    assert playout((), prebuffer=1.0) == ()


def test_records_are_plain_and_say_what_is_unknown() -> None:
    timeline = timeline_of((100.1, 0.5), (100.25, 0.5))
    records = json.loads(json.dumps(timeline.to_records()))
    assert records[0]["gap"] is None
    assert records[1]["gap"] == pytest.approx(0.15)
    assert records[1]["since_request"] == pytest.approx(0.25)
    assert records[1]["step_time_ms"] is None
    timeline.requested = None
    assert [record["since_request"] for record in timeline.to_records()] == [None, None]


def test_no_chunks_no_records() -> None:
    assert Timeline(8000, 1).to_records() == []
    assert playout(()) == ()


def test_a_timeline_survives_json() -> None:
    timeline = timeline_of((100.1, 0.5), (100.2, 0.25))
    timeline.add_chunk(3, received=100.3, step_time=12.5, flush_id=2)
    timeline.cold = True
    timeline.ended = 100.4
    timeline.given, timeline.handshake = 99.5, 0.2
    timeline.sending(99.75, 5)
    timeline.sending(99.8, 9)
    timeline.add_sent(250, 100.15)
    listening = timeline.listening_of("page", 1, FrozenClock())
    assert listening is not None
    listening.add_spans([Span(0, 100, 3.5)])
    again = Timeline.from_dict(json.loads(json.dumps(timeline.to_dict())))
    assert again.chunks == timeline.chunks
    assert again.to_dict() == timeline.to_dict()
    assert again.pushes == timeline.pushes == (Push(99.75, 5), Push(99.8, 9))
    assert again.sent == timeline.sent == (Sent(250, 100.15),)
    assert again.listening is not None
    assert again.listening.spans == (Span(0, 100, 3.5),)


def test_a_timeline_saved_before_pages_told_of_it_is_read() -> None:
    plain = timeline_of((100.1, 0.5)).to_dict()
    for name in ("given", "handshake", "pushes", "sent", "listenings"):
        del plain[name]
    again = Timeline.from_dict(plain)
    assert again.count == 1
    assert (again.given, again.pushes, again.sent, again.listenings) == (None, (), (), ())


def test_of_many_listenings_the_first_ones_are_kept() -> None:
    timeline = Timeline(8000, 2)
    made = [timeline.listening_of("page", number, FrozenClock()) for number in range(1, 1000)]
    assert len(timeline.listenings) == MAX_LISTENINGS
    assert made[MAX_LISTENINGS:] == [None] * (999 - MAX_LISTENINGS)
    assert timeline.listening_of("page", 1, FrozenClock()) is made[0]


def test_only_a_message_that_ended_right_there_says_when_it_left() -> None:
    timeline = Timeline(1000, 2)
    timeline.add_sent(100, 7.0)
    timeline.add_sent(200, 8.0)
    # At 150 the page may have had it before the second one left.
    assert [timeline.sent_at(end) for end in (100, 150, 200, 250)] == [7.0, None, 8.0, None]
