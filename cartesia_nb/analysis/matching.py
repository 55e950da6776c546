"""Which words of one text are those of another."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher


def normalised(word: str) -> str:
    """``word`` without case, punctuation and the like; itself if nothing else is left."""
    plain = unicodedata.normalize("NFKC", word).casefold()
    kept = "".join(sign for sign in plain if unicodedata.category(sign)[0] in "LMN")
    return kept or plain.strip()


def matches(first: Sequence[str], second: Sequence[str]) -> list[tuple[int, int]]:
    """Indices of the words that two texts share, in order in both.

    By ``difflib.SequenceMatcher``: the longest run of equal words, then likewise left and right
    of it. Time is quadratic at worst, where one word is repeated all over.
    """
    matcher = SequenceMatcher(
        None,
        [normalised(word) for word in first],
        [normalised(word) for word in second],
        autojunk=False,
    )
    return [
        (block.a + step, block.b + step)
        for block in matcher.get_matching_blocks()
        for step in range(block.size)
    ]
