"""When each chunk may leave, so that the engine behaves like a voice in the cloud.

The first chunk leaves a set time after there was text to speak; from there audio leaves at a
multiple of real time. Pure: times are passed in (seconds, any monotonic clock).
"""

from __future__ import annotations


class Pacer:
    """The schedule of one context.

    Args:
        first_audio: from text to first chunk, in seconds.
        speedup: seconds of audio sent per second; ``None`` sends without waiting.
    """

    def __init__(self, first_audio: float, speedup: float | None) -> None:
        self._first_audio = first_audio
        self._speedup = speedup
        self._due = float("-inf")

    @property
    def due(self) -> float:
        """When the next chunk may leave; minus infinity without pacing."""
        return self._due

    def start(self, now: float) -> None:
        """Text to speak came at ``now``, after nothing had been left to say.

        A voice that is still behind its schedule goes on with it.
        """
        if self._speedup is not None:
            self._due = max(self._due, now + self._first_audio)

    def sent(self, duration: float) -> None:
        """A chunk of ``duration`` seconds left."""
        if self._speedup is not None:
            self._due += duration / self._speedup
