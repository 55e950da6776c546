"""What befalls one context: faults that strike become deeds and changed events.

On the server's loop only.
"""

from __future__ import annotations

import asyncio
import json
from typing import Final, NoReturn, Protocol

from cartesia_nb.engine import events
from cartesia_nb.engine.faults import Fault, Moment
from cartesia_nb.engine.log import Entry
from cartesia_nb.engine.refusals import Refusal
from cartesia_nb.engine.weather import Sky

DONE_LATE: Final = 0.3
"""How late a late ``done`` is, in seconds."""

_HUGE: Final = 1024 * 1024
_NO_JSON: Final = "<html><body>502 Bad Gateway</body></html>"


class Carrier(Protocol):
    """The socket, as far as a fault reaches for it."""

    async def say(self, text: str) -> None:
        """Send a text frame."""

    def hang_up(self, code: int | None) -> None:
        """End the socket and all its contexts: with a close code, or without a close frame."""

    def go_half_open(self) -> None:
        """Send nothing more, answer nothing more, and stay connected."""


class Mishaps:
    """The faults of one context.

    Args:
        sky: where they come from; what it says may change in the middle of a context.
        number: the context's, on the engine.
        context_id: what the client calls it.
        carrier: its socket.
        entry: its place in the log, which is told what strikes.
    """

    def __init__(
        self, sky: Sky, number: int, context_id: str, carrier: Carrier, entry: Entry
    ) -> None:
        self.silent = False
        """Whether it says nothing any more, not even when it is cancelled."""
        self._sky = sky
        self._number = number
        self._context_id = context_id
        self._carrier = carrier
        self._entry = entry
        # A context that is new to a plan at a later chunk still gets what lasts from an earlier.
        self._plan = sky.plan
        self._lasting: set[str] = set()
        self._huge = False

    async def meet(self, moment: Moment) -> list[Fault]:
        """Let happen what happens at ``moment``; returns what is left to the caller to do.

        Never returns from a fault that takes the context's voice away: it then waits until the
        context is cancelled.

        Raises:
            Refusal: a fault is an error event.
        """
        plan = self._sky.plan
        late = plan is not self._plan
        if late:
            self._plan = plan
            self._lasting.clear()
        left = []
        for fault in plan.strike(moment, self._number, late=late):
            self._entry.struck(fault)
            if fault.lasting:
                self._lasting.add(fault.kind)
            elif not await self._strike(fault.kind):
                left.append(fault)
        return left

    @property
    def timestamps_missing(self) -> bool:
        """Whether timestamps are left out."""
        return "timestamps-missing" in self._lasting

    @property
    def timestamps_early(self) -> bool:
        """Whether all timestamps known so far are sent before the next chunk."""
        return "timestamps-early" in self._lasting

    def parts(self, pcm: bytes) -> list[bytes]:
        """A chunk's bytes as they are sent: whole, or cut after an odd number of bytes."""
        if "odd-bytes" not in self._lasting or len(pcm) < 2:
            return [pcm]
        cut = (len(pcm) // 2 - 1) | 1
        return [pcm[:cut], pcm[cut:]]

    def swollen(self, event: events.Event) -> events.Event:
        """The chunk's event, once blown up to over 1 MiB by a field that nobody knows."""
        if not self._huge:
            return event
        self._huge = False
        return event | {"padding": "." * _HUGE}

    async def _strike(self, kind: str) -> bool:
        """Whether it was done here."""
        if kind == "drop":
            self._carrier.hang_up(None)
            await _for_ever()
        elif kind in ("close-1000", "close-1011"):
            self._carrier.hang_up(int(kind.removeprefix("close-")))
            await _for_ever()
        elif kind == "half-open":
            self._carrier.go_half_open()
            await _for_ever()
        elif kind == "silence":
            self.silent = True
            await _for_ever()
        elif kind in ("error", "error-ownerless"):
            raise Refusal(
                "internal_error",
                "Internal error",
                "The engine was told to fail here (a fault of kind error).",
                status_code=500,
                context_id=None if kind == "error-ownerless" else self._context_id,
            )
        elif kind in ("busy", "busy-ownerless"):
            raise busy(None if kind == "busy-ownerless" else self._context_id)
        elif kind == "non-json":
            await self._carrier.say(_NO_JSON)
        elif kind == "unknown-type":
            await self._carrier.say(json.dumps(events.unknown(self._context_id)))
        elif kind == "huge-frame":
            self._huge = True
        else:
            return False
        return True


class Spared:
    """Stands where mishaps are for a context that no fault concerns."""

    timestamps_missing: Final = False
    timestamps_early: Final = False

    async def meet(self, moment: Moment) -> list[Fault]:
        """Nothing happens."""
        return []

    def parts(self, pcm: bytes) -> list[bytes]:
        """A chunk's bytes, whole."""
        return [pcm]

    def swollen(self, event: events.Event) -> events.Event:
        """The chunk's event as it is."""
        return event


def busy(context_id: str | None, limit: int | None = None) -> Refusal:
    """Too many contexts in flight, or told to say so."""
    why = "The engine was told to say so" if limit is None else f"The limit is {limit}"
    return Refusal(
        "concurrency_limited",
        "Too many concurrent contexts",
        f"{why}; wait until a context is done, then start this one again.",
        status_code=429,
        context_id=context_id,
    )


def refused_handshake(status: int, why: str) -> Refusal:
    """A handshake answered with 401, 429 or 503, and the reason in a sentence."""
    error_code, title = {
        401: ("unauthorized", "Unauthorized"),
        429: ("concurrency_limited", "Too many connections"),
        503: ("service_unavailable", "Service unavailable"),
    }[status]
    return Refusal(error_code, title, why, status_code=status)


async def _for_ever() -> NoReturn:
    """Until the context's task is cancelled."""
    await asyncio.get_running_loop().create_future()
    raise AssertionError("nobody gives this future a result")
