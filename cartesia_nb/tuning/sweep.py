"""Many takes of a few texts, each with other settings: generated, kept on disk, and measured."""

from __future__ import annotations

import asyncio
import math
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from cartesia_nb.errors import CartesiaNbError, WaitTimeout
from cartesia_nb.speaker.host import notebook_host
from cartesia_nb.speech import loops
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning import analysing, remaining, rows
from cartesia_nb.tuning.folder import Folder
from cartesia_nb.tuning.progress import Progress, Standing
from cartesia_nb.tuning.results import Results
from cartesia_nb.tuning.runner import Runner

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cartesia_nb.tuning.gallery import Gallery

SweepState = Literal["running", "stopped", "done", "failed"]

_STOP_S: Final = 10.0
"""What is in flight is cancelled and the thread ends well within this."""

_all: weakref.WeakSet[Sweep] = weakref.WeakSet()


class Sweep(Results):
    """Takes of some texts with many settings, each spoken several times: a sequence of rows, each
    a dict of plain values, for ``pandas.DataFrame``, ``polars.DataFrame`` or a loop.

    ``session.sweep(...)`` makes one, and ``Sweep.load(folder)`` brings one back. It generates by
    itself; ``wait()`` and ``await sweep`` wait for it, and an interrupt meanwhile (the notebook's
    stop button) stops it. Its takes are on disk: nothing grows here with their number. Every
    method may be called from any thread, but for the plots, as matplotlib. Shown as a cell's last
    expression it is a bar while it runs, and a table afterwards.
    """

    def __init__(
        self,
        folder: Folder,
        connection: Connection | None = None,
        *,
        measure: analysing.Measures | None = None,
        executor: Executor | None = None,
    ) -> None:
        super().__init__(folder)
        self._connection = connection
        self._measure = dict(measure or {})
        self._executor = executor
        self._runner: Runner | None = None
        self._starting = threading.Lock()
        self._changed = threading.Condition()
        self._wakeups: tuple[Callable[[], None], ...] = ()
        self._progress = Progress("Sweep")
        self._sent = 0
        _all.add(self)

    @property
    def _runs(self) -> bool:
        return self._runner is not None and not self._runner.over

    @property
    def state(self) -> SweepState:
        """``running``; ``done`` when every take is there or has failed, and is measured;
        ``failed`` when something ended it that would fail every take (``error`` says what);
        else ``stopped``. The latter two go on with ``start()``.
        """
        if self._runs:
            return "running"
        if self.error is not None:
            return "failed"
        settled = self.done + self.failed == self.total and not self._left_unmeasured
        return "done" if settled and self._folder.index.measured == self.done else "stopped"

    @property
    def _left_unmeasured(self) -> set[int]:
        """What the last run was to measure, also anew, and did not come to."""
        return set() if self._runner is None else self._runner.unmeasured

    @property
    def error(self) -> CartesiaNbError | None:
        """What ended it, or ``None``. A take's own failure is in its row."""
        return None if self._runner is None else self._runner.error

    def start(self, failed: bool = False) -> Sweep:
        """Go on with what is not there yet. Returns at once; does nothing while it runs.

        Args:
            failed: try again what has failed, too. That is sent on top of the sweep's budget.

        Raises:
            CartesiaNbError: it came from ``Sweep.load`` and something is still to be spoken.
            ConnectError: its session is closed.
            SweepFolderError: the folder can't be written, or another process is writing it.
        """
        return self._start(("waiting", "failed") if failed else ("waiting",), None)

    def measure(self, measure: analysing.Measures, executor: Executor | None = None) -> Sweep:
        """Measure all takes that are there anew; ``wait()`` tells when that is done. Returns at
        once. What was computed before by other names stays.

        Args:
            measure: figures of one's own: names, and functions that take a take.
            executor: where that is done; ``None``: where it was done before.

        Raises:
            SettingsError: ``measure`` is no such mapping, or ``executor`` is none.
            CartesiaNbError: it is running.
            SweepFolderError: the folder can't be written, or another process is writing it.
        """
        checked = analysing.checked(measure, rows.settings_columns(self._folder.plan))
        if self.state == "running":
            raise CartesiaNbError("The sweep is running: wait() for it, or stop() it first.")
        self._measure = {**self._measure, **checked}
        self._executor = executor if executor is not None else self._executor
        return self._start((), checked)

    def _start(
        self, states: tuple[str, ...], anew: Mapping[str, Callable[[Take], object]] | None
    ) -> Sweep:
        with self._starting:
            if self._runs:
                return self
            folder = self._folder
            first = anew is None and self._runner is None
            if first and remaining.nothing(folder, states, self._measure):
                self._progress.update(self._now())
                return self
            folder.lock()
            try:
                folder.knows(tuple(self._measure))
                unsaved = {} if self._runner is None else self._runner.unsaved
                todo = [n for n in remaining.having(folder, states) if n not in unsaved]
                if todo:
                    remaining.check_speaker(folder, self._connection)
                runner = Runner(
                    folder,
                    self._connection,
                    todo=todo,
                    executor=self._executor,
                    measure=self._measure if anew is None else anew,
                    unanalysed=self._to_measure(anew is not None),
                    unsaved=unsaved,
                    changed=self._tell,
                )
            except BaseException:
                folder.release()
                raise
            self._runner = runner
            self._sent = folder.plan.characters(remaining.having(folder, ("done", "failed")))
            self._progress = Progress("Sweep")
            self._tell()
            runner.start()
        return self

    def _to_measure(self, anew: bool) -> set[int]:
        if anew:
            return set(remaining.having(self._folder, ("done",)))
        return {*remaining.unmeasured(self._folder, self._measure), *self._left_unmeasured}

    def stop(self) -> None:
        """Stop: what is in flight is cancelled, what is there is kept. Harmless when it is over.

        Waits until that is so, which takes a moment.

        Raises:
            RuntimeError: on the network loop, which a wait would stop.
        """
        loops.refuse_here()
        self._request_stop()
        if self._runner is not None:
            self._runner.join(_STOP_S)

    def wait(self, timeout: float | None = None) -> Sweep:
        """Block until it is done, stopped or failed, with a bar in the running cell.

        An interrupt (the notebook's stop button) stops it; ``start()`` goes on. In a cell,
        ``await sweep`` does the same and lets the kernel work.

        Args:
            timeout: seconds, 0 or more; ``None`` waits as long as it runs.

        Raises:
            CartesiaNbError: what ended it (``sweep.error``). A take that failed is a row.
            WaitTimeout: the time ran out; it goes on.
            RuntimeError: on the network loop, which a wait would stop.
        """
        loops.refuse_here()
        self._progress.show()
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        try:
            with loops.interruptible():
                self._block(deadline, timeout)
        except KeyboardInterrupt:
            self._request_stop()
            raise
        return self._ended()

    def _block(self, deadline: float, timeout: float | None) -> None:
        running = loops.running_loop()
        if running is not None and loops.feeds(running) and self.state == "running":
            # What it waits behind may be fed by this very loop.
            loops.allow_nested(running)
            running.run_until_complete(self._over(deadline, timeout))
        with self._changed:
            while self.state == "running":
                self._changed.wait(min(self._left(deadline, timeout), loops.POLL_S))

    def __await__(self) -> Generator[object, None, Sweep]:
        return self._finished().__await__()

    async def _finished(self) -> Sweep:
        self._progress.show()
        try:
            await self._over(math.inf, None)
        except asyncio.CancelledError:
            self._request_stop()
            raise
        return self._ended()

    async def _over(self, deadline: float, timeout: float | None) -> None:
        wakeup = loops.Wakeup()
        with self._changed:
            self._wakeups = (*self._wakeups, wakeup)
        try:
            while self.state == "running":
                await wakeup.wait(min(self._left(deadline, timeout), loops.POLL_S))
        finally:
            with self._changed:
                self._wakeups = tuple(each for each in self._wakeups if each is not wakeup)

    def _left(self, deadline: float, timeout: float | None) -> float:
        left = deadline - time.monotonic()
        if left <= 0:
            raise WaitTimeout(
                f"The sweep was not done within {timeout:g} s; it goes on ({self._standing()}). "
                "Wait again, or sweep.stop() it."
            )
        return left

    def _request_stop(self) -> None:
        if self._runner is not None:
            self._runner.stop()

    def _ended(self) -> Sweep:
        self._progress.update(self._now())  # before the cell ends: nbclient hears no more then
        error = self.error
        if self.state == "failed" and error is not None:
            raise error.with_traceback(None)
        return self

    def _tell(self) -> None:
        """Something happened. Any thread."""
        with self._changed:
            self._changed.notify_all()
            wakeups = self._wakeups
        for wakeup in wakeups:
            wakeup()
        self._progress.update(self._now())

    def _now(self) -> Standing:
        runner, error = self._runner, self.error
        notes = [None if error is None else str(error), None if runner is None else runner.trouble]
        if self.state in ("stopped", "failed"):
            notes.append("sweep.start() goes on.")
        elif self.failed and self.state == "done":
            notes.append("sweep.start(failed=True) tries the failed ones again.")
        return Standing(
            total=self.total,
            done=self.done,
            failed=self.failed,
            characters=self._sent + (0 if runner is None else runner.characters),
            state=self.state,
            note=" ".join(note for note in notes if note),
            unmeasured=len(self._left_unmeasured),
        )

    def plot_spectrograms(
        self,
        ax: Axes | None = None,
        *,
        columns: int | None = None,
        max_frequency: float = 8000.0,
        db_range: float = 70.0,
        **where: object,
    ) -> Axes:
        """A contact sheet: small spectrograms on one time axis, one mel scale and one range of
        colours, of one repeat of each settings and text. In the thread that matplotlib is used in.

        Two things that vary run down and across. A take that failed is an empty place with the
        reason. Each take is loaded when its turn comes, and not kept.

        Args:
            ax: where to draw; a new figure if ``None``.
            columns: how many stand beside each other.
            max_frequency: in Hz.
            db_range: how far under the loudest of all the colours reach, in dB.
            **where: which takes, as ``takes`` has it; ``repeat=2`` takes that repeat, and
                ``repeat=[1, 2, 3]`` shows all of them.

        Raises:
            SettingsError: more than 60 takes, an unknown column, or numbers out of range.
            TakeFileError: a take is not there any more, or can't be read.
        """
        from cartesia_nb.plots.contact import contact_sheet
        from cartesia_nb.tuning import cells

        return contact_sheet(
            [cells.cell(self._folder, number) for number in cells.chosen(self, where)],
            ax,
            columns=columns,
            max_frequency=max_frequency,
            db_range=db_range,
        )

    def gallery(self, per_page: int = 12) -> Gallery:
        """The takes as small spectrograms to click and hear, a page at a time: any number of
        them, as no more than a page is in memory. In the notebook's main thread.

        Args:
            per_page: takes on a page, 1 to 60.

        Raises:
            SettingsError: ``per_page`` is no such number.
            CartesiaNbError: there is no notebook to show it in.
        """
        from cartesia_nb.tuning.gallery import Gallery

        return Gallery(self, per_page)

    @classmethod
    def load(cls, folder: str | Path) -> Sweep:
        """A sweep from its folder, wherever that was made; it needs no session.

        Raises:
            SettingsError: it is no sweep's folder, or one that this version can't read.
            SweepFolderError: it can't be read.
        """
        return cls(Folder.load(Path(folder).expanduser()))

    def __reduce__(self) -> str:
        raise TypeError("A sweep can't be pickled; pass its folder on, for Sweep.load(folder).")

    def __repr__(self) -> str:
        return f"<Sweep: {self._standing()}, {self.state}, in {self.folder}>"

    def _head(self) -> str:
        return f"Sweep {self.state}{f', {self.failed:,} failed' if self.failed else ''}: "

    def _repr_html_(self) -> str:
        return self._table(self._head())["text/html"]

    def _ipython_display_(self) -> None:
        if self.state == "running" and notebook_host() == "jupyter":
            self._progress.show()
        else:
            sys.modules["IPython"].display.display(self._table(self._head()), raw=True)

    def _forget(self) -> None:
        """In a forked child: the run, its thread and its connection stayed with the parent."""
        self._runner = None
        self._starting = threading.Lock()
        self._changed = threading.Condition()
        self._wakeups = ()
        self._folder.forget()


def _forget_after_fork() -> None:
    for sweep in list(_all):
        sweep._forget()
    _all.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
