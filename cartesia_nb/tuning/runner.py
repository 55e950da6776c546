"""Generates a sweep's takes, so many at once, in a thread of its own.

A take is on the disk as soon as it has ended, and nothing holds it any more; what is computed from
it is computed from the disk. In memory is what is in flight.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import Final, cast

from cartesia_nb.errors import (
    CartesiaNbError,
    ConnectError,
    EngineError,
    KeyMissingError,
    ServerError,
    SweepFolderError,
    TakeFileError,
)
from cartesia_nb.speech import loops
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.recording import Change
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.wording import plain
from cartesia_nb.tuning.analysing import Analysis, Measures
from cartesia_nb.tuning.folder import Folder

TURN_S: Final = 0.05
"""How often it is looked whether there is room, while others of the session speak."""

LOOK_S: Final = 0.25
"""How often it is looked whether to stop, while figures are computed."""

CONNECTS: Final = 3
"""How often a take is begun at most while no connection comes about."""

RECONNECTS: Final = 30
"""The same once something was spoken: a network that was there comes back, in minutes perhaps."""

_REFUSED: Final = (401, 402, 403)
"""Statuses that every other text would be answered with too: no key, no credits, no permission."""


class Runner:
    """One run of a sweep: from ``start`` until all is done, ``stop``, or something that would fail
    every take. Methods from any thread.

    Attributes:
        error: what ended it, if something did.
        characters: of all that it had spoken.
        unsaved: takes that were generated and could not be written, by their numbers.
        unmeasured: numbers of takes that are there and whose figures are still to come.

    Args:
        folder: locked by who makes this; it is released when the run is over.
        connection: speaks; ``None``: nothing is to be spoken.
        todo: numbers of the takes to speak, in order.
        executor: computes figures; ``None``: a thread.
        measure: figures of one's own.
        unanalysed: numbers of takes on disk whose figures are to be computed.
        unsaved: takes of an earlier run to write first.
        changed: called after everything that happened, in any thread.

    Raises:
        SettingsError: ``executor`` or ``measure`` is none.
    """

    def __init__(
        self,
        folder: Folder,
        connection: Connection | None,
        *,
        todo: Iterable[int],
        executor: Executor | None,
        measure: Measures | None,
        unanalysed: Iterable[int] = (),
        unsaved: Mapping[int, Take] | None = None,
        changed: Callable[[], None],
    ) -> None:
        self.error: CartesiaNbError | None = None
        self.characters = 0
        self.unsaved = dict(unsaved or {})
        self.unmeasured = set(unanalysed)
        self._folder = folder
        # Where nothing is to be spoken it is never asked for.
        self._connection = cast(Connection, connection)
        self._todo = deque(todo)
        self._analysis = Analysis(executor, measure, self._figured)
        self._changed = changed
        self._writing = threading.Lock()  # figures come in another thread
        self._live: dict[int, Take] = {}
        self._ended: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._connects: dict[int, int] = {}
        self._patience = CONNECTS
        self._stopping = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cartesia_nb sweep", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def over(self) -> bool:
        """Whether the run is over and the folder released."""
        return self._over.is_set()

    def stop(self) -> None:
        """End the run soon: what is in flight is cancelled. Returns at once."""
        self._stopping.set()
        self._analysis.stop()
        self._ended.put(None)

    def join(self, timeout: float | None) -> bool:
        """Wait until the run is over; whether it is."""
        return self._over.wait(timeout)

    @property
    def trouble(self) -> str | None:
        """What became of an executor that failed, in a sentence; ``None``: nothing."""
        return self._analysis.trouble

    def _figured(self, number: int, figures: dict[str, object]) -> None:
        """The analysis has a take's figures. One call at a time, in a thread of the analysis."""
        with self._writing:
            if self.over:  # another may write there by now; they are computed again
                return
            try:
                self._folder.enter_figures(number, figures)
            except SweepFolderError as fault:
                self._fail(fault)
            else:
                self.unmeasured.discard(number)
        self._changed()

    def _run(self) -> None:
        try:
            self._work()
        except CartesiaNbError as fault:
            self._fail(fault)
        except Exception as fault:  # whoever waits is told, whatever it is
            what = f"The sweep failed in a way nobody foresaw: {type(fault).__name__}: {fault}"
            error = CartesiaNbError(what)
            error.__cause__ = fault
            self._fail(error)
        finally:
            for take in self._live.values():
                take.cancel()
            for number, take in list(self._live.items()):
                if take.state == "done":  # it was there before it was cancelled
                    self._save(number, take)
            self._live.clear()
            with self._writing:
                self._folder.release()
                self._over.set()  # last: whoever waited for it may write then
            self._changed()

    def _fail(self, error: CartesiaNbError) -> None:
        if self.error is None:
            self.error = error
        self._ended.put(None)

    def _work(self) -> None:
        for number, take in list(self.unsaved.items()):
            if self._going:
                self._save(number, take)
        for number in sorted(self.unmeasured):
            self._analyse(number)
        while self._going and (self._todo or self._live):
            self._begin()
            self._take_in()
        if self._stopping.is_set():
            return
        self._save_what_ended()
        while self._going and not self._analysis.finish(LOOK_S):
            pass

    @property
    def _going(self) -> bool:
        return self.error is None and not self._stopping.is_set()

    def _begin(self) -> None:
        """Have as many in flight as there is room for: what others say comes first."""
        while self._todo and self._going and self._has_room():
            number = self._todo.popleft()
            job = self._folder.plan.job(number)
            try:
                self._live[number] = self._connection.say(job.text, job.settings)
            except ConnectError as closed:
                self._todo.appendleft(number)
                self._refused(closed)
                return
            self.characters += len(job.text)
            self._live[number]._recording.subscribe(partial(self._told, number))
            self._told(number, "state")  # the network loop did not wait: it may have ended before

    def _has_room(self) -> bool:
        if len(self._live) >= self._connection.max_contexts:
            return False
        # On the network loop, behind what was said before: that has its place by then.
        return loops.finish(self._free(), None) > 0

    async def _free(self) -> int:
        return self._connection.free

    def _told(self, number: int, change: Change) -> None:
        """Something happened to a take. Network loop."""
        take = self._live.get(number)
        if take is not None and take._recording.ended:
            self._ended.put(number)

    def _take_in(self) -> None:
        """Wait for something to end; begin the next in its place, and only then write it."""
        blocked = self._todo and len(self._live) < self._connection.max_contexts
        try:
            number = self._ended.get(timeout=TURN_S if blocked else None)
        except queue.Empty:
            return
        take = self._pop(number)
        if take is None or number is None or self._again(number, take):
            return
        self._begin()
        self._keep(number, take)
        self._changed()

    def _pop(self, number: int | None) -> Take | None:
        """A take that has ended; ``None`` for other news, or for news that is old."""
        take = None if number is None else self._live.get(number)
        if number is None or take is None or not take._recording.ended:
            return None
        return self._live.pop(number)

    def _again(self, number: int, take: Take) -> bool:
        """Whether a take counts as not begun: it was cancelled, or says nothing of this text."""
        error = take.error
        if take.state == "cancelled":
            self._todo.appendleft(number)
            if self._connection.closed:
                self._stopping.set()
            return True
        if error is None or not self._of_all(number, error):
            return False
        if isinstance(error, ConnectError):  # it was never sent
            self.characters -= len(take.text)
        self._todo.appendleft(number)
        return True

    def _of_all(self, number: int, error: CartesiaNbError) -> bool:
        """Whether an error is none of this take's alone. If others would fail too, so does this."""
        if isinstance(error, ConnectError) and error.passing:
            self._connects[number] = self._connects.get(number, 0) + 1
            if self._connects[number] >= self._patience:
                self._refused(error)
            return True
        final = isinstance(error, ConnectError | EngineError | KeyMissingError)
        if final or (isinstance(error, ServerError) and error.status_code in _REFUSED):
            self._refused(error)
            return True
        return False

    def _refused(self, error: CartesiaNbError) -> None:
        if self._connection.closed:
            self._stopping.set()
        else:
            self._fail(error)

    def _keep(self, number: int, take: Take) -> None:
        """Enter what became of a take, and let it go."""
        self._connects.pop(number, None)
        if take.state == "done":
            self._patience = RECONNECTS
            self._save(number, take)
            return
        try:
            self._folder.enter(number, "failed", plain(str(take.error)))
        except SweepFolderError as fault:
            self._fail(fault)

    def _save(self, number: int, take: Take) -> None:
        self.unsaved[number] = take
        try:
            self._folder.save(number, take)
        except (TakeFileError, SweepFolderError) as fault:
            self._fail(fault)
            return
        del self.unsaved[number]
        self._analyse(number)

    def _save_what_ended(self) -> None:
        """After a failure: wait for what is in flight, which is paid for, and keep it."""
        while self._live and not self._stopping.is_set():
            number = self._ended.get()
            take = self._pop(number)
            if number is not None and take is not None and take.state == "done":
                self._save(number, take)

    def _analyse(self, number: int) -> None:
        self.unmeasured.add(number)
        self._analysis.submit(number, str(self._folder.path_of(number)))
