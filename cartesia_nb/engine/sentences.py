"""Where text may be cut: sentence ends, clause ends, and between words.

Pure string work, for spaced scripts and for those that write sentences without spaces.
"""

# ruff: noqa: RUF001 - look-alikes of ASCII punctuation are what this module is about.

from __future__ import annotations

import re
from typing import Final, NamedTuple

LONGEST_PIECE: Final = 240
"""Characters synthesised at once: some 15 s of speech, a few milliseconds of work."""

SENTENCE_PAUSE: Final = 0.29
"""Silence after a sentence, in seconds; what espeak-ng itself puts there at its usual rate."""

CLAUSE_PAUSE: Final = 0.11
"""Silence after a clause, in seconds; likewise."""

_CLOSING: Final = "\"'”’»)\\]"
# A full stop ends a sentence only if a space follows: "3.14", "e.g.this". East Asian and
# Indic stops need none. A blank line ends one as well.
_SENTENCE_END: Final = re.compile(
    rf"[.!?…؟۔।॥]+[{_CLOSING}]*\s+|[。！？]+[{_CLOSING}」』）]*\s*|\n\s*\n\s*"
)
_CLAUSE_END: Final = re.compile(rf"[,;:—–،؛][{_CLOSING}]*\s+|[，、；：]\s*")
_ABBREVIATION: Final = re.compile(
    r"(?:^|[\s(\"'“])(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|etc|e\.g|i\.e|cf|No|Nr|bzw|z\.B|M|Mme|[A-Z])"
    r"\.\s*$"
)
# Cartesia's inline tags; a person does not want to hear them read out.
_TAG: Final = re.compile(
    r"</?(?:speed|volume|emotion|break|spell|pause)\b[^<>]*>|\[laughter\]", re.IGNORECASE
)


class Piece(NamedTuple):
    """Text to synthesise in one go, and the silence that belongs after it."""

    text: str
    pause: float
    """Seconds, at the voice's own pace."""


def last_sentence_end(text: str) -> int:
    """How many characters of ``text`` are whole sentences, with the spaces after them."""
    ends = _sentence_ends(text)
    return ends[-1] if ends else 0


def pieces(text: str) -> list[Piece]:
    """Cut text into pieces of a sentence each, or less where a sentence is very long.

    Joined, the pieces are the text, but that inline tags have become spaces of their length.
    Pieces without a letter or digit are left out.
    """
    plain = _TAG.sub(lambda tag: " " * len(tag.group()), text)
    result: list[Piece] = []
    start = 0
    for end in [*_sentence_ends(plain), len(plain)]:
        result += _cut(plain[start:end])
        start = end
    return [piece for piece in result if any(map(str.isalnum, piece.text))]


def _sentence_ends(text: str) -> list[int]:
    return [
        match.end()
        for match in _SENTENCE_END.finditer(text)
        if not _ABBREVIATION.search(text[max(0, match.end() - 12) : match.end()])
    ]


def _cut(sentence: str) -> list[Piece]:
    result: list[Piece] = []
    while len(sentence) > LONGEST_PIECE:
        window = sentence[:LONGEST_PIECE]
        clauses = [match.end() for match in _CLAUSE_END.finditer(window)]
        spaces = [match.end() for match in re.finditer(r"\s+", window)]
        # A clause end that leaves a scrap is worse than a cut between words.
        good = [end for end in clauses if end > LONGEST_PIECE // 4]
        end = (good or spaces or [LONGEST_PIECE])[-1]
        result.append(Piece(sentence[:end], CLAUSE_PAUSE if good else 0.0))
        sentence = sentence[end:]
    if sentence:
        result.append(Piece(sentence, _pause_after(sentence)))
    return result


def _pause_after(text: str) -> float:
    stripped = text.rstrip().rstrip("\"'”’»)]」』）")
    if stripped.endswith(tuple(".!?…؟۔।॥。！？")) or text.endswith("\n"):
        return SENTENCE_PAUSE
    if stripped.endswith(tuple(",;:—–،؛，、；：")):
        return CLAUSE_PAUSE
    return 0.0
