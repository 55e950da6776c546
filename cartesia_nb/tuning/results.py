"""The rows and the takes of a sweep: what is read from its folder, whoever writes it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, overload

from cartesia_nb.analysis.effect import Effect, effect
from cartesia_nb.errors import CartesiaNbError, SweepFolderError
from cartesia_nb.speech import rowtable
from cartesia_nb.speech.wording import count
from cartesia_nb.tuning import rows
from cartesia_nb.tuning.folder import Folder
from cartesia_nb.tuning.rows import Row
from cartesia_nb.tuning.saved import SavedTakes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Results(Sequence[Row]):
    """Rows of a folder, each a dict of plain values, and its takes. Methods from any thread, but
    for the plots.

    Args:
        folder: where they are.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    @property
    def _runs(self) -> bool:
        """Whether this process writes there now."""
        return False

    @property
    def folder(self) -> Path:
        """Where it is kept, whole: it may be moved and copied."""
        return self._folder.path

    @property
    def total(self) -> int:
        """How many takes it has."""
        return self._folder.plan.total

    @property
    def done(self) -> int:
        """How many takes are there."""
        self._look()
        return self._folder.index.count("done")

    @property
    def failed(self) -> int:
        """How many takes failed; their rows say why."""
        self._look()
        return self._folder.index.count("failed")

    def _look(self) -> None:
        """Take in what another process wrote; what this one does is known."""
        if not self._runs:
            with contextlib.suppress(SweepFolderError):  # it is gone: what is known is told
                self._folder.catch_up()

    def takes(self, **where: object) -> SavedTakes:
        """The takes that are there and match, in the order of their numbers.

        Args:
            **where: columns and what they are to hold: ``takes(speed=1.2, text_number=1)``; of a
                list, one of its values.

        Returns:
            A sequence; each take is loaded when it is asked for, and not kept.

        Raises:
            SettingsError: there is no such column.
        """
        rows.check_where(where, self._columns())
        folder = self._folder
        return SavedTakes(
            [
                folder.path_of(number)
                for number, row in enumerate(self, 1)
                if row["state"] == "done" and rows.matches(row, where)
            ]
        )

    def realised(self, parameter: str, measure: str | None = None) -> Effect:
        """What became of a setting: what each of its values came to, over all texts and repeats,
        and whether an effect is seen. ``print`` it.

        Args:
            parameter: a setting, such as ``"speed"`` or ``"voice"``.
            measure: a column with numbers; ``None``: of speed the speaking rate, of volume the
                loudness, else the median pitch.

        Raises:
            SettingsError: there is no such parameter or measure.
            SweepFolderError: the folder can't be read any more.
        """
        return effect(self, parameter, measure)

    def plot_realised(
        self, parameter: str, ax: Axes | None = None, *, measure: str | None = None
    ) -> Axes:
        """Draw what a setting was asked for against what came, every take a dot, and say whether
        an effect is seen. See ``cartesia_nb.plots.plot_realised``.

        Raises:
            SettingsError: there is no such parameter or measure, or ``ax`` is no Axes.
            SweepFolderError: the folder can't be read any more.
        """
        from cartesia_nb.plots.realised import plot_realised

        return plot_realised(self, parameter, ax, measure=measure)

    def to_records(self) -> list[Row]:
        """All rows as a list of dicts, in the order of their numbers; also while it runs.

        pandas takes it as it is, and so does polars; where a figure is unknown in the first 100
        rows and known later, polars asks for ``infer_schema_length=None``.

        Raises:
            SweepFolderError: the folder can't be read any more.
        """
        return list(self)

    def _columns(self) -> tuple[str, ...]:
        return rows.columns(self._folder.plan, self._folder.measures)

    def _row(self, number: int, names: tuple[str, ...]) -> Row:
        folder = self._folder
        return rows.row(
            folder.plan.job(number),
            folder.backend.label,
            folder.index.ending(number),
            folder.index.figures(number),
            names,
            folder.plan.voices,
        )

    def __len__(self) -> int:
        return self.total

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        given: object = index
        if isinstance(given, str):  # what one might try
            raise TypeError(
                f"A sweep's rows have numbers, as a list's; [row[{given!r}] for row in sweep] "
                "is a column."
            )
        numbers = range(1, self.total + 1)[index]
        self._folder.catch_up()
        names = self._columns()
        if isinstance(numbers, int):
            return self._row(numbers, names)
        return [self._row(number, names) for number in numbers]

    def __iter__(self) -> Iterator[Row]:
        self._folder.catch_up()
        names = self._columns()
        return (self._row(number, names) for number in range(1, self.total + 1))

    def _standing(self) -> str:
        failed = f", {self.failed:,} failed" if self.failed else ""
        return f"{self.done:,} of {count(self.total, 'take')}{failed}"

    def save(self, folder: str | Path) -> Path:
        """Copy it whole, takes and all; returns where. Not while it runs.

        Args:
            folder: one that is not there yet, or empty.

        Raises:
            CartesiaNbError: it is running.
            SweepFolderError: it can't be copied, or there is something in the folder.
        """
        if self._runs:
            raise CartesiaNbError("The sweep is running: wait() for it, or stop() it, to save it.")
        return self._folder.copy(Path(folder).expanduser())

    def _table(self, head: str) -> dict[str, str]:
        """The first takes, in the formats that pages choose from."""
        most, few = self[: rowtable.MOST_ROWS], self[: rowtable.TEXT_ROWS]
        columns = rows.table_columns(self._folder.plan, self._folder.measures)
        captions = [head + rowtable.caption(shown, self.total, "first") for shown in (most, few)]
        return {
            "text/html": rowtable.html(most, captions[0], columns),
            "text/plain": rowtable.text(few, captions[1], columns),
        }
