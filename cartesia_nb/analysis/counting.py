"""How many words a text has, in any script."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Thai, Lao, Myanmar, Khmer, kana, bopomofo and Han: written without spaces.
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u312f\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)
_MARKUP: Final = re.compile(r"</?[A-Za-z][^<>]*>")


def words_in(text: str) -> int:
    """How many words ``text`` has, for a rate of speaking.

    Words are what spaces divide, if a letter or a digit is in them; in scripts that are written
    without spaces each letter counts as one (so rates compare within a language and not between
    languages). Tags such as ``<break time="1s"/>`` are none.
    """
    plain = unicodedata.normalize("NFKC", without_markup(text))
    return sum(_count(token) for token in plain.split())


def without_markup(text: str) -> str:
    """The text with a space for each tag, as speech has it."""
    return _MARKUP.sub(" ", text)


def letters(text: str) -> str:
    """What of a text is spoken, to find a word's place in it: letters and digits, small."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in plain if unicodedata.category(sign)[0] in "LN")


def _count(token: str) -> int:
    alone = sum(unicodedata.category(sign)[0] == "L" for sign in _UNSPACED.findall(token))
    rest = (part for part in _UNSPACED.split(token) if any(map(str.isalnum, part)))
    return alone + sum(1 for _ in rest)
