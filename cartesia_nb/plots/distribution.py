"""One figure of many takes: every take a dot, with median, IQR and p90."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from cartesia_nb.errors import SettingsError
from cartesia_nb.plots.groups import (
    Group,
    Key,
    Subject,
    Subjects,
    backends_of,
    failed,
    members,
    sort_out,
)
from cartesia_nb.plots.quantity import Quantity
from cartesia_nb.plots.style import (
    ORANGE,
    Palette,
    check_axes,
    describe,
    new_axes,
    palette,
    say_instead,
    set_title,
)
from cartesia_nb.speech.wording import count

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BOX: Final = 0.19
"""Half the height of a box, where a row is 1 high."""

_LABEL_WIDTH: Final = 22
"""Characters in a line beside the axis."""

_GOLDEN: Final = 0.6180339887498949


def plot_distribution(
    takes: Subjects | Mapping[str, Subjects],
    ax: Axes | None = None,
    *,
    metric: str = "ttfa",
    by: Key | None = None,
    labels: Sequence[str] | None = None,
) -> Axes:
    """Draw one figure of many takes, cold and warm apart: every take is a dot.

    The box reaches from the first to the third quartile (IQR), the line in it is the median,
    and the whisker ends at the 90th percentile (p90). All are interpolated between takes, and of
    few takes they say little: each row has its ``n``. A dot's place up and down in its row means
    nothing. Takes whose figure is unknown are counted beside ``n`` and not drawn.

    Args:
        takes: takes, or rows of ``session.history``, or a mapping ``{label: takes}`` of groups.
        ax: where to draw; a new figure if ``None``.
        metric: a numeric field of ``take.metrics``, such as ``"ttfb"`` or ``"rtf"``.
        by: what else to tell apart: a field of the takes, of their settings or of the rows, such
            as ``"backend"`` or ``"voice"``, or a function of one take or row.
        labels: other names for the groups, in the order in which they come.

    Returns:
        The Axes: x in the metric's unit, one row per group; ``alt_text(ax)`` says in words what
        it shows.

    Raises:
        SettingsError: an unknown metric, a field that the takes have not, something that is
            neither take nor row, an ``ax`` that is no Axes, or labels that are not one for each
            group.
    """
    if isinstance(ax, str):
        raise SettingsError(f"ax is {ax!r}; write metric={ax!r}.")
    check_axes(ax)
    quantity = Quantity.of(metric)
    named = members(takes)
    groups = sort_out(named, metric, by, labels)
    if ax is None:
        from matplotlib import rcParams

        row = 1.05 * max(float(rcParams["font.size"]) / 10, 1.0)
        ax = new_axes(height=min(max(3.0, 1.4 + row * len(groups)), 40.0))
    known = [value for group in groups for value in group.values]
    largest = max((abs(value) for value in known), default=0.0)
    unit, factor = quantity.unit(largest)
    ax.set_xlabel(_axis_name(quantity, unit))
    rows = max(len(groups), 1)
    ax.set_ylim(rows - 0.5, -0.5)
    ax.set_yticks(range(len(groups)), [_row_name(group) for group in groups], parse_math=False)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
    if known:
        _limits(ax, np.array(known) * factor)
        if quantity.kind == "count":
            from matplotlib.ticker import MaxNLocator

            ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))
        size = _label_size(ax, rows)
        for index, group in enumerate(groups):
            _draw(ax, index, group, quantity, largest, factor, size)
        ax.grid(True, axis="x", color=palette(ax).ink, alpha=0.12, linewidth=0.8)
        ax.set_axisbelow(True)
    else:
        ax.set_xticks([])
        number = sum(group.unknown for group in groups)
        say_instead(ax, f"unknown of {count(number, 'take')}" if number else "no takes")
    title = _title(quantity, groups, named)
    set_title(ax, title)
    describe(ax, _in_words(title, quantity, groups, largest))
    return ax


def _draw(
    ax: Axes,
    row: int,
    group: Group,
    quantity: Quantity,
    largest: float,
    factor: float,
    size: float,
) -> None:
    from cartesia_nb.plots.label import Label

    colours = palette(ax)
    colour, shape = _dots(group, colours)
    values = np.sort(np.array(group.values)) * factor
    number = len(values)
    if not number:
        return
    # Neighbours in value lie far apart in height, so that they cover each other least.
    height = ((np.arange(number) * _GOLDEN) % 1 - 0.5) * 1.7 * _BOX if number > 1 else np.zeros(1)
    dot = float(np.interp(np.log10(number), [0, 1.5, 3.5], [8, 6, 3]))
    ax.plot(
        values, row + height, shape, color=colour, markersize=dot, zorder=3, linestyle="",
        alpha=0.8 if number < 300 else 0.5, markeredgewidth=0.5,
        markeredgecolor=ax.get_facecolor(),
    )  # fmt: skip
    if number == 1:
        said = quantity.say(group.values[0], largest)
        Label(ax, values[0], row, said, va="bottom", color=colours.ink, size=size, lift=dot)
        return
    low, median, high, p90 = (float(value) for value in group.quantiles(0.25, 0.5, 0.75, 0.9))
    left, middle, right, end = (value * factor for value in (low, median, high, p90))
    ax.fill_between(
        [left, right], row - _BOX, row + _BOX, facecolor=colour, alpha=0.22, zorder=2, linewidth=0
    )
    ax.plot(
        [left, right, right, left, left], row + _BOX * np.array([-1, -1, 1, 1, -1]),
        color=colours.ink, linewidth=1.0, alpha=0.8, zorder=4,
    )  # fmt: skip
    ax.plot([middle] * 2, [row - _BOX, row + _BOX], color=colours.ink, linewidth=3.0, zorder=5,
            solid_capstyle="butt")  # fmt: skip
    ax.plot([right, end], [row, row], color=colours.ink, linewidth=1.2, zorder=4)
    ax.plot([end] * 2, [row - 0.7 * _BOX, row + 0.7 * _BOX], color=colours.ink, linewidth=2.0,
            zorder=5, solid_capstyle="butt")  # fmt: skip
    spread = f"{quantity.bare(low, largest)} to {quantity.say(high, largest)}"
    Label(
        ax, middle, row - _BOX - 0.02, f"median {quantity.say(median, largest)}, IQR {spread}",
        va="bottom", color=colours.ink, size=size,
    )  # fmt: skip
    Label(ax, end, row + _BOX + 0.02, f"p90 {quantity.say(p90, largest)}", va="top",
          color=colours.ink, size=size)  # fmt: skip


def _dots(group: Group, colours: Palette) -> tuple[str, str]:
    """Colour and shape of a group's dots; the shape tells what the colour does."""
    if group.cold is None:
        return colours.ink, "s"
    return (colours.main, "D") if group.cold else (ORANGE, "o")


