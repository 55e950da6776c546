"""Who speaks for the parts of the tuner, and when a change is spoken by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from cartesia_nb.speech.backend import Backend
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.sources import Text
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.voices import Voices

QUIET_S: Final = 0.6
"""A change is spoken when no other came for so long."""


class Speaks(Protocol):
    """What a tuner needs of a session. Its methods may be called from any thread."""

    settings: Settings

    @property
    def backend(self) -> Backend:
        """Who speaks."""

    @property
    def characters(self) -> int:
        """Characters of text sent to the server so far."""

    def say(
        self, text: Text, *, play: bool | None = None, interrupt: bool = False, **settings: object
    ) -> Take:
        """Speak a text; returns at once."""

    def stop(self) -> None:
        """Silence everything."""

    def voices(
        self,
        *,
        language: str | None = None,
        gender: str | None = None,
        query: str | None = None,
        mine: bool = False,
    ) -> Voices:
        """The server's voices; waits for it."""

    def _on_spent(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have ``listener`` called on the network loop when ``characters`` grew."""


class Wanted(NamedTuple):
    """What is to be spoken."""

    text: str
    settings: Settings


class Debounce:
    """When a change is to be spoken by itself: once, when things have come to rest.

    It has no clock: times are seconds of whatever clock its user has. Not thread-safe.

    Args:
        quiet: seconds without a change after which the last one is due.
    """

    def __init__(self, quiet: float = QUIET_S) -> None:
        self._quiet = quiet
        self._spoken: Wanted | None = None
        self._wanted: Wanted | None = None
        self._due: float | None = None

    @property
    def due(self) -> float | None:
        """When to ask ``ready``; ``None`` while nothing waits to be spoken."""
        return self._due

    def changed(self, wanted: Wanted, now: float) -> None:
        """Something else stands on the controls. What has just been spoken is not due again."""
        if wanted == self._spoken:
            self.forget()
        elif wanted != self._wanted:
            self._wanted, self._due = wanted, now + self._quiet

    def ready(self, now: float) -> Wanted | None:
        """What is to be spoken now, if anything; it counts as spoken from here on."""
        if self._due is None or now < self._due or self._wanted is None:
            return None
        wanted = self._wanted
        self.spoken(wanted)
        return wanted

    def spoken(self, wanted: Wanted) -> None:
        """It is being spoken, asked for or by itself; what waited is not due any more."""
        self._spoken = wanted
        self.forget()

    def failed(self) -> None:
        """What was last spoken came to nothing: the same may be due again."""
        self._spoken = None

    def forget(self) -> None:
        """Nothing waits to be spoken any more."""
        self._wanted = self._due = None
