import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection

from cartesia_nb.errors import ServerError, SettingsError
from cartesia_nb.plots import alt_text, plot_latency
from cartesia_nb.plots.label import Label
from cartesia_nb.speech.backend import CARTESIA
from cartesia_nb.speech.metrics import Metrics
from cartesia_nb.speech.take import Take
from tests.plots.conftest import MakeTake
from tests.plots.drawn import at_once, bars, curve, legend, lower, points
from tests.plots.listened import listen


class TestOnPaper:
    def test_each_chunk_lies_where_it_was_received_and_as_high_as_its_audio(
        self, make_take: MakeTake
    ) -> None:
        ax = plot_latency(make_take(0.36))
        ((x, y),) = curve(ax, 6)
        np.testing.assert_allclose(x, [100, 100, 140, 140, 180, 180])
        np.testing.assert_allclose(y, [0, 0.12, 0.12, 0.24, 0.24, 0.36])

    def test_playback_begins_with_the_first_chunk_and_each_was_due_on_its_line(
        self, make_take: MakeTake
    ) -> None:
        ax = plot_latency(make_take(0.36))
        ((x, y),) = curve(ax, 9)
        np.testing.assert_allclose(x, [100, 100, 220, 220, 220, 340, 340, 340, 460])
        np.testing.assert_allclose(y, [0, 0, 0.12, 0.12, 0.12, 0.24, 0.24, 0.24, 0.36])

    def test_playback_waits_for_a_chunk_that_is_late(self, make_take: MakeTake) -> None:
        ax = plot_latency(make_take(0.36, stalls={2: 1.0}))
        ((x, y),) = curve(ax, 9)
        np.testing.assert_allclose(x, [100, 100, 220, 220, 220, 340, 340, 1180, 1300])
        np.testing.assert_allclose(y[-3:], [0.24, 0.24, 0.36])

    def test_first_byte_and_first_audio_are_marked_and_named(self, make_take: MakeTake) -> None:
        ax = plot_latency(make_take())
        assert legend(ax)[0] == "TTFB 100 ms"
        assert legend(ax)[1] in ("TTFA 150 ms", "TTFA 152 ms", "TTFA 153 ms")
        marks = [(line.get_marker(), points(line)) for line in ax.lines]
        scale = 1000 if "(ms)" in ax.get_xlabel() else 1
        assert any(m == "D" and np.allclose(at, [[0.1 * scale, 0]]) for m, at in marks)
        assert any(
            m == "o" and np.allclose(at, [[0.1515 * scale, 0.05]], atol=2e-3 * scale)
            for m, at in marks
        )

    def test_a_dry_spell_is_drawn_from_when_the_chunk_was_due_to_when_it_came(
        self, make_take: MakeTake
    ) -> None:
        ax = plot_latency(make_take(stalls={2: 1.0}))
        # Due at 100 + 240 ms; came at 100 + 2 x 40 + 1000 ms.
        assert "on paper 1 dry spell, 840 ms" in legend(ax)
        assert "dry 840 ms" in [text.get_text() for text in ax.texts if isinstance(text, Label)]
        segments = [
            line
            for found in ax.collections
            if isinstance(found, LineCollection)
            for line in found.get_segments()
        ]
        assert any(np.allclose(line, [(0.34, 0.24), (1.18, 0.24)]) for line in segments)
        assert "largest gap 1,040 ms" in legend(ax)

    def test_a_stream_in_time_has_no_dry_spell(self, make_take: MakeTake) -> None:
        ax = plot_latency(make_take())
        assert not any("dry" in line for line in legend(ax))
        assert "no dry spell on paper" in alt_text(ax)
        assert "ahead on paper, at least 80 ms" in legend(ax)

    def test_the_lower_pane_has_what_was_received_and_not_yet_played(
        self, make_take: MakeTake
    ) -> None:
        ax = plot_latency(make_take(0.36))
        (line,) = lower(ax).lines
        x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
        # Three chunks of 120 ms come every 40 ms, from 100 ms on; 80 ms more in hand each time.
        for moment, ahead in ((100, 0.12), (140, 0.2), (180, 0.28), (460, 0.0)):
            assert y[np.isclose(x, moment)].max() == pytest.approx(ahead, abs=1e-4)
        assert y[np.isclose(x, 140)].min() == pytest.approx(0.08, abs=1e-4)

    def test_without_the_request_it_counts_from_the_first_chunk_and_names_no_first_byte(
        self, make_take: MakeTake
    ) -> None:
        ax = plot_latency(make_take(requested=False))
        assert ax.get_xlabel().startswith("time since the first chunk (")
        assert not any("TTFB" in line for line in legend(ax))
        assert "time to first byte unknown" in alt_text(ax)

    def test_what_no_page_told_is_absent_and_said_to_be_unknown(self, make_take: MakeTake) -> None:
        ax = plot_latency(at_once(make_take(0.6)))
        assert [len(kind) for kind in bars(ax)] == [5, 5]  # text sent → received → due
        assert "unknown: page and ear" in legend(ax)
        assert "→ audible unknown" in alt_text(ax)
        assert not any("heard" in line or "in the page" in line for line in legend(ax))


