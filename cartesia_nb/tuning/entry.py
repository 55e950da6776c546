"""One take on a shelf: what is told of it, whether or not the take itself is in memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.wording import plain, shortened

WORDS: Final = 80
"""Letters of a take's text that are told."""

_NAMES: Final = {"model_id": "model", "max_buffer_delay_ms": "buffering", "sample_rate": "rate"}
_OVER: Final = ("done", "cancelled", "failed")


@dataclass
class Entry:
    """One take on a shelf. For the main thread alone.

    Attributes:
        number: from 1, in the order in which they came.
        file: what its files are called, without ending; unique in a folder.
        text: its first words.
        changes: what its settings have that those of the one before had not.
        settings: what shaped it.
        state: of the take.
        error: why it failed, else empty.
        duration: seconds.
        ttfa: seconds; ``None`` is unknown.
        pinned: whether it is kept whatever comes.
        note: what a person wrote about it.
        take: the take, while it is in memory.
        saved: whether it is in the folder.
        ticked: whether it is to be compared.
    """

    number: int
    file: str
    text: str
    changes: str
    settings: Settings
    state: str = "connecting"
    error: str = ""
    duration: float = 0.0
    ttfa: float | None = None
    pinned: bool = False
    note: str = ""
    take: Take | None = field(default=None, repr=False)
    saved: bool = False
    ticked: bool = False

    @classmethod
    def of(
        cls,
        number: int,
        take: Take,
        before: Settings | None,
        voice_name: Callable[[str], str] = str,
    ) -> Entry:
        """A new one, for a take that may still grow."""
        return cls(
            number,
            f"{number:05d}-{_safe(take.id)}",
            _words(take.text),
            "" if before is None else changes(before, take.settings, voice_name),
            take.settings,
            take=take,
        )

    @classmethod
    def saved_as(cls, number: int, file: str, recording: Recording) -> Entry:
        """One for a take that was found in a folder, of which nobody had told."""
        entry = cls(
            number, file, _words(recording.text), "", recording.settings, take=Take(recording)
        )
        entry.look()
        entry.saved, entry.take = True, None
        return entry

    @property
    def over(self) -> bool:
        """Whether nothing more comes of its take."""
        return self.state in _OVER

    @property
    def long(self) -> bool:
        """Whether as much of its text is known as is told."""
        return len(self.text) >= WORDS - 10 and self.text.endswith("…")

    def read(self) -> None:
        """Take in the text that it has so far. Main thread."""
        if self.take is not None:
            self.text = _words(self.take.text)

    def look(self) -> None:
        """Take in how the take stands; of one that is over, with its figures. Reads samples. In any
        one thread: the state, by which others go, changes last.
        """
        take = self.take
        if take is None:
            return
        # In this order: one that is over by now grows no more.
        state = take.state
        self.text, self.duration = _words(take.text), take.duration
        if state in _OVER:
            self.ttfa = take.metrics.ttfa
            self.error = "" if take.error is None else plain(str(take.error))
        self.state = state

    def to_dict(self) -> dict[str, object]:
        """What a folder's index holds of it, for JSON."""
        return {
            "number": self.number,
            "file": self.file,
            "text": self.text,
            "changes": self.changes,
            "state": self.state,
            "error": self.error,
            "duration": self.duration,
            "ttfa": self.ttfa,
            "pinned": self.pinned,
            "note": self.note,
            "settings": self.settings.to_dict(),
        }

    @classmethod
    def from_dict(cls, plain_row: object) -> Entry:
        """What ``to_dict`` gave.

        Raises:
            ValueError: it is something else.
        """
        if not isinstance(plain_row, Mapping):
            raise ValueError("no row")
        row = _Row(plain_row)
        settings = plain_row.get("settings")
        if not isinstance(settings, Mapping):
            raise ValueError("no settings")
        file = row.text("file")
        if file != _safe(file) or not file:
            raise ValueError("a file elsewhere")
        entry = cls(
            row.whole("number"),
            file,
            row.text("text"),
            row.text("changes"),
            # SettingsError is a ValueError.
            Settings.of(**{str(name): value for name, value in settings.items()}),
            row.text("state"),
            row.text("error"),
            row.number("duration") or 0.0,
            row.number("ttfa"),
            plain_row.get("pinned") is True,
            row.text("note"),
            saved=True,
        )
        if entry.state not in _OVER or entry.number < 1:
            raise ValueError("no take that is over")
        return entry


def changes(before: Settings, now: Settings, voice_name: Callable[[str], str] = str) -> str:
    """What is different, in a few words; empty where nothing is."""
    old: dict[str, object] = {**before.to_dict(), "voice": voice_name(before.voice)}
    new: dict[str, object] = {**now.to_dict(), "voice": voice_name(now.voice)}
    told = [
        f"{_NAMES.get(name, name)} {_value(old[name])} → {_value(value)}"
        for name, value in new.items()
        if value != old[name] or (name == "voice" and before.voice != now.voice)
    ]
    return shortened(", ".join(told), 120)


def _value(value: object) -> str:
    if value is None or value == {}:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    text = plain(str(value))
    return text if len(text) <= 24 else f"{text[:8]}…"


def _words(text: str) -> str:
    return shortened(plain(text), WORDS)


def _safe(name: str) -> str:
    """Of a name what can be a file's everywhere."""
    return "".join(each if each.isascii() and each.isalnum() else "-" for each in name)[:64]


class _Row:
    """Reads a row of unknown origin."""

    def __init__(self, row: Mapping[object, object]) -> None:
        self._row = row

    def text(self, name: str) -> str:
        value = self._row.get(name)
        if not isinstance(value, str):
            raise ValueError(f"{name} is no text")
        return value

    def whole(self, name: str) -> int:
        value = self._row.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"{name} is no whole number")
        return value

    def number(self, name: str) -> float | None:
        value = self._row.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{name} is no number")
        return float(value) if math.isfinite(value) else None
