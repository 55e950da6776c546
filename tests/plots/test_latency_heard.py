"""Latency as a page told of it."""

import numpy as np
import pytest

from cartesia_nb.plots import alt_text, plot_latency
from cartesia_nb.plots.course import Course, span
from tests.plots.conftest import MakeTake
from tests.plots.drawn import at_once, bars, legend, lower, points
from tests.plots.listened import FixedClock, listen


class TestInThePage:
    def test_each_row_has_its_segments_from_stage_to_stage(self, make_take: MakeTake) -> None:
        take = at_once(make_take(0.6))
        listen(take, way=0.01, decoding=0.005, prebuffer=0.0)
        kinds = bars(plot_latency(take))
        first = [kind[0] for kind in kinds]
        np.testing.assert_allclose(
            first, [(0, 100), (100, 102), (102, 112), (112, 117), (117, 137)], atol=0.01
        )
        assert [len(kind) for kind in kinds] == [5] * 5

    def test_the_legend_has_the_median_of_each_step_and_the_first_sound_with_its_error(
        self, make_take: MakeTake
    ) -> None:
        take = at_once(make_take(0.6))
        listen(take, way=0.01, decoding=0.005, prebuffer=0.0)
        found = legend(plot_latency(take))
        for line in (
            "first sound 137 ms ± 5 ms",
            "text sent → received 180 ms",
            "→ sent to the page 2 ms",
            "→ arrived there 10 ms",
            "→ decoded 5 ms",
            "heard, ± 5 ms at most",
        ):
            assert line in found

    def test_what_was_heard_is_a_line_and_a_dry_spell_in_it_is_marked(
        self, make_take: MakeTake
    ) -> None:
        take = at_once(make_take(0.6, first=0.2))
        listen(take, way_of={2: 1.0}, prebuffer=0.0)
        ax = plot_latency(take)
        (at, began, ended) = Course.of(take).heard_dry[0]
        assert at == pytest.approx(0.24, abs=1e-4)
        assert ended - began == pytest.approx(take.metrics.heard_dry_seconds or 0)
        (mark,) = (line for line in ax.lines if line.get_marker() == "X")
        np.testing.assert_allclose(points(mark), [[ended * 1000, at]])
        assert f"heard 1 dry spell, {(ended - began) * 1000:,.0f} ms" in legend(ax)
        assert "heard 1 dry spell" in alt_text(ax)
        assert "no dry spell on paper" in alt_text(ax)

    def test_the_lower_pane_has_what_had_arrived_and_was_not_audible_yet(
        self, make_take: MakeTake
    ) -> None:
        take = at_once(make_take(0.6))
        listen(take, way=0.01, decoding=0.005, prebuffer=0.3)
        x, y = Course.of(take).ahead_in_page()
        # Of 3 x 120 ms that had come by 192 ms nothing was audible until 20 ms after decoding.
        assert y[np.isclose(x, 0.192, atol=1e-6)].max() == pytest.approx(0.36, abs=1e-3)
        assert len(lower(plot_latency(take)).lines) == 2

    def test_the_first_chunk_with_which_it_begins_is_not_the_least_early(
        self, make_take: MakeTake
    ) -> None:
        take = at_once(make_take(0.6))
        listen(take, prebuffer=0.0)
        first, *others = [row.in_hand for row in Course.of(take).rows]
        early = [one for one in others if one is not None]
        assert first is not None and first < min(early)
        assert Course.of(take).least_in_hand == min(early)

    def test_a_clock_that_cannot_be_placed_leaves_its_moments_unknown(
        self, make_take: MakeTake
    ) -> None:
        take = at_once(make_take(0.6))
        listen(take, clock=FixedClock(error=None))
        ax = plot_latency(take)
        assert len(bars(ax)) == 3  # text sent → received → sent, and on paper
        assert "unknown: arrived there,\ndecoded,\naudible" in legend(ax)
        assert "When it sounded in a page is unknown." in alt_text(ax)

    def test_an_output_of_unknown_error_leaves_only_the_sound_unknown(
        self, make_take: MakeTake
    ) -> None:
        take = at_once(make_take(0.6))
        listen(take, output_error=None, way_of={2: 1.0})
        ax = plot_latency(take)
        assert "unknown: audible" in legend(ax)
        assert any(line.startswith("heard 1 dry spell") for line in legend(ax))
        assert "first sound" not in " ".join(legend(ax))

    def test_what_was_heard_much_later_does_not_press_the_stream_together(
        self, make_take: MakeTake
    ) -> None:
        take = at_once(make_take(1.0))
        listen(take, held=600.0)
        ax = plot_latency(take)
        assert ax.get_xlim()[1] < 2000
        assert any(
            line.startswith("first sound 600.1 s") and "right edge" in line for line in legend(ax)
        )

    def test_what_a_person_did_to_the_playback_is_not_taken_for_the_stream(
        self, make_take: MakeTake
    ) -> None:
        take = at_once(make_take(1.0))
        listening = listen(take, way_of={6: 1.0})
        assert len(Course.of(take).heard_dry) == 1
        listening.disturbed = listening.spans[0].audible + 0.1
        course = Course.of(take)
        assert course.heard_dry == []
        disturbed = listening.place(listening.disturbed)
        assert disturbed is not None
        assert course.ahead_in_page()[0].max() <= disturbed.moment - course.zero

    def test_what_was_heard_until_a_person_paused_is_not_ahead(self, make_take: MakeTake) -> None:
        take = at_once(make_take(3.0, speedup=20.0))  # all of it is there after a quarter second
        listening = listen(take)
        whole = Course.of(take).ahead_in_page()
        listening.disturbed = listening.spans[0].audible + 1.5
        x, y = Course.of(take).ahead_in_page()
        assert y[-1] == pytest.approx(1.5), "of one piece of sound, half was heard"
        np.testing.assert_allclose(y, np.interp(x, *whole), atol=0.13)

    def test_what_waits_for_its_turn_is_early_by_more_than_is_in_hand(
        self, make_take: MakeTake
    ) -> None:
        take = at_once(make_take(1.0))
        listen(take, held=20.0)
        (said,) = (line for line in legend(plot_latency(take)) if "ahead in the page" in line)
        assert said == f"ahead in the page, at least {span(Course.of(take).least_in_hand)} early"

    def test_the_first_chunks_way_is_enlarged_where_there_is_room(
        self, make_take: MakeTake
    ) -> None:
        take = at_once(make_take())
        listen(take, way=0.01, decoding=0.005, prebuffer=0.0)
        (inset,) = (pane for pane in plot_latency(take).child_axes if not pane.get_ylabel())
        texts = [text.get_text() for text in inset.texts]
        assert texts == [
            "first chunk, request to ear: 137 ms", "100 ms", "2 ms", "10 ms", "5 ms", "20 ms"
        ]  # fmt: skip

    def test_it_is_left_out_where_the_playback_passes(self, make_take: MakeTake) -> None:
        take = at_once(make_take(stalls={2: 10.0}))
        listen(take)
        assert len(plot_latency(take).child_axes) == 1
