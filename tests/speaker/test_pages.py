"""What several pages tell of a take, truly or not, and where it lands in its timeline."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia_nb.speaker import messages
from cartesia_nb.speaker.heard import Heard
from cartesia_nb.speaker.pages import FRESH_S, MAX_PAGES, Pages, downs
from cartesia_nb.speech.stages import stages
from cartesia_nb.speech.timeline import Timeline

RATE, SIZE = 1000, 2


class Page:
    """A page ``behind`` seconds behind the kernel; every message takes 4 ms,
    its first one ``hello`` seconds."""

    def __init__(
        self,
        pages: Pages,
        name: str,
        *,
        behind: float = 100.0,
        loaded: float = 1000.0,
        hello: float = 0.004,
    ) -> None:
        self.pages, self.name, self.behind, self.way = pages, name, behind, 0.004
        pages.came(messages.Signed(name, loaded - behind), loaded + hello)

    def report(self, timeline: Timeline, now: float, **fields: object) -> None:
        """Tell it as of the kernel's moment ``now``; moments in ``fields`` are the page's."""
        sent = now - self.behind
        content = {
            "type": "heard", "take": "t", "position": 0.0, "page": self.name, "sent": sent,
            "listening": 1, "down": {"sent": now - 0.1 - self.way, "arrived": sent - 0.1},
            "output": {"kind": "worklet", "rate": RATE, "latency": 0.02, "error": 0.001}, **fields,
        }  # fmt: skip
        report, signed = messages.parse(content), messages.signed(content)
        if signed is not None:
            told = downs(report, timeline) if isinstance(report, Heard) else ()
            self.pages.came(signed, now + self.way, told)
            if isinstance(report, Heard):
                self.pages.heard(timeline, report, signed.sent)


def streamed() -> Timeline:
    timeline = Timeline(RATE, SIZE, created=999.9)
    timeline.sending(1000.0, 5)
    for index, received in enumerate((1000.1, 1000.2)):
        timeline.add_chunk(1000, received=received)
        timeline.add_sent(1000 * (index + 1), received + 0.001)
    return timeline


def told(page: Page, timeline: Timeline, now: float = 1001.4, **fields: object) -> None:
    """The page plays all of it, a quarter of a second after its first chunk."""
    behind = page.behind
    page.report(
        timeline,
        now,
        arrivals=[[1000, 1000.105 - behind], [2000, 1000.205 - behind]],
        decoded=[[500, 1000.11 - behind], [1000, 1000.21 - behind]],
        spans=[[0, 500, 1000.35 - behind], [500, 500, 1000.85 - behind]],
        **fields,
    )


@pytest.mark.parametrize("behind", [0.0, 60.0, -60.0, 1e6])
def test_a_page_s_facts_stand_on_the_kernel_s_clock_whatever_its_own_shows(behind: float) -> None:
    pages, timeline = Pages(), streamed()
    told(Page(pages, "a", behind=behind), timeline)
    first, second = stages(timeline)
    assert first.clock_error is not None
    assert 0.004 <= first.clock_error <= 0.008
    for stage, late in ((first, 0.0), (second, 0.1)):
        assert stage.arrived == pytest.approx(1000.105 + late, abs=first.clock_error)
        assert stage.decoded == pytest.approx(1000.11 + late, abs=first.clock_error)
    assert second.audible == pytest.approx(1000.85, abs=first.clock_error)
    assert timeline.listening is not None
    assert timeline.listening.output == "worklet 1000 Hz"


def test_a_page_that_says_nothing_leaves_everything_unknown() -> None:
    (first, _) = stages(streamed())
    assert (first.arrived, first.audible, first.clock_error) == (None, None, None)


def test_a_page_that_tells_no_messages_down_is_nowhere_on_the_clock() -> None:
    pages, timeline = Pages(), streamed()
    page = Page(pages, "a")
    page.report(timeline, 1001.4, spans=[[0, 1000, 900.35]], down=None)
    first, _ = stages(timeline)
    assert (first.arrived, first.audible, first.clock_error) == (None, None, None)
    assert pages.spans(1001.5) == {}


def test_a_first_chunk_that_came_before_the_quickest_message_is_placed() -> None:
    """Each message that brought audio ties the clocks, whatever came of the page's hello."""
    pages, timeline = Pages(), streamed()
    page = Page(pages, "a", hello=0.9)  # nothing keeps such a bound, once there are better ones
    told(page, timeline, down={"sent": 1000.897, "arrived": 900.9})
    first, _ = stages(timeline)
    assert first.clock_error is not None
    assert first.clock_error < 0.01
    assert first.arrived == pytest.approx(1000.105, abs=first.clock_error)


