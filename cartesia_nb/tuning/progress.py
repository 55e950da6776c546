"""How far a sweep is, as one output of a cell that is updated in place."""

from __future__ import annotations

from typing import Literal, NamedTuple

Phase = Literal["running", "stopped", "done", "failed"]


class Standing(NamedTuple):
    """How far something with a known number of takes is.

    Attributes:
        total: how many takes there are.
        done: how many are done; failed ones are not among them.
        failed: how many have failed.
        characters: how many were sent.
        state: ``running``, or how it ended. Whatever has ended is published at once.
        note: a sentence to stand below: why it failed, what to do next.
    """

    total: int
    done: int = 0
    failed: int = 0
    characters: int = 0
    state: Phase = "running"
    note: str = ""


class Progress:
    """A bar in a cell that is updated in place; outside of a notebook nothing is shown.

    Args:
        title: what it is about, as the line begins: "Sweep".
    """

    def __init__(self, title: str) -> None:
        self._title = title

    @property
    def left(self) -> float | None:
        """Seconds until the end at the pace of the last takes; ``None`` while that is unknown."""
        return None

    @property
    def text(self) -> str:
        """The line beside the bar. Any thread."""
        return self._title

    def show(self) -> None:
        """Show the bar in the running cell. In the thread of the cell.

        Once a cell at most; in another cell there is then another bar, updated with the first.
        """

    def update(self, standing: Standing) -> None:
        """Say how far it is. Any thread; published at most twice a second, and at its end at once.

        The first one is where the pace is taken from: what is done by then cost no time.
        """
