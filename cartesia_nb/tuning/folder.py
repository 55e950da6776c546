"""A sweep's folder: ``sweep.json`` (what is to be spoken), ``index.jsonl`` (what became of it) and
``takes/00001.wav`` with a ``.json`` beside it (``Take.load`` reads them).

All paths in it are relative, so that it may be moved and copied. One process at a time writes.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import filelock

from cartesia_nb.errors import SettingsError, SweepFolderError, TakeFileError
from cartesia_nb.speech.backend import Backend, BackendName
from cartesia_nb.speech.files import write_whole
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning.index import Ending, Index
from cartesia_nb.tuning.plan import Job, Plan

VERSION: Final = 1

MANIFEST: Final = "sweep.json"
INDEX: Final = "index.jsonl"
TAKES: Final = "takes"
LOCK: Final = "sweep.lock"


class Folder:
    """The folder of one sweep. Every method may be called from any thread; what writes, only
    between ``lock`` and ``release``.

    Attributes:
        path: where it is, absolute.
        plan: what is to be spoken.
        backend: who speaks.
        session: what the session's settings were.
        measures: the names of the figures of one's own that were ever asked for.
        index: what became of each take.
    """

    def __init__(
        self,
        path: Path,
        plan: Plan,
        backend: Backend,
        session: Settings,
        measures: tuple[str, ...] = (),
    ) -> None:
        self.path = path
        self.plan = plan
        self.backend = backend
        self.session = session
        self.measures = measures
        self.index = Index(path / INDEX, plan.total)
        self._lock = _lock(path)

    @classmethod
    def make(cls, path: Path, plan: Plan, backend: Backend, session: Settings) -> Folder:
        """The folder for a plan: a new one, or the one that has it already.

        Raises:
            SettingsError: it holds something else.
            SweepFolderError: it can't be read or written.
        """
        path = Path(os.path.abspath(path))
        if (path / MANIFEST).exists():
            folder = cls.load(path)
            folder._check(plan, backend)
            return folder
        for name in (TAKES, INDEX):
            if (path / name).exists():
                raise SettingsError(
                    f"{path} has {name!r} and no {MANIFEST}: it is not the folder of a sweep. Give "
                    "another folder, or a new one."
                )
        folder = cls(path, plan, backend, session)
        with _saying(path, "written"):
            path.mkdir(parents=True, exist_ok=True)
        folder._write_manifest()  # first: without it what follows would be nobody's
        return folder

    @classmethod
    def load(cls, path: Path) -> Folder:
        """The folder of a sweep that was begun, perhaps elsewhere.

        Raises:
            SettingsError: it is none, or of a version that this one can't read.
            SweepFolderError: it can't be read.
        """
        path = Path(os.path.abspath(path))
        with _saying(path, "read"):
            raw = (path / MANIFEST).read_bytes()
        try:
            plain = json.loads(raw)
            version = plain["cartesia_nb_sweep"]
            later = isinstance(version, int) and version > VERSION
            folder = None if later else cls._of(path, plain)
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise SettingsError(
                f"{path / MANIFEST} is not of a sweep that this version can read "
                f"({type(fault).__name__}: {fault})."
            ) from None
        if folder is None:
            raise SettingsError(
                f"{path} was written by a later version of cartesia_nb: its format is {version}, "
                f"known here is {VERSION}. Update cartesia_nb to read it."
            )
        folder.catch_up()
        return folder

    # Any: what a JSON object holds.
    @classmethod
    def _of(cls, path: Path, plain: dict[str, Any]) -> Folder:
        return cls(
            path,
            Plan.from_dict(plain["plan"]),
            Backend(cast(BackendName, plain["backend"]["name"]), str(plain["backend"]["label"])),
            Settings.of(**plain["session"]),
            tuple(map(str, plain["measures"])),
        )

    def catch_up(self) -> None:
        """Take in what was entered since, by another process too.

        Raises:
            SweepFolderError: it can't be read.
        """
        with _saying(self.path, "read"):
            self.index.read()

    def _check(self, plan: Plan, backend: Backend) -> None:
        differs = self.plan.difference(plan)
        if self.backend != backend:
            differs = f"{self.backend.label} spoke there, {backend.label} would here"
        if differs is not None:
            raise SettingsError(
                f"{self.path} holds another sweep: {differs}. Give the same arguments to go on "
                "with it, or another folder."
            )

    def _write_manifest(self) -> None:
        plain = {
            "cartesia_nb_sweep": VERSION,
            "backend": {"name": self.backend.name, "label": self.backend.label},
            "session": self.session.to_dict(),
            "plan": self.plan.to_dict(),
            "measures": list(self.measures),
        }
        try:
            write_whole(
                self.path / MANIFEST, json.dumps(plain, ensure_ascii=False, indent=1).encode()
            )
        except TakeFileError as fault:
            raise SweepFolderError(str(fault)) from None

    def knows(self, measures: tuple[str, ...]) -> None:
        """Have these names among ``measures``. For who writes.

        Raises:
            SweepFolderError: it can't be written.
        """
        wanted = (*self.measures, *(each for each in measures if each not in self.measures))
        if wanted != self.measures:
            self.measures = wanted
            self._write_manifest()

    def lock(self) -> None:
        """Become the one that writes, and put in order what another left.

        Raises:
            SweepFolderError: another process writes, or it can't be written.
        """
        try:
            with _saying(self.path, "written"):
                (self.path / TAKES).mkdir(exist_ok=True)
                self._lock.acquire(timeout=0)
        except filelock.Timeout:
            raise SweepFolderError(
                f"Another process, or another sweep of this one, is writing {self.path}. Stop that "
                "first, or give another folder."
            ) from None
        try:
            with _saying(self.path, "written"):
                self._mend()
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let others write. Harmless if nobody did."""
        self._lock.release()

    def forget(self) -> None:
        """In a forked child: it is the parent that writes."""
        self.index.forget_locks()
        self._lock = _lock(self.path)

    def _mend(self) -> None:
        self.index.mend()
        for partial in (self.path / TAKES).glob(".*.partial"):  # of a process that was killed
            with contextlib.suppress(OSError):
                partial.unlink()
        there = self._there()
        for number in range(1, self.plan.total + 1):
            whole, state = number in there, self.index.state(number)
            if state == "done" and not whole:
                self.index.append({"number": number, "state": "waiting"})
            elif state != "done" and whole:  # tried again, where it had failed
                self._adopt(self.plan.job(number))

    def _there(self) -> set[int]:
        """The numbers of the takes of which there are both files, to their ends."""
        with os.scandir(self.path / TAKES) as entries:
            names = {each.name for each in entries if each.is_file() and _is_complete(each)}
        numbers = range(1, self.plan.total + 1)
        return {n for n in numbers if {f"{_name(n)}.wav", f"{_name(n)}.json"} <= names}

    def is_whole(self) -> bool:
        """Whether the files of every take that is entered as done are there, to their ends.

        Raises:
            SweepFolderError: it can't be read.
        """
        with _saying(self.path, "read"):
            there = self._there()
        numbers = range(1, self.plan.total + 1)
        return all(n in there for n in numbers if self.index.state(n) == "done")

    def _adopt(self, job: Job) -> None:
        """Enter a take that was saved and not entered; one that can't be is generated again."""
        try:
            take = Take.load(self.path_of(job.number))
        except TakeFileError:
            return
        mine = take.text == job.text and take.settings == job.settings
        if mine and take.backend == self.backend and take.state == "done":
            self.enter(job.number, "done", None)

    def save(self, number: int, take: Take) -> None:
        """Write a take, and enter it.

        Raises:
            TakeFileError, SweepFolderError: it can't be written.
        """
        take.save(self.path_of(number))
        self.enter(number, "done", None)

    def enter(self, number: int, state: Ending, error: str | None) -> None:
        """Enter what became of a take.

        Raises:
            SweepFolderError: it can't be written.
        """
        take = f"{TAKES}/{_name(number)}.wav" if state == "done" else None
        with _saying(self.path, "written"):
            self.index.append({"number": number, "state": state, "take": take, "error": error})

    def enter_figures(self, number: int, figures: Mapping[str, object]) -> None:
        """Enter what was computed from a take, over what was computed before.

        Raises:
            SweepFolderError: it can't be written.
        """
        with _saying(self.path, "written"):
            merged = {**self.index.figures(number), **figures}
            self.index.append({"number": number, "figures": merged})

    def path_of(self, number: int) -> Path:
        """Where a take is, or is to be."""
        return self.path / TAKES / f"{_name(number)}.wav"

    def copy(self, target: Path) -> Path:
        """Copy all of it to a folder that is not there yet, or empty; where that is.

        Raises:
            SweepFolderError: it can't be read or written, or something is there.
        """
        target = Path(os.path.abspath(target))
        if self.path.resolve() in target.resolve().parents:
            raise SweepFolderError(
                f"{target} is within the sweep's own folder; save it somewhere else."
            )
        with _saying(target, "written"):
            if target.exists() and any(target.iterdir()):
                raise SweepFolderError(
                    f"{target} has something in it; a sweep is saved into a new folder."
                )
            shutil.copytree(
                self.path,
                target,
                ignore=shutil.ignore_patterns(LOCK, "*.partial"),
                dirs_exist_ok=True,
            )
        return target


def _lock(path: Path) -> filelock.BaseFileLock:
    # Taken in one thread and given back in another.
    return filelock.FileLock(path / LOCK, thread_local=False)


def _is_complete(entry: os.DirEntry[str]) -> bool:
    """Whether a take's file was not cut off, by its ends alone: a copy may have been broken off."""
    with open(entry.path, "rb") as file:
        head = file.read(8)
        if entry.name.endswith(".wav"):  # it begins with the size of what follows
            return len(head) == 8 and int.from_bytes(head[4:], "little") + 8 == entry.stat().st_size
        file.seek(max(entry.stat().st_size - 1, 0))
        return file.read(1) == b"}"


def _name(number: int) -> str:
    return f"{number:05d}"


@contextlib.contextmanager
def _saying(path: Path, what: str) -> Iterator[None]:
    try:
        yield
    except (SweepFolderError, TakeFileError, filelock.Timeout):
        raise
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise SweepFolderError(f"The sweep's folder {path} can't be {what}: {reason}.") from None
