"""What can be changed while the engine runs, and what it has counted."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import Final, TypeGuard

from cartesia_nb.engine.refusals import Refusal
from cartesia_nb.engine.requests import Fields
from cartesia_nb.protocol.limits import IDLE_CLOSE_S

_SETTINGS: Final = (
    "hold_last_chunk", "first_audio_ms", "speedup", "expire_contexts", "idle_close_s",
)  # fmt: skip


@dataclass(slots=True)
class Counters:
    """Since the engine started."""

    contexts: int = 0
    cancelled: int = 0
    characters: int = 0
    pieces: int = 0
    connections: int = 0


class Control:
    """The engine's settings. Used on its loop only.

    Args:
        first_audio_ms: from text to first chunk, in milliseconds.
        speedup: seconds of audio sent per second; ``None`` sends without waiting.

    By ``update`` only:

    - ``hold_last_chunk``: keep back each context's last chunk, and its ``done``, until unset.
    - ``expire_contexts``: end a context one second after its last audio, as Cartesia does. Off:
      text may come as late as it likes.
    - ``idle_close_s``: close a socket after so many seconds without a request or a context.
    """

    def __init__(self, first_audio_ms: float = 90.0, speedup: float | None = 3.0) -> None:
        self.first_audio_ms = first_audio_ms
        self.speedup = speedup
        self.hold_last_chunk = False
        self.expire_contexts = False
        self.idle_close_s = IDLE_CLOSE_S
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
            if name in ("hold_last_chunk", "expire_contexts"):
                good, wanted = isinstance(value, bool), "true or false"
            elif name == "idle_close_s":
                good, wanted = _is_number(value) and 0 < value <= 3600, "above 0, up to 3600"
            elif name == "first_audio_ms":
                good, wanted = _is_number(value) and 0 <= value <= 60_000, "0 to 60000"
            elif name == "speedup":
                good = value is None or (_is_number(value) and 0.01 <= value <= 1000)
                wanted = "0.01 to 1000, or null for no pacing"
            else:
                good, wanted = False, f"one of these names: {', '.join(_SETTINGS)}"
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
        settings: dict[str, object] = {name: getattr(self, name) for name in _SETTINGS}
        return settings | asdict(self.counters)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
