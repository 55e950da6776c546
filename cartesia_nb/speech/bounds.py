"""How long things may take before they count as failed."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from cartesia_nb.errors import SettingsError
from cartesia_nb.protocol import limits


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How long things may take, each in seconds; above 0, and finite.

    It never changes, so that threads may share it.

    Attributes:
        connect: to have an open socket, all tries included.
        alive: for a sign of life (any message, or the answer to a ping) from a socket on which
            something is owed; after that the socket counts as dead, as after a laptop's sleep.
        first_audio: from when the server has a context's text to its first audio.
        silence: between two messages of a context that is not yet complete.
        busy: how long a context is tried again while the server says that it has no room for
            another (429).
        close: to close the socket, and for the server's last word on a cancelled context.
        idle: after so long without a context the socket is replaced by a fresh one, before the
            server closes it; Cartesia does after 300 s.

    Raises:
        SettingsError: for a value that is no such number.
    """

    connect: float = 10.0
    alive: float = 3.0
    first_audio: float = 15.0
    silence: float = 15.0
    busy: float = 30.0
    close: float = 2.0
    idle: float = limits.IDLE_CLOSE_S * 0.8

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            good = isinstance(value, int | float) and not isinstance(value, bool)
            if not good or not math.isfinite(value) or value <= 0:
                raise SettingsError(
                    f"Bounds: {field.name} is {value!r}; it takes seconds, above 0 and finite."
                )

    @property
    def longest(self) -> float:
        """The longest that a context can be under way without anything happening, in seconds."""
        return max(
            self.connect + START_S,
            self.first_audio + limits.BUFFER_DELAY_RANGE_MS[1] / 1000 + limits.CONTEXT_LINGER_S,
            self.silence,
            self.busy,
        )


START_S = 30.0
"""For the function that says where the server is: it may start one first."""
