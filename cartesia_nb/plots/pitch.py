"""The pitch of takes over time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from cartesia_nb.analysis.pitch import CEILING, FLOOR, HOP_S, Pitch, check, pitch
from cartesia_nb.plots.style import check_axes, describe, palette, say_instead, set_title
from cartesia_nb.plots.takes import TakeLike, as_takes, names, remark, title
from cartesia_nb.speech.wording import shortened

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from cartesia_nb.plots.curves import Style

_LEAST_SPAN: Final = 12.0
_MARGIN: Final = 1.0
_TICKS: Final = ((1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8), (1, 1.5, 2, 3, 4, 6, 8), (1, 2, 4), (1, 3))
"""Of a decade, from fine to coarse; and the least octaves between neighbours."""
_APART: Final = (0.26, 0.4, 1.0, 1.58)
_STRIP: Final = 0.022
"""Height of the strip that shows where a take is voiced, as a share of the Axes'."""
_STRIPS: Final = 0.2
"""Of all of them together, at most."""

_MARK_EVERY_S: Final = 0.25


def plot_pitch(
    take_or_takes: TakeLike | Iterable[TakeLike],
    ax: Axes | None = None,
    *,
    floor: float = FLOOR,
    ceiling: float = CEILING,
    labels: Sequence[str] | None = None,
) -> Axes:
    """Draw the fundamental frequency (F0) of the voice over time, with the words beneath.

    Equal distances up and down are equal intervals to the ear: the axis is logarithmic. Where
    the line has a gap, nothing is voiced (silence, or a sound such as s or t); the strip at the
    lower edge shows where there is voice. The dashed line is the median (dotted for each of several
    takes), and a range is that of 90 % of the voiced frames, without the lowest and highest 5 %.

    Args:
        take_or_takes: a take, ended or not, or several to compare; the words are written for one.
        ax: where to draw; a new figure if ``None``.
        floor: the lowest F0 that is looked for, in Hz, from 10 on.
        ceiling: the highest, in Hz, up to half the sample rate. A voice that goes beyond either
            is taken for an octave of it or for unvoiced: 75 to 300 suits low voices, 100 to 500
            high ones.
        labels: names for several takes; the beginnings of their texts if ``None``.

    Returns:
        The Axes: x in seconds, y in Hz; ``alt_text(ax)`` says in words what it shows.

    Raises:
        SettingsError: a floor or ceiling that makes no sense, something that is no take, an ``ax``
            that is no Axes, or labels that are not one for each.

    The values are those of ``cartesia_nb.analysis.pitch.pitch``, which names the method.
    """
    check_axes(ax)
    takes = as_takes(take_or_takes)
    called = names(takes, labels)
    check(min((take.sample_rate for take in takes), default=48000), HOP_S, floor, ceiling)
    found = [pitch(take.samples, take.sample_rate, floor=floor, ceiling=ceiling) for take in takes]
    from cartesia_nb.plots.curves import draw_legend, time_axes

    said = _said_of_one(takes[0], found[0]) if len(takes) == 1 else _said(takes, found, called)
    ax = time_axes(ax, takes, said)
    ax.set_yscale("log")
    limits = _limits(found, floor, ceiling)
    ax.set_ylim(limits)
    ax.set_ylabel("pitch, F0 (Hz)")
    text = title("Pitch", takes)
    set_title(ax, text)
    draw_legend(ax, _draw(ax, found), said, below=len(found) * _strip(found) * 1.3 + 0.02)
    _ticks(ax, limits)
    if not any(one.voiced.any() for one in found):
        heard = any(len(take.samples) for take in takes)
        say_instead(ax, "nothing voiced was found" if heard else "no audio was received")
    describe(ax, _in_words(text, takes, found, called, floor, ceiling))
    return ax


