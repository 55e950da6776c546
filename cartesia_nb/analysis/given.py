"""Numbers as people give them."""

from __future__ import annotations

import math
from numbers import Real

from cartesia_nb.errors import SettingsError


def number(name: str, value: object, unit: str, example: str) -> float:
    """``value`` as a finite number above 0.

    Args:
        name: of the argument, for the message.
        value: what was given; numpy's numbers are numbers, ``True`` is none.
        unit: of the value, such as ``"Hz"``.
        example: a value that would do, as one would write it.

    Raises:
        SettingsError: for anything else.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise SettingsError(
            f"{name} is {_shown(value)}; it must be a number of {unit}, such as {example}."
        )
    found = float(value)
    if not math.isfinite(found) or found <= 0:
        raise SettingsError(
            f"{name} is {found!r} {unit}; it must be a finite number above 0, such as {example}."
        )
    return found


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
