"""What the engine was asked for: the newest contexts, with their text and how they ended. Pure."""

from __future__ import annotations

from collections import deque
from typing import Final, Literal

from cartesia_nb.engine.faults import Fault
from cartesia_nb.engine.requests import Fields, Generation

LONGEST: Final = 10_000
"""How many contexts are remembered; the oldest are forgotten first."""

Over = Literal["websocket", "sse", "bytes"]
"""How a context came."""

_STATED: Final = ("context_id", "transcript")
_SECRET: Final = frozenset({"api_key", "access_token", "authorization", "x-api-key"})


class Entry:
    """One context: what was asked, and what became of it.

    Args:
        number: counts all contexts of the engine, from 1.
        over: how it came.
        fields: the JSON of the request that opened it.
    """

    def __init__(self, number: int, over: Over, fields: Fields) -> None:
        self.number = number
        self._over = over
        self._context_id = fields.get("context_id")
        self._fields = {
            name: value
            for name, value in fields.items()
            if name not in _STATED and name.lower() not in _SECRET
        }
        self._texts: list[str] = []
        self._state = "running"
        self._faults: list[str] = []

    def said(self, text: str) -> None:
        """More text came."""
        self._texts.append(text)

    def struck(self, fault: Fault) -> None:
        """A fault struck it; a fatal one is its end."""
        self._faults.append(str(fault))
        if fault.fatal:
            self.end("failed")

    def end(self, state: Literal["done", "cancelled", "failed"]) -> None:
        """It has ended so; the first word stands."""
        if self._state == "running":
            self._state = state

    def described(self) -> dict[str, object]:
        """For JSON: ``number``, ``over``, ``context_id``, ``state`` (``running``, ``done``,
        ``cancelled`` or ``failed``), ``faults`` that struck it, ``transcript`` (all its text as it
        came, joined), and the other fields of its first request, as they came."""
        return self._fields | {
            "number": self.number,
            "over": self._over,
            "context_id": self._context_id,
            "state": self._state,
            "faults": list(self._faults),
            "transcript": "".join(self._texts),
        }


class Log:
    """The contexts that the engine began, newest last.

    What was refused before anything was generated (a field that makes no sense, one context too
    many) is not in it.

    Args:
        longest: how many are remembered.
    """

    def __init__(self, longest: int = LONGEST) -> None:
        self._entries: deque[Entry] = deque(maxlen=longest)
        self.count = 0
        """Contexts since the engine started, those forgotten too."""

    def open(self, request: Generation, over: Over) -> Entry:
        """A context begins. Its text is told by ``Entry.said``."""
        self.count += 1
        entry = Entry(self.count, over, request.received)
        self._entries.append(entry)
        return entry

    def described(self) -> list[dict[str, object]]:
        """The newest, oldest first, as ``Entry.described``."""
        return [entry.described() for entry in self._entries]
