"""Each figure of a take, against timelines made by hand and a page whose clock is known."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from cartesia_nb.errors import ConnectionLostError
from cartesia_nb.protocol.encodings import encode
from cartesia_nb.speech import backend
from cartesia_nb.speech.listening import Placed
from cartesia_nb.speech.metrics import DRY_S, Metrics, measure, metrics_of
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.timeline import Timeline, playout
from tests.speech.heard import OFFSET, KnownClock, heard, timeline_of

PAGE = [
    "first_sound",
    "clock_error",
    "first_sound_held",
    "heard_dry_spells",
    "heard_dry_seconds",
    "first_token_to_sound",
]


def of(timeline: Timeline, onset: float | None = 0.2) -> Metrics:
    return measure(timeline, onset=onset, duration=timeline.duration)


def unknown(metrics: Metrics) -> list[str]:
    return [name for name, value in metrics.to_dict().items() if value is None]


# --- the stream ----------------------------------------------------------------------------------


def test_each_figure_of_the_stream_lies_between_its_two_events() -> None:
    metrics = of(timeline_of((50.09, 0.5), (50.29, 0.5), (50.34, 1.0)))
    assert metrics.ttfb == pytest.approx(0.09)
    assert metrics.leading_silence == 0.2
    assert metrics.ttfa == pytest.approx(0.29)
    assert metrics.duration == pytest.approx(2.0)
    assert metrics.rtf == pytest.approx(0.34 / 2.0)
    assert metrics.largest_gap == pytest.approx(0.2)
    assert metrics.first_token_to_speech == pytest.approx(0.79)
    assert (metrics.chunks, metrics.bytes) == (3, 64_000)


def test_percentiles_of_the_gaps_are_numpys_linear_ones() -> None:
    gaps = [0.010, 0.020, 0.040, 0.080, 0.160]
    moments = np.cumsum([50.1, *gaps])
    metrics = of(timeline_of(*((float(moment), 0.1) for moment in moments)))
    # Of five gaps the p-th lies at 4p/100 between them: 0.4 of the way from the fourth to the last.
    assert metrics.gap_p50 == pytest.approx(0.040)
    assert metrics.gap_p90 == pytest.approx(0.080 + 0.6 * 0.080)
    assert metrics.gap_p99 == pytest.approx(0.080 + 0.96 * 0.080)
    assert metrics.largest_gap == pytest.approx(0.160)


def test_jitter_is_the_mean_distance_of_the_gaps_from_the_streams_own_pace() -> None:
    # Three gaps of 0.3 s together for 0.6 s of audio: a pace of half a second a second.
    metrics = of(timeline_of((50.0, 0.2), (50.1, 0.1), (50.2, 0.3), (50.3, 0.5)))
    off = [0.1 - 0.1, 0.1 - 0.05, 0.1 - 0.15]
    assert metrics.jitter == pytest.approx(np.mean(np.abs(off)))


def test_a_stream_that_keeps_its_pace_has_no_jitter_whatever_the_chunks_lengths() -> None:
    metrics = of(timeline_of((50.0, 0.4), (50.2, 0.1), (50.25, 0.8), (50.65, 3.0)))
    assert metrics.jitter == pytest.approx(0.0, abs=1e-12)


def test_playback_on_paper_gives_the_least_buffer_and_the_dry_spells() -> None:
    # Played from 50.1 on: dry from 50.6 to 50.9, and from 51.4 to 51.5.
    metrics = of(timeline_of((50.1, 0.5), (50.9, 0.5), (51.5, 0.5), (51.6, 0.5)))
    assert metrics.dry_spells == 2
    assert metrics.dry_seconds == pytest.approx(0.4)
    assert metrics.least_buffer == pytest.approx(-0.3)


def test_the_figures_on_paper_are_those_of_the_playout() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        moments = 50 + np.cumsum(rng.exponential(0.1, 30))
        timeline = timeline_of(*zip(moments.tolist(), rng.uniform(0, 0.2, 30), strict=True))
        metrics, dues = of(timeline), playout(timeline.chunks)
        dry = [due.dry for due in dues if due.dry > DRY_S]
        assert metrics.least_buffer == pytest.approx(min(due.ahead for due in dues[1:]))
        assert metrics.dry_spells == len(dry)
        assert metrics.dry_seconds == pytest.approx(sum(dry))


def test_a_wake_up_that_is_half_a_millisecond_late_is_no_dry_spell() -> None:
    metrics = of(timeline_of((50.1, 0.5), (50.6005, 0.5)))
    assert (metrics.dry_spells, metrics.dry_seconds) == (0, 0.0)


def test_nothing_received_leaves_all_but_the_counts_unknown() -> None:
    metrics = of(timeline_of(), onset=None)
    known = {"cold", "duration", "chunks", "bytes", "resent"}
    assert set(unknown(metrics)) == {field.name for field in dataclasses.fields(Metrics)} - known
    assert (metrics.duration, metrics.chunks, metrics.bytes) == (0.0, 0, 0)


def test_one_chunk_has_no_gap_and_no_buffer_and_did_not_run_dry() -> None:
    metrics = of(timeline_of((50.1, 0.5)))
    assert metrics.gap_p50 is metrics.gap_p90 is metrics.gap_p99 is metrics.largest_gap is None
    assert metrics.jitter is None
    assert metrics.least_buffer is None
    assert (metrics.dry_spells, metrics.dry_seconds) == (0, 0.0)
    assert metrics.rtf == pytest.approx(0.2)


def test_two_chunks_have_a_gap_and_no_jitter_which_would_be_zero_by_definition() -> None:
    metrics = of(timeline_of((50.1, 0.5), (50.4, 0.5)))
    assert metrics.gap_p50 == metrics.gap_p99 == metrics.largest_gap == pytest.approx(0.3)
    assert metrics.jitter is None


def test_without_the_request_no_figure_that_starts_there_is_made_up() -> None:
    timeline = timeline_of((50.1, 0.5), (50.3, 0.5), requested=None)
    heard(timeline, (0.0, 1.0, 50.2))
    metrics = of(timeline)
    assert metrics.ttfb is metrics.ttfa is metrics.rtf is metrics.first_sound is None
    assert metrics.largest_gap == pytest.approx(0.2)
    assert metrics.first_token_to_sound == pytest.approx(0.9)


def test_silence_has_a_first_byte_and_no_first_audio() -> None:
    timeline = timeline_of((50.1, 1.0))
    heard(timeline, (0.0, 1.0, 50.3))
    metrics = of(timeline, onset=None)
    assert metrics.ttfb == pytest.approx(0.1)
    assert metrics.ttfa is metrics.first_token_to_speech is metrics.first_token_to_sound is None
    assert metrics.first_sound == pytest.approx(0.3)


def test_chunks_too_short_for_a_sample_do_no_harm() -> None:
    timeline = timeline_of()
    for moment in (50.1, 50.2, 50.3):
        timeline.add_chunk(1, received=moment)
    metrics = of(timeline, onset=None)
    assert metrics.rtf is metrics.jitter is None
    assert metrics.largest_gap == pytest.approx(0.1)


# --- the connection ------------------------------------------------------------------------------


def test_connecting_counts_from_the_text_to_the_connection_for_a_cold_take_alone() -> None:
    cold, warm = timeline_of(cold=True), timeline_of(cold=False)
    for timeline in (cold, warm):
        timeline.connected, timeline.handshake = 49.9, 0.3
    assert of(cold).connect == pytest.approx(0.4)
    assert (of(warm).connect, of(warm).handshake, of(warm).cold) == (None, 0.3, False)
    assert of(timeline_of(cold=None)).connect is None


def test_a_connection_that_was_opened_to_send_again_is_no_part_of_connecting() -> None:
    timeline = timeline_of((53.0, 0.5), cold=True)
    timeline.connected, timeline.resent = 52.5, 1
    metrics = of(timeline)
    assert metrics.connect is None
    assert metrics.ttfb == pytest.approx(3.0), "from the first time it was sent"
    assert metrics.resent == 1


# --- the page ------------------------------------------------------------------------------------


def test_first_sound_is_from_the_request_to_the_first_sample_in_the_page() -> None:
    timeline = timeline_of((50.09, 0.5), (50.2, 0.5))
    heard(timeline, (0.0, 0.4, 50.145), (0.4, 0.6, 50.546), asked=50.0)
    metrics = of(timeline, onset=0.2)
    assert metrics.first_sound == pytest.approx(0.145)
    assert metrics.clock_error == pytest.approx(0.004), "the clock's, and the output's own"
    assert metrics.first_sound_held == 0.0
    assert metrics.first_token_to_sound == pytest.approx(50.345 - 49.5)
    assert (metrics.heard_dry_spells, metrics.heard_dry_seconds) == (0, 0.0)


def test_speech_sounds_later_where_the_page_ran_dry_in_the_leading_silence() -> None:
    timeline = timeline_of((50.1, 0.1), (50.6, 0.5))
    heard(timeline, (0.0, 0.1, 50.15), (0.1, 0.5, 50.65), dry=[(0.1, 50.25, 50.65)])
    metrics = of(timeline, onset=0.2)
    assert metrics.first_sound == pytest.approx(0.15)
    assert metrics.first_token_to_sound == pytest.approx(50.75 - 49.5)
    assert metrics.heard_dry_spells == 1
    assert metrics.heard_dry_seconds == pytest.approx(0.4)


def test_without_a_page_what_it_would_tell_is_unknown() -> None:
    assert set(PAGE) <= set(unknown(of(timeline_of((50.1, 0.5), (50.2, 0.5)))))


def test_a_page_that_never_answered_leaves_its_moments_unknown() -> None:
    timeline = timeline_of((50.1, 0.5), (50.2, 0.5))
    heard(timeline, (0.0, 1.0, 50.2), clock=KnownClock(None), dry=[(0.5, 50.7, 50.8)])
    metrics = of(timeline)
    assert metrics.first_sound is metrics.clock_error is metrics.first_token_to_sound is None
    # What lies on the page's clock alone needs no placing.
    assert metrics.first_sound_held == 0.0
    assert metrics.heard_dry_seconds == pytest.approx(0.1)


def test_an_output_that_says_nothing_of_itself_leaves_its_sound_unknown() -> None:
    timeline = timeline_of((50.1, 0.5))
    heard(timeline, (0.0, 0.5, 50.2), output_error=None)
    assert of(timeline).first_sound is None


def test_a_page_that_has_not_sounded_yet_counts_for_nothing() -> None:
    timeline = timeline_of((50.1, 0.5))
    heard(timeline)
    assert set(PAGE) <= set(unknown(of(timeline)))


def test_a_replay_changes_nothing() -> None:
    timeline = timeline_of((50.1, 0.5), (50.2, 0.5))
    heard(timeline, (0.0, 1.0, 50.2), asked=50.0)
    before = of(timeline)
    heard(timeline, (0.0, 1.0, 95.0), asked=94.9, number=2, arrived=[], dry=[(0.5, 95.5, 96.0)])
    assert of(timeline) == before


def test_a_listening_that_began_elsewhere_is_not_the_one() -> None:
    timeline = timeline_of((50.1, 0.5), (50.2, 0.5))
    heard(timeline, (0.5, 0.5, 50.3))
    assert of(timeline).first_sound is None
    heard(timeline, (0.0, 1.0, 60.0), asked=59.9, number=2, arrived=[])
    assert of(timeline).first_sound == pytest.approx(10.0)


def test_a_take_that_waits_for_its_turn_or_a_click_says_for_how_long() -> None:
    timeline = timeline_of((50.1, 0.5), (50.2, 0.5))
    heard(timeline, (0.0, 1.0, 53.15), asked=53.11)
    metrics = of(timeline)
    assert metrics.first_sound == pytest.approx(3.15)
    assert metrics.first_sound_held == pytest.approx(3.0), "from its arrival in the page"


def test_held_counts_from_the_kernel_where_the_first_chunk_did_not_come_live() -> None:
    timeline = timeline_of((50.1, 0.5), (50.2, 0.5))
    heard(timeline, (0.0, 1.0, 53.15), asked=53.1, arrived=[])
    assert of(timeline).first_sound_held == pytest.approx(3.0)


def test_nobody_knows_how_long_it_was_held_if_it_is_not_said_when_it_was_asked_for() -> None:
    timeline = timeline_of((50.1, 0.5))
    heard(timeline, (0.0, 0.5, 50.2), asked=None)
    assert of(timeline).first_sound_held is None


def test_nobody_knows_how_long_it_was_held_if_a_person_paused_it_before_it_sounded() -> None:
    timeline = timeline_of((50.1, 0.5))
    heard(timeline, (0.0, 0.5, 70.2), disturbed=50.15)
    metrics = of(timeline)
    assert metrics.first_sound == pytest.approx(20.2)
    assert metrics.first_sound_held is None


def test_a_pause_after_the_first_sound_does_not_touch_it() -> None:
    timeline = timeline_of((50.1, 0.5))
    heard(timeline, (0.0, 0.5, 50.2), disturbed=50.3)
    assert of(timeline).first_sound_held == 0.0


class LessSureLater(KnownClock):
    """Known to 3 ms until 50.3 on the kernel's clock, to 20 ms from there on."""

    def place(self, moment: float) -> Placed | None:
        return Placed(moment + OFFSET, 0.003 if moment + OFFSET < 50.3 else 0.02)


