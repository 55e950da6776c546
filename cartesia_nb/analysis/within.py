"""How much a value differs between levels when it is compared within blocks alone.

A block is what else differs from one value to the next, such as the text that was spoken. With
one block this is the one-way analysis of variance; with several, the additive model of levels and
blocks, by least squares, whatever is missing from which block.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from cartesia_nb.analysis.statistics import f_tail, t_quantile

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

_ROUNDING: Final = 1e-9
"""Differences of so small a share of the values' size are rounding's."""


@dataclass(frozen=True, eq=False, slots=True)
class Within:
    """What ``compare`` found.

    Attributes:
        adjusted: each value less its block's own level, plus the mean of those levels, shape
            ``(n,)``; with one block the values themselves.
        effects: of each level, to be compared with one another, shape ``(levels,)``.
        spread: standard deviation of values of the same level in the same block, pooled; ``None``
            if there are no two such values.
        freedom: how many residuals are free to vary.
        explained: share of the squared deviations within blocks that the levels explain; ``None``
            where nothing varies.
        p: the chance that levels without effect differ as much (F test); ``None`` without freedom.
    """

    adjusted: Floats
    effects: Floats
    spread: float | None
    freedom: int
    explained: float | None
    p: float | None
    _variance: float
    _inverse: Floats

    def half_width(self, one: int, other: int, confidence: float = 0.95) -> float | None:
        """Half the width of the confidence interval of the difference of two levels' effects."""
        if self.freedom < 1:
            return None
        inverse = self._inverse
        factor = float(inverse[one, one] + inverse[other, other] - 2 * inverse[one, other])
        error = math.sqrt(max(self._variance * factor, 0.0))
        return t_quantile(confidence, self.freedom) * error


def compare(values: Floats, levels: Indices, blocks: Indices) -> Within | None:
    """Compare levels within blocks.

    Args:
        values: finite, shape ``(n,)``.
        levels: whose each value is, ``0`` to ``levels - 1``, each at least once, shape ``(n,)``.
        blocks: in which block it is, likewise.

    Returns:
        ``None`` if some levels never share a block, directly or through others, so that what
        they differ by cannot be told from what the blocks differ by.

    Where values of the same level in the same block never differ, as of a voice that says the same
    twice, each such cell counts once: said again it tells nothing new. If nothing is free to vary
    then, what differs does so without chance: ``p`` is 0, or 1 if nothing does.

    Source: the F test of nested linear models and R. Frisch and F. V. Waugh, "Partial time
    regressions as compared with individual trends", Econometrica 1(4), 1933, by which the blocks
    are taken out first.
    """
    count, number = len(values), int(levels.max()) + 1
    least = count * (_ROUNDING * float(np.abs(values).max())) ** 2
    cells = blocks * number + levels
    spread = _spread(values, cells, least)
    if spread == 0:
        once = np.unique(cells, return_index=True)[1]
        return _repeated(compare(values[once], levels[once], blocks[once]), values, blocks, once)
    design = np.zeros((count, number))
    design[np.arange(count), levels] = 1
    centred = design - _means(design, blocks)[blocks]
    gram = centred.T @ centred
    # Counts and quotients of counts: what is no zero is far from one.
    if np.linalg.matrix_rank(gram, tol=1e-6, hermitian=True) < number - 1:
        return None
    inverse = np.linalg.pinv(gram, rcond=1e-9, hermitian=True)
    inside = values - _means(values[:, None], blocks)[blocks, 0]
    effects = inverse @ (centred.T @ inside)
    own = _means((values - effects[levels])[:, None], blocks)[:, 0]
    residual = values - effects[levels] - own[blocks]
    total, rest = _squares(inside, least), _squares(residual, least)
    freedom = count - len(own) - (number - 1)
    return Within(
        adjusted=values - own[blocks] + own[blocks].mean(),
        effects=effects,
        spread=spread,
        freedom=freedom,
        explained=None if total == 0 else max(1 - rest / total, 0.0),
        p=_p(total, rest, number - 1, freedom),
        _variance=rest / freedom if freedom > 0 else 0.0,
        _inverse=inverse,
    )


def _repeated(
    once: Within | None, values: Floats, blocks: Indices, chosen: Indices
) -> Within | None:
    """What was found of one value of each cell, for all values."""
    if once is None:
        return None
    taken = np.zeros(int(blocks.max()) + 1)
    taken[blocks[chosen]] = values[chosen] - once.adjusted
    p = float(once.explained is None) if once.p is None else once.p
    return replace(once, adjusted=values - taken[blocks], spread=0.0, p=p)


def _p(total: float, rest: float, between: int, freedom: int) -> float | None:
    if freedom < 1 or between < 1:
        return None
    if total == 0:
        return 1.0
    explained = max(total - rest, 0.0) / between
    return f_tail(explained / (rest / freedom) if rest > 0 else math.inf, between, freedom)


def _spread(values: Floats, cells: Indices, least: float) -> float | None:
    _, place = np.unique(cells, return_inverse=True)
    freedom = len(values) - int(place.max()) - 1
    if freedom < 1:
        return None
    inside = values - _means(values[:, None], place)[place, 0]
    return math.sqrt(_squares(inside, least) / freedom)


def _means(columns: Floats, groups: Indices) -> Floats:
    """The mean of the rows of each group, shape ``(groups, columns)``."""
    total = np.zeros((int(groups.max()) + 1, columns.shape[1]))
    np.add.at(total, groups, columns)
    return total / np.bincount(groups)[:, None]


def _squares(values: Floats, least: float) -> float:
    total = float(values @ values)
    return total if total > least else 0.0
