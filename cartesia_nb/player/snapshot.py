"""The picture that a finished player leaves behind: a take as a PNG.

Drawn as the page draws the player (``js/src/view``): the same card, colours, sizes and bars. Every
artist is told all that it needs, and none is pyplot's, so that neither the user's figures nor the
user's ``rcParams`` come into it. matplotlib is imported when the first picture is drawn.
"""

from __future__ import annotations

import base64
import io
import math
import re
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt

from cartesia_nb.player.caption import Caption, clock
from cartesia_nb.protocol.encodings import decode
from cartesia_nb.speech.take import Take

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D

WIDTH: Final = 760
"""Of the picture, in the pixels of a page; it has twice as many of its own."""

MARK: Final = b"cartesia_nb"
"""Keyword of the text chunk by which the page knows a picture of ours (``js/src/still.ts``)."""

_SCALE: Final = 2

# Of js/src/view/styles.ts and wave.ts, the light theme.
_CARD, _INK, _MUTED, _LINE = "#ffffff", "#1b2430", "#56616f", "#dde2e8"
_ACCENT, _REST, _ALERT = "#0f766e", "#c9d0d8", "#a1420c"
_BAR, _STEP, _WAVE = 3.0, 5.0, 68.0
_RADIUS, _PAD_X, _PAD_Y = 16.0, 20.0, 18.0
_BARS: Final = int((WIDTH - 2 * _PAD_X + _STEP - _BAR) / _STEP)

_TEXT_PX, _REMARK_PX, _SMALL_PX, _LABEL_PX = 16.0, 13.0, 12.0, 11.0
_COLOURS: Final = 64
_LEADING: Final = 1.5
_WORD_LINES, _REMARK_LINES = 5, 3
_COLUMN_GAP: Final = 24.0

_FONTS: Final = (
    "DejaVu Sans",  # comes with matplotlib
    "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans JP", "Noto Sans SC", "Noto Sans KR",
    "Hiragino Sans", "PingFang SC", "Apple SD Gothic Neo", "Yu Gothic", "Microsoft YaHei",
    "Malgun Gothic", "WenQuanYi Zen Hei", "Droid Sans Fallback", "Noto Sans Devanagari",
    "Noto Sans Bengali", "Noto Sans Tamil", "Noto Sans Telugu", "Noto Sans Thai",
    "Noto Sans Georgian", "Nirmala UI", "Arial Unicode MS", "Noto Emoji", "Segoe UI Symbol",
    "Unifont",
)  # fmt: skip
_MISSING: Final = "□"
"""Stands for a character that no font here has; matplotlib would warn of each."""

_SLAB: Final = 1 << 19
_WINDOW_S: Final = 0.01


def still(take: Take, caption: Caption) -> bytes:
    """Draw a take as it is now, in a light card, about 760 x 220 pixels at double density.

    Args:
        take: whose waveform.
        caption: its words and figures.

    Returns:
        A PNG with the take's id in a text chunk right behind its header. Any thread, but one
        picture at a time in each.
    """
    pen = _Pen()
    y = _PAD_Y
    pen.bars(envelope(take, _BARS), _PAD_X, y)
    y += _WAVE + 4
    pen.write("0:00", _PAD_X, y, _LABEL_PX, _MUTED)
    pen.write(clock(take.duration), WIDTH - _PAD_X, y, _LABEL_PX, _MUTED, right=True)
    y += _LABEL_PX * _LEADING
    if caption.text:
        y = pen.paragraph(caption.text, y + 8, _TEXT_PX, _INK, _WORD_LINES)
    if caption.remark:
        y += 8
        colour = _ALERT if take.state == "failed" else _MUTED
        pen.dot(_PAD_X + 4, y + _REMARK_PX * _LEADING / 2, colour)
        y = pen.paragraph(caption.remark, y, _REMARK_PX, colour, _REMARK_LINES, indent=17)
    pen.rule(y + 12)
    y = pen.figures(caption.figures, y + 22)
    return marked(pen.png(math.ceil(y + _PAD_Y - 4)), take.id)


def pending(take: Take) -> bytes:
    """One transparent pixel that keeps the place of a picture to come, and is known as one."""
    # 8-bit grey and alpha: one row, no filter, two zeros.
    head = struct.pack(">IIBBBBB", 1, 1, 8, 4, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0\0\0")), (b"IEND", b"")]
    return marked(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*each) for each in chunks), take.id)


def is_ours(png: str) -> bool:
    """Whether base64 of a PNG is that of a take's picture."""
    return MARK in base64.b64decode(png[:120])


