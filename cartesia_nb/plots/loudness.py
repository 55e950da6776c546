"""The loudness of takes over time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from cartesia_nb.analysis.loudness import BLOCK_S, loudness, momentary, peak
from cartesia_nb.plots.style import check_axes, describe, palette, say_instead, set_title
from cartesia_nb.plots.takes import TakeLike, as_takes, names, remark, title
from cartesia_nb.speech.wording import shortened

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]

_FINEST_HOP_S: Final = 0.02
_POINTS: Final = 3000
_RANGE_LU: Final = 45.0
"""Further under the loudest than this is off the figure."""

_LEAST_RANGE_LU: Final = 12.0
_MARGIN_LU: Final = 2.0
_MINUS: Final = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class _Measured:
    """One take's loudness: LUFS, dBFS, seconds; ``None`` and NaN are silence."""

    integrated: float | None
    peak: float | None
    times: Floats
    values: Floats

    @classmethod
    def of(cls, take: TakeLike) -> _Measured:
        samples, rate = take.samples, take.sample_rate
        seconds = len(samples) / rate
        hop = min(max(seconds / _POINTS, _FINEST_HOP_S), BLOCK_S)
        times, values = momentary(samples, rate, hop)
        if len(times) == 1:
            # One block is all of it, or nearly: a line is seen, a point is not.
            times, values = np.array([0.0, seconds]), np.repeat(values, 2)
        return cls(loudness(samples, rate), peak(samples), times, values)

    @property
    def loudest(self) -> float | None:
        known = self.values[~np.isnan(self.values)]
        return float(known.max()) if known.size else None


def plot_loudness(
    take_or_takes: TakeLike | Iterable[TakeLike],
    ax: Axes | None = None,
    *,
    labels: Sequence[str] | None = None,
) -> Axes:
    """Draw the loudness over time as ITU-R BS.1770-4 measures it, with the words beneath.

    The line is momentary loudness: each point is about the 0.4 s around it, so that it begins
    0.2 s after the take does and ends as long before; a take shorter than 0.4 s has a level line.
    The dashed line is the integrated loudness of the whole take (dotted for each of several), a
    single number to compare takes by. Levels in LUFS are relative to full scale; 1 LU is 1 dB.

    Args:
        take_or_takes: a take, ended or not, or several to compare; the words are written for one.
        ax: where to draw; a new figure if ``None``.
        labels: names for several takes; the beginnings of their texts if ``None``.

    Returns:
        The Axes: x in seconds, y in LUFS; ``alt_text(ax)`` says in words what it shows.

    Raises:
        CartesiaNbError: the extra ``analysis`` is not installed.
        SettingsError: something is no take, ``ax`` is no Axes, or the labels are not one for each.

    The values are those of ``cartesia_nb.analysis.loudness``. The sample peak is in dBFS, and
    above 0 for samples beyond full scale.
    """
    check_axes(ax)
    takes = as_takes(take_or_takes)
    called = names(takes, labels)
    measured = [_Measured.of(take) for take in takes]
    from cartesia_nb.plots.curves import draw_legend, time_axes

    alone = len(takes) == 1
    said = _said_of_one(measured[0]) if alone else _said(takes, measured, called)
    ax = time_axes(ax, takes, said)
    ax.set_ylim(_limits(measured))
    ax.set_ylabel("momentary loudness (LUFS)")
    text = title("Loudness", takes)
    set_title(ax, text)
    _ticks(ax)
    draw_legend(ax, _draw(ax, measured), said)
    if all(one.loudest is None for one in measured):
        heard = any(len(take.samples) for take in takes)
        say_instead(ax, "only silence" if heard else "no audio was received")
    describe(ax, _in_words(text, takes, measured, called))
    return ax