def _draw(ax: Axes, found: Sequence[Pitch]) -> list[Artist | None]:
    """The curves, the strips and the medians; what the legend's lines name, in that order."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    from cartesia_nb.plots.curves import NAMED_TAKES, curve_width, style

    colours = palette(ax)
    handles: list[Artist | None] = []
    alone = len(found) == 1
    for index, one in enumerate(found):
        how = style(ax, index)
        ax.plot(
            one.times, one.frequency, "-", color=how.colour, zorder=3,
            linewidth=curve_width(len(one.times) * HOP_S),
            marker="." if alone else how.marker, markersize=5 if alone else 6,
            markevery=_single(one) if alone else _some(one, index, len(found)),
            markeredgecolor=how.colour if alone else colours.ink, markeredgewidth=0.6,
        )  # fmt: skip
        handles.append(Line2D([], [], color=how.colour, linewidth=2.2,
                              marker="" if alone else how.marker,
                              markeredgecolor=colours.ink, markeredgewidth=0.6))  # fmt: skip
        _draw_strip(ax, one, (len(found) - 1 - index) * 1.3 * _strip(found), _strip(found), how)
        if one.median is not None:
            ax.axhline(
                one.median, color=colours.ink if alone else how.colour, linewidth=1.4,
                linestyle="--" if alone else ":", zorder=3.5 if alone else 2,
            )  # fmt: skip
    if not found or (alone and not found[0].voiced.any()):
        return []
    strip = Patch(color=style(ax, 0).colour if alone else colours.ink, alpha=0.55, linewidth=0)
    if alone:
        median = Line2D([], [], color=colours.ink, linewidth=1.4, linestyle="--")
        return [strip, median, None]
    return [*handles[:NAMED_TAKES], *[None] * (len(found) > NAMED_TAKES), strip]


def _single(one: Pitch) -> list[int]:
    """Voiced frames without a voiced neighbour, of which a line shows nothing."""
    voiced = np.concatenate([[False], one.voiced, [False]])
    found = np.flatnonzero(voiced[1:-1] & ~voiced[:-2] & ~voiced[2:])
    return [int(index) for index in found]


def _some(one: Pitch, index: int, count: int) -> list[int]:
    """Voiced frames for markers, about evenly spaced and not where the other takes have theirs."""
    voiced = np.flatnonzero(one.voiced)
    if voiced.size == 0:
        return []
    step = max(_MARK_EVERY_S, float(one.times[-1]) / 24)
    slots = np.floor(one.times[voiced] / step - index / count).astype(int)
    return sorted({*voiced[np.unique(slots, return_index=True)[1]].tolist(), *_single(one)})


def _draw_strip(ax: Axes, one: Pitch, bottom: float, height: float, how: Style) -> None:
    """A bar wherever the take is voiced; ``bottom`` and ``height`` as shares of the Axes'."""
    edges = np.diff(np.concatenate([[0], one.voiced.astype(np.int8), [0]]))
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    # A frame stands for the time nearest to its middle.
    left = np.maximum((starts - 0.5) * HOP_S, 0.0)
    right = (stops - 0.5) * HOP_S
    ax.broken_barh(
        list(zip(left.tolist(), (right - left).tolist(), strict=True)), (bottom, height),
        color=how.colour, alpha=0.55, transform=ax.get_xaxis_transform(), linewidth=0, zorder=1.5,
    )  # fmt: skip


def _strip(found: Sequence[Pitch]) -> float:
    return min(_STRIP, _STRIPS / 1.3 / max(len(found), 1))


def _limits(found: Sequence[Pitch], floor: float, ceiling: float) -> tuple[float, float]:
    """From under the lowest to over the highest F0, at least an octave."""
    voiced = np.concatenate([one.frequency[one.voiced] for one in found]) if found else np.empty(0)
    if voiced.size == 0:
        return floor, ceiling
    low, high = float(voiced.min()), float(voiced.max())
    margin = 2 ** (max(_MARGIN, (_LEAST_SPAN - _semitones(low, high)) / 2) / 12)
    return low / margin, high * margin


