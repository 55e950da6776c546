"""The answers of a blind test on disk: one JSON object a line, the first says which test it is."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from cartesia_nb.errors import SettingsError
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning.candidates import Candidate

Record: TypeAlias = "dict[str, str | float | int | bool | None]"

VERSION: Final = 1
_MARK: Final = "cartesia_nb_blind_test"
_BEGINNING: Final = f'{{"{_MARK}": {VERSION}'.encode()


def identity(kind: str, candidates: Sequence[Candidate], trials: int) -> dict[str, object]:
    """What makes a test the same one: its kind, its number of trials, and by label the sound of its
    takes, whichever files they are read from."""
    return {
        _MARK: VERSION,
        "kind": kind,
        "trials": trials,
        "labels": [candidate.label for candidate in candidates],
        "takes": [[_digest(take) for take in candidate.takes] for candidate in candidates],
    }


def _digest(take: Take) -> str:
    form = f"{take.settings.encoding} {take.sample_rate} ".encode()
    return hashlib.sha256(form + take.pcm).hexdigest()[:32]


class AnswerFile:
    """The file, and the lines that are still to be written to it. For one thread at a time.

    Each line is on disk before ``add`` returns. What can't be written is kept and tried again with
    the next one. Nothing is written of trials that were not answered.

    Args:
        path: where; made if it is not there. The folder must be.

    Attributes:
        error: why the last lines are not on disk, or ``None``.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.error: str | None = None
        self._size = 0
        self._waiting: list[bytes] = []

    @property
    def waiting(self) -> int:
        """Lines that are not on disk."""
        return len(self._waiting)

    def trials(self) -> int | None:
        """How many trials the test in the file has; ``None`` if there is none yet.

        Raises:
            SettingsError: it can't be read, or is no file of a blind test.
        """
        lines = self._read()
        found = lines[0].get("trials") if lines else None
        return found if isinstance(found, int) and found > 0 else None

    def open(self, test: Mapping[str, object]) -> list[Record]:
        """The answers in the file, which begins with this test from now on.

        Args:
            test: what ``identity`` gives.

        Raises:
            SettingsError: it can't be read or written, or is of another test.
        """
        lines = self._read()
        if not lines:
            self._waiting = [_line(test)]
        else:
            self._refuse_other(lines[0], test)
        self._write()
        if self.error is not None:
            raise SettingsError(
                f"{self.path} can't be written: {self.error}. Choose a file in a folder that "
                "exists and that you may write to."
            )
        return [dict(line) for line in lines[1:]]

    def add(self, record: Record) -> None:
        """Put an answer behind the others; ``error`` says if it could not be done."""
        self._waiting.append(_line(record))
        self._write()

    def retry(self) -> None:
        """Write what could not be written before, if it can be now."""
        self._write()

    def _read(self) -> list[Record]:
        try:
            whole = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as fault:
            raise SettingsError(
                f"{self.path} can't be read: {fault.strerror or fault}. Choose another file."
            ) from None
        *complete, torn = whole.split(b"\n")
        self._waiting = []
        if _is_whole(torn):  # but for its end, which an editor may have left out
            complete.append(torn)
            torn = b""
            self._waiting = [b"\n"]
        self._size = len(whole) - len(torn)
        if not complete and not _BEGINNING.startswith(torn[: len(_BEGINNING)]):
            raise self._alien()
        lines = []
        for number, text in enumerate(complete, 1):
            try:
                line = json.loads(text)
                if not isinstance(line, dict) or (number == 1 and line.get(_MARK) != VERSION):
                    raise ValueError("no object of ours")
            except ValueError:
                if number == 1:
                    raise self._alien() from None
                raise SettingsError(
                    f"Line {number} of {self.path} can't be read. Mend or remove that line, or "
                    "give another file."
                ) from None
            lines.append(line)
        return lines

    def _alien(self) -> SettingsError:
        return SettingsError(f"{self.path} is no file of a blind test; give another one.")

    def _refuse_other(self, found: Mapping[str, object], test: Mapping[str, object]) -> None:
        for name, what in (
            ("kind", "kind"),
            ("labels", "labels"),
            ("trials", "number of trials"),
        ):
            if found.get(name) != test[name]:
                more = ""
                if name == "trials":
                    more = (
                        " To go on for longer after a look at the results would make p too small."
                    )
                raise SettingsError(
                    f"{self.path} holds another test: its {what} was {found.get(name)!r}, not "
                    f"{test[name]!r}. Give another file, or the same test.{more}"
                )
        if found.get("takes") != test["takes"]:
            raise SettingsError(
                f"{self.path} holds a test of other takes under the same labels. Give another "
                "file, or the same takes (take.save(path) and Take.load(path) bring them back)."
            )

    def _write(self) -> None:
        if not self._waiting:
            return
        try:
            self._append(b"".join(self._waiting))
        except OSError as fault:
            self.error = fault.strerror or str(fault)
        else:
            self._waiting.clear()
            self.error = None

    def _append(self, content: bytes) -> None:
        # Not O_APPEND: a line of which only a part could be written is written over.
        binary = getattr(os, "O_BINARY", 0)  # Windows
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | binary, 0o666)
        try:
            size = os.fstat(handle).st_size
            if size < self._size:
                raise OSError(f"{self.path} was cut short by somebody else")
            os.lseek(handle, self._size, os.SEEK_SET)
            if b"\n" in os.read(handle, size - self._size):
                raise OSError(
                    "another run of this test has written to it; run the cell again to go on from "
                    "there"
                )
            os.ftruncate(handle, self._size)
            os.lseek(handle, self._size, os.SEEK_SET)
            try:
                left = content
                while left:
                    left = left[os.write(handle, left) :]
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, self._size)
                raise
        finally:
            os.close(handle)
        self._size += len(content)


def _is_whole(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _line(plain: Mapping[str, object]) -> bytes:
    return json.dumps(plain, ensure_ascii=True, allow_nan=False).encode() + b"\n"
