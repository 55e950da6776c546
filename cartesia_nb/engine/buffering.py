"""Cartesia's buffering rule: text in pieces waits until it makes a sentence, but not for long.

Pieces are joined verbatim. Text is released up to its last sentence end; what is left waits
until ``max_buffer_delay_ms`` have passed since its oldest piece came, and is then released as
it stands. A delay of 0 releases every piece as it comes.

Pure: the time is passed in (seconds, any monotonic clock).
"""

from __future__ import annotations

from cartesia_nb.engine.sentences import last_sentence_end


class TextBuffer:
    """Text that came and is not spoken yet.

    Args:
        delay: the longest that text may wait for more text, in seconds.
    """

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._text = ""
        self._since = 0.0

    def push(self, text: str, now: float) -> None:
        """Add a piece, which came at ``now``."""
        if text and not self._text.strip():
            self._since = now
        self._text += text

    @property
    def deadline(self) -> float | None:
        """When ``ready`` gives all that waits, or ``None`` if nothing speakable waits."""
        return self._since + self._delay if self._text.strip() else None

    def ready(self, now: float) -> str:
        """Take out what is to be spoken at ``now``; empty if that is nothing yet."""
        deadline = self.deadline
        if deadline is None:
            return ""
        if now >= deadline:
            return self.drain()
        end = last_sentence_end(self._text)
        if end:
            released, self._text = self._text[:end], self._text[end:]
            self._since = now
            return released
        return ""

    def drain(self) -> str:
        """Take out everything, as a flush or the end of the input does."""
        text, self._text = self._text, ""
        return text
