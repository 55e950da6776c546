"""Takes on disk, each loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import overload

from cartesia_nb.speech.take import Take
from cartesia_nb.speech.wording import count


class SavedTakes(Sequence[Take]):
    """Takes on disk: a sequence of which each is loaded when it is asked for, and not kept.

    Every method may be called from any thread.

    Args:
        paths: where they are.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = tuple(paths)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where they are: the WAV files."""
        return self._paths

    def __len__(self) -> int:
        return len(self._paths)

    @overload
    def __getitem__(self, index: int) -> Take: ...
    @overload
    def __getitem__(self, index: slice) -> SavedTakes: ...
    def __getitem__(self, index: int | slice) -> Take | SavedTakes:
        """One take, loaded anew each time; or some, of which none is loaded yet.

        Raises:
            IndexError: there is no such number.
            TakeFileError: it is not there any more, or can't be read.
        """
        if isinstance(index, slice):
            return SavedTakes(self._paths[index])
        return Take.load(self._paths[index])

    def __repr__(self) -> str:
        return f"<{count(len(self), 'take')} on disk>"
