import numpy as np
import pytest

from cartesia_nb.speech.metrics import measure
from cartesia_nb.speech.timeline import Timeline

RATE = 8000
SILENCE = np.zeros(0, dtype=np.float32)


def tone(silence: float, sound: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """``silence`` seconds of zeros, then ``sound`` seconds of 440 Hz."""
    time = np.arange(round(sound * RATE)) / RATE
    wave = 0.3 * np.sin(2 * np.pi * 440 * time)
    return np.concatenate([np.zeros(round(silence * RATE)), wave]).astype(np.float32)


def timeline_of(*arrivals: tuple[float, float], requested: float | None = 50.0) -> Timeline:
    timeline = Timeline(RATE, 4, created=49.0)
    timeline.requested = requested
    for received, duration in arrivals:
        timeline.add_chunk(round(duration * RATE) * 4, received=received)
    return timeline


def test_each_figure_lies_between_its_two_events() -> None:
    timeline = timeline_of((50.09, 0.5), (50.29, 0.5), (50.34, 1.0))
    metrics = measure(timeline, tone(0.2, 1.8), RATE)
    assert metrics.ttfb == pytest.approx(0.09)
    assert metrics.leading_silence == pytest.approx(0.2, abs=0.0025)
    assert metrics.ttfa == pytest.approx(0.29, abs=0.0025)
    assert metrics.duration == pytest.approx(2.0)
    assert metrics.rtf == pytest.approx(0.17)
    assert metrics.largest_gap == pytest.approx(0.2)
    assert (metrics.chunks, metrics.bytes) == (3, 64000)


def test_nothing_received_leaves_all_but_the_counts_unknown() -> None:
    metrics = measure(timeline_of(), SILENCE, RATE)
    assert (metrics.ttfb, metrics.ttfa, metrics.rtf, metrics.largest_gap) == (None,) * 4
    assert (metrics.duration, metrics.chunks, metrics.bytes) == (0.0, 0, 0)
    assert str(metrics).count("unknown") == 5


def test_without_the_request_no_figure_that_starts_there_is_made_up() -> None:
    timeline = timeline_of((50.1, 0.5), (50.3, 0.5), requested=None)
    metrics = measure(timeline, tone(0.0, 1.0), RATE)
    assert (metrics.ttfb, metrics.ttfa, metrics.rtf) == (None, None, None)
    assert metrics.largest_gap == pytest.approx(0.2)


def test_one_chunk_has_no_gap() -> None:
    assert measure(timeline_of((50.1, 0.5)), tone(0.0, 0.5), RATE).largest_gap is None


def test_silence_has_a_first_byte_and_no_first_audio() -> None:
    metrics = measure(timeline_of((50.1, 1.0)), np.zeros(RATE, dtype=np.float32), RATE)
    assert metrics.ttfb == pytest.approx(0.1)
    assert metrics.ttfa is None


def test_it_prints_one_line_per_figure_with_unit_and_events() -> None:
    lines = str(measure(timeline_of((50.0905, 0.5), (50.1, 0.5)), tone(0.0, 1.0), RATE)).split("\n")
    assert len(lines) == 7
    assert " ".join(lines[0].split()) == "TTFB 90.5 ms request sent → first audio received"
    assert "1.00 s" in lines[3]
    assert "0.100" in lines[4]
    assert "8,000 bytes" not in lines[6]
    assert "32,000 bytes" in lines[6]


def test_a_text_that_was_sent_again_says_so_beside_its_figures() -> None:
    timeline = Timeline(8000, 2, created=0.0)
    timeline.sending(1.0, 5)
    timeline.resent = 2
    timeline.sending(4.0, 5)
    timeline.add_chunk(1600, received=5.0)
    found = measure(timeline, np.zeros(800, np.float32), 8000)
    assert found.ttfb == 4.0, "from the first time it was sent"
    assert "sent again" in str(found)
    timeline.resent = 0
    assert "sent again" not in str(measure(timeline, np.zeros(800, np.float32), 8000))
