"""How the figures are printed: aligned, in groups, with their errors, and unknown ones said so."""

from __future__ import annotations

import dataclasses

from cartesia_nb.speech.figures import GROUPS, shown
from cartesia_nb.speech.metrics import Metrics, measure
from cartesia_nb.speech.timeline import Timeline
from tests.speech.heard import heard, timeline_of


def lines_of(timeline: Timeline) -> dict[str, str]:
    """Each line by its label, with single spaces."""
    text = str(measure(timeline, onset=0.2, duration=timeline.duration))
    rows = [" ".join(line.split()) for line in text.splitlines() if line.startswith("  ")]
    labels = [figure.label for group in GROUPS.values() for figure in group.values()]
    assert len(rows) == len(labels)
    return {label: row.removeprefix(label).strip() for label, row in zip(labels, rows, strict=True)}


def test_every_figure_has_a_line_but_those_that_stand_beside_another() -> None:
    named = {name for group in GROUPS.values() for name in group}
    beside = {"cold", "clock_error"}
    assert named | beside == {field.name for field in dataclasses.fields(Metrics)}
    assert not named & beside


def test_a_line_has_label_value_unit_and_both_events() -> None:
    timeline = timeline_of((50.0905, 0.5), (50.2, 0.5))
    heard(timeline, (0.0, 1.0, 50.1455))
    lines = lines_of(timeline)
    assert lines["TTFB"] == "90.5 ms first text sent → first audio received"
    assert lines["first sound"].startswith("145.5 ms ± 4.0 ms first text sent → ")
    assert lines["duration"].startswith("1.00 s ")
    assert lines["real-time factor"].startswith("0.200 ")
    assert lines["bytes"].startswith("32,000 ")


def test_the_columns_stand_in_line() -> None:
    timeline = timeline_of((50.0905, 0.5), (50.2, 0.5))
    heard(timeline, (0.0, 1.0, 50.1455))
    text = str(measure(timeline, onset=0.2, duration=1.0))
    rows = [line for line in text.splitlines() if line.startswith("  ")]
    events = [figure.events for group in GROUPS.values() for figure in group.values()]
    assert len({row.index(event) for row, event in zip(rows, events, strict=True)}) == 1
    groups = [line for line in text.splitlines() if not line.startswith(" ")]
    assert groups == list(GROUPS)


def test_what_was_not_observed_is_unknown_and_never_zero() -> None:
    lines = lines_of(timeline_of(cold=None))
    zero = {"duration", "chunks", "bytes", "sent again", "leading silence"}
    unknown = {label for label, line in lines.items() if line.startswith("unknown")}
    assert unknown == set(lines) - zero
    assert "0 ms" not in "".join(lines[label] for label in unknown)
    assert "±" not in "".join(lines.values())


def test_a_connection_that_was_open_is_not_unknown() -> None:
    assert lines_of(timeline_of(cold=False))["connect"].startswith("was open")


def test_long_times_are_told_in_seconds() -> None:
    assert shown(9.9994, "s") == "9,999.4 ms"
    assert shown(12.346, "s") == "12.35 s"
    assert shown(0.0123, "length") == "0.01 s"
    assert shown(1234, "count") == "1,234"
    assert shown(None, "s") == "unknown"