def envelope(take: Take, bars: int) -> npt.NDArray[np.float64]:
    """How tall each of ``bars`` bars over the take's length is, 0 to 1; as the player's are."""
    size, rate = take.settings.bytes_per_sample, take.sample_rate
    window = max(1, round(rate * _WINDOW_S))
    store = take._recording.store
    total = store.size // size
    peaks, powers = [], []
    slab = max(1, _SLAB // window) * window
    for first in range(0, total, slab):
        pcm = store.read(first * size, min(first + slab, total) * size)
        samples = decode(pcm, take.settings.encoding)
        rows = np.pad(samples, (0, -len(samples) % window)).reshape(-1, window)
        peaks.append(np.maximum(rows.max(axis=1), -rows.min(axis=1)))
        powers.append(np.einsum("ij,ij->i", rows, rows) / window)
    if not peaks:
        return np.zeros(bars)
    # A float stream may hold anything.
    peak = np.nan_to_num(np.concatenate(peaks))
    rms = np.sqrt(np.nan_to_num(np.concatenate(powers)))
    starts = np.arange(bars) * len(peak) // bars
    loudest, level = np.maximum.reduceat(peak, starts), np.maximum.reduceat(rms, starts)
    return np.minimum(1.0, (0.8 * loudest + 0.9 * level) ** 0.6).astype(np.float64)


class _Pen:
    """Places things on a card of unknown height, and draws them once that is known.

    Places are in page pixels from the upper left. matplotlib's renderer is used without its
    figures, which would take much from the user's ``rcParams``.
    """

    def __init__(self) -> None:
        from matplotlib.backends.backend_agg import RendererAgg
        from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

        installed = {font.name for font in fontManager.ttflist}
        self._families = [name for name in _FONTS if name in installed]
        paths = [findfont(FontProperties(family=[name])) for name in self._families]
        self._known = {code for path in paths for code in get_font(path).get_charmap()}
        self._ruler = RendererAgg(1, 1, 72 * _SCALE)
        self._things: list[Callable[[RendererAgg, Affine2D], None]] = []

    def bars(self, heights: npt.NDArray[np.float64], x: float, y: float) -> None:
        """The waveform; a row of dots where there is no sound."""
        from matplotlib.path import Path

        tall = np.maximum(0.5, heights * (_WAVE - 4) - _BAR)
        lefts = x + _BAR / 2 + np.arange(len(heights)) * _STEP
        ends = np.stack([-tall / 2, tall / 2], axis=1) + y + _WAVE / 2
        vertices = np.stack([np.repeat(lefts, 2), ends.ravel()], axis=1)
        codes = np.tile([Path.MOVETO, Path.LINETO], len(heights)).astype(Path.code_type)
        silent = not heights.any()
        self._path(Path(vertices, codes), edge=_REST if silent else _ACCENT, width=_BAR)

    def rule(self, y: float) -> None:
        """A hairline over the card's width."""
        from matplotlib.path import Path

        self._path(Path([(_PAD_X, y), (WIDTH - _PAD_X, y)]), edge=_LINE, width=1, cap="butt")

    def dot(self, x: float, y: float, colour: str) -> None:
        """What stands before a remark."""
        from matplotlib.path import Path

        self._path(Path.circle((x, y), 4), face=colour)

    def paragraph(
        self, text: str, y: float, size: float, colour: str, most: int, *, indent: float = 0.0
    ) -> float:
        """Write text in lines; the place under it."""
        width = WIDTH - 2 * _PAD_X - indent
        for line in wrapped(self._drawable(text), width, self._widths(size), most):
            self.write(line, _PAD_X + indent, y, size, colour)
            y += size * _LEADING
        return y

    def figures(self, figures: Sequence[tuple[str, str]], y: float) -> float:
        """Write columns of name and value, in as many rows as they need; the place under them."""
        x, right = _PAD_X, WIDTH - _PAD_X
        name_width, value_width = self._widths(_LABEL_PX), self._widths(_SMALL_PX)
        row = _LABEL_PX * _LEADING + _SMALL_PX * _LEADING
        for name, value in figures:
            lines = wrapped(self._drawable(value), right - _PAD_X, value_width, 1)
            value = lines[0] if lines else ""
            wide = max(name_width(name), value_width(value))
            if x > _PAD_X and x + wide > right:
                x, y = _PAD_X, y + row + 6
            self.write(name, x, y, _LABEL_PX, _MUTED)
            self.write(value, x, y + _LABEL_PX * _LEADING, _SMALL_PX, _INK)
            x += wide + _COLUMN_GAP
        return y + row

    def write(
        self, text: str, x: float, y: float, size: float, colour: str, *, right: bool = False
    ) -> None:
        """Write one line in the space of one line under ``y``."""
        font = self._font(size)
        left = x - self._widths(size)(text) if right else x
        base = y + size * ((_LEADING - 1) / 2 + 0.84)

        def draw(renderer: RendererAgg, place: Affine2D) -> None:
            pen = renderer.new_gc()
            pen.set_foreground(colour)
            renderer.draw_text(pen, left * _SCALE, base * _SCALE, text, font, 0, ismath=False)

        self._things.append(draw)

    def _path(
        self,
        path: Path,
        *,
        face: str | None = None,
        edge: str | None = None,
        width: float = 0.0,
        cap: Literal["butt", "round"] = "round",
    ) -> None:
        from matplotlib.colors import to_rgba

        def draw(renderer: RendererAgg, place: Affine2D) -> None:
            pen = renderer.new_gc()
            pen.set_linewidth(width if edge else 0.0)
            pen.set_foreground(edge or face or _LINE)
            pen.set_capstyle(cap)
            renderer.draw_path(pen, path, place, None if face is None else to_rgba(face))

        self._things.append(draw)

    def png(self, height: int) -> bytes:
        """Draw everything on a card of that height."""
        from matplotlib.backends.backend_agg import RendererAgg
        from matplotlib.patches import FancyBboxPatch
        from matplotlib.transforms import Affine2D
        from PIL import Image

        things, self._things = self._things, []
        card = FancyBboxPatch(
            (0.5, 0.5), WIDTH - 1, height - 1, boxstyle=f"round,pad=0,rounding_size={_RADIUS}"
        ).get_path()
        self._path(card, face=_CARD, edge=_LINE, width=1)
        renderer = RendererAgg(WIDTH * _SCALE, height * _SCALE, 72 * _SCALE)
        place = Affine2D().scale(_SCALE, -_SCALE).translate(0, height * _SCALE)
        for draw in [*self._things, *things]:
            draw(renderer, place)
        picture = Image.fromarray(np.asarray(renderer.buffer_rgba()))
        packed = io.BytesIO()
        # Flat colours and their edges: a third of the bytes, and nobody sees it.
        picture.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
            packed, "PNG"
        )
        return packed.getvalue()

    def _font(self, size: float) -> FontProperties:
        from matplotlib.font_manager import FontProperties

        return FontProperties(
            family=self._families, style="normal", variant="normal", weight="normal",
            stretch="normal", size=size, math_fontfamily="dejavusans",
        )  # fmt: skip

    def _widths(self, size: float) -> Callable[[str], float]:
        font = self._font(size)

        def width(text: str) -> float:
            wide, _, _ = self._ruler.get_text_width_height_descent(text, font, False)
            return float(wide) / _SCALE

        return width

    def _drawable(self, text: str) -> str:
        return "".join(each if ord(each) in self._known else _MISSING for each in text)


