"""A take in words, for where its sound is not: captions, alternative text, a picture's figures.

Text goes in as it was given and comes out as plain text, see ``plain``; whoever puts it into HTML
escapes it there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cartesia_nb.speech.metrics import DRY_S
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.timeline import Chunk, playout
from cartesia_nb.speech.wording import plain, shortened

_TEXT_LENGTH: Final = 300
"""Characters of a take's text that stand in a caption."""


def describe(take: Take) -> str:
    """A take in one line of plain text."""
    return f"{take.text} ({take.duration:.1f} s, {take.state}, {take.backend.label})"


@dataclass(frozen=True)
class Caption:
    """What is told of a take beside its waveform. All of it is ``plain``.

    Attributes:
        text: the words.
        remark: what a reader must know besides: why it failed, that it was stopped. Often empty.
        figures: name and value, in the order in which they are told.
    """

    text: str
    remark: str
    figures: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, take: Take) -> Caption:
        """What there is to tell of ``take`` now. Not on the network loop: reads all new sound."""
        metrics = take.metrics
        figures = [
            ("duration", _length(metrics.duration)),
            ("first audio", _ms(metrics.ttfa)),
            ("real-time factor", "unknown" if metrics.rtf is None else f"{metrics.rtf:.2f}"),
        ]
        dry = _dry(take.timeline.chunks)
        if dry:
            total = _ms(sum(dry)) if sum(dry) < 1 else _length(sum(dry))
            figures.append(("dry spells, unbuffered", f"{len(dry)}, {total}"))
        figures += [("voice", plain(take.settings.voice)), ("spoken by", plain(take.backend.label))]
        words = take.text or " ".join(word.text for word in take.words)
        return cls(plain(words), _remark(take), tuple(figures))

    def lines(self) -> str:
        """The caption in a few lines of text."""
        told = " · ".join(f"{name} {value}" for name, value in self.figures)
        rows = [shortened(self.text, _TEXT_LENGTH), told, self.remark]
        return "\n".join(row for row in rows if row)

    def alt(self) -> str:
        """The caption in a sentence or two, in place of a picture."""
        told = ", ".join(f"{name} {value}" for name, value in self.figures)
        text = shortened(self.text, _TEXT_LENGTH)
        rows = [f"Waveform of a voice saying: {text}" if text else "Waveform of a take", told]
        return " — ".join([*rows, *([self.remark] if self.remark else [])])


def clock(seconds: float) -> str:
    """A place in a take: ``0:04.2``, ``0:12``, ``12:30``, ``1:02:03``."""
    tenths = math.floor(seconds * 10 + 1e-6)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    if tenths < 100:
        return f"0:{rest / 10:04.1f}"
    return f"{hours}:{minutes:02}:{rest // 10:02}" if hours else f"{minutes}:{rest // 10:02}"


def _length(seconds: float) -> str:
    if seconds >= 59.95:
        return clock(seconds)
    return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"


def _remark(take: Take) -> str:
    recording = take._recording  # take.error would count as somebody having looked at it
    if recording.state == "failed":
        return plain(f"Failed: {recording.error or 'the server did not say why.'}")
    return {
        "connecting": "Not answered yet.",
        "speaking": "Still being spoken.",
        "cancelled": "Stopped before its end.",
    }.get(recording.state, "")


def _dry(chunks: Sequence[Chunk]) -> list[float]:
    """Seconds by which each late chunk missed a playback that began with the first chunk."""
    return [due.dry for due in playout(chunks) if due.dry > DRY_S]


def _ms(seconds: float | None) -> str:
    if seconds is None:
        return "unknown"
    return f"{seconds:.1f} s" if seconds >= 10 else f"{seconds * 1000:,.0f} ms"
