"""When each chunk came, against the moment it was due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from cartesia_nb.plots.course import Course, count, dry_in_words, span
from cartesia_nb.plots.style import (
    Palette,
    can_draw,
    describe,
    new_axes,
    palette,
    say_instead,
    set_title,
)
from cartesia_nb.plots.takes import TakeLike, as_takes, backends, remark, shortened

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    Handle: TypeAlias = Artist | tuple[Artist, ...]

_NAMED_DRY: Final = 3
_DOTS: Final = 80
_LEGEND_TAKES: Final = 8


def plot_latency(
    take_or_takes: TakeLike | Iterable[TakeLike],
    ax: Axes | None = None,
    *,
    labels: Sequence[str] | None = None,
) -> Axes:
    """Draw when each chunk was received against the moment it was due.

    Across: the position in the audio. Up: the time since the request (since the first chunk if
    the request was not seen). Each step is a chunk, as wide as the audio it brought. The line
    above is playback in real time that began with the first chunk; the height between the two
    is the audio buffered ahead. Where a step reaches over the line, playback ran dry and went on
    later. Time to first byte, time to first audio and the largest gap are marked and named.

    Args:
        take_or_takes: a take, ended or not, or several to compare.
        ax: where to draw; a new figure if ``None``.
        labels: names for several takes; the beginnings of their texts if ``None``.

    Returns:
        The Axes; ``alt_text(ax)`` says in words what it shows.

    Prebuffering and the output's latency are not in it: it shows what the stream allows.
    """
    courses = [Course.of(take) for take in as_takes(take_or_takes)]
    ax = new_axes() if ax is None else ax
    colours = palette(ax)
    drawn = [course for course in courses if course.chunks]
    longest = max((course.chunks[-1].end for course in drawn), default=0.0)
    latest = max((float(course.playback()[1].max()) for course in drawn), default=0.0)
    scale, unit = (1.0, "s") if latest > 15 else (1000.0, "ms")
    # One sample has no width that could be seen, and nothing at all no range.
    longest, latest = (max(longest, 0.01), max(latest, 0.01)) if drawn else (1.0, 1.0)
    ax.set_xlim(-0.012 * longest, longest * 1.012)
    ax.set_ylim(0, latest * scale * 1.06)
    if len(courses) == 1 and drawn:
        _draw_one(ax, drawn[0], scale, colours)
    elif drawn:
        _draw_many(ax, courses, _names(courses, labels), scale, colours)
    else:
        say_instead(ax, "no audio was received")
    unseen = [course.take.timeline.requested is None for course in drawn]
    since = "request"
    if any(unseen):
        since = "first chunk" if all(unseen) else "request, or first chunk if unseen"
    ax.set_xlabel("position in the audio (s)")
    ax.set_ylabel(f"time since the {since} ({unit})")
    ax.grid(True, color=colours.ink, alpha=0.12, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    set_title(ax, _title(courses))
    describe(ax, _in_words(courses))
    return ax


def _draw_one(ax: Axes, course: Course, scale: float, colours: Palette) -> None:
    from matplotlib.patches import Patch

    metrics = course.metrics
    x, received = course.arrivals()
    _, heard = course.playback()
    few = len(course.chunks) <= _DOTS
    ax.fill_between(x, received * scale, heard * scale, color=colours.soft, alpha=0.22, lw=0)
    (steps,) = ax.plot(x, received * scale, color=colours.main, linewidth=2.2, zorder=3)
    if few:
        ax.plot(x[::2], received[::2] * scale, "o", color=colours.main, markersize=4, zorder=3)
    (line,) = ax.plot(x, heard * scale, color=colours.ink, linewidth=1.6, zorder=2.5)
    handles: list[Handle] = []
    names: list[str] = []

    def name(handle: Artist, text: str) -> None:
        handles.append(handle)
        names.append(text)

    if metrics.ttfb is not None:
        name(_mark(ax, 0.0, metrics.ttfb * scale, "D", colours),
             f"TTFB {span(metrics.ttfb)}")  # fmt: skip
    if metrics.ttfa is not None and metrics.leading_silence is not None:
        name(_mark(ax, metrics.leading_silence, metrics.ttfa * scale, "o", colours),
             f"TTFA {span(metrics.ttfa)}")  # fmt: skip
    elif metrics.leading_silence is None:
        name(Patch(alpha=0), "TTFA unknown: no speech found")
    name(line, "playback, in real time")
    name(steps, f"received, {count(len(course.chunks), 'chunk')}")
    least = course.least_ahead
    ahead = "" if least is None or course.dry else f", at least {span(max(least, 0.0))}"
    name(Patch(color=colours.soft, alpha=0.4, lw=0), f"buffered ahead{ahead}")
    if metrics.largest_gap is not None:
        before, after = max(
            pairwise(course.chunks), key=lambda two: two[1].received - two[0].received
        )
        (gap,) = ax.plot(
            [after.start] * 2,
            [(before.received - course.zero) * scale, (after.received - course.zero) * scale],
            color=colours.gap, linewidth=5, solid_capstyle="butt", zorder=2.8,
        )  # fmt: skip
        name(gap, f"largest gap {span(metrics.largest_gap)}")
    if course.dry:
        name(_draw_dry(ax, course, scale, colours), dry_in_words(course))
    _legend(ax, handles, names, [course], scale)


def _draw_many(
    ax: Axes, courses: Sequence[Course], names: Sequence[str], scale: float, colours: Palette
) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Handle] = []
    texts: list[str] = []
    dry: Artist | None = None
    for index, (course, name) in enumerate(zip(courses, names, strict=True)):
        colour = colours.series[index % len(colours.series)]
        style = ("-", "--", "-.", ":")[index // len(colours.series) % 4]
        handle: Artist = Patch(alpha=0)
        if course.chunks:
            x, received = course.arrivals()
            _, heard = course.playback()
            ax.plot(x, heard * scale, color=colour, linewidth=1.0, alpha=0.6, zorder=2)
            (handle,) = ax.plot(x, received * scale, style, color=colour, linewidth=2.2, zorder=3)
            for y, at, shape in (
                (course.metrics.ttfb, 0.0, "D"),
                (course.metrics.ttfa, course.metrics.leading_silence, "o"),
            ):
                if y is not None and at is not None:
                    ax.plot(
                        at, y * scale, shape, color=colour, markeredgecolor=colours.ink,
                        markersize=7, zorder=5, clip_on=False,
                    )  # fmt: skip
            if course.dry:
                dry = _draw_dry(ax, course, scale, colours, named=0)
        if index < _LEGEND_TAKES:
            handles.append(handle)
            texts.append(f"{name}: {_figures(course)}")
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
    handles.append(Line2D([], [], color=colours.ink, linewidth=1.0, alpha=0.6))
    texts.append("playback, in real time")
    if dry is not None:
        handles.append(dry)
        texts.append("dry spell")
    _legend(ax, handles, texts, [course for course in courses if course.chunks], scale)


def _mark(ax: Axes, x: float, y: float, shape: str, colours: Palette) -> Artist:
    """A marker, and dots from it to the axis on which its value is read."""
    ax.plot([-1e6, x], [y, y], ":", color=colours.ink, linewidth=1, zorder=2, scalex=False)
    (mark,) = ax.plot(
        x, y, shape, color="#F0E442", markeredgecolor="black", markersize=8, zorder=6,
        linestyle="", clip_on=False,
    )  # fmt: skip
    return mark


def _draw_dry(
    ax: Axes, course: Course, scale: float, colours: Palette, named: int = _NAMED_DRY
) -> Artist:
    """Each dry spell from the moment the chunk was due to the moment it came."""
    from matplotlib.collections import LineCollection

    spells = course.dry
    segments = [
        [(chunk.start, (due.due - course.zero) * scale),
         (chunk.start, (chunk.received - course.zero) * scale)]
        for chunk, due in spells
    ]  # fmt: skip
    ax.add_collection(
        LineCollection(segments, colors=colours.late, linewidths=5, zorder=4, capstyle="butt")
    )
    (mark,) = ax.plot(
        [chunk.start for chunk, _ in spells],
        [(chunk.received - course.zero) * scale for chunk, _ in spells],
        "v", color=colours.late, markeredgecolor=colours.ink, markersize=9, zorder=5,
    )  # fmt: skip
    # Beside its middle no line passes: what came before lies lower, what follows higher.
    for chunk, due in sorted(spells, key=lambda spell: -spell[1].dry)[:named]:
        if due.dry * scale < 0.06 * ax.get_ylim()[1]:
            break
        left = chunk.start > course.chunks[-1].end * 0.8
        ax.annotate(
            f"dry {span(due.dry)}",
            (chunk.start, ((due.due + chunk.received) / 2 - course.zero) * scale),
            xytext=(-8 if left else 8, 0), textcoords="offset points",
            ha="right" if left else "left", va="center", color=colours.ink, zorder=6,
        )  # fmt: skip
    return mark


def _legend(
    ax: Axes,
    handles: list[Handle],
    names: list[str],
    courses: Sequence[Course],
    scale: float,
) -> None:
    """Upper left, above the lines; lower right if that alone is free; else under more headroom."""
    from matplotlib import rcParams
    from matplotlib.font_manager import FontProperties
    from matplotlib.legend_handler import HandlerTuple

    points = FontProperties(size=rcParams["legend.fontsize"]).get_size_in_points()
    per_point = (ax.figure.dpi or 72) / 72
    # Measured by the eye: a character is 0.6 of the size wide, a row 1.5 high, a handle 4 wide.
    width = (0.6 * max(len(name) for name in names) + 4) * points * per_point / ax.bbox.width
    height = (1.5 * len(names) + 1) * points * per_point / ax.bbox.height
    if width > 0.75:
        shrink = max(0.75 / width, 0.7)
        points, width, height = points * shrink, width * shrink, height * shrink
    width, height = min(width, 1.0), min(height, 0.75)
    longest = max(course.chunks[-1].end for course in courses)
    top = ax.get_ylim()[1]
    over = max(
        (float(np.interp(width * longest, x, y)) * scale)
        for x, y in (course.playback() for course in courses)
    )
    under = min(
        (float(np.interp((1 - width) * longest, x, y)) * scale)
        for x, y in (course.arrivals() for course in courses)
    )
    corner: Literal["upper left", "lower right"] = "upper left"
    if over > (1 - height) * top:
        if under > height * top:
            corner = "lower right"
        else:
            ax.set_ylim(0, over / (1 - height))
    legend = ax.legend(
        handles, names, loc=corner, fontsize=points, framealpha=0.8, edgecolor="none",
        borderaxespad=0.3,
        handler_map={tuple: HandlerTuple(ndivide=None)},
    )  # fmt: skip
    legend.set_zorder(7)
    for text in legend.get_texts():
        text.set_parse_math(False)


def _names(courses: Sequence[Course], labels: Sequence[str] | None) -> list[str]:
    names = []
    for index, course in enumerate(courses):
        text = " ".join(course.take.text.split())
        if labels is not None and index < len(labels):
            names.append(str(labels[index]))
        elif text and can_draw(text):
            names.append(f"{index + 1} “{shortened(text, 24)}”")
        else:
            names.append(f"take {index + 1}")
    return names


def _title(courses: Sequence[Course]) -> str:
    if not courses:
        return "Latency: no takes"
    title = f"Latency: {backends(course.take for course in courses)}"
    if len(courses) > 1:
        return f"{title}, {len(courses)} takes"
    note = remark(courses[0].take)
    return f"{title}\n{note}" if note else title


def _figures(course: Course) -> str:
    if not course.chunks:
        return remark(course.take) or "no audio"
    parts = [f"TTFB {span(course.metrics.ttfb)}", f"TTFA {span(course.metrics.ttfa)}"]
    if course.dry:
        parts.append(dry_in_words(course))
    note = remark(course.take)
    return ", ".join([*parts, shortened(note, 30)] if note else parts)


def _in_words(courses: Sequence[Course]) -> str:
    sentences = [f"{_title(courses)}.".replace("\n", ", ")]
    for index, course in enumerate(courses):
        lead = f"Take {index + 1}: " if len(courses) > 1 else ""
        if not course.chunks:
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
            f"{dry_in_words(course) if course.dry else 'no dry spell'}."
        )
    return " ".join(sentences)
