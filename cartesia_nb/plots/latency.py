"""Where each chunk was when, against the moment it was due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from cartesia_nb.plots.course import STEPS, Course, dry_in_words, span
from cartesia_nb.plots.style import check_axes, describe, new_axes, palette, say_instead, set_title
from cartesia_nb.plots.takes import TakeLike, as_takes, backends, names, remark
from cartesia_nb.speech.wording import count, shortened

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from cartesia_nb.plots.panes import Handle, Panes

_LEGEND_TAKES: Final = 8
_HEIGHT: Final = 5.2
"""Inches, for two panes."""


def plot_latency(
    take_or_takes: TakeLike | Iterable[TakeLike],
    ax: Axes | None = None,
    *,
    labels: Sequence[str] | None = None,
) -> Axes:
    """Draw where each chunk was when, against the moment it was due, and the buffer beneath.

    Across: the time since the request; since ``say()``, or since the first piece of text that was
    fed, if a connection had to be opened for it, and that is drawn first; since the first chunk if
    the request was not seen. Up: the position in the audio. Each chunk is a row as high as the
    audio it brought. Its segments reach from the text that was sent, over the moments when it was
    received, sent to the page, arrived, and was decoded, to the moment it was audible; with many
    chunks the rows become one band. The black line is playback on paper, which began with the first
    chunk and waits where it runs dry: a chunk was due where its row meets that line. The green line
    is what was heard in the page.

    The lower pane has the seconds of audio in hand: on paper, received and not yet played; in the
    page, arrived and not yet audible. Dry spells are marked on paper and as heard. On paper
    neither prebuffer nor output latency counts: it shows what the stream allows.

    What is unknown (no page heard it, or its clock can't be placed) is absent, and the legend
    says so.

    Args:
        take_or_takes: a take, ended or not; or several to compare, of which only what was
            received, played on paper and in hand is drawn, all from their requests on.
        ax: where to draw, inside its own area; a new figure if ``None``.
        labels: names for several takes, one each; the beginnings of their texts if ``None``.

    Returns:
        The upper Axes; the lower one is its child, with the same x. ``alt_text(ax)`` says in
        words what they show.

    Raises:
        SettingsError: something is no take, ``ax`` is no Axes, or the labels are not one for each.
    """
    check_axes(ax)
    takes = as_takes(take_or_takes)
    called = names(takes, labels)
    courses = [Course.of(take, from_say=len(takes) == 1) for take in takes]
    ax = new_axes(height=_HEIGHT) if ax is None else ax
    colours = palette(ax)
    drawn = [course for course in courses if course.rows]
    set_title(ax, _title(courses))
    if not drawn:
        ax.set_xlim(0, 1)
        ax.set_ylim(0, 1)
        say_instead(ax, "no audio was received")
        _name_axes(ax, ax, courses, "s")
        describe(ax, _in_words(courses))
        return ax
    from cartesia_nb.plots.panes import Panes
    from cartesia_nb.plots.waterfall import Waterfall

    panes = Panes(ax)
    if len(courses) == 1:
        one = Waterfall(panes, drawn[0])
        one.draw()
        unit = one.unit
    else:
        unit = _draw_many(panes, courses, called)
    _name_axes(ax, panes.lower, drawn, unit)
    for pane in (ax, panes.lower):
        pane.grid(True, color=colours.ink, alpha=0.12, linewidth=0.8)
        pane.set_axisbelow(True)
        pane.spines[["top", "right"]].set_visible(False)
    describe(ax, _in_words(courses))
    return ax


def _name_axes(ax: Axes, lower: Axes, courses: Sequence[Course], unit: str) -> None:
    from cartesia_nb.plots.panes import LOWER, UPPER, label_upwards

    since = list(dict.fromkeys(course.since_in_words for course in courses))
    name = since[0] if len(since) == 1 else "the request, or first chunk if unseen"
    # The upper pane has the name too, for who asks it.
    for pane in (ax, lower):
        pane.set_xlabel(f"time since {name} ({unit})")
    label_upwards(ax, "position in the audio (s)", 1.0 if lower is ax else UPPER)
    if lower is not ax:
        ax.xaxis.label.set_visible(False)
        label_upwards(lower, "ahead (s)", LOWER, of=ax)


def _draw_many(panes: Panes, courses: Sequence[Course], called: Sequence[str]) -> str:
    """Returns the unit of time."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    from cartesia_nb.plots.waterfall import draw_dry

    ax, lower = panes.ax, panes.lower
    colours = palette(ax)
    drawn = [course for course in courses if course.rows]
    latest = max(max(float(course.playback()[0].max()) for course in drawn), 0.01)
    longest = max(max(float(course.ends[-1]) for course in drawn), 0.01)
    scale, unit = (1.0, "s") if latest > 3 else (1000.0, "ms")
    first = min(0.0, *(float(course.stage("received")[0]) for course in drawn))
    ax.set_xlim((first - 0.012 * latest) * scale, latest * 1.012 * scale)
    ax.set_ylim(-0.03 * longest, 1.03 * longest)
    handles: list[Handle] = []
    texts: list[str] = []
    dry: Artist | None = None
    highest = 0.01
    for index, (course, name) in enumerate(zip(courses, called, strict=True)):
        colour = colours.series[index % len(colours.series)]
        style = ("-", "--", "-.", ":")[index // len(colours.series) % 4]
        handle: Artist = Patch(alpha=0)
        if course.rows:
            x, y = course.playback()
            ax.plot(x * scale, y, color=colour, linewidth=1.0, alpha=0.6, zorder=2)
            x, y = course.received()
            (handle,) = ax.plot(x * scale, y, style, color=colour, linewidth=2.2, zorder=3)
            silence = course.metrics.leading_silence
            ttfb = float(course.stage("received")[0])
            for at, shape in ((0.0, "D"), (silence, "o")):
                if at is not None and course.take.timeline.requested is not None:
                    ax.plot(
                        (ttfb + at) * scale, at, shape, color=colour,
                        markeredgecolor=colours.ink, markersize=7, zorder=5, clip_on=False,
                    )  # fmt: skip
            x, y = course.ahead()
            lower.plot(x * scale, y, style, color=colour, linewidth=1.5)
            highest = max(highest, float(y.max()))
            if course.dry:
                dry = draw_dry(ax, course, scale, colours)
        if index < _LEGEND_TAKES:
            handles.append(handle)
            texts.append(f"{name}:\n{_figures(course)}")
    if len(courses) > _LEGEND_TAKES:
        handles.append(Patch(alpha=0))
        texts.append(f"and {len(courses) - _LEGEND_TAKES} more")
    handles.append(
        tuple(
            Line2D([], [], linestyle="", marker=shape, color="none",
                   markeredgecolor=colours.ink, markersize=7)
            for shape in "Do"
        )
    )  # fmt: skip
    texts.append("TTFB, TTFA")
    handles.append(Line2D([], [], color=colours.ink, linewidth=2.2))
    texts.append("received")
    handles.append(Line2D([], [], color=colours.ink, linewidth=1.0, alpha=0.6))
    texts.append("due: playback on paper")
    if dry is not None:
        handles.append(dry)
        texts.append("dry spell on paper")
    lower.set_ylim(-0.04 * highest, 1.1 * highest)
    panes.legend(handles, texts)
    return unit


def _title(courses: Sequence[Course]) -> str:
    if not courses:
        return "Latency: no takes"
    title = f"Latency: {backends(course.take for course in courses)}"
    if len(courses) > 1:
        return f"{title}, {len(courses)} takes"
    note = remark(courses[0].take)
    return f"{title}\n{note}" if note else title


def _figures(course: Course) -> str:
    if not course.rows:
        return remark(course.take) or "no audio"
    parts = [f"TTFB {span(course.metrics.ttfb)}", f"TTFA {span(course.metrics.ttfa)}"]
    if course.take.timeline.cold:
        parts[-1] += ", cold"
    if course.dry:
        parts.append(dry_in_words(course))
    note = remark(course.take)
    first = ", ".join(parts[:2])
    more = parts[2:] + ([shortened(note, 30)] if note else [])
    return "\n".join(filter(None, [first, ", ".join(more)]))


def _in_words(courses: Sequence[Course]) -> str:
    sentences = [f"{_title(courses)}.".replace("\n", ", ")]
    for index, course in enumerate(courses):
        lead = f"Take {index + 1}: " if len(courses) > 1 else ""
        if not course.rows:
            sentences.append(f"{lead}No audio was received.")
            continue
        metrics = course.metrics
        rtf = "unknown" if metrics.rtf is None else f"{metrics.rtf:.3g}"
        least = course.least_ahead
        sentences.append(
            f"{lead}{count(metrics.chunks, 'chunk')} brought {metrics.duration:.2f} s of audio; "
            f"time to first byte {span(metrics.ttfb)}, time to first audio {span(metrics.ttfa)}, "
            f"real-time factor {rtf}, largest gap {span(metrics.largest_gap)}, least buffer ahead "
            f"{span(None if least is None else max(least, 0.0))}, "
            f"{dry_in_words(course) if course.dry else 'no dry spell'} on paper."
        )
        if len(courses) == 1:
            sentences += [_before_the_request(course), _in_the_page(course)]
    return " ".join(filter(None, sentences))


def _before_the_request(course: Course) -> str:
    timeline = course.take.timeline
    if not timeline.cold:
        return ""
    if not course.with_connecting or timeline.connected is None:
        return "A connection was opened for it; how long that took is unknown."
    waited = course.after_zero(timeline.requested)
    return (
        f"A connection was opened for it, ready {span(course.after_zero(timeline.connected))} "
        f"after {course.since_in_words}; the request was sent at {span(waited)}."
    )


def _in_the_page(course: Course) -> str:
    metrics = course.metrics
    steps = []
    for begin, end, text in STEPS:
        taken = course.stage(end) - course.stage(begin)
        known = taken[~np.isnan(taken)]
        steps.append(f"{text} {span(float(np.median(known)) if len(known) else None)}")
    sentences = [f"At the median of the chunks: {', '.join(steps)}."]
    if metrics.first_sound is None:
        sentences.append("When it sounded in a page is unknown.")
    else:
        dry = course.heard_dry_in_words
        heard = f"heard {dry}" if dry else "no dry spell heard"
        sentences.append(
            f"The first sound was heard {span(metrics.first_sound)} after the request, give or "
            f"take {span(metrics.clock_error)}; the least that a chunk was in the page before its "
            f"sound is {span(course.least_in_hand)}; {heard}."
        )
    return " ".join(sentences)
