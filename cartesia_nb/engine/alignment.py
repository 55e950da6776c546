"""Which words and phonemes are where, from espeak-ng's marks. Pure."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from cartesia_nb.engine.espeak import Rendering

# Scripts written without spaces: there a word is what espeak-ng marks, as Cartesia's
# timestamps go by character there.
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


class Span(NamedTuple):
    """A word or a phoneme in time."""

    text: str
    start: float
    """Seconds since the context's first sample."""
    end: float


def word_spans(text: str, rendering: Rendering, offset: int, rate: float) -> list[Span]:
    """The words of ``text`` as they stand there, punctuation included, in order.

    A word that espeak-ng did not mark (it joins some, as in "of the") shares the time of the
    one before it, by length. Marks of punctuation alone are left out.

    Args:
        offset: where the rendering begins in the context, in samples.
        rate: samples a second.
    """
    groups: list[tuple[int, list[str]]] = []
    unmarked: list[str] = []
    for word, start in _marked_words(text, rendering):
        if start is None and not groups:
            unmarked.append(word)
        elif start is None:
            groups[-1][1].append(word)
        else:
            groups.append((max(start, groups[-1][0] if groups else 0), [*unmarked, word]))
            unmarked = []
    if unmarked:
        groups.append((0, unmarked))
    spans: list[Span] = []
    for index, (start, words) in enumerate(groups):
        limit = groups[index + 1][0] if index + 1 < len(groups) else len(rendering.samples)
        end = _speech_end(rendering, start, limit)
        letters = sum(map(len, words))
        done = 0
        for word in words:
            begin = start + (end - start) * done / letters
            done += len(word)
            stop = start + (end - start) * done / letters
            spans.append(_span(word, begin + offset, stop + offset, rate))
    return spans


def phoneme_spans(rendering: Rendering, offset: int, rate: float) -> list[Span]:
    """The phonemes in order, as IPA; pauses are left out. Arguments as in ``word_spans``."""
    marks = rendering.phonemes
    ends = [mark.sample for mark in marks[1:]] + [len(rendering.samples)]
    return [
        _span(mark.phoneme, mark.sample + offset, max(mark.sample, end) + offset, rate)
        for mark, end in zip(marks, ends, strict=True)
        if mark.phoneme
    ]


def _marked_words(text: str, rendering: Rendering) -> list[tuple[str, int | None]]:
    """Each word of the text and where its first mark is, if it has one."""
    first: dict[int, int] = {}
    for mark in rendering.words:
        first.setdefault(mark.position, mark.sample)
    result: list[tuple[str, int | None]] = []
    for token in re.finditer(r"\S+", text):
        inside = sorted(p for p in first if token.start() <= p < token.end())
        if _UNSPACED.search(token.group()) and len(inside) > 1:
            cuts = [token.start(), *inside[1:], token.end()]
            result += [
                (text[cut:following], first[position])
                for cut, following, position in zip(cuts, cuts[1:], inside, strict=False)
            ]
        elif any(map(str.isalnum, token.group())):
            result.append((token.group(), min(first[p] for p in inside) if inside else None))
    return result


def _speech_end(rendering: Rendering, start: int, limit: int) -> int:
    """Where sound ends between two samples: before the pauses, if it ends in some."""
    end = limit
    for mark in reversed(rendering.phonemes):
        if mark.sample >= limit:
            continue
        if mark.phoneme or mark.sample <= start:
            break
        end = mark.sample
    return end


def _span(text: str, start: float, end: float, rate: float) -> Span:
    return Span(text, round(start / rate, 4), round(end / rate, 4))
