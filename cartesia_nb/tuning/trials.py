"""Which candidates a person compares in which trial, drawn so that nobody can know it before."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["ab", "abx"]
KINDS: Final[tuple[Kind, ...]] = ("ab", "abx")

LEAST: Final = 16
"""Trials that a test has unless told otherwise, or the next number that can be balanced. Of one
pair, 12 right of 16 are p = 0.04, and 13 preferences of 16 for the same one are p = 0.02."""

_chance: Final = secrets.SystemRandom()


@dataclass(frozen=True)
class Trial:
    """One comparison.

    Attributes:
        a: index of a candidate; ``b`` of another one behind it.
        text: index of the text.
        first: the index of ``a`` or ``b``: which of them is shown as A.
        x: which of them X is; ``None`` in an ab test.
    """

    a: int
    b: int
    text: int
    first: int
    x: int | None = None

    @property
    def second(self) -> int:
        """Which of them is shown as B."""
        return self.b if self.first == self.a else self.a


def balanced(candidates: int, texts: int) -> int:
    """The number of trials unless told otherwise: ``LEAST`` or more, so that each pair comes
    equally often with each text and on each side."""
    cells = 2 * texts * (candidates * (candidates - 1) // 2)
    return cells * -(-LEAST // cells)


def draw(
    kind: Kind, candidates: int, texts: int, count: int, given: Iterable[Trial] = ()
) -> list[Trial]:
    """The trials that are still to come, in a random order.

    With those given before, each pair comes as often as any other, or once more; within a pair
    likewise each text, each side, and each text on each side. What X is is drawn for each trial by
    itself, as a coin: were it balanced as well, who knows that could guess better than by chance,
    and the binomial p would be too small.

    The randomness is the operating system's: no seed, so that nothing that was seen tells what
    follows.

    Args:
        kind: ``ab`` or ``abx``.
        candidates: how many there are, 2 or more.
        texts: how many texts each of them has spoken, 1 or more.
        count: trials in all, with those given.
        given: the trials that are over.
    """
    cells = [
        (a, b, text, first)
        for a, b in combinations(range(candidates), 2)
        for text in range(texts)
        for first in (a, b)
    ]
    done = [(trial.a, trial.b, trial.text, trial.first) for trial in given]
    used: Counter[tuple[object, ...]] = Counter()
    for cell in done:
        used.update(_groups(cell))
    drawn = []
    for _ in range(count - len(done)):
        _chance.shuffle(cells)
        cell = min(cells, key=lambda cell: [used[group] for group in _groups(cell)])
        used.update(_groups(cell))
        drawn.append(cell)
    _chance.shuffle(drawn)
    return [
        Trial(a, b, text, first, None if kind == "ab" else _chance.choice((a, b)))
        for a, b, text, first in drawn
    ]


def _groups(cell: tuple[int, int, int, int]) -> list[tuple[object, ...]]:
    """What is to come equally often, the most important first."""
    a, b, text, first = cell
    return [
        ("pair", a, b),
        ("text", a, b, text),
        ("side", a, b, first),
        ("all", a, b, text, first),
    ]


def answers(trial: Trial, choices: Sequence[str]) -> dict[str, int]:
    """Which candidate each of the page's two choices means."""
    return dict(zip(choices, (trial.first, trial.second), strict=True))
