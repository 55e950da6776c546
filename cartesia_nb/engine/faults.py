"""What can be made to go wrong, and where. Pure.

A fault in text is ``KIND@WHERE``, then optionally ``*TIMES`` and ``%CHANCE``: ``drop@3``,
``silence@0*2``, ``http-429@handshake*3``, ``close-1011@done*inf%10``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from cartesia_nb.engine.refusals import Refusal

Moment = int | Literal["handshake", "done", "idle"]
"""Where a fault strikes.

- ``handshake``: in place of the answer to a client's handshake.
- a number from 0: before the chunk with that index in its context, and before the timestamps
  that go with it; 0 is before the first audio.
- ``done``: after a context's last chunk, before its ``done``.
- ``idle``: right after a context's ``done``, if its socket then has no context in flight.
"""


class Kind(NamedTuple):
    """What a kind of fault is."""

    moments: tuple[str, ...]
    """Where it makes sense; ``"chunk"`` stands for any number."""
    fatal: bool = False
    """Whether the context (or the handshake) is over with it."""
    lasting: bool = False
    """Whether it holds from a chunk on, to the context's end."""


_ANYWHERE: Final = ("chunk", "done", "idle")
_SPEAKING: Final = ("chunk", "done")

KINDS: Final = {
    "drop": Kind(_ANYWHERE, fatal=True),
    "close-1000": Kind(_ANYWHERE, fatal=True),
    "close-1011": Kind(_ANYWHERE, fatal=True),
    "silence": Kind(_SPEAKING, fatal=True),
    "half-open": Kind(_ANYWHERE, fatal=True),
    "error": Kind(_SPEAKING, fatal=True),
    "error-ownerless": Kind(_ANYWHERE, fatal=True),
    "busy": Kind(_SPEAKING, fatal=True),
    "busy-ownerless": Kind(_ANYWHERE, fatal=True),
    "http-401": Kind(("handshake",), fatal=True),
    "http-429": Kind(("handshake",), fatal=True),
    "http-503": Kind(("handshake",), fatal=True),
    "no-handshake": Kind(("handshake",), fatal=True),
    "non-json": Kind(_ANYWHERE),
    "unknown-type": Kind(_ANYWHERE),
    "huge-frame": Kind(("chunk",)),
    "odd-bytes": Kind(("chunk",), lasting=True),
    "done-twice": Kind(("done",)),
    "done-late": Kind(("done",)),
    "timestamps-missing": Kind(("chunk",), lasting=True),
    "timestamps-early": Kind(("chunk",), lasting=True),
}
"""Every kind, by its name."""

_TEXT: Final = re.compile(
    r"(?P<kind>[^@*%\s]+)@(?P<where>[^@*%\s]+)"
    r"(?:\*(?P<times>[0-9]{1,9}|inf))?(?:%(?P<chance>[0-9]+(?:\.[0-9]+)?(?:e-[0-9]+)?))?"
)
_PLACES: Final = ("handshake", "done", "idle")


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    Args:
        kind: one of ``KINDS``.
        where: when it strikes.
        times: how often it strikes, over the whole engine; ``None`` is always.
        chance: that it strikes when its moment has come, 0 to 100 percent.

    Raises:
        Refusal: the kind is unknown, makes no sense there, or a number is out of range.
    """

    kind: str
    where: Moment
    times: int | None = 1
    chance: float = 100.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise _refusal(f"There is no fault {self.kind!r}; there are {', '.join(KINDS)}.")
        numbered = isinstance(self.where, int)
        if numbered and (isinstance(self.where, bool) or int(self.where) < 0):
            raise _refusal(f"A fault can't strike at {self.where!r}; chunks count from 0.")
        if not numbered and self.where not in _PLACES:
            raise _refusal(
                f"A fault can't strike at {self.where!r}; it takes a chunk's number from 0, "
                f"or {', '.join(_PLACES)}."
            )
        if ("chunk" if numbered else self.where) not in KINDS[self.kind].moments:
            where = f"chunk {self.where}" if numbered else repr(self.where)
            raise _refusal(
                f"{self.kind} makes no sense at {where}; it takes "
                f"{' or '.join(map(_shown, KINDS[self.kind].moments))}."
            )
        if self.times is not None and self.times < 1:
            raise _refusal(f"A fault can't strike {self.times} times; it takes 1 or more, or inf.")
        if not (math.isfinite(self.chance) and 0 <= self.chance <= 100):
            raise _refusal(f"The chance is {self.chance:g} %; it takes 0 to 100.")

    @classmethod
    def parse(cls, text: str) -> Fault:
        """A fault from its text.

        Raises:
            Refusal: it is not of the form ``KIND@WHERE*TIMES%CHANCE``, or makes no sense.
        """
        match = _TEXT.fullmatch(text)
        if match is None:
            raise _refusal(
                f"{text!r} is no fault; write KIND@WHERE, then *TIMES and %CHANCE where wanted: "
                "drop@3, silence@0*2, close-1011@done*inf%10."
            )
        kind, where, times, chance = match.group("kind", "where", "times", "chance")
        return cls(
            kind,
            # Whether it is one of the places is checked above, for all who make a fault.
            int(where) if re.fullmatch("[0-9]{1,9}", where) else where,  # type: ignore[arg-type]  # checked
            None if times == "inf" else int(times or 1),
            float(chance or 100),
        )

    def __str__(self) -> str:
        """The text that ``parse`` takes, without what is as usual."""
        times = "" if self.times == 1 else f"*{'inf' if self.times is None else self.times}"
        chance = "" if self.chance == 100 else f"%{float(self.chance)!r}".removesuffix(".0")
        return f"{self.kind}@{self.where}{times}{chance}"

    @property
    def fatal(self) -> bool:
        """Whether the context, or the handshake, is over with it."""
        return KINDS[self.kind].fatal

    @property
    def lasting(self) -> bool:
        """Whether it holds from its chunk to the context's end."""
        return KINDS[self.kind].lasting


def _shown(moment: str) -> str:
    return "a chunk's number from 0" if moment == "chunk" else repr(moment)


def _refusal(message: str) -> Refusal:
    return Refusal("invalid_fault", "Invalid fault", message)
