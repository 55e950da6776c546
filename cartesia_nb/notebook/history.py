"""What a session has said: one row of plain values per take, kept when the take is gone."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from functools import partial
from typing import Final, TypeAlias, overload

from cartesia_nb.speech import loops, rowtable
from cartesia_nb.speech.metrics import metrics_of
from cartesia_nb.speech.recording import Change, Recording
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.wording import plain, shortened

Row: TypeAlias = "dict[str, str | float | int | bool | None]"
"""One take. ``number`` counts from 1, ``said`` is the time of day (ISO 8601, UTC); ``id``, ``text``
(shortened), ``state`` and ``error`` are the take's, ``backend`` who spoke, ``model_id`` to
``max_buffer_delay_ms`` the settings, and the rest the figures of ``Metrics``, by their names."""

MOST_ROWS: Final = 10_000
"""Rows that are kept: the newest."""

SOON_S: Final = 0.5
"""A row is brought up to date so long after its take ended, or a page told of hearing it, unless
somebody reads it before."""

_TEXT_LENGTH: Final = 100


class History(Sequence[Row]):
    """The takes that a session has said, oldest first: a sequence of rows, each a dict of plain
    values, for ``pandas.DataFrame``, ``polars.DataFrame`` or a loop.

    It holds no take: a row outlives its take, and is kept up to date while the take lives. The
    newest 10,000 are kept. Every method may be called from any thread; each gives the state of that
    moment. Shown as a cell's last expression it is a table.
    """

    def __init__(self, most: int = MOST_ROWS) -> None:
        self._lock = threading.Lock()
        self._entries: deque[_Entry] = deque(maxlen=most)
        self._number = 0
        self._stale: dict[_Entry, Recording] = {}

    def _add(self, take: Take) -> None:
        """Begin a row for a take that was just made. Any thread."""
        recording = take._recording
        with self._lock:
            self._number += 1
            entry = _Entry(self._number, take)
            self._entries.append(entry)
        recording.subscribe(partial(self._changed, entry))

    def _changed(self, entry: _Entry, change: Change) -> None:
        """Have a row brought up to date soon. Network loop: no samples are read here."""
        recording = entry.recording()
        if recording is None or not (change == "heard" or (change == "state" and recording.ended)):
            return
        with self._lock:
            waiting = bool(self._stale)
            # Held until then: it may be freed before, and its figures with it.
            self._stale[entry] = recording
        if not waiting:
            loops.call(self._later)

    def _later(self) -> None:
        loops.network_loop().call_later(SOON_S, self._freshen)

    def _freshen(self) -> None:
        with self._lock:
            stale, self._stale = self._stale, {}
        with contextlib.suppress(RuntimeError):  # the interpreter is ending
            loops.network_loop().run_in_executor(None, _refresh, list(stale.items()))

    @property
    def takes(self) -> tuple[Take, ...]:
        """Those of the takes that somebody still holds, oldest first."""
        with self._lock:
            entries = tuple(self._entries)
        found = (entry.take() for entry in entries)
        return tuple(take for take in found if take is not None)

    def to_records(self) -> list[Row]:
        """All rows as a list of dicts, oldest first.

        pandas takes it as it is, and so does polars; where a figure is unknown in the first 100
        rows and known later, polars asks for ``infer_schema_length=None``.
        """
        with self._lock:
            entries = tuple(self._entries)
        return [entry.row() for entry in entries]

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        with self._lock:
            entries = tuple(self._entries)
        if isinstance(index, slice):
            return [entry.row() for entry in entries[index]]
        given: object = index
        if isinstance(given, str):  # what one might try
            raise TypeError(
                f"A history's rows have numbers, as a list's; [row[{given!r}] for row in history] "
                "is a column."
            )
        return entries[index].row()

    def __iter__(self) -> Iterator[Row]:
        return iter(self.to_records())

    def __repr__(self) -> str:
        rows = self[-rowtable.TEXT_ROWS :]
        return rowtable.text(rows, rowtable.caption(rows, len(self)))

    def _repr_html_(self) -> str:
        rows = self[-rowtable.MOST_ROWS :]
        return rowtable.html(rows, rowtable.caption(rows, len(self)))


class _Entry:
    """A row, and what it is of while that lives."""

    def __init__(self, number: int, take: Take) -> None:
        self.take = weakref.ref(take)
        self.recording = weakref.ref(take._recording)
        self._lock = threading.Lock()
        self._head: Row = {
            "number": number,
            "said": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
        }
        self._row: Row = {}
        self._changes = -1
        self.refresh(take._recording)  # so that it has every column, whatever becomes of the take

    def row(self) -> Row:
        """The row, brought up to date if its take is still there. Not on the network loop."""
        recording = self.recording()
        if recording is not None:
            self.refresh(recording)
        return {**self._head, **self._row}

    def refresh(self, recording: Recording) -> None:
        """Bring the row up to date. Not on the network loop, as samples are read."""
        with self._lock:
            changes = recording.changes
            # A page's moments are placed the better the more its clock is known.
            if changes != self._changes or recording.timeline.listening is not None:
                self._row = _row(recording)
                self._changes = changes


def _refresh(stale: list[tuple[_Entry, Recording]]) -> None:
    while stale:  # a take is let go as soon as its row is done
        entry, recording = stale.pop()
        entry.refresh(recording)
        del entry, recording


def _row(recording: Recording) -> Row:
    error = recording.error  # take.error would count as somebody having looked at it
    row: Row = {
        "id": recording.id,
        "text": shortened(plain(recording.text), _TEXT_LENGTH),
        "state": recording.state,
        "error": None if error is None else plain(str(error)),
        "backend": recording.backend.label,
    }
    settings = recording.settings
    row.update({name: getattr(settings, name) for name in rowtable.SETTINGS})
    row.update(metrics_of(recording).to_dict())
    return row