class TestBeforeTheRequest:
    def cold(self, make_take: MakeTake, given: float = 999.6) -> Take:
        take = at_once(make_take(0.6))
        timeline = take.timeline
        timeline.cold, timeline.created = True, 999.6
        timeline.given, timeline.connected = given, 999.9
        return take

    def test_connecting_is_drawn_first_and_times_count_from_say(self, make_take: MakeTake) -> None:
        ax = plot_latency(self.cold(make_take))
        assert ax.get_xlabel() == "time since say() (ms)"
        assert legend(ax)[:2] == ["connecting 300 ms", "request sent at 400 ms"]
        # The figures' own names keep their meaning.
        assert legend(ax)[2] == "TTFB 100 ms"
        (mark,) = (line for line in ax.lines if line.get_marker() == "D")
        np.testing.assert_allclose(points(mark), [[500, 0]])
        assert "ready 300 ms after say(); the request was sent at 400 ms" in alt_text(ax)

    def test_of_text_that_is_fed_times_count_from_its_first_piece(
        self, make_take: MakeTake
    ) -> None:
        ax = plot_latency(self.cold(make_take, given=999.7))
        assert ax.get_xlabel() == "time since the first text (ms)"
        assert legend(ax)[:2] == ["connecting 200 ms", "request sent at 300 ms"]
        assert "ready 200 ms after the first text; the request was sent at 300 ms" in alt_text(ax)

    def test_how_long_it_took_may_be_unknown(self, make_take: MakeTake) -> None:
        take = self.cold(make_take)
        take.timeline.connected = None
        ax = plot_latency(take)
        assert legend(ax)[0] == "request sent at 400 ms"
        assert "how long that took is unknown" in alt_text(ax)

    def test_warm_takes_count_from_the_request(self, make_take: MakeTake) -> None:
        take = self.cold(make_take)
        take.timeline.cold = False
        ax = plot_latency(take)
        assert ax.get_xlabel() == "time since the request (ms)"
        assert "connect" not in " ".join(legend(ax))

    def test_fed_text_is_marked_where_it_was_sent(self, make_take: MakeTake) -> None:
        take = make_take()
        for index, characters in enumerate((9, 19, len(take.text))):
            take.timeline.sending(1000.0 + index / 4, characters)
        ax = plot_latency(take)
        assert "text sent in 3 pieces" in legend(ax)
        (ticks,) = (
            line for line in ax.lines if line.get_marker() == "|" and len(points(line)) == 3
        )
        scale = 1000 if "(ms)" in ax.get_xlabel() else 1
        np.testing.assert_allclose(points(ticks)[:, 0], np.array([0, 0.25, 0.5]) * scale)


class TestManyChunks:
    def test_thousands_become_bands(self, make_take: MakeTake) -> None:
        take = at_once(make_take(60.0, chunk=0.02))
        listen(take)
        ax = plot_latency(take)
        assert take.timeline.count == 3000
        assert "median of 3,000 chunks:" in legend(ax)
        assert all(len(one.get_paths()) <= 2 for one in ax.collections)
        assert len(ax.collections) < 12


