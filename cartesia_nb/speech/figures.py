"""How each figure of a take is called and shown, and between which two events it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from cartesia_nb.speech.metrics import Metrics

Unit = Literal["s", "length", "ratio", "count", "bytes"]


class Figure(NamedTuple):
    """What a figure is called, its unit, and the two events that it lies between."""

    label: str
    unit: Unit
    events: str


GROUPS: Final[dict[str, dict[str, Figure]]] = {
    "Connection": {
        "connect": Figure("connect", "s", "first text given → connection ready"),
        "handshake": Figure("handshake", "s", "dialling → open socket"),
    },
    "First sound": {
        "ttfb": Figure("TTFB", "s", "first text sent → first audio received"),
        "leading_silence": Figure("leading silence", "s", "first sample → speech begins"),
        "ttfa": Figure("TTFA", "s", "TTFB + leading silence"),
        "first_sound": Figure(
            "first sound", "s", "first text sent → first sample audible in the page"
        ),
        "first_sound_held": Figure(
            "held", "s", "of it: first audio in the page → playback asked for"
        ),
    },
    "Text that is fed": {
        "first_token_to_speech": Figure(
            "first token to speech", "s", "first text given → speech begins, on paper"
        ),
        "first_token_to_sound": Figure(
            "first token to sound", "s", "first text given → speech audible in the page"
        ),
    },
    "Stream": {
        "duration": Figure("duration", "length", "first sample → last sample"),
        "rtf": Figure(
            "real-time factor", "ratio", "(first text sent → last audio received) / duration"
        ),
        "gap_p50": Figure("gap, p50", "s", "chunk received → next chunk received"),
        "gap_p90": Figure("gap, p90", "s", "the same, nine in ten are shorter"),
        "gap_p99": Figure("gap, p99", "s", "the same, 99 in 100 are shorter"),
        "largest_gap": Figure("largest gap", "s", "the same, the longest"),
        "jitter": Figure("jitter", "s", "mean |gap - mean pace x audio before it| (RFC 3550's D)"),
        "least_buffer": Figure("least buffer", "s", "audio in hand as a chunk came, on paper"),
        "dry_spells": Figure("dry spells", "count", "on paper, over 1 ms"),
        "dry_seconds": Figure("dry for", "s", "all played → next chunk received, on paper"),
        "heard_dry_spells": Figure("dry spells heard", "count", "in the page"),
        "heard_dry_seconds": Figure("heard dry for", "s", "all played → sound again, in the page"),
    },
    "Received": {
        "chunks": Figure("chunks", "count", "of audio"),
        "bytes": Figure("bytes", "bytes", "of audio"),
        "resent": Figure("sent again", "count", "times the text, before any audio came"),
    },
}
"""By group and by the name of the field of ``Metrics``."""

UNKNOWN: Final = "unknown"


PLACED: Final = ("first_sound", "first_token_to_sound")
"""The figures that are right to within ``Metrics.clock_error``."""


def shown(value: float | int | None, unit: Unit) -> str:
    """A figure with its unit: ``90.5 ms``, ``12.31 s``, ``0.312``, ``38,400``, ``unknown``.

    Args:
        value: in seconds, or plain; ``None`` is unknown.
        unit: "s" is shown in milliseconds up to ten seconds, "length" never.
    """
    if value is None:
        return UNKNOWN
    if unit in ("s", "length"):
        return (
            f"{value:,.2f} s" if unit == "length" or abs(value) >= 10 else f"{value * 1000:,.1f} ms"
        )
    return f"{value:.3f}" if unit == "ratio" else f"{value:,}"


def table(metrics: Metrics) -> str:
    """All figures in aligned lines, by groups; ``±`` where they have an error."""
    values = metrics.to_dict()
    rows: list[tuple[str, str, str, str] | str] = []
    for group, figures in GROUPS.items():
        rows.append(group)
        for name, figure in figures.items():
            value = values[name]
            text = shown(value, figure.unit)
            if name == "connect" and metrics.cold is False:
                text = "was open"
            margin = ""
            if name in PLACED and value is not None and metrics.clock_error is not None:
                margin = f"± {shown(metrics.clock_error, 's')}"
            rows.append((figure.label, text, margin, figure.events))
    cells = [row for row in rows if isinstance(row, tuple)]
    label, value_, margin_ = (max(len(row[at]) for row in cells) for at in range(3))
    lines = []
    for row in rows:
        if isinstance(row, str):
            lines.append(row)
            continue
        error = f" {row[2]:<{margin_}}" if margin_ else ""
        lines.append(f"  {row[0]:<{label}}  {row[1]:>{value_}}{error}  {row[3]}")
    return "\n".join(lines)
