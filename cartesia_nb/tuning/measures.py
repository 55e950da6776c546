"""Figures of one's own: functions from a take to a plain value, each a column of a table."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import TYPE_CHECKING, Final, TypeAlias

from cartesia_nb.errors import SettingsError
from cartesia_nb.speech.wording import plain, shortened

if TYPE_CHECKING:
    from cartesia_nb.speech.take import Take

Measure: TypeAlias = "Callable[[Take], object]"

Measures: TypeAlias = "Mapping[str, Callable[[Take], object]]"
"""The name of a column, and what computes it from a take."""

Packed: TypeAlias = "Mapping[str, Callable[[Take], object] | bytes]"
"""Measures on their way: as they are, or pickled."""

_REST: Final = "Write it as a def in a module (a .py file), or leave the executor out."

_LONGEST: Final = 300
"""Characters of an exception that go into a row."""


def checked(measure: Measures | None, taken: Collection[str]) -> dict[str, Measure]:
    """The measures, if each can be a column beside those ``taken``.

    Raises:
        SettingsError: no mapping of names to functions, or a name that is a column already.
    """
    if measure is None:
        return {}
    if not isinstance(measure, Mapping):
        raise SettingsError(
            f"measure is {_kind(measure)}; it takes names and functions, as in "
            'measure={"brightness": brightness}, where brightness(take) returns a number.'
        )
    for name, function in measure.items():
        if not isinstance(name, str) or not name:  # type: ignore[redundant-expr]  # who has no types
            raise SettingsError(
                f"A measure is called {name!r}; its name becomes a column's, and is a text that is "
                "not empty."
            )
        if not callable(function):
            raise SettingsError(
                f"The measure {name!r} is {_kind(function)}; it takes a function from a take to a "
                "number."
            )
        if name in taken:
            raise SettingsError(
                f"The measure {name!r} has the name of a column that is there already. Give it "
                "another one."
            )
    return dict(measure)


def value_of(name: str, function: Measure, take: Take) -> tuple[object, str | None]:
    """What a measure gives of a take as a plain value, and what was wrong in a sentence."""
    try:
        given = function(take)
    except (Exception, SystemExit) as fault:
        return None, f"The measure {name!r} raised {told(fault)}."
    try:
        return _plain(given), None
    except ValueError:
        return None, (
            f"The measure {name!r} gave {float(given)}; return None for what is unknown."  # type: ignore[arg-type]  # a float, as _plain has found
        )
    except Exception:
        return None, (
            f"The measure {name!r} gave {_kind(given)}, which no table holds; return a number, a "
            "text, True, False or None, and use one measure for each column."
        )


def _plain(value: object) -> str | int | float | bool | None:
    """A value that JSON and tables know. Scalars of NumPy and the like become what they hold.

    Raises:
        TypeError: it is none.
        ValueError: it is a float, and not finite.
    """
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError
        return float(value)
    raise TypeError


def packed(measures: Mapping[str, Measure], executor: Executor) -> tuple[Packed, str | None]:
    """The measures as an executor can take them, and in a sentence which ones it can't.

    A process of a ``ProcessPoolExecutor`` that can't unpickle what it is sent dies of it, and takes
    the whole pool with it: what it is sent are bytes, unpickled where a fault does no harm.
    Other executors have ways of their own, which know more than pickle does.
    """
    if not isinstance(executor, ProcessPoolExecutor):
        return measures, None
    ready: dict[str, Measure | bytes] = {}
    wrong = []
    for name, function in measures.items():
        try:
            ready[name] = pickle.dumps(function)
        except Exception as fault:
            wrong.append(
                f"The measure {name!r} can't be sent to another process ({told(fault)}). {_REST}"
            )
    return ready, " ".join(wrong) or None


def unpacked(name: str, function: Measure | bytes) -> tuple[Measure | None, str | None]:
    """A measure where it is to be used, or in a sentence why it is not there."""
    if not isinstance(function, bytes):
        return function, None
    try:
        # Any object: what was pickled was a measure.
        return pickle.loads(function), None
    except Exception as fault:
        return None, (
            f"The measure {name!r} is unknown in the executor's process ({told(fault)}). {_REST}"
        )


def told(fault: BaseException) -> str:
    """An exception in one line: ``ValueError: not a number``."""
    kind, text = type(fault).__name__, plain(str(fault))
    return shortened(f"{kind}: {text}" if text else kind, _LONGEST).rstrip(".")


def _kind(thing: object) -> str:
    return f"a value of type {type(thing).__name__}"
