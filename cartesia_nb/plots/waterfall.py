"""One take's chunks as a waterfall: where each was when, and when it was due.

Imports matplotlib, so it is imported by plot functions when they run.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Patch

from cartesia_nb.plots.course import STEPS, Course, Floats, Stage, dry_in_words, span
from cartesia_nb.plots.firstchunk import FirstChunk
from cartesia_nb.plots.label import Label
from cartesia_nb.plots.panes import Handle, Panes
from cartesia_nb.plots.style import GREEN, ORANGE, PURPLE, YELLOW, Palette, palette
from cartesia_nb.speech.wording import count

_NAMED_DRY: Final = 3
_ROWS: Final = 60
"""So many chunks are told apart as rows of their own."""

_INSET_TOP: Final = 0.42
_INSET_WIDTH: Final = 0.36

_AWAY: Final = 3.0
"""What is heard so many times later than on paper is out of the picture."""


Fill: TypeAlias = tuple[str, float]
_FIRM: Final = 0.95


class Waterfall:
    """One take drawn into two panes. ``draw`` once; ``legend`` then names what was drawn."""

    def __init__(self, panes: Panes, course: Course) -> None:
        self._panes = panes
        self._ax = panes.ax
        self._course = course
        self._colours = palette(panes.ax)
        self._handles: list[Handle] = []
        self._texts: list[str] = []
        self._latest = latest(course)
        self.scale, self.unit = (1.0, "s") if self._latest > 3 else (1000.0, "ms")

    def draw(self) -> None:
        """Draw everything and name it."""
        course, ax = self._course, self._ax
        longest = max(float(course.ends[-1]), 0.01)
        margin = 0.012 * self._latest * self.scale
        first = min(0.0, float(course.stage("received")[0]))
        ax.set_xlim(first * self.scale - margin, self._latest * self.scale + margin)
        ax.set_ylim(-0.03 * longest, 1.03 * longest)
        self._connecting()
        self._marks()
        self._steps()
        self._lines()
        self._dry_on_paper()
        self._dry_as_heard()
        self._largest_gap()
        self._ahead()
        self._enlarge()
        self._panes.legend(self._handles, self._texts)

    def _name(self, handle: Handle, text: str) -> None:
        self._handles.append(handle)
        self._texts.append(text)

    def _connecting(self) -> None:
        """What happened before the request."""
        course, ax = self._course, self._ax
        if not course.with_connecting:
            return
        timeline = course.take.timeline
        requested = course.after_zero(timeline.requested)
        connected = course.after_zero(timeline.connected)
        if requested is None:
            return
        if connected is not None and 0 <= connected <= requested:
            area = ax.axvspan(
                0, connected * self.scale, facecolor="none", edgecolor=self._colours.ink,
                hatch="///", alpha=0.25, linewidth=0, zorder=1,
            )  # fmt: skip
            self._name(area, f"connecting {span(connected)}")
        (line,) = ax.plot(
            [requested * self.scale] * 2, ax.get_ylim(), "--", color=self._colours.ink,
            linewidth=1, zorder=2,
        )  # fmt: skip
        self._name(line, f"request sent at {span(requested)}")

    def _marks(self) -> None:
        """The field's three moments, and the text's."""
        course, metrics = self._course, self._course.metrics
        if metrics.ttfb is not None:
            at = float(course.stage("received")[0])
            self._name(self._mark(at, 0.0, "D"), f"TTFB {span(metrics.ttfb)}")
        if metrics.leading_silence is None:
            self._name(Patch(alpha=0), "TTFA unknown: no speech found")
        elif metrics.ttfa is not None:
            at = float(course.stage("received")[0]) + metrics.leading_silence
            self._name(self._mark(at, metrics.leading_silence, "o"), f"TTFA {span(metrics.ttfa)}")
        if metrics.first_sound is not None and course.rows[0].audible is not None:
            text = f"first sound {span(metrics.first_sound)} ± {span(metrics.clock_error)}"
            sounded = course.rows[0].audible - course.zero
            if sounded > self._latest:
                self._name(Patch(alpha=0), f"{text}\n(beyond the right edge)")
            else:
                self._name(self._mark(sounded, 0.0, "*", 13), text)
        pushes = course.take.timeline.pushes
        if len(pushes) > 1:
            (ticks,) = self._ax.plot(
                [(push.at - course.zero) * self.scale for push in pushes], [0.0] * len(pushes),
                "|", color=self._colours.ink, markersize=9, markeredgewidth=1.4, zorder=4,
            )  # fmt: skip
            self._name(ticks, f"text sent in {count(len(pushes), 'piece')}")

    def _mark(self, x: float, y: float, shape: str, size: float = 8) -> Artist:
        (mark,) = self._ax.plot(
            x * self.scale, y, shape, color="white", markeredgecolor="black", markersize=size,
            zorder=8, linestyle="", clip_on=False,
        )  # fmt: skip
        return mark

    def _steps(self) -> None:
        """Each chunk's segments from stage to stage; what is unknown is absent, and said."""
        course = self._course
        fills = stage_fills(self._colours)
        missing = []
        steps: list[tuple[Floats, Floats, str, Fill]] = []
        for begin, end, text in STEPS:
            x0, x1 = course.stage(begin), course.stage(end)
            if np.isnan(x1 - x0).all():
                missing.append(text.removeprefix("→ "))
            else:
                steps.append((x0, x1, text, fills[end]))
        if np.isnan(course.stage("audible")).all():
            paper = (course.stage("received"), np.maximum(course.due, course.stage("received")))
            steps.append((*paper, "received → due, on paper", fills["audible"]))
        number = len(course.rows)
        heading = "1 chunk:" if number == 1 else f"median of {number:,} chunks:"
        self._name(Patch(alpha=0), heading)
        for x0, x1, text, fill in steps:
            drawn = self._bars(x0, np.maximum(x0, x1), fill)
            self._name(drawn, f"{text} {span(float(np.nanmedian(x1 - x0)))}")
        page = [text.removeprefix("→ ") for _, _, text in STEPS[1:]]
        if missing[-len(page) :] == page:
            missing[-len(page) :] = ["page and ear"]
        if missing:
            self._name(Patch(alpha=0), "unknown: " + ",\n".join(missing))

    def _bars(self, x0: Floats, x1: Floats, fill: Fill) -> Artist:
        course = self._course
        colour, alpha = fill
        # What takes a few milliseconds is narrower than a line; its edge lets it be seen.
        narrow = alpha == _FIRM
        x0, x1 = x0 * self.scale, x1 * self.scale
        known = ~np.isnan(x1 - x0)
        if len(x0) > _ROWS:
            y = np.column_stack((course.starts, course.ends)).ravel()
            self._ax.fill_betweenx(
                y, np.repeat(x0, 2), np.repeat(x1, 2), where=np.repeat(known, 2),
                facecolor=colour, alpha=alpha, linewidth=0, zorder=2,
            )  # fmt: skip
        else:
            top = course.starts + (course.ends - course.starts) * (0.86 if len(x0) > 1 else 1)
            corners = np.stack(
                (
                    np.column_stack((x0, course.starts)),
                    np.column_stack((x1, course.starts)),
                    np.column_stack((x1, top)),
                    np.column_stack((x0, top)),
                ),
                axis=1,
            )
            self._ax.add_collection(
                PolyCollection(
                    list(corners[known]), facecolors=colour, edgecolors=colour, alpha=alpha,
                    linewidths=0.9 if narrow else 0.0, zorder=4.3 if narrow else 2,
                ),
                autolim=False,
            )  # fmt: skip
        return Patch(facecolor=colour, alpha=alpha, linewidth=0)

    def _lines(self) -> None:
        course, ax, colours = self._course, self._ax, self._colours
        x, y = course.received()
        (steps,) = ax.plot(x * self.scale, y, color=colours.main, linewidth=2.0, zorder=4)
        self._name(steps, f"received, {count(len(course.rows), 'chunk')}")
        x, y = course.playback()
        (line,) = ax.plot(x * self.scale, y, color=colours.ink, linewidth=1.2, zorder=3.5)
        if len(course.rows) <= _ROWS:
            segments = [
                [(x * self.scale, y0), (x * self.scale, y0 + (y1 - y0) * 0.86)]
                for x, y0, y1 in zip(course.due, course.starts, course.ends, strict=True)
            ]
            ax.add_collection(
                LineCollection(segments, colors=colours.ink, linewidths=1.5, zorder=3.5),
                autolim=False,
            )
        self._name(line, "due: playback on paper")
        x, y = course.heard
        if len(x):
            (heard,) = ax.plot(x * self.scale, y, color=GREEN, linewidth=3.2, zorder=3.3)
            error = course.clock_error
            self._name(heard, "heard" if error is None else f"heard, ± {span(error)} at most")

    def _dry_on_paper(self) -> None:
        """From the moment the chunk was due to the moment it came."""
        course, ax, colours = self._course, self._ax, self._colours
        spells = course.dry
        if not spells:
            return
        mark = draw_dry(ax, course, self.scale, colours)
        self._name(mark, f"on paper {dry_in_words(course)}")
        reach = ax.get_xlim()
        size = FontProperties(size=rcParams["legend.fontsize"]).get_size_in_points() * 0.9
        for chunk, due in sorted(spells, key=lambda spell: -spell[1].dry)[:_NAMED_DRY]:
            if due.dry * self.scale < 0.06 * (reach[1] - reach[0]):
                break
            middle = ((due.due + chunk.received) / 2 - course.zero) * self.scale
            low = chunk.start < 0.15 * course.ends[-1]
            Label(ax, middle, chunk.start, f"dry {span(due.dry)}",
                  va="bottom" if low else "top", color=colours.ink, size=size, lift=5)  # fmt: skip

    def _dry_as_heard(self) -> None:
        spells, said = self._course.heard_dry, self._course.heard_dry_in_words
        if not said:
            return
        if not spells:
            self._name(Patch(alpha=0), f"heard {said}\n(when is unknown)")
            return
        segments = [
            [(began * self.scale, at), (ended * self.scale, at)] for at, began, ended in spells
        ]
        self._ax.add_collection(
            LineCollection(segments, colors=self._colours.late, linewidths=2.5, zorder=5),
            autolim=False,
        )
        (mark,) = self._ax.plot(
            [ended * self.scale for _, _, ended in spells], [at for at, _, _ in spells],
            "X", color=self._colours.late, markeredgecolor=self._colours.ink,
            markersize=_size(len(spells)), zorder=6,
        )  # fmt: skip
        self._name(mark, f"heard {said}")

    def _largest_gap(self) -> None:
        course = self._course
        if len(course.chunks) < 2:
            return
        before, after = max(
            pairwise(course.chunks), key=lambda two: two[1].received - two[0].received
        )
        (gap,) = self._ax.plot(
            [(chunk.received - course.zero) * self.scale for chunk in (before, after)],
            [after.start] * 2, "|-", color=self._colours.main, linewidth=3.5, markersize=11,
            markeredgewidth=2, zorder=4.2,
        )  # fmt: skip
        self._name(gap, f"largest gap {span(after.received - before.received)}")

    def _enlarge(self) -> None:
        """The first chunk's way on a scale of its own, where the playback leaves room for it."""
        top = _INSET_TOP * float(self._ax.get_ylim()[1])
        left, right = (limit / self.scale for limit in self._ax.get_xlim())
        x, y = self._course.playback()
        free = float(np.interp(top, y, x))
        x, y = self._course.heard
        sounding = ~np.isnan(x)
        if sounding.any():
            free = max(free, float(np.interp(top, y[sounding], x[sounding])))
        edge = max((free - left) / (right - left) + 0.06, 0.5)
        if edge <= 1 - _INSET_WIDTH:
            FirstChunk(self._ax, self._course, stage_fills(self._colours)).draw(
                (edge, 0.06, 1 - edge, _INSET_TOP - 0.06)
            )

    def _ahead(self) -> None:
        """The lower pane: what was in hand, on paper and in the page."""
        course, colours, lower = self._course, self._colours, self._panes.lower
        x, y = course.ahead()
        lower.fill_between(x * self.scale, y, color=colours.soft, alpha=0.3, linewidth=0)
        (line,) = lower.plot(x * self.scale, y, color=colours.main, linewidth=1.5)
        least = course.least_ahead
        said = "" if least is None else f", at least {span(max(least, 0.0))}"
        self._name(line, f"ahead on paper{said}")
        highest = float(y.max())
        x, y = course.ahead_in_page()
        if len(x):
            (line,) = lower.plot(x * self.scale, y, "--", color=GREEN, linewidth=1.8)
            least = course.least_in_hand
            # Of what waits for its turn, that is longer than there is audio in hand.
            said = "" if least is None else f", at least {span(max(least, 0.0))} early"
            self._name(line, f"ahead in the page{said}")
            highest = max(highest, float(y.max()))
        for begins, ends, height in (
            ([due.due - course.zero for _, due in course.dry],
             [chunk.received - course.zero for chunk, _ in course.dry], 6.0),
            ([began for _, began, _ in course.heard_dry],
             [ended for _, _, ended in course.heard_dry], 2.5),
        ):  # fmt: skip
            lower.hlines(
                [0.0] * len(begins), np.array(begins) * self.scale, np.array(ends) * self.scale,
                color=colours.late, linewidth=height, zorder=4,
            )  # fmt: skip
        lower.set_ylim(-0.04 * max(highest, 0.01), 1.1 * max(highest, 0.01))