def test_the_error_is_that_of_what_is_less_sure_of_first_sound_and_first_speech() -> None:
    timeline = timeline_of((50.1, 0.5), (50.2, 0.5))
    heard(timeline, (0.0, 1.0, 50.2), clock=LessSureLater())
    assert of(timeline, onset=0.0).clock_error == pytest.approx(0.004)
    assert of(timeline, onset=0.2).clock_error == pytest.approx(0.021)
    assert of(timeline, onset=None).clock_error == pytest.approx(0.004)


def test_dry_spells_count_until_a_person_pauses_and_seconds_once_they_are_over() -> None:
    timeline = timeline_of((50.1, 0.5), (50.8, 0.5), (52.0, 0.5))
    dry = [(0.5, 50.7, 50.85), (1.0, 51.35, None), (1.2, 55.0, 56.0)]
    heard(timeline, (0.0, 0.5, 50.2), (0.5, 0.5, 50.85), dry=dry, disturbed=54.0)
    metrics = of(timeline)
    assert metrics.heard_dry_spells == 2
    assert metrics.heard_dry_seconds == pytest.approx(0.15)


def test_text_that_is_fed_slowly_counts_from_its_first_piece() -> None:
    timeline = timeline_of((54.0, 0.5), requested=50.0, given=49.9)
    timeline.sending(53.0, 40)
    heard(timeline, (0.0, 0.5, 54.1))
    metrics = of(timeline, onset=0.1)
    assert metrics.first_token_to_speech == pytest.approx(4.2)
    assert metrics.first_token_to_sound == pytest.approx(4.3)
    assert metrics.ttfb == pytest.approx(4.0), "from the first text to be sent"


