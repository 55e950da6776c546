"""The samples of takes over time, and what happened to them on the way."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from cartesia_nb.analysis.envelope import clipped
from cartesia_nb.plots.course import span
from cartesia_nb.plots.style import Palette, check_axes, describe, palette, say_instead, set_title
from cartesia_nb.plots.takes import TakeLike, as_takes, names, remark, title
from cartesia_nb.speech.metrics import DRY_S
from cartesia_nb.speech.timeline import Chunk, playout
from cartesia_nb.speech.wording import count, shortened

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_DENSEST_PX: Final = 4
_LIMIT: Final = 1.12
_SMALL: Final = 0.833
_CHARACTER: Final = 0.56
_LEVELS: Final = (0, -6, -12)
_SILENT: Final = 1e-6


@dataclass(frozen=True)
class _Facts:
    """What is told of one take.

    Attributes:
        peak: the greatest magnitude; ``None`` if no sample is a number.
        onset: seconds of leading silence, or ``None`` if there is no speech.
        clipped: how many samples are at full scale or beyond.
        clipping: where, in seconds, shape ``(k, 2)``.
        dry: place in the take and length of each dry spell, in seconds; a length is ``None``
            while it lasts.
        heard: whether a page played it, and ``dry`` is what it told.
    """

    take: TakeLike
    chunks: tuple[Chunk, ...]
    peak: float | None
    onset: float | None
    clipped: int
    clipping: npt.NDArray[np.float64]
    dry: tuple[tuple[float, float | None], ...]
    heard: bool

    @classmethod
    def of(cls, take: TakeLike) -> _Facts:
        samples, rate = take.samples, take.sample_rate
        total, stretches = clipped(samples)
        peak = None
        if len(samples):
            highest = max(float(np.fmax.reduce(samples)), -float(np.fmin.reduce(samples)))
            peak = None if math.isnan(highest) else highest
        chunks = take.timeline.chunks
        heard, dry = _dry(take, chunks)
        return cls(
            take=take, chunks=chunks, peak=peak, onset=take.metrics.leading_silence,
            clipped=total, clipping=stretches / rate, dry=dry, heard=heard,
        )  # fmt: skip

    @property
    def loudness(self) -> str:
        """The peak for people."""
        if self.peak is None:
            return "no sample is a number"
        if self.peak <= _SILENT:
            return "only silence"
        return f"peak {20 * math.log10(self.peak):+.1f} dBFS".replace("-", "\N{MINUS SIGN}")

    @property
    def dryness(self) -> str:
        """How many dry spells, how long together, and who knows."""
        lengths = [length for _, length in self.dry if length is not None]
        known = f", {span(sum(lengths))}" if lengths else ""
        return f"{count(len(self.dry), 'dry spell')} {'heard' if self.heard else 'on paper'}{known}"

    @property
    def clip(self) -> str:
        """How many samples are clipped."""
        return f"clipping: {count(self.clipped, 'sample')} at full scale"


def plot_waveform(
    take_or_takes: TakeLike | Iterable[TakeLike],
    ax: Axes | None = None,
    *,
    words: bool = True,
    labels: Sequence[str] | None = None,
) -> Axes:
    """Draw the samples over time at full scale, with what happened to them on the way.

    Each pixel column reaches from its least sample to its greatest, so that the shortest click
    is seen; zoomed in, the samples themselves are drawn. Marked and named are: the silence before
    speech begins, where chunks begin, dry spells (those that a page heard, if one played the take
    from its beginning; else those that playback at once would have had: "on paper"), and samples
    at full scale, where sound is clipped. Several takes stand in rows, with one time axis.

    Args:
        take_or_takes: a take, ended or not, or several to compare.
        ax: where to draw; a new figure if ``None``.
        words: whether to write the words beneath, where the take has some.
        labels: names for several takes; the beginnings of their texts if ``None``.

    Returns:
        The Axes: x in seconds, y with full scale at ±1; of several takes, ``ax.child_axes`` are
        the rows. ``alt_text(ax)`` says in words what it shows.

    Raises:
        SettingsError: something is no take, ``ax`` is no Axes, or the labels are not one for each.
    """
    from cartesia_nb.plots.tiers import lay_out
    from cartesia_nb.plots.wordstrip import row_height

    check_axes(ax)
    takes = as_takes(take_or_takes)
    called = names(takes, labels)
    facts = [_Facts.of(take) for take in takes]
    ax, places = lay_out(ax, takes, words=words, above=2 * row_height())
    several = len(takes) > 1
    for place, fact, name in zip(places, facts, called, strict=True):
        _axis(place, several)
        note = shortened(remark(fact.take), 40)
        _draw(place, fact, (f"{name}: {note}" if note else name) if several else "")
    if not takes:
        say_instead(ax, "no takes were given")
        _axis(ax, False)
    head = title("Waveform", takes)
    set_title(ax, head)
    describe(ax, _in_words(head, facts, called))
    return ax


def _axis(ax: Axes, short: bool) -> None:
    """Full scale, and what its parts are in decibels."""
    colours = palette(ax)
    ax.set_ylim(-_LIMIT, _LIMIT)
    ax.set_yticks([-1, 0, 1] if short else [-1, -0.5, 0, 0.5, 1])
    ax.set_ylabel("amplitude" if short else "amplitude (full scale ±1)")
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines["left"].set_bounds(-_LIMIT, _LIMIT)
    for decibels in _LEVELS:
        level = 10 ** (decibels / 20)
        for sign in (-1, 1):
            ax.axhline(sign * level, color=colours.ink, alpha=0.25, linewidth=0.7, linestyle=":")
        ax.annotate(
            f"{decibels} dBFS".replace("-", "\N{MINUS SIGN}"), (1, -level),
            xycoords=ax.get_yaxis_transform(), xytext=(-3, 0), textcoords="offset points",
            ha="right", va="center", fontsize="x-small", color=colours.ink, zorder=6,
            bbox={
                "facecolor": ax.get_facecolor(), "alpha": 0.7, "edgecolor": "none", "pad": 0.5,
            },
        )  # fmt: skip


def _draw(ax: Axes, fact: _Facts, name: str) -> None:
    from cartesia_nb.plots.outline import Outline

    colours = palette(ax)
    take = fact.take
    handles: list[Artist] = []
    if len(take.samples):
        ax.axhline(0, color=colours.ink, alpha=0.3, linewidth=0.8)
        Outline(ax, take.samples, take.sample_rate, color=colours.main, limit=_LIMIT)
        made = (
            _level(fact, colours),
            _silence(ax, fact, colours),
            _boundaries(ax, fact, colours),
            _dry_marks(ax, fact, colours),
            _clip_marks(ax, fact, colours),
        )
        handles = [handle for handle in made if handle is not None]
    else:
        say_instead(ax, "no audio was received")
    _head(ax, name, handles)


def _head(ax: Axes, name: str, handles: list[Artist]) -> None:
    """The name and the legend over the samples, in as many lines as they need."""
    from cartesia_nb.plots.rows import name_row, pixels_per_point
    from cartesia_nb.plots.wordstrip import LINE, row_height

    size = row_height() * _SMALL
    point = pixels_per_point(ax)
    width = ax.bbox.width / point / (_CHARACTER * size / LINE)  # in characters
    # A handle and the space behind it are as wide as six characters.
    wide = [len(str(handle.get_label())) + 6 for handle in handles]
    beside = _columns(wide, width - len(name) - 2)
    under = _columns(wide, width)
    # On lines of its own only if that takes fewer lines.
    own = bool(name) and _lines(wide, under) + 1 < _lines(wide, beside)
    columns = under if own else beside
    lines = max(_lines(wide, columns) + own, bool(name))
    # The layout, which is not made yet, may still take some of the height.
    share = min(1.3 * (lines * size + 4) * point / ax.bbox.height, 0.6) if lines else 0.0
    ax.set_ylim(-_LIMIT, -_LIMIT + 2 * _LIMIT / (1 - share))
    if name:
        name_row(ax, name)
    if handles:
        legend = ax.legend(
            handles=handles, loc="upper right", ncols=columns, fontsize="small", frameon=False,
            borderaxespad=0, borderpad=0, handlelength=1.4, columnspacing=1.2, labelspacing=0.3,
            bbox_to_anchor=(1, 1 - (size * point / ax.bbox.height if own else 0)),
        )  # fmt: skip
        legend.set_zorder(7)
        legend.set_in_layout(False)


def _columns(wide: Sequence[int], width: float) -> int:
    """How many columns of entries fit into ``width`` characters, at least one."""
    if sum(wide) <= width:
        return max(1, len(wide))
    return max(1, int(width / max(wide)))


def _lines(wide: Sequence[int], columns: int) -> int:
    return -(-len(wide) // columns)


def _level(fact: _Facts, colours: Palette) -> Artist:
    from matplotlib.patches import Patch

    return Patch(color=colours.main, lw=0, label=fact.loudness)


def _silence(ax: Axes, fact: _Facts, colours: Palette) -> Artist | None:
    if fact.onset is None:
        return None
    area = ax.fill_between(
        [0, fact.onset], -_LIMIT, _LIMIT, color=colours.soft, alpha=0.35, lw=0, zorder=1,
        label=f"leading silence {span(fact.onset)}",
    )  # fmt: skip
    ax.vlines(
        fact.onset, -_LIMIT, _LIMIT, color=colours.ink, linewidth=1, linestyle="--", zorder=2.4
    )
    return area


def _boundaries(ax: Axes, fact: _Facts, colours: Palette) -> Artist:
    from matplotlib.lines import Line2D

    chunks = count(len(fact.chunks), "chunk")
    if len(fact.chunks) * _DENSEST_PX > ax.bbox.width:
        return Line2D([], [], linestyle="", label=f"{chunks}, too dense to mark")
    starts = [chunk.start for chunk in fact.chunks]
    ax.vlines(starts, -_LIMIT, _LIMIT, color=colours.ink, alpha=0.2, linewidth=0.8, zorder=1.5)
    return Line2D([], [], color=colours.ink, alpha=0.4, linewidth=0.8, label=chunks)


def _dry_marks(ax: Axes, fact: _Facts, colours: Palette) -> Artist | None:
    if not fact.dry:
        return None
    at = [place for place, _ in fact.dry]
    ax.vlines(at, -_LIMIT, _LIMIT, color=colours.late, linewidth=1.6, zorder=3)
    (marks,) = ax.plot(
        at, [_LIMIT] * len(at), "v", color=colours.late, markeredgecolor=colours.ink,
        markersize=8, zorder=5, label=fact.dryness,
    )  # fmt: skip
    return marks


def _clip_marks(ax: Axes, fact: _Facts, colours: Palette) -> Artist | None:
    from matplotlib.collections import LineCollection

    if not fact.clipped:
        return None
    lines = LineCollection(
        [[(a, sign * 1.06), (b, sign * 1.06)] for a, b in fact.clipping for sign in (-1, 1)],
        colors=colours.gap, linewidths=5, capstyle="projecting", zorder=4, label=fact.clip,
    )  # fmt: skip
    ax.add_collection(lines, autolim=False)
    return lines


def _dry(
    take: TakeLike, chunks: tuple[Chunk, ...]
) -> tuple[bool, tuple[tuple[float, float | None], ...]]:
    """Whether the take was heard, and its dry spells."""
    listening = take.timeline.listening
    if listening is None:
        dues = zip(chunks, playout(chunks), strict=True)
        return False, tuple((chunk.start, due.dry) for chunk, due in dues if due.dry > DRY_S)
    return True, tuple(
        (spell.at, None if spell.ended is None else spell.ended - spell.began)
        for spell in listening.dry
        # What came after a person paused or sought says nothing of the stream.
        if listening.disturbed is None or spell.began < listening.disturbed
    )


def _in_words(head: str, facts: Sequence[_Facts], called: Sequence[str]) -> str:
    sentences = [f"{head}.".replace("\n", ", ")]
    for fact, name in zip(facts, called, strict=True):
        take = fact.take
        lead = ""
        if len(facts) > 1:
            lead = ", ".join(part for part in (name, remark(take)) if part) + ": "
        if not len(take.samples):
            sentences.append(f"{lead}{'no' if lead else 'No'} audio was received.")
            continue
        onset = "no speech found" if fact.onset is None else f"leading silence {span(fact.onset)}"
        parts = [
            f"{len(take.samples) / take.sample_rate:.2f} s of audio in "
            f"{count(len(fact.chunks), 'chunk')}",
            fact.loudness,
            onset,
            fact.dryness if fact.dry else f"no dry spell {'heard' if fact.heard else 'on paper'}",
            fact.clip if fact.clipped else "no clipping",
        ]
        sentences.append(f"{lead}{', '.join(parts)}.")
    return " ".join(sentences)
