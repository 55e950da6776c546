"""How a contact sheet is drawn: places in rows and columns, one axis and one range of colours.

Imports matplotlib, so it is imported by plot functions when they run.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from cartesia_nb.analysis.mel import hz_to_mel, mel_to_hz
from cartesia_nb.plots.contact import Shown, Table
from cartesia_nb.plots.rows import pixels_per_point
from cartesia_nb.plots.style import CHARACTER, new_axes, palette, say_instead
from cartesia_nb.speech.wording import shortened

WIDTH_IN: Final = 9.0

_LOWEST_TOP_DB: Final = -60.0
_TICKS: Final = (0, 1000, 3000, 8000, 20000)
_COLOURS: Final = "magma"
_SMALL_PT: Final = 8.0
_LINE_PT: Final = 1.25 * _SMALL_PT
_PICTURE_PT: Final = 52.0
_GAP_PT: Final = 6.0
_LINES: Final = 2


def draw(ax: Axes | None, shown: Sequence[Shown], table: Table, *, db_range: float) -> Axes:
    """Draw all of it but the title."""
    down = 1 + max((row for row, _ in table.places), default=0)
    across = 1 + max((column for _, column in table.places), default=0)
    titles = table.columns or [each.label for each in shown]
    own = 0.94 * WIDTH_IN * 72 / across if ax is None else ax.bbox.width / pixels_per_point(ax)
    width = own if ax is None else own / across
    letters = max(4, int((width - _GAP_PT) / (CHARACTER * _SMALL_PT)))
    lines = min(_LINES, max((len(_wrapped(text, letters)) for text in titles), default=1))
    head = lines * _LINE_PT + 2
    # Of a table only the top is named; of a plain grid each place.
    every = 0.0 if table.columns else head
    slot = _PICTURE_PT + every + _GAP_PT
    top = head if table.columns else 0.0
    whole = down * slot + top
    if ax is None:
        ax = new_axes(width=WIDTH_IN, height=whole / 72 + 0.85)
    ax.set_axis_off()
    ax.title.set_visible(True)
    if not shown:
        say_instead(ax, "no takes were given")
        return ax
    pictures = [each.miniature for each in shown if each.miniature and each.miniature.seconds]
    duration = max((each.seconds for each in pictures), default=1.0)
    limit = max((each.frequency for each in pictures), default=8000.0)
    loudest = [each.loudest for each in pictures if each.loudest is not None]
    bright = max([_LOWEST_TOP_DB, *loudest])
    image = None
    lowest = {column: max(r for r, c in table.places if c == column) for _, column in table.places}
    for each, (row, column) in zip(shown, table.places, strict=True):
        left = column / across
        high = 1 - (top + row * slot + every) / whole
        place = ax.inset_axes(
            (left, high - _PICTURE_PT / whole, (1 - _GAP_PT / width) / across, _PICTURE_PT / whole)
        )
        place.set_in_layout(True)
        place.set_facecolor(ax.get_facecolor())
        _axes(place, duration, limit, outer=(column == 0, lowest[column] == row))
        image = _picture(place, each, (bright - db_range, bright)) or image
        if not table.columns:
            _name(place, each.label, letters)
        elif row == min(r for r, c in table.places if c == column):
            _name(place, table.columns[column], letters)
        if table.rows and column == min(c for r, c in table.places if r == row):
            name = "\n".join(textwrap.wrap(table.rows[row], 12)[:2])
            place.set_ylabel(f"{name}\nkHz", fontsize=_SMALL_PT, parse_math=False)
        elif column == 0:
            place.set_ylabel("kHz", fontsize=_SMALL_PT)
        if column == 0 and lowest[column] == row:
            place.set_xlabel("time (s)", fontsize=_SMALL_PT)
    if image is not None:
        _key(ax, image)
    return ax


def _wrapped(text: str, letters: int) -> list[str]:
    lines = textwrap.wrap(text, letters) or [""]
    if len(lines) > _LINES:
        rest = " ".join(lines[_LINES - 1 :])
        lines = [*lines[: _LINES - 1], shortened(rest, letters)]
    return lines


def _name(place: Axes, text: str, letters: int) -> None:
    place.set_title(
        "\n".join(_wrapped(text, letters)),
        loc="left", fontsize=_SMALL_PT, pad=2, linespacing=1.1, parse_math=False,
    )  # fmt: skip


def _axes(place: Axes, duration: float, limit: float, *, outer: tuple[bool, bool]) -> None:
    first, last = outer
    place.set_xlim(0, duration)
    place.set_ylim(0, float(hz_to_mel(limit)))
    ticks = [tick for tick in _TICKS if tick <= limit]
    place.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
    place.yaxis.set_major_locator(FixedLocator(hz_to_mel(ticks).tolist()))
    place.yaxis.set_major_formatter(
        FuncFormatter(lambda mel, _: f"{round(float(mel_to_hz(mel))) / 1000:g}")
    )
    place.tick_params(labelsize=_SMALL_PT - 1, labelleft=first, labelbottom=last, length=2, pad=2)
    place.spines[:].set_linewidth(0.5)


def _picture(place: Axes, shown: Shown, colours: tuple[float, float]) -> AxesImage | None:
    small = shown.miniature
    if shown.instead:
        _say(place, shown.instead, on_picture=bool(small and small.loudest is not None))
    if small is None or small.loudest is None:
        place.spines[:].set_linestyle((0, (3, 3)))
        return None
    columns, rows = small.levels.shape
    high = float(hz_to_mel(small.frequency))
    half = high / (rows - 1) / 2
    # The first column begins half a hop early, which is less than a pixel here.
    image = place.imshow(
        np.maximum(small.levels.T, np.float32(colours[0])),
        origin="lower",
        aspect="auto",
        extent=(0.0, small.column * columns, -half, high + half),
        cmap=_COLOURS,
        vmin=colours[0],
        vmax=colours[1],
        interpolation_stage="data",
    )
    # On a dark page the colour of silence is about that of nothing.
    place.axvline(small.seconds, color=palette(place).ink, linewidth=0.8, alpha=0.7)
    return image


def _say(place: Axes, text: str, *, on_picture: bool) -> None:
    size = _SMALL_PT - 0.5
    per_point = pixels_per_point(place)
    letters = max(10, int(place.bbox.width / per_point / (CHARACTER * size)))
    lines = textwrap.wrap(text, letters)[:4]
    place.text(
        0.5, 0.5, "\n".join(lines), transform=place.transAxes, ha="center", va="center",
        fontsize=size, color="white" if on_picture else palette(place).ink, clip_on=True,
        parse_math=False,
        bbox={"facecolor": "black", "alpha": 0.6, "edgecolor": "none", "pad": 1.5}
        if on_picture else None,
    )  # fmt: skip


def _key(ax: Axes, image: AxesImage) -> None:
    key = ax.inset_axes((1.005, 0, 0.012, 1))
    key.set_in_layout(True)
    figure = ax.get_figure(root=True)
    assert figure is not None  # an Axes that was given may not be without a figure
    bar = figure.colorbar(image, cax=key)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=_SMALL_PT - 1, length=2, pad=2)
    bar.set_label("dB re full scale", fontsize=_SMALL_PT)