# --- of a recording ------------------------------------------------------------------------------


def test_a_failed_take_has_the_figures_of_what_came() -> None:
    recording = Recording(Settings(sample_rate=8000), backend.ENGINE)
    recording.timeline.sending(50.0, 5)
    time = np.arange(4000) / 8000
    wave = np.where(time < 0.25, 0, 0.3 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    pcm = encode(wave, "pcm_f32le")
    recording.add_audio(pcm, received=50.1, step_time=None, flush_id=None)
    recording.end("failed", 51.0, ConnectionLostError("It was lost."))
    metrics = metrics_of(recording)
    assert metrics.duration == 0.5
    assert metrics.leading_silence == pytest.approx(0.25, abs=0.0025)
    assert metrics.ttfa == pytest.approx(0.35, abs=0.0025)


def test_plain_values_go_through_json_and_name_every_figure() -> None:
    timeline = timeline_of((50.1, 0.5), (50.2, 0.5), (50.3, 0.5))
    heard(timeline, (0.0, 1.5, 50.2))
    metrics = of(timeline)
    plain = metrics.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert list(plain) == [field.name for field in dataclasses.fields(Metrics)]
    assert {type(value) for value in plain.values()} <= {float, int, bool, type(None)}
    assert isinstance(plain["dry_seconds"], float)
