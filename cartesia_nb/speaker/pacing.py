"""How fast messages may leave for the page: a bound per kernel, over all takes.

Jupyter drops messages silently when they come in bursts (ZeroMQ's high-water mark of 1,000
messages; Jupyter Server's limit per second), and with them the running cell's own output.
"""

from __future__ import annotations

from typing import Final

MESSAGES_PER_S: Final = 30.0
BYTES_PER_S: Final = 2_000_000.0
BURST_MESSAGES: Final = 10.0
BURST_BYTES: Final = 1_000_000.0
MAX_MESSAGE_BYTES: Final = 256 * 1024
"""More audio than this is split, so that one take can't hold up the others."""


class Bucket:
    """A token bucket for messages and bytes. Time is passed in; no I/O; one thread."""

    def __init__(self, now: float) -> None:
        self._messages = BURST_MESSAGES
        self._bytes = BURST_BYTES
        self._at = now

    def wait(self, now: float) -> float:
        """Seconds until a message may leave; 0.0 if one may leave now."""
        self._refill(now)
        missing = max((1.0 - self._messages) / MESSAGES_PER_S, -self._bytes / BYTES_PER_S)
        return max(missing, 0.0)

    def spend(self, size: int, now: float) -> None:
        """A message of ``size`` bytes left. An urgent one may leave before its time; what it
        overdraws, the next ones wait for."""
        self._refill(now)
        self._messages -= 1.0
        self._bytes -= size

    def _refill(self, now: float) -> None:
        passed = max(now - self._at, 0.0)
        self._at = now
        self._messages = min(self._messages + passed * MESSAGES_PER_S, BURST_MESSAGES)
        self._bytes = min(self._bytes + passed * BYTES_PER_S, BURST_BYTES)
