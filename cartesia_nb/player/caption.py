"""A take in words, for where neither its sound nor its picture is."""

from __future__ import annotations

from cartesia_nb.speech.take import Take


def describe(take: Take) -> str:
    """A take in one line of plain text."""
    return f"{take.text} ({take.duration:.1f} s, {take.state}, {take.backend.label})"
