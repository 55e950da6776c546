"""What a setting was asked for, and what came of it."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from cartesia_nb.analysis.effect import Effect, effect_of
from cartesia_nb.analysis.levels import Level, as_asked
from cartesia_nb.analysis.measures import MINUS
from cartesia_nb.analysis.takerows import Row, TakeRows
from cartesia_nb.analysis.verdict import in_words, verdict
from cartesia_nb.plots.style import (
    CHARACTER,
    ORANGE,
    check_axes,
    describe,
    fonts,
    new_axes,
    palette,
    say_instead,
    set_title,
)
from cartesia_nb.speech.wording import count

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]

_GOLDEN: Final = 0.6180339887498949
_SCATTER: Final = 0.11
"""How far to either side a take may lie, as a share of the distance between neighbours."""

_BAR: Final = 0.3
"""Half the width of a mean's bar, likewise, at most."""

_LIFT: Final = 7.0
"""Points between a value's topmost take and what is written above."""

_LABELLED: Final = 12
"""Of more values than this the means are drawn and not written."""

_LEAST_SHARE: Final = 0.15
"""The least height of the figure to either side, of its middle, so that the spread of takes is not
blown up to an effect; of differences what ``Measure.least`` says."""

_NO_BREAK: Final = "\N{NO-BREAK SPACE}"

_LEAST_PT: Final = 7.0
_ACROSS: Final = 30.0
"""Degrees, of names that find no room side by side."""

_LINES: Final = 4
"""Under a value, its number of takes included."""


def plot_realised(
    rows: Iterable[Row],
    parameter: str,
    ax: Axes | None = None,
    *,
    measure: str | None = None,
) -> Axes:
    """Draw what a setting was asked for against what came: every take is a dot.

    The bar is the mean of a value's takes, and the whisker one standard deviation of takes of one
    setting to either side. Takes are compared with those of the same text and the same other
    settings alone: what texts differ by is taken out first, and the dots lie where they would be
    with a text of mean pace (or pitch, or level). Where the setting says what it wants (a factor of
    speed or of volume) the dashed line is what was asked for, from where it is 1.0 or not set.

    Args:
        rows: of takes, as ``sweep.to_records()`` or a DataFrame's ``to_dict("records")`` gives
            them. Those that failed are counted.
        parameter: a setting, such as ``"speed"`` or ``"voice"``, or ``"backend"``. Values are
            called by the rows' ``voice_name`` and the like if there is one.
        ax: where to draw; a new figure if ``None``.
        measure: a numeric column; ``None``: of speed the speaking rate, of volume the loudness,
            else the median pitch.

    Returns:
        The Axes: x what was asked for, y the measure in its unit; ``alt_text(ax)`` says in words
        what it shows. The title says whether an effect is seen, as ``effect(rows, parameter)``.

    Raises:
        SettingsError: there is no such parameter or measure, something is no row, or ``ax`` is no
            Axes.
    """
    check_axes(ax)
    table = TakeRows(rows)
    effect = effect_of(table, parameter, measure)
    places = _Places.of(effect)
    if ax is None:
        ax = new_axes(height=4.8)
    title = _title(effect, table.backends)
    set_title(ax, title)
    ax.set_xlabel(_asked_for(effect))
    ax.set_ylabel(effect.measure.axis)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_xlim(places.at[0] - 0.6 * places.apart, places.at[-1] + 0.6 * places.apart)
    _name_values(ax, effect, places)
    if effect.takes:
        _draw(ax, effect, places)
    else:
        ax.set_yticks([])
        say_instead(ax, f"unknown of {count(effect.unknown + effect.failed, 'take')}")
    describe(ax, _in_words(title, effect))
    return ax