def stage_fills(colours: Palette) -> dict[Stage, Fill]:
    """Colour and opacity of the segments by the stage that ends them."""
    return {
        "received": (colours.ink, 0.13),
        "sent": (ORANGE, _FIRM),
        "arrived": (YELLOW, _FIRM),
        "decoded": (PURPLE, _FIRM),
        "audible": (colours.soft, 0.38),
    }


def draw_dry(ax: Axes, course: Course, scale: float, colours: Palette) -> Artist:
    """Each dry spell on paper, from the moment the chunk was due to the moment it came."""
    spells = course.dry
    segments = [
        [((due.due - course.zero) * scale, chunk.start),
         ((chunk.received - course.zero) * scale, chunk.start)]
        for chunk, due in spells
    ]  # fmt: skip
    ax.add_collection(
        LineCollection(segments, colors=colours.late, linewidths=5, zorder=4.5, capstyle="butt"),
        autolim=False,
    )
    (mark,) = ax.plot(
        [(due.due - course.zero) * scale for _, due in spells],
        [chunk.start for chunk, _ in spells],
        ">", color=colours.late, markeredgecolor=colours.ink, markersize=_size(len(spells)),
        zorder=5,
    )  # fmt: skip
    return mark


def _size(number: int) -> float:
    """Of so many marks, in points."""
    return 9.0 if number <= 6 else 6.0 if number <= 30 else 4.0


def latest(course: Course) -> float:
    """Seconds to the right edge: all that is played on paper, and what is heard if not far off."""
    paper = max(float(course.playback()[0].max()), 0.01)
    heard, _ = course.heard
    ended = float(np.nanmax(heard)) if len(heard) else 0.0
    return ended if paper < ended < _AWAY * paper + 2 else paper
