"""Where the same word lies in several takes.

Going from one take to another in the middle of a sentence goes to the same place of the other.
Places that all takes share are anchors; between two of them time is stretched evenly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cartesia_nb.analysis.matching import matches
from cartesia_nb.analysis.onset import speech_onset
from cartesia_nb.protocol.encodings import Samples
from cartesia_nb.speech.recording import Word

LEAST_S: Final = 0.01
"""Two anchors are at least so far apart, in every take."""

_MOVED_S: Final = 0.05
"""An anchor is moved by so much at most to keep that distance; else it is left out."""


@dataclass(frozen=True)
class Spoken:
    """What is to be known of a take to find its places.

    Attributes:
        words: and when they sound, in seconds; empty where nobody knows.
        duration: of all of it, in seconds.
        onset: where speech begins, in seconds; ``None`` for silence.
        end: where speech ends, likewise.
    """

    words: tuple[Word, ...]
    duration: float
    onset: float | None
    end: float | None

    @classmethod
    def of(cls, samples: Samples, sample_rate: int, words: Sequence[Word] = ()) -> Spoken:
        """Of samples at a rate in Hz."""
        onset = speech_onset(samples, sample_rate)
        last = None if onset is None else speech_onset(samples[::-1], sample_rate)
        duration = len(samples) / sample_rate
        return cls(
            tuple(sorted(words, key=lambda word: word.start)),
            duration,
            onset,
            None if last is None else duration - last,
        )


@dataclass(frozen=True)
class Places:
    """Anchors that several takes share.

    Attributes:
        seconds: for each take where its anchors lie: equally many for all, the first 0.0, the
            last its duration, strictly increasing.
        words: which words begin at which anchor, as the takes spell them: each a word's texts in
            the order of the takes, and the anchor's index.
        by_words: whether words were found that all have; else the anchors are where speech begins
            and ends.
    """

    seconds: tuple[tuple[float, ...], ...]
    words: tuple[tuple[tuple[str, ...], int], ...]
    by_words: bool


def places(takes: Sequence[Spoken]) -> Places:
    """The anchors of one or more takes.

    Words are matched by text, without case and punctuation; those that all takes have, in an order
    that all share, are anchors by their start, and by their end where a pause follows. Without
    such words the beginning and the end of speech are, so that places are proportional between.

    Args:
        takes: one or more, each of some duration.
    """
    common = _common(takes)
    rows: list[tuple[float, ...]] = []
    spelled: dict[int, tuple[str, ...]] = {}
    for number, row in enumerate(common):
        spelled[len(rows)] = tuple(word.text for word in row)
        rows.append(tuple(word.start for word in row))
        rows.append(tuple(word.end for word in row))
        if number + 1 < len(common):
            following = common[number + 1]
            gaps = (b.start - a.end for a, b in zip(row, following, strict=True))
            if min(gaps) < _MOVED_S:
                rows.pop()
    if not common:
        for name in ("onset", "end"):
            found = [getattr(take, name) for take in takes]
            if None not in found:
                rows.append(tuple(found))
    seconds, words = _increasing(rows, [take.duration for take in takes], spelled)
    return Places(seconds, words, bool(words))


def _common(takes: Sequence[Spoken]) -> list[tuple[Word, ...]]:
    """The words that all takes have, each as all of them have it."""
    first = [word.text for word in takes[0].words]
    found = {index: [word] for index, word in enumerate(takes[0].words)}
    for take in takes[1:]:
        pairs = dict(matches(first, [word.text for word in take.words]))
        found = {
            index: [*row, take.words[pairs[index]]]
            for index, row in found.items()
            if index in pairs
        }
    return [tuple(found[index]) for index in sorted(found)]


def _increasing(
    rows: Sequence[tuple[float, ...]],
    durations: Sequence[float],
    spelled: dict[int, tuple[str, ...]],
) -> tuple[tuple[tuple[float, ...], ...], tuple[tuple[tuple[str, ...], int], ...]]:
    """The anchors that can be had with ``LEAST_S`` between any two, the ends included."""
    kept = [tuple(0.0 for _ in durations)]
    words = []
    for index, row in enumerate(rows):
        moved = tuple(
            min(max(at, last + LEAST_S), end - LEAST_S)
            for at, last, end in zip(row, kept[-1], durations, strict=True)
        )
        room = all(at >= last + LEAST_S - 1e-9 for at, last in zip(moved, kept[-1], strict=True))
        near = all(abs(at - was) <= _MOVED_S for at, was in zip(moved, row, strict=True))
        if not (room and near):
            continue
        if index in spelled:
            words.append((spelled[index], len(kept)))
        kept.append(moved)
    kept.append(tuple(durations))
    return tuple(zip(*kept, strict=True)), tuple(words)