@dataclass(frozen=True, eq=False, slots=True)
class _Places:
    """Where the values stand on the axis.

    Attributes:
        at: of each level.
        apart: the least distance of neighbours.
        numeric: whether all but "not set" stand at their own number.
    """

    at: Floats
    apart: float
    numeric: bool

    @classmethod
    def of(cls, effect: Effect) -> _Places:
        values = [one.value for one in effect.levels]
        numbers = [float(v) for v in values if isinstance(v, (int, float)) and not _flag(v)]
        unset = len(values) - len(numbers)
        if not numbers or unset > 1 or (unset and values[0] is not None):
            return cls(np.arange(len(values), dtype=np.float64), 1.0, False)
        steps = np.diff(numbers)
        apart = float(steps.min()) if steps.size else 0.2 * (abs(numbers[0]) or 1.0)
        # Beside the numbers, and so far from them that it is none of them.
        first = numbers[0] - max(1.5 * apart, 0.15 * (numbers[-1] - numbers[0]))
        return cls(np.array([*[first] * unset, *numbers]), apart, True)


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _draw(ax: Axes, effect: Effect, places: _Places) -> None:
    from matplotlib.lines import Line2D

    from cartesia_nb.plots.curves import draw_legend

    colours = palette(ax)
    levels, values = effect.points
    known = [(at, one) for at, one in zip(places.at, effect.levels, strict=True) if one.n]
    wanted = _wanted(effect, places)
    handles: list[Artist] = []
    names: list[str] = []
    if wanted is not None:
        for x, y in wanted:
            ax.plot(x, y, "--", color=ORANGE, linewidth=2.2, zorder=2)
        handles.append(Line2D([], [], color=ORANGE, linewidth=2.2, linestyle="--"))
        names.append("as asked")
    size = float(np.interp(np.log10(max(len(values), 1)), [0, 1.5, 3.5], [8, 6, 3]))
    shift = ((np.arange(len(values)) * _GOLDEN + 0.5) % 1 - 0.5) * 2 * _SCATTER * places.apart
    ax.plot(
        places.at[levels] + shift, values, "o", color=colours.main, markersize=size, zorder=3,
        alpha=0.7 if len(values) < 300 else 0.4, markeredgewidth=0.5,
        markeredgecolor=ax.get_facecolor(),
    )  # fmt: skip
    handles.append(Line2D([], [], color=colours.main, marker="o", linestyle="", markersize=size))
    names.append("a take")
    if places.numeric and len(known) > 1:
        joined = [(at, one.mean) for at, one in known if one.value is not None]
        ax.plot(
            *zip(*joined, strict=True), color=colours.ink, alpha=0.35, linewidth=1.2, zorder=2.5
        )
    half = _BAR * places.apart
    for at, one in known:
        assert one.mean is not None
        ax.plot([at - half, at + half], [one.mean] * 2, color=colours.ink, linewidth=2.6, zorder=4,
                solid_capstyle="butt")  # fmt: skip
        if one.sd:
            ax.errorbar(at, one.mean, one.sd, color=colours.ink, linewidth=1.4, capsize=4, zorder=4)
    spread = effect.spread is not None
    handles.append(Line2D([], [], color=colours.ink, linewidth=2.6))
    names.append("mean ± standard deviation" if spread else "mean")
    low, high = _limits(effect, wanted)
    ax.set_ylim(low, high + (high - low) * _headroom(ax))
    ax.grid(True, axis="y", color=colours.ink, alpha=0.12, linewidth=0.8)
    ax.set_axisbelow(True)
    if len(known) <= _LABELLED:
        _label(ax, effect, known)
    draw_legend(ax, handles, names, below=0.03)
    said = "no effect seen" if effect.seen is False else "too few takes to tell"
    if effect.extremes is not None and not effect.seen:
        ax.text(
            0.5, 0.02, said, transform=ax.transAxes, ha="center", va="bottom", zorder=7,
            fontsize="large", fontweight="bold", color=colours.ink, parse_math=False,
            bbox={"facecolor": ax.get_facecolor(), "alpha": 0.8, "edgecolor": colours.ink},
        )  # fmt: skip


def _label(ax: Axes, effect: Effect, known: Sequence[tuple[float, Level]]) -> None:
    """Write above each value's takes what came of it."""
    from cartesia_nb.plots.label import Label

    for at, one in known:
        assert one.mean is not None and one.high is not None
        top = max(one.high, one.mean + (one.sd or 0.0))
        Label(ax, at, top, _result(effect, one), va="bottom", color=palette(ax).ink, lift=_LIFT)


def _result(effect: Effect, one: Level) -> str:
    """What came of a value, short: against the reference where asking says what is wanted."""
    measure = effect.measure
    if one.asked is None or one.change is None or effect.extremes is None:
        return measure.say(one.mean or 0.0)
    if measure.ratio:
        return f"{one.change:.2f}\N{MULTIPLICATION SIGN}"
    if one.value == effect.reference:
        return "reference"
    return f"{round(one.change, 1) + 0.0:+.1f} {measure.step}".replace("-", MINUS)


def _wanted(effect: Effect, places: _Places) -> list[tuple[Floats, Floats]] | None:
    """The line of what was asked for, in parts, from the mean of the reference."""
    base = next((one for one in effect.levels if one.value == effect.reference), None)
    if base is None or base.mean is None:
        return None
    at = [
        (float(x), one.value)
        for x, one in zip(places.at, effect.levels, strict=True)
        if one.asked is not None  # as of a speed of 0, which no row should have
    ]
    numbers = [x for x, value in at if value is not None]
    parts: list[tuple[Floats, Floats]] = []
    if len(numbers) > 1:
        x = np.linspace(numbers[0], numbers[-1], 100)
        parts.append((x, np.array([_level(effect, base.mean, value) for value in x.tolist()])))
    for place, value in at if len(at) > 1 else []:
        if value is None or len(numbers) == 1:
            span = np.array([place - places.apart / 2, place + places.apart / 2])
            parts.append((span, np.full(2, _level(effect, base.mean, value))))
    return parts or None


