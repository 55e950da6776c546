"""How badly the engine behaves: faults and a poor line, drawn from a seed.

The same seed gives the same run: a chance is drawn from the seed, the fault and the number of
the context or handshake concerned, so that neither timing nor other contexts change who is hit.
``Weather`` and ``Plan`` are pure; ``Sky`` lives on the server's loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import dataclass
from typing import Final

from cartesia_nb.engine.faults import Fault, Moment
from cartesia_nb.engine.refusals import Refusal
from cartesia_nb.engine.requests import Fields

_LONGEST_MS: Final = 10_000
_NAMES: Final = ("faults", "delay_ms", "jitter_ms", "bandwidth", "seed")


@dataclass(frozen=True, slots=True)
class Weather:
    """What is to go wrong. The defaults are a good day."""

    faults: tuple[Fault, ...] = ()
    """Where several strike at one moment they do so in this order, up to a fatal one."""
    delay_ms: float = 0.0
    """How much later all that the engine sends on its sockets arrives, from the answer to the
    handshake on; 0 to 10,000 milliseconds."""
    jitter_ms: float = 0.0
    """At most so many milliseconds more, drawn for each message; order is kept. 0 to 10,000."""
    bandwidth: float | None = None
    """Bytes a second on each socket, 1 or more; ``None`` is unlimited."""
    seed: int = 0

    @classmethod
    def read(cls, fields: Fields) -> Weather:
        """From JSON: faults as text; what is left out is as on a good day.

        Raises:
            Refusal: an unknown name, a value out of range, or a fault that makes no sense.
        """
        for name in fields:
            if name not in _NAMES:
                raise _refusal(f"{name} is none of its settings: {', '.join(_NAMES)}.")
        texts = fields.get("faults", [])
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise _refusal(f'faults is {texts!r}; it takes a list of texts such as ["drop@3"].')
        faults = tuple(Fault.parse(text) for text in texts)
        for fault in faults:
            if faults.count(fault) > 1:
                raise _refusal(f"{fault} is given twice; write how often: *2.")
        seed = fields.get("seed", 0)
        if not isinstance(seed, int) or isinstance(seed, bool):
            raise _refusal(f"seed is {seed!r}; it takes a whole number.")
        bandwidth = fields.get("bandwidth")
        return cls(
            faults,
            _number("delay_ms", fields.get("delay_ms", 0), 0, _LONGEST_MS),
            _number("jitter_ms", fields.get("jitter_ms", 0), 0, _LONGEST_MS),
            None if bandwidth is None else _number("bandwidth", bandwidth, 1, 1e12),
            seed,
        )

    @property
    def clear(self) -> bool:
        """Whether the line itself is a good one; faults aside."""
        return not (self.delay_ms or self.jitter_ms or self.bandwidth)


class Plan:
    """One weather under way: who is hit, and what has struck.

    Args:
        weather: what is to go wrong.
        contexts: how many contexts the engine had before; it numbers those that come.
        sockets: likewise.
    """

    def __init__(self, weather: Weather, *, contexts: int = 0, sockets: int = 0) -> None:
        self.weather = weather
        self._contexts = contexts
        self._sockets = sockets
        self._handshakes = 0
        self._struck = dict.fromkeys(weather.faults, 0)

    def strike_handshake(self) -> Fault | None:
        """What becomes of the next handshake."""
        self._handshakes += 1
        return next(iter(self._strike("handshake", self._handshakes, False)), None)

    def strike(self, moment: Moment, context: int, *, late: bool = False) -> list[Fault]:
        """What strikes a context now, in order; after a fatal one nothing does.

        Args:
            moment: what has come.
            context: its number on the engine.
            late: whether the context was there before this plan, and is met the first time:
                then also what holds from an earlier chunk on.
        """
        return self._strike(moment, context - self._contexts, late)

    def jitters(self, stream: str, socket: int) -> random.Random:
        """Where a socket's jitters are drawn from, one draw for each message.

        Args:
            stream: messages, pongs and handshakes have one each.
            socket: its number on the engine.
        """
        return random.Random(f"{self.weather.seed}/{stream}/{socket - self._sockets}")

    def state(self) -> dict[str, object]:
        """The settings, and how often each fault has struck; for JSON."""
        weather = self.weather
        return {
            "faults": [str(fault) for fault in weather.faults],
            "delay_ms": weather.delay_ms,
            "jitter_ms": weather.jitter_ms,
            "bandwidth": weather.bandwidth,
            "seed": weather.seed,
            "struck": {str(fault): count for fault, count in self._struck.items()},
        }

    def _strike(self, moment: Moment, number: int, late: bool) -> list[Fault]:
        struck: list[Fault] = []
        for fault in self.weather.faults:
            if self._is_hit(fault, moment, number, late):
                self._struck[fault] += 1
                struck.append(fault)
                if fault.fatal:
                    break
        return struck

    def _is_hit(self, fault: Fault, moment: Moment, number: int, late: bool) -> bool:
        come = fault.where == moment or (
            late
            and fault.lasting
            and isinstance(fault.where, int)
            and isinstance(moment, int)
            and fault.where < moment
        )
        if not come or (fault.times is not None and self._struck[fault] >= fault.times):
            return False
        draw = random.Random(f"{self.weather.seed}/{fault}/{number}").random()
        return draw * 100 < fault.chance


class Sky:
    """The weather as it is now. On the server's loop only."""

    def __init__(self) -> None:
        self.plan = Plan(Weather())
        self._changed = asyncio.Event()

    def change(self, weather: Weather, *, contexts: int, sockets: int) -> None:
        """Replace the whole; counting begins anew. Arguments as ``Plan`` has them."""
        self.plan = Plan(weather, contexts=contexts, sockets=sockets)
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed_within(self, seconds: float) -> None:
        """Wait for a change, but no longer than so many seconds."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)


def _number(name: str, value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise _refusal(f"{name} is {value!r}; it takes {low:g} to {high:g}.")
    return float(value)


def _refusal(message: str) -> Refusal:
    return Refusal("invalid_weather", "Invalid faults", message)