def test_when_a_take_was_to_be_heard_is_placed_though_nothing_of_it_had_come() -> None:
    pages, timeline = Pages(), streamed()
    told(Page(pages, "a", hello=0.9), timeline, asked=900.05)
    (one,) = timeline.listenings
    placed = one.place(one.asked)
    assert placed is not None
    assert placed.moment == pytest.approx(1000.05, abs=placed.error)
    assert placed.error < 0.01


def test_the_moments_of_another_process_tie_no_clocks() -> None:
    pages, timeline = Pages(), Timeline.from_dict(streamed().to_dict())
    timeline.created = 999.0
    Page(pages, "a").report(timeline, 1001.4, arrivals=[[1000, 900.1]], asked=900.05, down=None)
    assert pages.spans(1001.5) == {}


def test_of_two_pages_that_play_the_same_take_the_first_counts() -> None:
    pages, timeline = Pages(), streamed()
    told(Page(pages, "a"), timeline)
    before = stages(timeline)
    told(Page(pages, "b", behind=-7.0), timeline, now=1002.0)
    assert stages(timeline) == before
    assert [one.page for one in timeline.listenings] == ["a", "b"]


def test_a_reload_in_the_middle_keeps_what_the_page_before_told() -> None:
    pages, timeline = Pages(), streamed()
    before = Page(pages, "before")
    before.report(
        timeline,
        1000.5,
        arrivals=[[1000, 900.105]],
        decoded=[[500, 900.11]],
        spans=[[0, 300, 900.35]],
    )
    after = Page(pages, "after", behind=1000.9, loaded=1000.95)  # its clock begins anew
    after.report(
        timeline,
        1001.4,
        arrivals=[[1000, None], [2000, 0.3]],
        spans=[[300, 700, 0.2]],
        by_person=True,
    )
    first, second = stages(timeline)
    assert first.audible == pytest.approx(1000.35, abs=0.01)
    assert (second.arrived, second.audible) == (None, None)


def test_what_comes_in_many_reports_adds_up() -> None:
    pages, timeline = Pages(), streamed()
    page = Page(pages, "a")
    page.report(timeline, 1000.3, arrivals=[[1000, 900.105]], asked=900.1)
    page.report(timeline, 1000.6, spans=[[0, 200, 900.35]], dry=[[0.2, 900.55, None]])
    page.report(timeline, 1000.9, spans=[[0, 200, 900.35]], disturbed=900.8, ended=True)
    page.report(timeline, 1001.2, dry=[[0.2, 900.55, 900.6]], disturbed=901.1, asked=None)
    (one,) = timeline.listenings
    assert len(one.spans) == len(one.dry) == len(one.arrivals) == 1
    assert one.dry[0].ended == 900.6
    assert (one.asked, one.disturbed, one.ended) == (900.1, 900.8, True)


def test_an_output_that_slips_makes_the_moments_around_it_less_sure_and_no_others() -> None:
    pages, timeline = Pages(), streamed()
    page = Page(pages, "a")
    output = {"kind": "worklet", "rate": RATE, "latency": 0.02}
    rows = ((1000.4, 0.001), (1000.66, 0.001), (1000.7, 0.3), (1001.0, 0.001), (1001.3, 0.001))
    for now, error in rows:
        page.report(
            timeline, now, spans=[[0, 1000, 900.35]], output={**output, "error": error}
        )  # fmt: skip
    (one,) = timeline.listenings
    errors = [one.audible_at(sample) for sample in (0, 200, 500, 800)]  # 0.33, 0.53, 0.83, 1.13
    wide = [None if placed is None else placed.error > 0.3 for placed in errors]
    assert wide == [False, True, True, False]
    assert one.output_error == 0.3
    page.report(timeline, 1001.6, output={**output, "error": None})
    assert one.sounding(901.5) is None
    assert one.audible_at(0) is not None


def test_a_claim_that_cannot_be_true_ties_no_clocks() -> None:
    pages, timeline = Pages(), streamed()
    page = Page(pages, "a")
    page.report(timeline, 1001.0)
    known = pages.spans(1001.0)["a"]
    page.report(timeline, 1001.5, down={"sent": 5000.0, "arrived": 901.4})  # sent in the future
    page.report(timeline, 1001.5, down={"sent": 1001.4, "arrived": 905.0})  # arrived after it left
    assert pages.spans(1001.0)["a"] == pytest.approx(known, abs=1e-6)