def _level(effect: Effect, mean: float, value: object) -> float:
    wanted = as_asked(effect.parameter, effect.measure, value, effect.reference)
    assert wanted is not None  # between levels of which it is not
    return mean * wanted if effect.measure.ratio else mean + wanted


def _limits(effect: Effect, wanted: Sequence[tuple[Floats, Floats]] | None) -> tuple[float, float]:
    values = [effect.points[1], *(y for _, y in wanted or ())]
    ends = [one.mean + way * (one.sd or 0) for one in effect.levels if one.mean for way in (-1, 1)]
    low = min([*(float(part.min()) for part in values), *ends])
    high = max([*(float(part.max()) for part in values), *ends])
    middle = (low + high) / 2
    least = None if effect.measure.ratio else effect.measure.least
    least = _LEAST_SHARE * abs(middle) if least is None else least
    if high - low < 2 * least:
        low, high = middle - least, middle + least
    if low == high:  # all are 0
        low, high = low - 1, high + 1
    return low - 0.06 * (high - low), high


def _headroom(ax: Axes) -> float:
    """The share of the height that what is written above the topmost takes may need."""
    from matplotlib import rcParams
    from matplotlib.font_manager import FontProperties

    from cartesia_nb.plots.rows import pixels_per_point

    size = FontProperties(size=rcParams["font.size"]).get_size_in_points()
    # The layout, and then the legend, make the Axes smaller than it is now.
    height = ax.bbox.height / pixels_per_point(ax) * 0.5
    return float(min(max((_LIFT + 1.4 * size) / height, 0.08), 0.5))


def _name_values(ax: Axes, effect: Effect, places: _Places) -> None:
    """Write each value and how many takes it has: in lines as short as the room asks, or across."""
    from matplotlib.font_manager import FontProperties

    from cartesia_nb.plots.rows import pixels_per_point

    ax.set_xticks(places.at)
    families = fonts(one.name for one in effect.levels)
    size = FontProperties(size=ax.xaxis.get_ticklabels()[0].get_fontsize()).get_size_in_points()
    low, high = ax.get_xlim()
    room = ax.bbox.width / pixels_per_point(ax) * places.apart / (high - low)
    columns = int(0.95 * room / (CHARACTER * size))
    lines = [
        [*textwrap.wrap(one.name, max(columns, 1), break_long_words=False), f"n = {one.n:,}"]
        for one in effect.levels
    ]
    if all(len(some) <= _LINES and max(map(len, some)) <= columns for some in lines):
        ax.set_xticks(places.at, ["\n".join(some) for some in lines], parse_math=False,
                      fontfamily=families)  # fmt: skip
        return
    names = [f"{one.name} (n = {one.n:,})" for one in effect.levels]
    apart = room * math.sin(math.radians(_ACROSS))
    size = min(size, max(0.9 * apart, _LEAST_PT))
    every = math.ceil(1.1 * size / apart)
    if every > 1:  # of so many only some are named, and n is in the alternative text
        names = [one.name if at % every == 0 else "" for at, one in enumerate(effect.levels)]
    ax.set_xticks(places.at, names, parse_math=False, rotation=_ACROSS, ha="right",
                  rotation_mode="anchor", fontsize=size, fontfamily=families)  # fmt: skip


def _asked_for(effect: Effect) -> str:
    unit = {"speed": " (factor)", "volume": " (factor)", "sample_rate": " (Hz)"}
    return f"{effect.parameter} asked for{unit.get(effect.parameter, '')}"


def _title(effect: Effect, backends: Sequence[str]) -> str:
    parameter = effect.parameter.replace("_", " ").capitalize()
    parts = [f"{parameter} and {effect.measure.short}", *backends]
    number = count(effect.takes, "take")
    parts.append(number + (f" of {count(effect.texts, 'text')}" if effect.texts > 1 else ""))
    if effect.failed:
        parts.append(f"{effect.failed:,} failed")
    if effect.unknown:
        parts.append(f"{effect.unknown:,} unknown")
    what = f"{parts[0]}: {', '.join(parts[1:])}"
    # A number and its unit stay in one line.
    return f"{what}\n{re.sub(r'(?<=[0-9]) (?=%|LU|dB|Hz|s)', _NO_BREAK, verdict(effect))}"


def _in_words(title: str, effect: Effect) -> str:
    sentences = [f"{title.splitlines()[0]}.", in_words(effect)]
    for one in effect.levels:
        lead = f"{effect.parameter} {one.name}:"
        if one.mean is None or one.low is None or one.high is None:
            sentences.append(f"{lead} unknown.")
            continue
        say = effect.measure
        spread = "" if one.sd is None else f", standard deviation {say.bare(one.sd)}"
        between = f", from {say.bare(one.low)} to {say.say(one.high)}" if one.n > 1 else ""
        sentences.append(
            f"{lead} {count(one.n, 'take')}, mean {say.say(one.mean)}{spread}{between}."
        )
    return " ".join(sentences)
