"""Whether counts and means differ by more than chance: exact tests, without scipy.

Everything rests on the regularised incomplete beta function, which neither numpy nor the standard
library has.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Final, Literal

from cartesia_nb.errors import SettingsError

Alternative = Literal["two-sided", "greater"]

_TIES: Final = 1 + 1e-7
"""Outcomes this little likelier than the one observed count as no likelier."""

_MOST_STEPS: Final = 100_000


def binomial_p(
    successes: int, trials: int, chance: float = 0.5, alternative: Alternative = "two-sided"
) -> float:
    """How likely a result at least as extreme is if every trial succeeds by chance alone; exact.

    Args:
        successes: from 0 to ``trials``.
        trials: 1 or more; the time grows with its logarithm.
        chance: of a success in one trial, from 0 to 1.
        alternative: ``"greater"`` adds up the outcomes with as many successes or more,
            ``"two-sided"`` those that are no likelier than the one observed.

    Returns:
        From 0 to 1, as ``scipy.stats.binomtest(...).pvalue``.

    Raises:
        SettingsError: numbers that make no sense.
    """
    k, n = _check(successes, trials)
    p = _share(chance)
    if p is None or not 0 <= p <= 1:
        raise SettingsError(f"chance is {chance!r}; it must be a number from 0 to 1, such as 0.5.")
    if alternative not in ("two-sided", "greater"):
        raise SettingsError(f"alternative is {alternative!r}; it must be 'two-sided' or 'greater'.")
    if alternative == "greater":
        return _at_least(k, n, p)
    if p in (0, 1):
        return float(k == n * p)
    observed = _log_pmf(k, n, p) + math.log(_TIES)
    mode = min(math.floor((n + 1) * p), n)
    if k < mode:  # upwards from the mode the likelihood falls: where is it no more than observed?
        other = _first(lambda i: _log_pmf(i, n, p) <= observed, mode, n + 1)
        return min(_at_most(k, n, p) + _at_least(other, n, p), 1.0)
    if k > mode:
        other = _first(lambda i: _log_pmf(i, n, p) > observed, -1, mode) - 1
        return min(_at_most(other, n, p) + _at_least(k, n, p), 1.0)
    return 1.0


def interval(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact interval of Clopper and Pearson for the chance of a success.

    Args:
        successes: from 0 to ``trials``.
        trials: 1 or more.
        confidence: above 0 and below 1.

    Returns:
        Its ends, from 0 to 1, as ``binomtest(...).proportion_ci(confidence, "exact")``. It holds
        the true chance at least as often as ``confidence`` says.

    Raises:
        SettingsError: numbers that make no sense.

    Source: C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated
    in the case of the binomial", Biometrika 26(4), 1934, pages 404-413.
    """
    k, n = _check(successes, trials)
    inside = _share(confidence)
    if inside is None or not 0 < inside < 1:
        raise SettingsError(
            f"confidence is {confidence!r}; it must be a number above 0 and below 1, such as 0.95."
        )
    tail = (1 - inside) / 2
    low = 0.0 if k == 0 else _root(lambda p: _at_least(k, n, p) < tail)
    high = 1.0 if k == n else _root(lambda p: _at_most(k, n, p) > tail)
    return low, high


def f_tail(value: float, between: int, within: int) -> float:
    """The chance of an F of ``value`` or more, with these degrees of freedom (each 1 or more)."""
    if not value > 0:
        return 1.0
    if math.isinf(value):
        return 0.0
    return _beta(within / 2, between / 2, within / (within + between * value))


def t_quantile(confidence: float, freedom: int) -> float:
    """Student's t that is not exceeded in size with this chance (above 0, below 1)."""

    def inside(share: float) -> float:  # share of freedom / (freedom + t²)
        return 1 - _beta(freedom / 2, 0.5, share)

    share = _root(lambda one: inside(one) > confidence)
    return math.sqrt(freedom * (1 - share) / share) if share > 0 else math.inf


def _check(successes: object, trials: object) -> tuple[int, int]:
    n, k = _whole(trials), _whole(successes)
    if n is None or n < 1:
        raise SettingsError(f"trials is {trials!r}; it must be a whole number from 1 on.")
    if k is None or not 0 <= k <= n:
        raise SettingsError(
            f"successes is {successes!r} of {n} trials; it must be a whole number from 0 to {n}."
        )
    return k, n


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, Integral):
        return None
    return int(value)


def _share(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    return float(value)


def _at_least(k: int, n: int, p: float) -> float:
    """P(X >= k)."""
    if k <= 0:
        return 1.0
    return 0.0 if k > n else _beta(k, n - k + 1, p)


def _at_most(k: int, n: int, p: float) -> float:
    """P(X <= k)."""
    if k >= n:
        return 1.0
    return 0.0 if k < 0 else _beta(n - k, k + 1, 1 - p)


def _log_pmf(k: int, n: int, p: float) -> float:
    return (
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        + k * math.log(p) + (n - k) * math.log1p(-p)
    )  # fmt: skip


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The least whole number from ``low`` on that holds, where all from it to ``high`` do."""
    while low < high:
        middle = (low + high) // 2
        if middle >= 0 and holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _root(below: Callable[[float], bool]) -> float:
    """Where, from 0 to 1, ``below`` stops to hold; to the last bit or two."""
    low, high = 0.0, 1.0
    while True:
        middle = (low + high) / 2
        if not low < middle < high:
            return middle
        if below(middle):
            low = middle
        else:
            high = middle


def _beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b); ``a`` and ``b`` above 0.

    Source: NIST Digital Library of Mathematical Functions, 8.17.22, by Lentz's method.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on the other side
        return 1 - _fraction(b, a, 1 - x, x)
    return _fraction(a, b, x, 1 - x)


def _fraction(a: float, b: float, x: float, rest: float) -> float:
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
        + a * math.log(x) + b * math.log(rest)
    ) / a  # fmt: skip
    tiny = 1e-300
    c, d = 1.0, 1 / _kept(1 - (a + b) * x / (a + 1), tiny)
    total = d
    for m in range(1, _MOST_STEPS):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _kept(1 + step * d, tiny)
            c = _kept(1 + step / c, tiny)
            total *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return min(front * total, 1.0)


def _kept(value: float, tiny: float) -> float:
    return value if abs(value) > tiny else tiny
