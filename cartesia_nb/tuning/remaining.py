"""What is left to be done of a sweep, by what its folder has, and whether anybody can do it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cartesia_nb.errors import CartesiaNbError, ConnectError
from cartesia_nb.speech.connection import Connection
from cartesia_nb.tuning.folder import Folder


def having(folder: Folder, states: Collection[str]) -> Iterator[int]:
    """The numbers of the takes in these states, in the order of their generation."""
    return (n for n in folder.plan.order() if folder.index.state(n) in states)


def unmeasured(folder: Folder, names: Collection[str]) -> Iterator[int]:
    """The numbers of the takes that are there and lack figures, or those of these names."""
    for number in range(1, folder.plan.total + 1):
        if folder.index.state(number) == "done":
            known = folder.index.figures(number)
            if not known or not known.keys() >= set(names):
                yield number


def nothing(folder: Folder, states: Collection[str], names: Collection[str]) -> bool:
    """Whether nothing is left to write, so that a folder that may only be read will do.

    Raises:
        SweepFolderError: it can't be read.
    """
    folder.catch_up()
    if not set(names) <= set(folder.measures) or any(having(folder, states)):
        return False
    return not any(unmeasured(folder, names)) and folder.is_whole()


def check_speaker(folder: Folder, connection: Connection | None) -> None:
    """Check that there is somebody to speak what is left.

    Raises:
        CartesiaNbError: it came from its folder, without a session.
        ConnectError: its session is closed.
    """
    if connection is None:
        raise CartesiaNbError(
            "This sweep was loaded from its folder, and there is nobody to speak. To go on "
            "with it, call session.sweep(...) with the same arguments and "
            f"folder={str(folder.path)!r}."
        )
    if connection.closed:
        raise ConnectError(
            "The session of this sweep is closed. To go on with it, call sweep(...) of a new "
            f"session with the same arguments and folder={str(folder.path)!r}."
        )