def wrapped(text: str, width: float, measure: Callable[[str], float], most: int) -> list[str]:
    """``text`` in lines no wider than ``width``; what is beyond the last one ends in ``…``.

    Broken between words, and within what has no spaces and is too long for a line.
    """
    lines: list[str] = []
    line, rest = "", re.findall(r"\S+", text)
    while rest and len(lines) < most:
        word = rest[0]
        longer = f"{line} {word}" if line else word
        if measure(longer) <= width:
            line = longer
            rest.pop(0)
        elif line and measure(word) <= width:
            lines.append(line)
            line = ""
        else:
            fits = _fitting(f"{line} " if line else "", word, width, measure)
            if fits == 0 and line:
                lines.append(line)
                line = ""
                continue
            fits = max(fits, 1)
            lines.append(f"{line} {word[:fits]}" if line else word[:fits])
            line, rest[0] = "", word[fits:]
            if not rest[0]:
                rest.pop(0)
    if line and len(lines) < most:
        lines.append(line)
    elif line or rest:
        last = lines[-1]
        while last and measure(last + "…") > width:
            last = last[:-1]
        lines[-1] = last.rstrip() + "…"
    return lines


def _fitting(before: str, word: str, width: float, measure: Callable[[str], float]) -> int:
    """How many characters of ``word`` fit behind ``before``."""
    low, high = 0, min(len(word), 400)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (
            (middle, high) if measure(before + word[:middle]) <= width else (low, middle - 1)
        )
    return low


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def marked(png: bytes, take: str) -> bytes:
    """The PNG with a text chunk behind its header, whose beginning is the same in all of ours.

    The signature and the header are 33 bytes, which is a whole number of base64's groups.
    """
    text = MARK + b"\0" + take.encode("latin-1", "replace")[:200]
    return png[:33] + _chunk(b"tEXt", text) + png[33:]
