"""The figures of saved takes, computed through any executor of ``concurrent.futures``.

An executor is given paths and returns plain values: takes are read where the work is done, and
nothing of theirs is kept. At most twice as many are under way as a pool has workers, whatever
waits.

Without an executor the work is done in one thread of the kernel's process, which shares the
interpreter's lock (the GIL) with running cells and with what receives audio. NumPy lets go of it
for most of our own figures (some 30 ms for five seconds of speech), so that others hardly notice; a
measure in pure Python does not, and others wait for it up to 5 ms at a time. Speech takes its
server longer than that, so a pool pays where saved takes are measured anew by the thousand, or
where a measure needs longer than the speech does. A new process spends about a second on imports.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from dataclasses import fields
from functools import partial
from pickle import PicklingError
from typing import Final, NamedTuple, TypeAlias

from cartesia_nb.errors import TakeFileError
from cartesia_nb.speech import loops
from cartesia_nb.speech.metrics import Metrics
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning import measures, workplaces
from cartesia_nb.tuning.measures import Measure, Packed, told
from cartesia_nb.tuning.measures import Measures as Measures
from cartesia_nb.tuning.realised import Realised, realised_of
from cartesia_nb.tuning.workplaces import Workplace

_log: Final = logging.getLogger(__name__)

ERROR: Final = "measure_error"
"""The column that says what went wrong."""

_MOST_DEATHS: Final = 3
"""So often a process of our own may die in a row."""


def columns(measure: Collection[str] = ()) -> tuple[str, ...]:
    """The names of what ``figures`` gives, in its order."""
    ours = (field.name for kind in (Metrics, Realised) for field in fields(kind))
    return (*ours, *measure, ERROR)


def checked(measure: Measures | None, taken: Collection[str] = ()) -> dict[str, Measure]:
    """The measures, if they can be columns beside ``columns()`` and ``taken``.

    Raises:
        SettingsError: no mapping of names to functions, or a name that is a column already.
    """
    return measures.checked(measure, {*columns(), *taken})


def figures(path: str, measure: Packed) -> dict[str, object]:
    """Everything that is computed from a saved take. Any thread but the network loop, any process;
    raises nothing.

    Args:
        path: of the take, as ``Take.load`` takes it.
        measure: figures of one's own.

    Returns:
        ``columns(measure)``: the figures of ``Metrics``, those of ``Realised``, a value for each
        measure, and ``measure_error``: in sentences what went wrong, or ``None``. All are plain
        values: ``str``, ``int``, ``float``, ``bool``, and ``None`` for what is unknown.
    """
    try:
        return _in_worker(path, measure, "")
    except Exception as fault:
        reason = str(fault) if isinstance(fault, TakeFileError) else told(fault)
        return {**dict.fromkeys(columns(measure)), ERROR: reason}


def _in_worker(path: str, packed: Packed, call: str) -> dict[str, object]:
    """What an executor runs; ``call`` differs each time, as Dask takes equal calls for one.

    Raises:
        TakeFileError: this process can't read the take.
    """
    take = Take.load(path)
    found: dict[str, object] = dict.fromkeys(columns(packed))
    wrong: list[str | None] = []
    for what, ours in (("metrics", lambda: take.metrics), ("figures", lambda: realised_of(take))):
        try:
            found.update(ours().to_dict())
        except Exception as fault:  # one take's fault is not to end a sweep
            _log.exception("The %s of %s could not be computed", what, path)
            wrong.append(f"Its {what} could not be computed ({told(fault)}).")
    for name, sent in packed.items():
        function, missing = measures.unpacked(name, sent)
        wrong.append(missing)
        if function is not None:
            found[name], raised = measures.value_of(name, function, take)
            wrong.append(raised)
    found[ERROR] = " ".join(sentence for sentence in wrong if sentence) or None
    return found


_Future: TypeAlias = "Future[dict[str, object]]"


class _Job(NamedTuple):
    number: int
    path: str
    turn: int
    again: bool = False


class Analysis:
    """Computes the figures of takes on disk, a bounded number at a time.

    Nothing ends it. What an executor can't do is left out with a sentence in ``measure_error``. An
    executor that was shut down, or has cancelled what it had, is replaced by a thread; one whose
    process died by a process of our own: a measure may be what killed it, and would end the
    notebook in the kernel. A take whose measures end that process as well is left without them,
    and after three in a row all that follow are.

    Args:
        executor: where the work is done: a pool, or ``client.get_executor()`` of a Dask cluster
            that sees the same files. ``None``: in one thread. It is not shut down here.
        measure: figures of one's own.
        done: called with a take's number and its figures, one call at a time, in a thread of the
            analysis; in no particular order.

    Raises:
        SettingsError: ``executor`` is none, or ``measure`` can't be columns.
    """

    def __init__(
        self,
        executor: Executor | None,
        measure: Measures | None,
        done: Callable[[int, dict[str, object]], None],
    ) -> None:
        self._measure = checked(measure)
        self._done = done
        self._id = uuid.uuid4().hex
        self._place = (
            workplaces.here(self._measure)
            if executor is None
            else workplaces.elsewhere(executor, self._measure)
        )
        self._trouble: str | None = None
        self._deaths = 0
        self._changed = threading.Condition()
        self._waiting: deque[_Job] = deque()
        self._suspects: deque[_Job] = deque()
        self._away: dict[_Future, tuple[_Job, Workplace]] = {}
        self._back: deque[tuple[_Future, _Job, Workplace]] = deque()
        self._busy = 0
        self._turn = 0
        self._stopped = 0
        self._thread: threading.Thread | None = None

    @property
    def pending(self) -> int:
        """How many takes were submitted of which ``done`` was not told yet. Any thread."""
        with self._changed:
            waiting = len(self._waiting) + len(self._suspects)
            return waiting + len(self._away) + len(self._back) + self._busy

    @property
    def trouble(self) -> str | None:
        """What became of an executor that failed, in a sentence; ``None``: nothing. Any thread."""
        return self._trouble

    def submit(self, number: int, path: str) -> None:
        """Have a saved take analysed. Any thread; never blocks."""
        with self._changed:
            self._turn += 1
            # What works elsewhere may stand in another folder.
            self._waiting.append(_Job(number, os.path.abspath(path), self._turn))
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="cartesia_nb analysis", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()

    def finish(self, timeout: float | None = None) -> bool:
        """Block until ``done`` was told of all that was submitted. Any thread but the network loop.

        An interrupt ends the wait alone, not the analysis.

        Args:
            timeout: seconds, 0 or more; ``None`` waits as long as something is under way.

        Returns:
            Whether that is so; ``False`` when the time ran out.

        Raises:
            RuntimeError: on the network loop, which a wait would stop.
        """
        loops.refuse_here()
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        with loops.interruptible(), self._changed:
            while self.pending:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, loops.POLL_S))
        return True

    def stop(self) -> None:
        """Leave out what is not begun. Any thread; does not wait for what is under way."""
        with self._changed:
            self._stopped = self._turn
            self._waiting.clear()
            self._suspects.clear()
            away = list(self._away)
            self._changed.notify_all()
        for future in away:
            future.cancel()

    # The rest is for the analysis's own thread.

    def _run(self) -> None:
        while (step := self._next()) is not None:
            step()
            with self._changed:
                self._busy = 0
                self._changed.notify_all()

    def _next(self) -> Callable[[], None] | None:
        """What to do next, waited for; ``None`` when there is nothing left."""
        with self._changed:
            while True:
                self._busy = 1
                if self._waiting and len(self._away) < self._place.most:
                    return partial(self._begin, self._waiting.popleft())
                if self._back:
                    return partial(self._end, *self._back.popleft())
                if self._suspects and not self._away:  # one at a time, with nobody beside it
                    return partial(self._begin, self._suspects.popleft())
                self._busy = 0
                if not self._waiting and not self._away:
                    if self._place.own:  # it is not to stand about; another one is soon started
                        self._move(workplaces.one_process(self._measure))
                    self._thread = None
                    return None
                self._changed.wait()

    def _begin(self, job: _Job) -> None:
        place = self._place
        if place.executor is None and job.again:
            self._without(job, "The executor could not measure it.")
            return
        if place.executor is None:
            self._tell(job, figures(job.path, place.measures), place.short)
            return
        try:
            future = place.executor.submit(
                _in_worker, job.path, place.measures, f"{self._id} {job.turn} {job.again}"
            )
        except BrokenExecutor as fault:
            self._died(place, fault)
            self._again(job)
        except (PicklingError, TypeError, AttributeError) as fault:  # of the measures
            self._without(job, f"The measures can't be sent to the executor ({told(fault)}).")
        except Exception as fault:
            self._leave(place, f"The executor takes nothing ({told(fault)})")
            self._again(job)
        else:
            with self._changed:
                self._away[future] = job, place
            future.add_done_callback(self._come_back)

    def _come_back(self, future: _Future) -> None:
        """It is over, in whatever thread of the executor's."""
        with self._changed:
            self._back.append((future, *self._away.pop(future)))
            self._changed.notify_all()

    def _end(self, future: _Future, job: _Job, place: Workplace) -> None:
        try:
            found = future.result()
        except CancelledError:
            if job.turn > self._stopped:
                self._leave(place, "The executor has cancelled what it was given")
                self._again(job)
        except BrokenExecutor as fault:
            self._died(place, fault)
            if place.own:  # nothing else was there
                self._without(job, f"The process that measured it died ({told(fault)}).")
            else:
                self._again(job)
        except TakeFileError as fault:
            self._without(job, f"Where the executor works it can't be read ({told(fault)}).")
        except BaseException as fault:
            # A notebook's stop button interrupts a pool's processes too; and when a worker of
            # Dask's dies, all that it had is blamed.
            if job.again:
                self._without(job, f"The executor could not measure it ({told(fault)}).")
            else:
                self._again(job, alone=True)
        else:
            self._deaths = 0
            self._tell(job, found, place.short)

    def _again(self, job: _Job, *, alone: bool = False) -> None:
        with self._changed:
            if job.turn > self._stopped and alone:
                self._suspects.append(job._replace(again=True))
            elif job.turn > self._stopped:
                self._waiting.appendleft(job)

    def _died(self, place: Workplace, fault: BaseException) -> None:
        """A process died, and its pool with it."""
        if place is not self._place:
            return
        if not place.own:
            next_one = workplaces.one_process(self._measure) if self._measure else None
            self._leave(place, f"The executor broke ({told(fault)})", next_one)
            return
        self._deaths += 1
        if self._deaths < _MOST_DEATHS:
            self._move(workplaces.one_process(self._measure))
        else:
            self._move(
                workplaces.here({}, "Not measured: what measured the takes before it has died.")
            )

    def _leave(self, place: Workplace, why: str, to: Workplace | None = None) -> None:
        """Go on without the user's executor."""
        if place is not self._place:
            return
        self._move(to or workplaces.here(self._measure))
        where = "a thread" if to is None else "one process"
        self._trouble = f"{why}; the rest is analysed in {where} of our own."
        _log.warning(self._trouble)

    def _move(self, place: Workplace) -> None:
        left, self._place = self._place, place
        if left.own and left.executor is not None:
            left.executor.shutdown(wait=False)

    def _without(self, job: _Job, why: str) -> None:
        """Analyse it here, but for the measures if there are some: they may be what was wrong."""
        self._tell(job, figures(job.path, {}), why if self._measure else None)

    def _tell(self, job: _Job, found: dict[str, object], more: str | None) -> None:
        reasons = [str(reason) for reason in (found[ERROR], more) if reason]
        row = dict.fromkeys(columns(self._measure)) | found | {ERROR: " ".join(reasons) or None}
        try:
            self._done(job.number, row)
        except Exception:  # whoever is told: the other takes have done nothing wrong
            _log.exception("What was found of take %d could not be handed on", job.number)
