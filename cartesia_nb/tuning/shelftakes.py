"""The takes of a shelf, as a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from cartesia_nb.speech.take import Take
from cartesia_nb.speech.wording import count
from cartesia_nb.tuning.entry import Entry
from cartesia_nb.tuning.shelffolder import ShelfFolder


class ShelfTakes(Sequence[Take]):
    """The takes of a shelf at one moment, newest last. Those in its folder alone are loaded each
    time they are asked for. Any thread.
    """

    def __init__(self, entries: Sequence[Entry], folder: ShelfFolder | None) -> None:
        # What a moment later is let go of is held by nobody else, unless it is in the folder.
        self._held = tuple((entry.take, entry.file) for entry in entries)
        self._folder = folder

    def __len__(self) -> int:
        return len(self._held)

    @overload
    def __getitem__(self, index: int) -> Take: ...
    @overload
    def __getitem__(self, index: slice) -> list[Take]: ...
    def __getitem__(self, index: int | slice) -> Take | list[Take]:
        """One take by its place, or some.

        Raises:
            IndexError: there is no such place.
            TakeFileError: its files are gone, or can't be read.
        """
        if isinstance(index, slice):
            return [self._one(*held) for held in self._held[index]]
        return self._one(*self._held[index])

    def _one(self, take: Take | None, file: str) -> Take:
        if take is not None:
            return take
        assert self._folder is not None
        return self._folder.load(file)

    def __repr__(self) -> str:
        return f"<{count(len(self), 'take')} on a shelf>"