def test_the_clocks_of_pages_heard_of_lately_are_told_and_of_no_others() -> None:
    pages, timeline = Pages(), streamed()
    Page(pages, "a").report(timeline, 1001.0)
    Page(pages, "b", behind=-5.0).report(timeline, 1040.0)
    spans = pages.spans(1041.0)
    assert set(spans) == {"a", "b"}
    assert spans["a"][0] == pytest.approx(100.0, abs=spans["a"][1])
    assert spans["b"][0] == pytest.approx(-5.0, abs=spans["b"][1])
    assert set(pages.spans(1001.0 + FRESH_S + 1.0)) == {"b"}


def test_pages_that_come_and_go_take_bounded_room() -> None:
    pages, timeline = Pages(), streamed()
    for number in range(10 * MAX_PAGES):
        told(Page(pages, f"page {number}"), timeline, now=1001.0 + number)
    assert len(pages.spans(1001.0 + 10 * MAX_PAGES)) <= MAX_PAGES
    assert len(timeline.listenings) < 100
    assert stages(timeline)[0].audible is not None


def test_a_page_that_lies_about_everything_raises_nothing_and_harms_no_other() -> None:
    pages, timeline, chance = Pages(), streamed(), random.Random(5)
    honest, liar = Page(pages, "a"), Page(pages, "liar")
    told(honest, timeline)
    before = stages(timeline)
    for _ in range(300):
        rows = [
            [chance.randrange(10**6), chance.choice([chance.uniform(-1e9, 1e9), float("nan")])]
            for _ in range(20)
        ]
        liar.report(
            timeline,
            1001.5 + chance.random(),
            sent=chance.uniform(-1e9, 1e9),
            down={"sent": chance.uniform(0, 1000), "arrived": chance.uniform(-1e9, 1e9)},
            listening=chance.randrange(3),
            arrivals=rows,
            decoded=rows,
            spans=[[*row[:1], chance.randrange(10**9), row[1]] for row in rows],
            dry=[[abs(row[1]), row[1], row[1] + 1] for row in rows],
        )
    assert stages(timeline) == before
    for one in timeline.listenings:
        for sample in range(0, 10**6, 10**5):
            one.audible_at(sample)
        one.to_dict()


_numbers = st.one_of(st.integers(-3, 3000), st.floats(890.0, 910.0), st.floats(), st.none())
_rows = st.lists(st.lists(_numbers, min_size=2, max_size=3), max_size=6)


@given(_rows, _rows, _rows, _rows, st.integers(0, 3), _numbers)
def test_whatever_rows_come_in_whatever_order_figures_are_figures_or_unknown(
    arrivals: object, decoded: object, spans: object, dry: object, listening: int, sent: object
) -> None:
    pages, timeline = Pages(), streamed()
    page = Page(pages, "a")
    page.report(timeline, 1000.0)
    for now in (1001.0, 1001.5):
        page.report(
            timeline, now, arrivals=arrivals, decoded=decoded, spans=spans, dry=dry,
            listening=listening, asked=sent, disturbed=sent, sent=sent,
        )  # fmt: skip
    page.report(timeline, 1002.0)
    for stage in stages(timeline):
        for moment in (stage.arrived, stage.decoded, stage.audible):
            assert moment is None or abs(moment) < 1e10
    Timeline.from_dict(timeline.to_dict())


def test_a_notebook_opened_again_in_its_page_tells_of_another_listening() -> None:
    pages, timeline = Pages(), streamed()
    page = Page(pages, "a")
    told(page, timeline, asked=900.0)
    heard_there = stages(timeline)
    # Its players are new, and count from 1 again.
    page.report(timeline, 1060.0, asked=959.0, by_person=True, spans=[[0, 1000, 959.05]])
    first, again = timeline.listenings
    assert (first.asked, first.by_person, again.asked, again.by_person) == (900, False, 959, True)
    assert timeline.listening is first
    assert [round(one.audible or 0, 2) for one in stages(timeline)] == [1000.35, 1000.85]
    assert [one.arrived for one in heard_there] == pytest.approx([1000.105, 1000.205], abs=0.01)


def test_what_is_heard_of_a_take_that_was_read_back_says_nothing_of_how_it_came() -> None:
    pages = Pages()
    # Saved by another process, whose clock was elsewhere.
    timeline = Timeline.from_dict(streamed().to_dict())
    told(Page(pages, "a", loaded=50_000.0), timeline, now=50_001.0)
    assert timeline.listening is None
    assert [(one.arrived, one.audible) for one in stages(timeline)] == [(None, None)] * 2
