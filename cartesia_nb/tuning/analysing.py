"""The figures of saved takes, computed through any executor of ``concurrent.futures``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor
from typing import TypeAlias

from cartesia_nb.speech.take import Take

Measures: TypeAlias = Mapping[str, Callable[[Take], object]]
"""Figures of one's own: the name of the column, and what computes it from a take."""


def columns(measure: Collection[str] = ()) -> tuple[str, ...]:
    """The names of what ``figures`` gives, in its order."""
    raise NotImplementedError


def checked(
    measure: Measures | None, taken: Collection[str] = ()
) -> dict[str, Callable[[Take], object]]:
    """The measures, if they can be columns beside ``columns()`` and ``taken``.

    Raises:
        SettingsError: no mapping of names to functions, or a name that is a column already.
    """
    raise NotImplementedError


def figures(path: str, measure: Measures) -> dict[str, object]:
    """Everything that is computed from a saved take: what executors run. Raises nothing.

    Args:
        path: of the take, as ``Take.load`` takes it.
        measure: figures of one's own.

    Returns:
        The figures of ``Metrics``, those of ``Realised``, a value for each name in ``measure``, and
        ``measure_error``: in a sentence what went wrong, or ``None``. All plain values: ``str``,
        ``int``, ``float``, ``bool``; ``None`` for what is unknown.
    """
    raise NotImplementedError


class Analysis:
    """Computes the figures of takes on disk, a bounded number at a time.

    Args:
        executor: where the work is done; ``None``: in one thread.
        measure: figures of one's own, as ``checked`` gives them.
        done: called with a take's number and its figures, one call at a time, in a thread of the
            analysis; in no particular order.

    Raises:
        SettingsError: ``executor`` is none, or ``measure`` can't be columns.
    """

    def __init__(
        self,
        executor: Executor | None,
        measure: Measures | None,
        done: Callable[[int, dict[str, object]], None],
    ) -> None:
        raise NotImplementedError

    @property
    def pending(self) -> int:
        """How many takes were submitted of which ``done`` was not told yet. Any thread."""
        raise NotImplementedError

    @property
    def trouble(self) -> str | None:
        """What became of the executor if it failed, in a sentence; ``None``: nothing. Any thread."""
        raise NotImplementedError

    def submit(self, number: int, path: str) -> None:
        """Have a saved take analysed. Any thread; never blocks."""
        raise NotImplementedError

    def finish(self, timeout: float | None = None) -> bool:
        """Block until ``done`` was told of all that was submitted. Any thread but the network loop.

        An interrupt ends the wait alone, not the analysis.

        Returns:
            Whether that is so; ``False`` when the time ran out.
        """
        raise NotImplementedError

    def stop(self) -> None:
        """Leave out what is not begun. Any thread; does not wait for what is under way."""
        raise NotImplementedError
