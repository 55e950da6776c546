"""Speech in the making, with the SDK's own verbs."""

from __future__ import annotations

import time
from collections.abc import Callable

from cartesia_nb.errors import TextError
from cartesia_nb.speech.events import Events
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.route import Outgoing
from cartesia_nb.speech.sources import checked_text
from cartesia_nb.speech.take import Take


class Context:
    """A context of Cartesia's protocol: text is pushed in, audio comes out meanwhile.

    The lines of Cartesia's quickstart work as they stand. Every method may be called from any
    thread, and none of them waits for the network.

    Attributes:
        take: what this context leaves; it grows while the context is spoken.
    """

    def __init__(self, recording: Recording, put: Callable[[Outgoing | None], None]) -> None:
        self._recording = recording
        self._put = put  # any thread; None cancels
        self._completed = False
        self._events = Events(recording)
        recording.cancel = self.cancel
        self.take = Take(recording)

    @property
    def context_id(self) -> str:
        """The id that the server knows this context by."""
        return self._recording.id

    def push(self, transcript: str, *, continue_: bool = True, flush: bool = False) -> None:
        """Send a piece of text. Pieces are joined as they are: give the spaces.

        Args:
            transcript: the text. An empty one is only sent with ``flush``.
            continue_: whether more text follows.
            flush: have all text so far spoken now, and marked off by a ``flush_done``.

        Raises:
            TextError: if it is not text, has half a character in it (a lone surrogate), or the
                context is complete or over.
        """
        transcript = checked_text(transcript)
        if self._completed:
            raise TextError(
                "This context is complete: its last text was sent. Open a new context to say more."
            )
        if self._recording.ended:
            raise TextError(
                f"This context is {self._recording.state}; a server ends one about a second after "
                "its last audio. Open a new context to say more."
            )
        if transcript:
            self._recording.give(time.monotonic())
        if not continue_:
            self._completed = True
            self._put(Outgoing("last", transcript))
            return
        if transcript:
            self._put(Outgoing("text", transcript))
        if flush:
            self._put(Outgoing("flush"))

    def flush(self) -> None:
        """Have all text so far spoken now, without waiting for more to come.

        Raises:
            TextError: if the context is complete or over.
        """
        self.push("", flush=True)

    def no_more_inputs(self) -> None:
        """Say that the text is complete. Calling it again does nothing."""
        if not self._completed:
            self._completed = True
            self._put(Outgoing("last"))

    def cancel(self) -> None:
        """Stop generating. What was received stays in the take. Harmless when it is over."""
        self._completed = True
        self._put(None)

    def receive(self) -> Events:
        """The context's events as they come, for ``for`` and for ``async for``.

        They are the SDK's own: ``type`` is ``chunk`` (with ``audio``), ``timestamps``,
        ``phoneme_timestamps``, ``flush_done`` or ``done``. After the last event of a context that
        failed, iterating raises its error.
        """
        return self._events

    def __repr__(self) -> str:
        return f"<Context {self.context_id}: {self._recording.state}>"