def _draw(ax: Axes, measured: Sequence[_Measured]) -> list[Artist | None]:
    """The curves and the integrated loudness; what the legend's lines name, in that order."""
    from cartesia_nb.plots.curves import NAMED_TAKES, curve_width, style

    colours = palette(ax)
    handles: list[Artist | None] = []
    alone = len(measured) == 1
    for index, one in enumerate(measured):
        how = style(ax, index)
        (line,) = ax.plot(
            one.times, one.values, how.dashes, color=how.colour, zorder=3,
            linewidth=curve_width(float(one.times[-1]) if len(one.times) else 0.0),
        )  # fmt: skip
        handles.append(line)
        if alone and one.loudest is not None:
            ax.fill_between(
                one.times, one.values, ax.get_ylim()[0], color=colours.soft, alpha=0.18, linewidth=0
            )
        if one.integrated is not None:
            whole = ax.axhline(
                one.integrated, color=colours.ink if alone else how.colour, linewidth=1.4,
                linestyle="--" if alone else ":", zorder=3.5,
            )  # fmt: skip
            if alone:
                handles.append(whole)
    if alone:
        return [*handles, None] if measured[0].loudest is not None else []
    return [*handles[:NAMED_TAKES], *[None] * (len(measured) > NAMED_TAKES)]


def _limits(measured: Sequence[_Measured]) -> tuple[float, float]:
    """From under the quietest to over the loudest, within bounds."""
    known = [one.values[~np.isnan(one.values)] for one in measured]
    levels = np.concatenate([*known, np.empty(0)])
    if levels.size == 0:
        return -60.0, 0.0
    high = float(levels.max())
    low = max(min(float(levels.min()), high - _LEAST_RANGE_LU), high - _RANGE_LU)
    return low - _MARGIN_LU, high + _MARGIN_LU


def _ticks(ax: Axes) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ax.yaxis.set_major_locator(MaxNLocator(nbins="auto", steps=[1, 2, 3, 5, 6, 10], integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda level, _: f"{level:g}".replace("-", _MINUS)))


def _said_of_one(one: _Measured) -> list[str]:
    if one.loudest is None:
        return []
    said = [f"momentary, at most {_level(one.loudest)} LUFS"]
    if one.integrated is not None:
        said.append(f"integrated {_level(one.integrated)} LUFS")
    return [*said, _peak(one)]


def _said(
    takes: Sequence[TakeLike], measured: Sequence[_Measured], called: Sequence[str]
) -> list[str]:
    from cartesia_nb.plots.curves import NAMED_TAKES

    said = []
    for take, name, one in zip(takes, called, measured, strict=True):
        if one.integrated is None:
            what = "silence" if len(take.samples) else remark(take) or "no audio"
            said.append(f"{name}: {shortened(what, 30)}")
        else:
            level = f"{name}: integrated {_level(one.integrated)} LUFS"
            said.append(level if one.peak is None else f"{level}, peak {_level(one.peak)} dBFS")
    if len(takes) > NAMED_TAKES:
        said[NAMED_TAKES:] = [f"and {len(takes) - NAMED_TAKES} more"]
    return said


def _level(decibels: float) -> str:
    return f"{decibels:.1f}".replace("-", _MINUS)


def _peak(one: _Measured) -> str:
    return "no peak" if one.peak is None else f"sample peak {_level(one.peak)} dBFS"


def _in_words(
    text: str,
    takes: Sequence[TakeLike],
    measured: Sequence[_Measured],
    called: Sequence[str],
) -> str:
    sentences = [f"{text}.".replace("\n", ", "), "Momentary loudness over time in LUFS."]
    for take, name, one in zip(takes, called, measured, strict=True):
        lead = f"{name}: " if len(takes) > 1 else ""
        if not len(take.samples):
            sentences.append(f"{lead}No audio was received.")
            continue
        seconds = f"{len(take.samples) / take.sample_rate:.2f} s of audio"
        if one.loudest is None:
            sentences.append(f"{lead}{seconds}, all silent.")
            continue
        whole = "unknown" if one.integrated is None else f"{one.integrated:.1f} LUFS"
        beyond = ", beyond full scale" if one.peak is not None and one.peak > 0 else ""
        sentences.append(
            f"{lead}{seconds}; the integrated loudness is {whole}, the loudest moment has "
            f"{one.loudest:.1f} LUFS, and the {_peak(one)}{beyond}.".replace(_MINUS, "-")
        )
    if len(takes) == 1 and takes[0].words:
        spoken = shortened(" ".join(word.text for word in takes[0].words), 200)
        sentences.append(f"Words: {spoken}")
    return " ".join(sentences)
