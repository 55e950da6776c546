"""A take's figures as axes and labels name them: title, unit, size."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cartesia_nb.errors import SettingsError
from cartesia_nb.speech.metrics import Metrics

_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "connect": "time to connect",
        "handshake": "time to open the connection",
        "ttfb": "time to first byte (TTFB)",
        "ttfa": "time to first audio (TTFA)",
        "first_sound": "time to first sound heard",
        "first_sound_held": "first sound held back",
        "clock_error": "error of the page's clock",
        "rtf": "real-time factor (RTF)",
        "gap_p50": "gap between chunks, median",
        "gap_p90": "gap between chunks, p90",
        "gap_p99": "gap between chunks, p99",
        "largest_gap": "largest gap between chunks",
        "least_buffer": "least buffer ahead",
        "dry_spells": "dry spells on paper",
        "dry_seconds": "dry on paper",
        "heard_dry_spells": "dry spells as heard",
        "heard_dry_seconds": "dry as heard",
        "first_token_to_speech": "first token to speech",
        "first_token_to_sound": "first token to sound",
        "bytes": "bytes of audio",
        "resent": "times sent again",
    }
)

_COUNTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dry_spells": "spells",
        "heard_dry_spells": "spells",
        "resent": "times",
    }
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One numeric field of ``Metrics``.

    Attributes:
        name: of the field.
        title: for people, such as ``time to first audio (TTFA)``.
        kind: ``seconds``, ``ratio`` or ``count``.
    """

    name: str
    title: str
    kind: str

    @classmethod
    def of(cls, name: str) -> Quantity:
        """The field of that name.

        Raises:
            SettingsError: there is none, or it is not a number.
        """
        kinds = _numeric()
        if name not in kinds:
            raise SettingsError(f"metric is {name!r}; it must be one of {', '.join(kinds)}.")
        return cls(name, _TITLES.get(name, name.replace("_", " ")), kinds[name])

    def unit(self, largest: float) -> tuple[str, float]:
        """The unit for an axis up to ``largest``, and how many of it are one of the field's."""
        if self.kind == "seconds":
            ms = abs(largest) < 10 and self.name != "duration"
            return ("ms", 1000.0) if ms else ("s", 1.0)
        if self.kind == "ratio":
            return "s per s of audio", 1.0
        return _COUNTED.get(self.name, self.name.replace("_", " ")), 1.0

    def say(self, value: float, largest: float) -> str:
        """``value`` with its unit, in three figures or so, as fits an axis up to ``largest``."""
        unit = f" {self.unit(largest)[0]}" if self.kind == "seconds" else ""
        return self.bare(value, largest) + unit

    def bare(self, value: float, largest: float) -> str:
        """The same without the unit."""
        if self.kind == "ratio":
            return f"{value:.3g}"
        unit, factor = self.unit(largest)
        value *= factor
        whole = unit == "ms" and abs(value) >= 100
        return f"{value:,.{0 if whole else 1}f}".removesuffix(".0")


def _numeric() -> dict[str, str]:
    """The numeric fields' kinds by name, in the order of ``Metrics``."""
    kinds = {}
    for field in dataclasses.fields(Metrics):
        # Annotations are text in that module.
        types = set(str(field.type).replace(" ", "").split("|"))
        if "float" in types:
            kinds[field.name] = "ratio" if field.name == "rtf" else "seconds"
        elif "int" in types:
            kinds[field.name] = "count"
    return kinds
