"""A shelf's folder: ``takes/NNNNN-ID.wav`` and ``.json`` (``Take.load`` reads them), and
``shelf.json``, the index: what is told of each, and what a person wrote.

The index is written whole or not at all. A take without a line in it is taken in; an index that
can't be read is put aside, never written over.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from cartesia_nb.errors import CartesiaNbError, TakeFileError
from cartesia_nb.speech import files
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.wording import count
from cartesia_nb.tuning.entry import Entry

VERSION: Final = 1
INDEX: Final = "shelf.json"
TAKES: Final = "takes"


class Keep(NamedTuple):
    """What is to be written of one entry: a row of the index, and a take that has no files yet."""

    number: int
    file: str
    row: dict[str, object]
    take: Take | None


class ShelfFolder:
    """The folder of one shelf. ``read`` first; one thread at a time.

    Args:
        path: where; it is made when something is to be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.abspath(path))

    def read(self) -> tuple[list[Entry], list[str]]:
        """All that is there, by number, and what could not be read, in sentences."""
        entries, problems = self._index()
        known = {entry.file for entry in entries}
        number = max((entry.number for entry in entries), default=0)
        strange = 0
        for path in self._unlisted(known):
            number += 1
            try:
                entries.append(Entry.saved_as(number, path.stem, files.load(path)))
            except (CartesiaNbError, ValueError):
                number -= 1
                strange += 1
        if strange:
            problems.append(
                f"{count(strange, 'file')} in {self.path / TAKES} can't be read as takes; left "
                "alone."
            )
        return entries, problems

    def _index(self) -> tuple[list[Entry], list[str]]:
        path = self.path / INDEX
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return [], []
        except OSError as fault:
            return [], [f"{path} can't be read: {fault.strerror or fault}."]
        try:
            plain = json.loads(raw)
            rows = plain["takes"]
            if plain["cartesia_nb_shelf"] != VERSION or not isinstance(rows, list):
                raise ValueError
        except (ValueError, KeyError, TypeError, RecursionError):
            return [], [self._aside(path)]
        entries: dict[int, Entry] = {}
        for row in rows:
            with contextlib.suppress(ValueError):
                entry = Entry.from_dict(row)
                entries[entry.number] = entry
        problems = []
        if lost := len(rows) - len(entries):
            problems.append(f"{count(lost, 'line')} of {path} can't be read.")
            with contextlib.suppress(OSError):
                path.with_name(f"{INDEX}.{int(time.time())}.old").write_bytes(raw)
        return [entries[number] for number in sorted(entries)], problems

    def _aside(self, path: Path) -> str:
        """Put a file that is no index of ours out of the way of ours."""
        to = path.with_name(f"{INDEX}.{int(time.time())}.old")
        try:
            os.replace(path, to)
        except OSError as fault:
            return f"{path} is no shelf's index and can't be put aside: {fault.strerror or fault}."
        return f"{path} is no shelf's index that this version can read; it is {to.name} now."

    def _unlisted(self, known: set[str]) -> list[Path]:
        try:
            return sorted(
                path for path in (self.path / TAKES).glob("*.json") if path.stem not in known
            )
        except OSError:
            return []

    def load(self, file: str) -> Take:
        """A take that is here.

        Raises:
            TakeFileError: it is not, or can't be read.
        """
        return Take.load(self.path / TAKES / f"{file}.json")

    def keep(self, all_of_it: Sequence[Keep]) -> tuple[set[int], str]:
        """Write the takes that have no files yet, and the index.

        Returns:
            The numbers of the takes that are here now, and what is wrong, in a sentence, or empty.
        """
        here: set[int] = set()
        problem = ""
        try:
            (self.path / TAKES).mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            problem = f"{self.path} can't be written: {fault.strerror or fault}."
        for each in all_of_it:
            if each.take is not None and not problem:
                try:
                    each.take.save(self.path / TAKES / each.file)
                except TakeFileError as fault:
                    problem = str(fault)
            if each.take is None or not problem:
                here.add(each.number)
        rows = [each.row for each in all_of_it if each.number in here]
        plain = {"cartesia_nb_shelf": VERSION, "takes": rows}
        if not problem or rows:
            try:
                content = json.dumps(plain, ensure_ascii=False, indent=1)
                files.write_whole(self.path / INDEX, content.encode(errors="replace"))
            except TakeFileError as fault:
                problem = problem or str(fault)
        return here, problem

    def delete(self, file: str) -> str:
        """Delete a take's files; what is wrong, in a sentence, or empty."""
        # The JSON is what makes it exist: a WAV alone is no take.
        for ending in (".json", ".wav"):
            path = self.path / TAKES / f"{file}{ending}"
            try:
                path.unlink(missing_ok=True)
            except OSError as fault:
                return f"{path} can't be deleted: {fault.strerror or fault}."
        return ""
