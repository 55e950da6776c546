"""Where takes are analysed: in an executor, in a process of our own, or in a thread here."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from typing import Final

from cartesia_nb.errors import SettingsError
from cartesia_nb.tuning.measures import Measure, Packed, packed

_MOST: Final = 64
"""Under way at most where it is not known how many workers an executor has."""


@dataclass(frozen=True, eq=False)
class Workplace:
    """Where takes are analysed.

    Attributes:
        executor: what does it; ``None``: the analysis's own thread.
        measures: as they are handed over.
        short: in a sentence, which measures can't be had there, and why; or ``None``.
        most: how many takes may be there at a time.
        own: whether it is a process of ours, to be shut down again.
    """

    executor: Executor | None
    measures: Packed
    short: str | None = None
    most: int = 1
    own: bool = False


def elsewhere(executor: Executor, measures: Mapping[str, Measure]) -> Workplace:
    """An executor of the user's.

    Raises:
        SettingsError: it is none.
    """
    if not isinstance(executor, Executor):
        raise SettingsError(
            f"executor is of type {type(executor).__name__}; it takes an executor of "
            "concurrent.futures, such as ProcessPoolExecutor(), or client.get_executor() of a Dask "
            "client. Leave it out to work in a thread."
        )
    workers = getattr(executor, "_max_workers", None)
    most = 2 * workers if isinstance(workers, int) else _MOST
    return Workplace(executor, *packed(measures, executor), most)


def one_process(measures: Mapping[str, Measure]) -> Workplace:
    """A single process of our own, given one take at a time: if it dies, that one was it."""
    executor = ProcessPoolExecutor(1)
    return Workplace(executor, *packed(measures, executor), 1, own=True)


def here(measures: Mapping[str, Measure], short: str | None = None) -> Workplace:
    """The analysis's own thread."""
    return Workplace(None, measures, short)
