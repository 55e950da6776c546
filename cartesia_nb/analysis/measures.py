"""What figures of takes are called, their units, and whether they are compared by ratio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MINUS: Final = "\N{MINUS SIGN}"

_BY_SOURCE: Final = frozenset({"speech_seconds", "speaking_rate", "articulation_rate"})

_LARGE_SHARE: Final = 0.15


@dataclass(frozen=True, slots=True)
class Measure:
    """One numeric column of rows of takes.

    Attributes:
        name: of the column.
        title: for people.
        unit: of its values; empty for a plain number.
        ratio: whether two of its values are compared by their ratio (else by their difference).
        step: of a difference, the unit; such as LU for levels in LUFS.
        large: a difference that is not to be missed; ``None`` where that is unknown.
    """

    name: str
    title: str
    unit: str = ""
    ratio: bool = False
    step: str = ""
    large: float | None = None

    @property
    def by_source(self) -> bool:
        """Whether it depends on where the span of speech came from, ``rate_source``."""
        return self.name in _BY_SOURCE

    @property
    def least(self) -> float | None:
        """The change that a picture is at least as high as, and that is only said to be absent
        where it can't be: a share where two values are compared by ratio, else ``large``."""
        return _LARGE_SHARE if self.ratio else self.large

    @property
    def short(self) -> str:
        """The title without what is in brackets."""
        return self.title.split(" (")[0]

    @property
    def axis(self) -> str:
        """The title with its unit, as axes have it."""
        more = [*self.title.removesuffix(")").split(" (")[1:], self.unit]
        more = [one for one in more if one]
        return f"{self.short} ({', '.join(more)})" if more else self.short

    @classmethod
    def of(cls, name: str) -> Measure:
        """That of a name; one that nobody described here is a plain number."""
        known = _KNOWN.get(name)
        return cls(name, name.replace("_", " ")) if known is None else known

    def say(self, value: float) -> str:
        """A value with its unit, in three figures."""
        return f"{self.bare(value)} {self.unit}".rstrip()

    def bare(self, value: float) -> str:
        """The same without the unit."""
        return _figures(value)

    def say_change(self, change: float) -> str:
        """A difference with its sign and unit; of a ratio, what it is more or less than 1."""
        if self.ratio:
            return f"{_signed(round(100 * (change - 1), 9))} %"
        return f"{_signed(change)} {self.step or self.unit}".rstrip()

    def say_spread(self, spread: float) -> str:
        """A standard deviation; of a ratio, as a share."""
        if self.ratio:
            return f"{_figures(round(100 * spread, 9), 2)} %"
        return f"{_figures(spread, 2)} {self.step or self.unit}".rstrip()


_KNOWN: Final = {
    one.name: one
    for one in (
        Measure("speech_seconds", "length of speech", "s", ratio=True),
        Measure("speaking_rate", "speaking rate", "words/min", ratio=True),
        Measure("articulation_rate", "articulation rate", "words/min", ratio=True),
        Measure("loudness", "loudness", "LUFS", step="LU", large=3.0),
        Measure("f0_median", "median pitch (F0)", "Hz", ratio=True),
        Measure("f0_low", "low pitch (F0, 5th percentile)", "Hz", ratio=True),
        Measure("f0_high", "high pitch (F0, 95th percentile)", "Hz", ratio=True),
        Measure("f0_range", "range of pitch", "semitones", large=2.0),
        Measure("pauses", "number of pauses", large=2.0),
        Measure("pause_seconds", "time in pauses", "s"),
        Measure("longest_pause", "longest pause", "s"),
        Measure("spectral_tilt", "spectral tilt", "dB/octave", large=2.0),
        Measure("duration", "duration", "s", ratio=True),
        Measure("leading_silence", "leading silence", "s"),
        Measure("ttfb", "time to first byte (TTFB)", "s", ratio=True),
        Measure("ttfa", "time to first audio (TTFA)", "s", ratio=True),
        Measure("first_sound", "time to first sound heard", "s", ratio=True),
        Measure("rtf", "real-time factor (RTF)", ratio=True),
    )
}


def _figures(value: float, figures: int = 3) -> str:
    """Plain, in so many figures or whole."""
    if value != 0 and not 1e-4 <= abs(value) < 1e7:
        text = f"{value:.{figures}g}"
    else:
        size = len(f"{abs(value):.0f}") if abs(value) >= 1 else 0
        more = 0 if size else _zeros(value)
        text = f"{value:,.{max(figures - size, 0) + more}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return ("0" if text in ("-0", "") else text).replace("-", MINUS)


def _zeros(value: float) -> int:
    """How many zeros follow the point, of a value below 1."""
    return 0 if value == 0 else max(-int(f"{value:e}".split("e")[1]) - 1, 0)


def _signed(value: float) -> str:
    text = _figures(value, 2)
    return text if text == "0" or text.startswith(MINUS) else f"+{text}"