class TestPanes:
    def test_axes_have_units_and_the_title_says_who_spoke(self, make_take: MakeTake) -> None:
        ax = plot_latency(make_take(1.0))
        assert " ".join(ax.get_ylabel().split()) == "position in the audio (s)"
        assert ax.get_xlabel() == "time since the request (ms)"
        assert lower(ax).get_xlabel() == "time since the request (ms)"
        assert " ".join(lower(ax).get_ylabel().split()) == "ahead (s)"
        assert "built-in engine" in ax.get_title(loc="left")

    @pytest.mark.parametrize("font", [10, 18])
    @pytest.mark.parametrize("layout", [None, "constrained", "tight"])
    def test_all_stays_inside_the_area_of_the_axes_given(
        self, make_take: MakeTake, layout: str | None, font: float
    ) -> None:
        take = at_once(make_take(stalls={2: 1.0}))
        listen(take, way_of={9: 0.9})
        with plt.rc_context({"font.size": font}):
            figure, axes = plt.subplots(2, 2, figsize=(12, 9), layout=layout)
            ax = plot_latency(take, axes[0, 1])
            figure.canvas.draw()
            # How many ticks there are depends on the size of letters at the time.
            tight, *others = (one.get_tightbbox() for one in (ax, *axes[1], axes[0, 0]))
        whole = axes[0, 1].get_position(original=True).transformed(figure.transFigure)
        found = ax.get_legend()
        assert found is not None
        for box in (ax.bbox, lower(ax).bbox, found.get_window_extent()):
            assert whole.x0 - 2 <= box.x0
            assert box.x1 <= whole.x1 + 2
            assert whole.y0 - 2 <= box.y0
            assert box.y1 <= whole.y1 + 2
        assert not lower(ax).bbox.overlaps(ax.bbox)
        assert ax.bbox.width > 0.35 * whole.width
        if layout is not None:
            assert tight is not None
            assert [other for other in others if other is None or other.overlaps(tight)] == []

    def test_the_legend_covers_neither_pane(self, make_take: MakeTake) -> None:
        ax = plot_latency(make_take(stalls={1: 2.5}))
        ax.figure.canvas.draw()
        found = ax.get_legend()
        assert found is not None
        assert found.get_window_extent().x0 >= ax.bbox.x1

    def test_the_time_is_shared(self, make_take: MakeTake) -> None:
        ax = plot_latency(make_take())
        ax.set_xlim(0.2, 0.4)
        assert lower(ax).get_xlim() == (0.2, 0.4)

    def test_drawn_into_again_it_still_has_the_whole_area(self, make_take: MakeTake) -> None:
        ax = plot_latency(make_take())
        ax.figure.canvas.draw()
        before = ax.bbox.height
        ax.clear()
        plot_latency(make_take(), ax)
        ax.figure.canvas.draw()
        assert ax.bbox.height == pytest.approx(before, rel=0.02)

    def test_saved_tightly_as_notebooks_do_it_warns_of_nothing(
        self, make_take: MakeTake, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        ax = plot_latency(make_take())
        file = tmp_path_factory.mktemp("png") / "a.png"
        ax.get_figure(root=True).savefig(file, bbox_inches="tight")  # type: ignore[union-attr]  # it has one
        height, width = plt.imread(file).shape[:2]
        assert width / height == pytest.approx(9 / 5.2, rel=0.1)


class TestSeveral:
    def test_each_has_a_name_and_its_figures(self, make_take: MakeTake) -> None:
        takes = [make_take(), make_take(1.0, first=0.3, text="Other words"), make_take(0.0)]
        ax = plot_latency(takes)
        lines = legend(ax)
        assert lines[0].startswith("1 “The quick brown fox…”:\nTTFB 100 ms, TTFA 15")
        assert lines[1].startswith("2 “Other words”:\nTTFB 300 ms")
        assert lines[2].endswith("no audio")
        named = legend(plot_latency(takes, labels=["a", "b", "c"]))
        assert [line[:2] for line in named[:3]] == ["a:", "b:", "c:"]
        assert len(lower(ax).lines) == 2

    def test_takes_of_different_rates_and_backends_share_seconds(self, make_take: MakeTake) -> None:
        one, other = make_take(0.6), make_take(0.6, rate=44100, backend=CARTESIA)
        assert other.sample_rate == 44100
        ax = plot_latency([one, other])
        assert ax.get_title(loc="left") == "Latency: built-in engine (espeak-ng), Cartesia, 2 takes"
        (_, y), (_, y_other) = curve(ax, 10)
        np.testing.assert_allclose(y, y_other, atol=1e-4)
        assert "Take 2: 5 chunks brought 0.60 s of audio" in alt_text(ax)

    def test_many_are_drawn_and_the_first_named(self, make_take: MakeTake) -> None:
        ax = plot_latency([make_take(0.3) for _ in range(30)])
        assert "and 22 more" in legend(ax)
        assert len(lower(ax).lines) == 30

    def test_a_cold_one_is_told_as_such(self, make_take: MakeTake) -> None:
        takes = [make_take(0.3), make_take(0.3)]
        takes[1].timeline.cold = True
        assert [line.endswith("cold") for line in legend(plot_latency(takes))[:2]] == [False, True]

    def test_requests_seen_and_unseen_say_so(self, make_take: MakeTake) -> None:
        ax = plot_latency([make_take(0.3), make_take(0.3, requested=False)])
        assert "request, or first chunk if unseen" in ax.get_xlabel()

    @pytest.mark.parametrize("labels", [["a"], ["a", "b", "c"], "ab", []])
    def test_labels_that_are_not_one_for_each_are_refused(
        self, make_take: MakeTake, labels: list[str]
    ) -> None:
        before = plt.get_fignums()
        with pytest.raises(SettingsError, match="for 2 takes; give a list with one for each"):
            plot_latency([make_take(0.3), make_take(0.3)], labels=labels)
        assert plt.get_fignums() == before


def test_a_failure_is_told_with_what_was_received(make_take: MakeTake) -> None:
    error = ServerError("No credit ($\\frac$ left) for a_b^c.")
    ax = plot_latency(make_take(state="failed", error=error))
    ax.figure.canvas.draw()  # dollars and carets are text, no mathematics
    assert "failed: No credit ($\\frac$ left) for a_b^c." in ax.get_title(loc="left")
    assert "25 chunks" in alt_text(ax)


class Growing(Take):
    """Another chunk of it comes just before its figures are read."""

    @property
    def metrics(self) -> Metrics:
        now = self.timeline.chunks[-1].received + 0.04
        pcm = np.zeros(200, dtype=np.float32).tobytes()
        self._recording.add_audio(pcm, received=now, step_time=None, flush_id=None)
        return super().metrics


def test_a_chunk_may_come_while_a_take_is_drawn(make_take: MakeTake) -> None:
    take = Growing(make_take(0.1, state="speaking")._recording)
    ax = plot_latency(take)
    assert take.timeline.count == 2
    assert "received, 1 chunk" in legend(ax)
    assert not any("largest gap" in line for line in legend(ax))


def test_the_step_told_is_the_median_of_the_chunks_and_not_their_mean(
    make_take: MakeTake,
) -> None:
    take = at_once(make_take())
    listen(take, way=0.01, way_of={24: 5.0}, decoding=0.005)
    assert "→ arrived there 10 ms" in alt_text(plot_latency(take))


def test_no_takes_at_all_is_said() -> None:
    assert "no takes" in plot_latency([]).get_title(loc="left")


def test_alternative_text_gives_the_figures_in_sentences(make_take: MakeTake) -> None:
    text = alt_text(plot_latency(make_take(stalls={2: 1.0})))
    assert "25 chunks brought 3.00 s of audio" in text
    assert "time to first byte 100 ms" in text
    assert "1 dry spell, 840 ms on paper" in text


def test_unknown_figures_are_said_to_be_unknown(make_take: MakeTake) -> None:
    silent = make_take(samples=np.zeros(2646, dtype=np.float32), requested=False, chunk=10.0)
    ax = plot_latency(silent)
    assert "TTFA unknown: no speech found" in legend(ax)
    for words in (
        "time to first audio unknown",
        "largest gap unknown",
        "least buffer ahead unknown",
    ):
        assert words in alt_text(ax)
