"""What can be changed while the engine runs, and what it has counted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final, TypeGuard

from cartesia_nb.engine import variation
from cartesia_nb.engine.log import Log
from cartesia_nb.engine.refusals import Refusal
from cartesia_nb.engine.requests import Fields, Generation
from cartesia_nb.engine.slots import Slots
from cartesia_nb.engine.variation import Variation
from cartesia_nb.protocol.limits import IDLE_CLOSE_S

IGNORABLE: Final = ("speed", "volume", "emotion")
"""What the voice may leave unheeded."""


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_limit(value: object) -> bool:
    return value is None or (isinstance(value, int) and _is_number(value) and value >= 1)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _are_ignorable(value: object) -> bool:
    return isinstance(value, list | tuple) and all(name in IGNORABLE for name in value)


_Check = Callable[[object], bool]
_SETTINGS: Final[dict[str, tuple[_Check, str]]] = {
    "hold_last_chunk": (_is_flag, "true or false"),
    "first_audio_ms": (lambda v: _is_number(v) and 0 <= v <= 60_000, "0 to 60000"),
    "speedup": (
        lambda v: v is None or (_is_number(v) and 0.01 <= v <= 1000),
        "0.01 to 1000, or null for no pacing",
    ),
    "expire_contexts": (_is_flag, "true or false"),
    "idle_close_s": (lambda v: _is_number(v) and 0 < v <= 3600, "above 0, up to 3600"),
    "max_contexts": (_is_limit, "a whole number from 1, or null for no limit"),
    "max_sockets": (_is_limit, "a whole number from 1, or null for no limit"),
    "cancel_linger_ms": (lambda v: _is_number(v) and 0 <= v <= 60_000, "0 to 60000"),
    "ignore": (_are_ignorable, f"a list of any of {', '.join(IGNORABLE)}"),
    "variation": (
        lambda v: _is_number(v) and 0 <= v <= variation.MOST,
        f"0 to {variation.MOST:g} percent",
    ),
    "seed": (lambda v: isinstance(v, int) and _is_number(v), "a whole number"),
}


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

    - ``max_contexts``: how many contexts an API key may have in flight, over all its sockets and
      streams of ``/tts/sse``, as Cartesia's plans have 2, 3, 5 or 15; one more is answered with the
      error 429 ``concurrency_limited``. ``None``: as many as it likes.
    - ``hold_last_chunk``: keep back each context's last chunk, and its ``done``, until unset.
    - ``expire_contexts``: end a context one second after its last audio, as Cartesia does. Off:
      text may come as late as it likes.
    - ``idle_close_s``: close a socket after so many seconds without a request or a context.
    - ``max_sockets``: how many may be open; one more is answered with HTTP 429. ``None``: any.
    - ``cancel_linger_ms``: how long a cancelled context still counts, before its ``done`` is sent.
    - ``ignore``: any of ``"speed"``, ``"volume"``, ``"emotion"`` in a list: the field is checked as
      ever and then does nothing, as with a model that does not heed it.
    - ``variation``: by how many percent the pace, the pitch and the level of a take vary from take
      to take (the standard deviation of each; none is further off than three of these), 0 to 10.
      0: the same request gives the same samples. Timestamps stay true.
    - ``seed``: variations are drawn from it and from the number of the context, counted from when
      ``variation`` or ``seed`` was last set; so that the same run gives the same takes, also when
      it is repeated on the same engine. (Faults have a seed of their own.)
    """

    def __init__(self, first_audio_ms: float = 90.0, speedup: float | None = 3.0) -> None:
        self.first_audio_ms = first_audio_ms
        self.speedup = speedup
        self.hold_last_chunk = False
        self.expire_contexts = False
        self.idle_close_s = IDLE_CLOSE_S
        self.max_contexts: int | None = None
        self.max_sockets: int | None = None
        self.cancel_linger_ms = 0.0
        self.ignore: Sequence[str] = []
        self.variation = 0.0
        self.seed = 0
        self.counters = Counters()
        self.log = Log()
        self.slots = Slots()
        self.sockets = 0
        """Sockets open now."""
        self._varies_from = 0
        self._released = asyncio.Event()
        self._released.set()

    async def released(self) -> None:
        """Wait until last chunks are not, or no longer, held back."""
        await self._released.wait()

    def heeded(self, request: Generation) -> Generation:
        """The request as the voice heeds it: without what it ignores."""
        return replace(
            request,
            speed=1.0 if "speed" in self.ignore else request.speed,
            volume=1.0 if "volume" in self.ignore else request.volume,
            emotion="neutral" if "emotion" in self.ignore else request.emotion,
        )

    def varied(self, number: int) -> Variation:
        """How the context with this number in the log varies."""
        return variation.drawn(self.variation, self.seed, number - self._varies_from)

    def update(self, fields: Fields) -> None:
        """Set what ``fields`` name; a context takes its pace when it begins.

        Raises:
            Refusal: an unknown name or a value that makes no sense; nothing is changed then.
        """
        for name, value in fields.items():
            if name not in _SETTINGS:
                raise _refusal(name, value, f"one of these names: {', '.join(_SETTINGS)}")
            good, wanted = _SETTINGS[name]
            if not good(value):
                raise _refusal(name, value, wanted)
        for name, value in fields.items():
            setattr(self, name, value)
        if "variation" in fields or "seed" in fields:
            self._varies_from = self.log.count
        if self.hold_last_chunk:
            self._released.clear()
        else:
            self._released.set()

    def state(self) -> dict[str, object]:
        """Settings and counters, open ``sockets`` and ``running`` contexts, for JSON."""
        settings: dict[str, object] = {name: getattr(self, name) for name in _SETTINGS}
        gauges = {"sockets": self.sockets, "running": self.slots.running}
        return settings | asdict(self.counters) | gauges


def _refusal(name: str, value: object, wanted: str) -> Refusal:
    return Refusal("invalid_control", "Invalid control", f"{name} is {value!r}; it takes {wanted}.")
