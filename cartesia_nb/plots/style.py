"""What all figures share: colours, the Axes to draw into, fonts, alternative text.

Colours are Okabe and Ito's ("Color Universal Design", 2008), told apart with any common kind of
colour vision; what they mean is also told by shape or name. Nothing touches ``rcParams``.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from cartesia_nb.errors import SettingsError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ORANGE: Final = "#E69F00"
SKY_BLUE: Final = "#56B4E9"
GREEN: Final = "#009E73"
BLUE: Final = "#0072B2"
VERMILLION: Final = "#D55E00"
PURPLE: Final = "#CC79A7"
YELLOW: Final = "#F0E442"

CHARACTER: Final = 0.6
"""Width of a character of text as a share of the font's size, rounded up."""

_PROSE: Final = 0.54
"""The same of whole sentences, in which narrow ones are many (0.51 in matplotlib's own font)."""

_FALLBACK_FONTS: Final = (
    "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans JP", "Noto Sans SC", "Noto Sans KR",
    "Hiragino Sans", "PingFang SC", "Apple SD Gothic Neo", "Yu Gothic", "Microsoft YaHei",
    "Malgun Gothic", "WenQuanYi Zen Hei", "Droid Sans Fallback", "Noto Sans Devanagari",
    "Noto Sans Bengali", "Noto Sans Tamil", "Noto Sans Telugu", "Noto Sans Thai",
    "Noto Sans Georgian", "Nirmala UI", "Arial Unicode MS", "Unifont",
)  # fmt: skip

_alt: WeakKeyDictionary[Axes, str] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours for one Axes; ``ink`` is that of its own labels.

    Attributes:
        ink: text and lines that stand for themselves.
        main: the thing measured.
        soft: the same as an area.
        late: what went wrong.
        gap: the largest gap.
        series: for takes side by side; none is ``late``.
    """

    ink: str
    main: str
    soft: str
    late: str
    gap: str
    series: tuple[str, ...]


def palette(ax: Axes) -> Palette:
    """Colours that stand out on the background that this Axes' labels are made for."""
    from matplotlib.colors import to_hex, to_rgb

    ink = ax.xaxis.label.get_color()
    red, green, blue = to_rgb(ink)
    dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5
    strong, weak = (SKY_BLUE, BLUE) if dark else (BLUE, SKY_BLUE)
    return Palette(
        ink=to_hex(ink),
        main=strong,
        soft=SKY_BLUE,
        late=VERMILLION,
        gap=PURPLE,
        series=(strong, ORANGE, GREEN, PURPLE, weak, to_hex(ink)),
    )


def check_axes(ax: object) -> None:
    """Hold ``ax`` to what can be drawn into, before anything is measured.

    Raises:
        SettingsError: it is something else, such as the array that ``subplots(2, 2)`` gives.
    """
    if ax is None:
        return
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        given = repr(ax) if isinstance(ax, str) else f"of type {type(ax).__name__}"
        raise SettingsError(
            f"ax is {given}; give one Axes of matplotlib, such as axes[0, 0] of subplots(2, 2), or "
            "leave it out, and name the other arguments."
        )


def new_axes(width: float = 9.0, height: float = 4.5) -> Axes:
    """An Axes in a figure of its own, in inches, made by pyplot so that notebooks show it."""
    import matplotlib.pyplot as plt

    from cartesia_nb.plots.figure import DescribedFigure

    _, ax = plt.subplots(FigureClass=DescribedFigure, figsize=(width, height), layout="constrained")
    return ax


def set_title(ax: Axes, text: str) -> None:
    """Title at the left, in lines as long as the Axes is wide; never taken for mathematics."""
    from matplotlib import rcParams
    from matplotlib.font_manager import FontProperties

    points = FontProperties(size=rcParams["axes.titlesize"]).get_size_in_points()
    figure = ax.get_figure(root=True)
    pixels = points * (72 if figure is None else figure.dpi) / 72
    # Not matplotlib's own wrapping: it measures as mathematics what is not to be drawn as such.
    columns = max(20, int(ax.bbox.width / (_PROSE * pixels)))
    lines = [textwrap.fill(line, columns, break_on_hyphens=False) for line in text.split("\n")]
    ax.set_title("\n".join(lines), loc="left", parse_math=False, fontfamily=fonts(lines))


def say_instead(ax: Axes, text: str) -> None:
    """Write ``text`` into the middle of an Axes that has nothing to draw."""
    ax.text(
        0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center",
        color=palette(ax).ink, alpha=0.8, parse_math=False,
    )  # fmt: skip


def describe(ax: Axes, text: str) -> None:
    """Note what the figure shows, for ``alt_text``."""
    _alt[ax] = text


def alt_text(ax: Axes) -> str:
    """What the figure in ``ax`` shows, in sentences, for readers who do not see it.

    Returns:
        The description that the plot function made; empty for an Axes none of them drew into.
        Put it beside the picture, or into it: ``savefig(..., metadata={"Description": text})``.
    """
    return _alt.get(ax, "")


def can_draw(text: str) -> bool:
    """Whether the font in use has every character of ``text``."""
    from matplotlib import font_manager

    font = font_manager.get_font(font_manager.findfont(font_manager.FontProperties()))
    known = font.get_charmap()  # made anew by each call, which takes a millisecond
    return all(ord(character) in known for character in set(text))


def fonts(texts: Iterable[str]) -> list[str] | None:
    """Font families that together write ``texts`` as far as this machine can.

    Returns:
        The font in use and the installed ones for other scripts, or ``None`` where the font in
        use has every character.
    """
    import matplotlib
    from matplotlib import font_manager

    if can_draw("".join(set("".join(texts)) - {"\n"})):
        return None
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [
        *matplotlib.rcParams["font.family"],
        *(name for name in _FALLBACK_FONTS if name in installed),
    ]
