"""What is promised for each fault at each moment: the table, as data.

The same promises are held against the router alone (``alone``), whole, and against a connection to
an engine that misbehaves over real sockets, pairwise.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Moment = Literal["handshake", "first", "middle", "done", "idle"]
MOMENTS: Final[tuple[Moment, ...]] = ("handshake", "first", "middle", "done", "idle")

SPOKEN: Final = {
    "handshake": "in the handshake",
    "first": "before first audio",
    "middle": "mid-stream",
    "done": "after the last chunk",
    "idle": "idle",
}
"""The moments for people."""

Consumer = Literal["waiting", "iterating", "async iterating", "absent"]
CONSUMERS: Final[tuple[Consumer, ...]] = ("waiting", "iterating", "async iterating", "absent")

Outcome = Literal["whole", "again", "lost", "refused", "key", "unconnected"]

MEANING: Final[dict[Outcome, str]] = {
    "whole": "complete",
    "again": "complete, sent again",
    "lost": "ConnectionLostError",
    "refused": "ServerError",
    "key": "AuthenticationError",
    "unconnected": "ConnectError",
}
"""How a take ends. The errors keep what was received; after each of them the next take works."""


class Row(NamedTuple):
    """One fault, and what comes of it at each moment where it makes sense."""

    kind: str
    for_ever: bool
    promised: dict[Moment, Outcome]

    @property
    def name(self) -> str:
        return f"{self.kind}, every time" if self.for_ever else self.kind


def _once(kind: str, **promised: Outcome) -> Row:
    return Row(kind, False, {moment: promised[moment] for moment in MOMENTS if moment in promised})


def _always(kind: str, **promised: Outcome) -> Row:
    return _once(kind, **promised)._replace(for_ever=True)


ROWS: Final = (
    _once("http-401", handshake="key"),
    _once("http-429", handshake="whole"),
    _always("http-429", handshake="unconnected"),
    _once("http-503", handshake="whole"),
    _always("http-503", handshake="unconnected"),
    _once("no-handshake", handshake="whole"),
    _always("no-handshake", handshake="unconnected"),
    _once("drop", first="again", middle="lost", done="lost", idle="whole"),
    _always("drop", first="lost", middle="lost", done="lost"),
    _once("close-1000", first="again", middle="lost", done="lost", idle="whole"),
    _once("close-1011", first="again", middle="lost", done="lost", idle="whole"),
    _once("silence", first="lost", middle="lost", done="lost"),
    _once("half-open", first="again", middle="lost", done="lost", idle="again"),
    _once("error", first="refused", middle="refused", done="refused"),
    _once("error-ownerless", first="refused", middle="refused", done="refused", idle="whole"),
    _once("busy", first="again", middle="refused", done="refused"),
    _always("busy", first="refused"),
    _once("busy-ownerless", first="again", middle="refused", done="refused", idle="whole"),
    _once("non-json", first="again", middle="lost", done="lost", idle="whole"),
    _once("unknown-type", first="whole", middle="whole", done="whole", idle="whole"),
    _once("huge-frame", first="whole", middle="whole"),
    _once("odd-bytes", first="whole", middle="whole"),
    _once("timestamps-missing", first="whole", middle="whole"),
    _once("timestamps-early", first="whole"),
    _once("done-twice", done="whole"),
    _once("done-late", done="whole"),
)
"""All faults that the engine can be told to make."""