def _limits(ax: Axes, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    """From 0 unless that would press the dots together at the right."""
    low, high = float(values.min()), float(values.max())
    if 0 <= low < 0.6 * high or low == high:
        low = min(low, 0.0)
    if low == high:  # all are 0
        high = 1.0
    margin = 0.05 * (high - low)
    ax.set_xlim(low - (margin if low else 0.02 * (high - low)), high + margin)


def _label_size(ax: Axes, rows: int) -> float:
    """Points: the labels' own size, or what two lines beside a box leave room for."""
    from matplotlib import rcParams
    from matplotlib.font_manager import FontProperties

    usual = FontProperties(size=rcParams["xtick.labelsize"]).get_size_in_points()
    figure = ax.get_figure(root=True)
    points = ax.bbox.height / rows * 72 / (figure.dpi if figure is not None else 72)
    return float(min(usual, max(points * (0.5 - _BOX) * 0.8, 4.0)))


def _axis_name(quantity: Quantity, unit: str) -> str:
    # An abbreviation in brackets is in the figure's title; two pairs of brackets read badly.
    name = quantity.title.split(" (")[0]
    return name if unit in name.split() else f"{name} ({unit})"


def _row_name(group: Group) -> str:
    number = f"n = {len(group.values):,}"
    if group.unknown:
        number += f", {group.unknown:,} unknown"
    label = textwrap.wrap(group.label, _LABEL_WIDTH, max_lines=3, placeholder=" …")
    return "\n".join([*label, group.temperature, number])


def _title(
    quantity: Quantity, groups: Sequence[Group], named: Sequence[tuple[str, list[Subject]]]
) -> str:
    number = sum(len(group.values) + group.unknown for group in groups)
    name = quantity.title[0].upper() + quantity.title[1:]
    if not number:
        return f"{name}: no takes"
    who = backends_of(named)
    parts = [f"{name}: {count(number, 'take')}" + (f", {who}" if who else "")]
    broken = failed(named)
    if broken:
        parts.append(f"{broken:,} of them failed" if number > 1 else "failed")
    return ", ".join(parts)


def _in_words(title: str, quantity: Quantity, groups: Sequence[Group], largest: float) -> str:
    def say(value: float) -> str:
        return quantity.say(float(value), largest)

    sentences = [f"{title}."]
    for group in groups:
        name = ", ".join(filter(None, [group.label, group.temperature]))
        name = name[0].upper() + name[1:]
        number = len(group.values)
        unknown = f"; unknown of {count(group.unknown, 'more take')}" if group.unknown else ""
        if not number:
            sentences.append(f"{name}: unknown of {count(group.unknown, 'take')}.")
        elif number == 1:
            sentences.append(f"{name}: 1 take, {say(group.values[0])}{unknown}.")
        else:
            low, median, high, p90 = group.quantiles(0.25, 0.5, 0.75, 0.9)
            sentences.append(
                f"{name}: {count(number, 'take')}, median {say(median)}, half of them between "
                f"{say(low)} and {say(high)}, p90 {say(p90)}, from {say(min(group.values))} to "
                f"{say(max(group.values))}{unknown}."
            )
    return " ".join(sentences)
