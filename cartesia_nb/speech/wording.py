"""A take's text where it is told of: on one line, not too long, doing nothing but stand there.
And how many of something there are."""

from __future__ import annotations

import re
from typing import Final

_UNSAFE: Final = re.compile(
    # Control characters, terminal escapes among them; what overrides the order of reading, and so
    # that of what stands behind it; halves of a character, which no file can hold.
    "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def plain(text: str) -> str:
    """One line of text that does nothing but stand there: each character that would is ``�``."""
    return _UNSAFE.sub("�", re.sub(r"\s+", " ", text)).strip()


def count(number: int, noun: str) -> str:
    """``1 chunk``, ``2 chunks``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def shortened(text: str, length: int) -> str:
    """``text`` in at most ``length`` characters, cut between words where there are some."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[length // 2 :] else cut).rstrip() + "…"
