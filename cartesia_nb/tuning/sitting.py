"""One person's way through the trials of a blind test: what is asked, what was answered."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from itertools import combinations
from numbers import Real
from typing import Final

from cartesia_nb.errors import SettingsError
from cartesia_nb.tuning.answerfile import AnswerFile, Record
from cartesia_nb.tuning.scores import Results, scored
from cartesia_nb.tuning.trials import Kind, Trial, answers, draw

CHOICES: Final = ("A", "B")
"""What a page calls the two of a trial."""


class Sitting:
    """The trials that are to come, one of which is asked, and the answers given. Any thread.

    Args:
        kind: ``ab`` or ``abx``.
        labels: of the candidates.
        texts: how many texts each of them has spoken.
        trials: in all.
        records: answers given before, which were read from a file.
        file: where answers go besides.

    Attributes:
        changed: notified after each answer.

    Raises:
        SettingsError: a record is none of such a test.
    """

    def __init__(
        self,
        kind: Kind,
        labels: Sequence[str],
        texts: int,
        trials: int,
        *,
        records: Sequence[Record] = (),
        file: AnswerFile | None = None,
    ) -> None:
        self.kind: Kind = kind
        self.labels = tuple(labels)
        self.texts = texts
        self.trials = trials
        self._file = file
        self._records = [dict(record) for record in records]
        given = [self._trial_of(record, number) for number, record in enumerate(records, 1)]
        self._coming = draw(kind, len(labels), texts, trials, given)
        self._lock = threading.Lock()
        self.changed = threading.Condition()

    @property
    def current(self) -> tuple[int, Trial] | None:
        """The number of the trial that is asked, from 1, and the trial; ``None`` when all are
        answered."""
        with self._lock:
            return (len(self._records) + 1, self._coming[0]) if self._coming else None

    @property
    def done(self) -> bool:
        """Whether all trials are answered."""
        return self.current is None

    @property
    def answered(self) -> int:
        """How many trials are answered."""
        with self._lock:
            return len(self._records)

    @property
    def trouble(self) -> str | None:
        """Why answers are not on disk, in a sentence; ``None`` where they are or need not be."""
        file = self._file
        if file is None or file.error is None:
            return None
        answers = "1 answer is" if file.waiting == 1 else f"{file.waiting} answers are"
        return (
            f"{answers} not in {file.path.name}: {file.error}. What is missing there is kept in "
            "memory, and written with the next answer or when results() is called."
        )

    def records(self) -> list[Record]:
        """The answers so far, in order."""
        with self._lock:
            return [dict(record) for record in self._records]

    def results(self, remarks: Sequence[str] = ()) -> Results:
        """What the answers so far come to."""
        with self._lock:
            if self._file is not None:
                self._file.retry()
        records = self.records()
        trouble = self.trouble
        return scored(
            self.kind,
            combinations(self.labels, 2),
            self.texts,
            records,
            self.trials - len(records),
            [*remarks, *([] if trouble is None else [trouble])],
        )

    def answer(self, message: Mapping[str, object]) -> bool:
        """Take a page's answer, if it is one of the trial that is asked.

        Args:
            message: ``trial``, ``choice``, ``seconds``, ``switches`` and ``heard``; what can't be
                read of the last three is unknown.

        Returns:
            Whether it was taken; else nothing has happened.
        """
        with self._lock:
            number, choice = message.get("trial"), message.get("choice")
            asked = len(self._records) + 1
            # A page may be behind, or another have answered before.
            if not self._coming or isinstance(number, bool) or number != asked:
                return False
            if not isinstance(choice, str) or choice not in CHOICES:
                return False
            trial = self._coming.pop(0)
            record = self._record(asked, trial, choice, message)
            self._records.append(record)
            if self._file is not None:
                self._file.add(record)
        with self.changed:
            self.changed.notify_all()
        return True

    def _record(
        self, number: int, trial: Trial, choice: str, message: Mapping[str, object]
    ) -> Record:
        chosen = answers(trial, CHOICES)[choice]
        heard = message.get("heard")
        count = 2 if trial.x is None else 3
        listened: list[float | None] = [None] * 3
        if isinstance(heard, list) and len(heard) == count:
            listened[:count] = [_seconds(each) for each in heard]
        if trial.first == trial.b:
            listened[:2] = listened[1::-1]
        return {
            "trial": number,
            "kind": self.kind,
            "a": self.labels[trial.a],
            "b": self.labels[trial.b],
            "text_number": trial.text + 1,
            "shown_first": self.labels[trial.first],
            "x": None if trial.x is None else self.labels[trial.x],
            "chosen": self.labels[chosen],
            "correct": None if trial.x is None else chosen == trial.x,
            "seconds": _seconds(message.get("seconds")),
            "switches": _whole(message.get("switches")),
            "heard_a": listened[0],
            "heard_b": listened[1],
            "heard_x": listened[2],
            "when": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
        }

    def _trial_of(self, record: Record, number: int) -> Trial:
        try:
            a, b, first, chosen = (
                self.labels.index(str(record[name])) for name in ("a", "b", "shown_first", "chosen")
            )
            x = None if self.kind == "ab" else self.labels.index(str(record["x"]))
            text = int(str(record["text_number"])) - 1
            sound = a < b and {first, chosen} <= {a, b} and x in (None, a, b)
            right = None if x is None else chosen == x
            if not sound or not 0 <= text < self.texts or record["correct"] is not right:
                raise ValueError
            if record["trial"] != number or number > self.trials:
                raise ValueError
        except (KeyError, ValueError):
            where = "" if self._file is None else f" of {self._file.path}"
            raise SettingsError(
                f"Line {number + 1}{where} is no answer to trial {number} of this test. Mend or "
                "remove it and what follows, or give another file."
            ) from None
        return Trial(a, b, text, first, x)


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return round(seconds, 3) if math.isfinite(seconds) and seconds >= 0 else None


def _whole(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 53:
        return None
    return value
