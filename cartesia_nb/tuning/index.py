"""What became of each take, in a file that is only ever added to: one JSON object a line.

A line of the first kind says how a take ended, one of the second what was computed from it::

    {"number": 7, "state": "done", "take": "takes/00007.wav", "error": null}
    {"number": 7, "figures": {"ttfb": 0.12, ...}}

Of several of a kind the last counts. Each is on the disk before anything is built on it; a process
that is killed leaves at most a torn last line, which the next one to write cuts off. In memory is
where each line stands, and not what is in it: that does not grow with the figures.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

Ending: TypeAlias = Literal["waiting", "done", "failed"]

_STATES: Final[tuple[Ending, ...]] = ("waiting", "done", "failed")


class Index:
    """The lines of a file, by the numbers of takes. Every method may be called from any thread.

    One process at a time may ``append``; others see what it wrote when they ``read``.

    Args:
        path: of the file, which need not be there.
        total: how many takes there are.
    """

    def __init__(self, path: Path, total: int) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._total = total
        self._reset()

    def _reset(self) -> None:
        self._read = 0  # bytes of the file that are known
        self._states = bytearray(self._total + 1)
        self._ended = array("q", [-1]) * (self._total + 1)
        self._figures = array("q", [-1]) * (self._total + 1)
        self._counts = {"done": 0, "failed": 0}
        self._measured = 0

    def count(self, state: Literal["done", "failed"]) -> int:
        """How many takes ended so, as far as was read."""
        return self._counts[state]

    def state(self, number: int) -> Ending:
        """How a take ended, as far as was read; ``waiting`` for one that did not."""
        return _STATES[self._states[number]]

    @property
    def measured(self) -> int:
        """From how many takes something was computed."""
        return self._measured

    def read(self) -> None:
        """Take in what was added since. A torn last line is left alone.

        Raises:
            OSError: it can't be read.
        """
        with self._lock:
            try:
                with self._path.open("rb") as file:
                    if os.fstat(file.fileno()).st_size < self._read:
                        self._reset()  # another file in its place
                    file.seek(self._read)
                    for line in file:
                        if not line.endswith(b"\n"):
                            break
                        self._take_in(line, self._read)
                        self._read += len(line)
            except FileNotFoundError:
                self._reset()

    def _take_in(self, line: bytes, offset: int) -> None:
        row = _parsed(line)
        number = row.get("number")
        if not isinstance(number, int) or not 1 <= number <= self._total:
            return
        if "figures" in row:
            self._measured += self._figures[number] < 0
            self._figures[number] = offset
            return
        state = row.get("state")
        if state not in _STATES:
            return
        before = self.state(number)
        if before != "waiting":
            self._counts[before] -= 1
        if state != "waiting":
            self._counts[state] += 1
        self._states[number] = _STATES.index(state)
        self._ended[number] = offset
        self._measured -= self._figures[number] >= 0
        self._figures[number] = -1  # of the take that was there before

    def ending(self, number: int) -> dict[str, object]:
        """The last line that says how a take ended; empty without one."""
        return self._at(self._ended[number])

    def figures(self, number: int) -> dict[str, object]:
        """What was last computed from a take; empty without anything."""
        found = self._at(self._figures[number]).get("figures")
        return found if isinstance(found, dict) else {}

    def forget_locks(self) -> None:
        """In a forked child: who held the lock is not there."""
        self._lock = threading.RLock()

    def _at(self, offset: int) -> dict[str, object]:
        if offset < 0:
            return {}
        try:
            with self._path.open("rb") as file:
                file.seek(offset)
                return _parsed(file.readline())
        except FileNotFoundError:
            return {}

    def mend(self) -> None:
        """Cut off a torn last line. For who writes, before the first ``append``.

        Raises:
            OSError: it can't be written.
        """
        with self._lock, self._path.open("ab+") as file:
            self.read()
            if file.seek(0, os.SEEK_END) > self._read:
                file.truncate(self._read)

    def append(self, row: Mapping[str, object]) -> None:
        """Add a line, and return when it is on the disk.

        Raises:
            OSError: it can't be written; the file is as it was.
        """
        # Half a character (a measure may give one) becomes what JSON has for it.
        line = json.dumps(row, ensure_ascii=False).encode(errors="backslashreplace") + b"\n"
        with self._lock, self._path.open("ab", buffering=0) as file:
            before = file.seek(0, os.SEEK_END)
            try:
                written = file.write(line)
                if written != len(line):  # the disk is full; trying the rest says so
                    file.write(line[written:])
                os.fsync(file.fileno())
            except OSError:
                with contextlib.suppress(OSError):  # else it is cut off when this goes on
                    file.truncate(before)
                raise
            self.read()


def _parsed(line: bytes) -> dict[str, object]:
    """A line's object; empty for what is none: rubbish is no reason to lose the rest."""
    try:
        row = json.loads(line)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}
