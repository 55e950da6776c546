"""What can be changed while the engine runs, and what it has counted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TypeGuard

from .refusals import Refusal
from .requests import Fields


@dataclass(slots=True)
class Counters:
    """Since the engine started."""

    contexts: int = 0
    cancelled: int = 0
    characters: int = 0
    connections: int = 0


class Control:
    """The engine's settings. Used on its loop only.

    Args:
        first_audio_ms: from text to first chunk, in milliseconds.
        speedup: seconds of audio sent per second; ``None`` sends without waiting.
    """

    def __init__(self, first_audio_ms: float = 90.0, speedup: float | None = 3.0) -> None:
        self.first_audio_ms = first_audio_ms
        self.speedup = speedup
        self.hold_last_chunk = False
        self.counters = Counters()
        self._released = asyncio.Event()
        self._released.set()

    async def released(self) -> None:
        """Wait until last chunks are not, or no longer, held back."""
        await self._released.wait()

    def update(self, fields: Fields) -> None:
        """Set what ``fields`` name; a context takes its pace when it begins.

        Raises:
            Refusal: an unknown name or a value that makes no sense; nothing is changed then.
        """
        for name, value in fields.items():
            if name == "hold_last_chunk":
                good, wanted = isinstance(value, bool), "true or false"
            elif name == "first_audio_ms":
                good, wanted = _is_number(value) and 0 <= value <= 60_000, "0 to 60000"
            elif name == "speedup":
                good = value is None or (_is_number(value) and 0.01 <= value <= 1000)
                wanted = "0.01 to 1000, or null for no pacing"
            else:
                good, wanted = False, "no such name: hold_last_chunk, first_audio_ms, speedup"
            if not good:
                raise Refusal(
                    "invalid_control", "Invalid control", f"{name} is {value!r}; it takes {wanted}."
                )
        for name, value in fields.items():
            setattr(self, name, value)
        if self.hold_last_chunk:
            self._released.clear()
        else:
            self._released.set()

    def state(self) -> dict[str, object]:
        """The settings and the counters, for JSON."""
        counters = self.counters
        return {
            "hold_last_chunk": self.hold_last_chunk,
            "first_audio_ms": self.first_audio_ms,
            "speedup": self.speedup,
            "contexts": counters.contexts,
            "cancelled": counters.cancelled,
            "characters": counters.characters,
            "connections": counters.connections,
        }


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