def _ticks(ax: Axes, limits: tuple[float, float]) -> None:
    """Round frequencies beside the curves, as many as have the room."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.ticker import FuncFormatter, NullLocator

    from cartesia_nb.plots.curves import TicksWithin
    from cartesia_nb.plots.rows import pixels_per_point

    size = FontProperties(size=ax.yaxis.get_ticklabels()[0].get_fontsize()).get_size_in_points()
    low, high = ax.get_ylim()
    octave = ax.bbox.height / pixels_per_point(ax) / float(np.log2(high / low))
    fits = [apart * octave > 1.4 * size for apart in _APART]
    ax.yaxis.set_major_locator(TicksWithin(_TICKS[fits.index(True) if any(fits) else -1], limits))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda hertz, _: f"{hertz:g}"))
    ax.yaxis.set_minor_locator(NullLocator())


def _semitones(low: float, high: float) -> float:
    return float(12 * np.log2(high / low))


def _range(one: Pitch) -> tuple[float, float]:
    low, high = np.percentile(one.frequency[one.voiced], [5, 95])
    return float(low), float(high)


def _said_of_one(take: TakeLike, one: Pitch) -> list[str]:
    if one.median is None:
        return []
    low, high = _range(one)
    return [
        f"voiced {_voiced_s(take, one):.1f} of {_seconds(take):.1f} s",
        f"median {one.median:.0f} Hz",
        f"90 % from {low:.0f} to {high:.0f} Hz ({_semitones(low, high):.1f} semitones)",
    ]


def _said(takes: Sequence[TakeLike], found: Sequence[Pitch], called: Sequence[str]) -> list[str]:
    from cartesia_nb.plots.curves import NAMED_TAKES

    if not takes:
        return []
    said = []
    for take, name, one in zip(takes, called, found, strict=True):
        if one.median is None:
            what = "nothing voiced" if len(take.samples) else remark(take) or "no audio"
            said.append(f"{name}: {shortened(what, 30)}")
        else:
            low, high = _range(one)
            said.append(f"{name}: median {one.median:.0f} Hz, "
                        f"range {_semitones(low, high):.1f} semitones")  # fmt: skip
    if len(takes) > NAMED_TAKES:
        said[NAMED_TAKES:] = [f"and {len(takes) - NAMED_TAKES} more"]
    return [*said, "voiced"]


def _seconds(take: TakeLike) -> float:
    return len(take.samples) / take.sample_rate


def _voiced_s(take: TakeLike, one: Pitch) -> float:
    return min(float(one.voiced.sum()) * HOP_S, _seconds(take))


def _in_words(
    text: str,
    takes: Sequence[TakeLike],
    found: Sequence[Pitch],
    called: Sequence[str],
    floor: float,
    ceiling: float,
) -> str:
    sentences = [
        f"{text}.".replace("\n", ", "),
        f"Fundamental frequency over time on a logarithmic axis, looked for from {floor:g} to "
        f"{ceiling:g} Hz.",
    ]
    for take, name, one in zip(takes, called, found, strict=True):
        lead = f"{name}: " if len(takes) > 1 else ""
        if not len(take.samples):
            sentences.append(f"{lead}No audio was received.")
            continue
        if one.median is None:
            sentences.append(f"{lead}{_seconds(take):.2f} s of audio, in which nothing is voiced.")
            continue
        low, high = _range(one)
        sentences.append(
            f"{lead}{_voiced_s(take, one):.2f} of {_seconds(take):.2f} s are voiced; the median is "
            f"{one.median:.0f} Hz, and 90 % lies from {low:.0f} to {high:.0f} Hz, a range of "
            f"{_semitones(low, high):.1f} semitones."
        )
    if len(takes) == 1 and takes[0].words:
        spoken = shortened(" ".join(word.text for word in takes[0].words), 200)
        sentences.append(f"Words: {spoken}")
    return " ".join(sentences)
