"""Rows of takes, as sweeps and tables have them: which columns are settings, what is in them."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from cartesia_nb.errors import SettingsError

Row: TypeAlias = Mapping[str, object]

SETTINGS: Final = (
    "model_id", "voice", "language", "encoding", "sample_rate", "speed", "volume", "emotion",
    "max_buffer_delay_ms", "add_timestamps", "add_phoneme_timestamps", "use_normalized_timestamps",
    "pronunciation_dict_id", "extra",
)  # fmt: skip
"""The columns that are settings."""

PARAMETERS: Final = (*SETTINGS, "backend")
"""What may have an effect: the settings, and who spoke."""

_USUAL_LENGTH: Final = 24

_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)

_NO_MEASURES: Final = frozenset(
    {"number", "text", "text_number", "repeat", "state", "error", "take", "said", "id", "cold",
     "characters", "rate_source", "measure_error", *PARAMETERS,
     *(f"{one}_name" for one in PARAMETERS)}
)  # fmt: skip


class TakeRows:
    """Rows of takes; each is a mapping of plain values.

    Args:
        rows: of takes; what is held of them is the list, not a copy of each.

    Raises:
        SettingsError: something is no row, or there is none.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        given: object = rows
        if isinstance(given, Mapping) or not isinstance(given, Iterable):
            given = [given]
        self._rows = list(given)
        for row in self._rows:
            if not isinstance(row, Mapping):
                raise SettingsError(
                    f"{_shown(row)} is no row; give rows that are dicts, such as "
                    'sweep.to_records() or a DataFrame\'s to_dict("records").'
                )
        if not self._rows:
            raise SettingsError("There are no rows to look at; sweep.to_records() gives a sweep's.")

    @property
    def done(self) -> list[Row]:
        """Those of takes that came to their end; rows that say nothing of it did."""
        return [row for row in self._rows if row.get("state", "done") == "done"]

    @property
    def failed(self) -> int:
        """How many takes broke off."""
        return sum(row.get("state") in ("failed", "cancelled") for row in self._rows)

    @property
    def varying(self) -> list[str]:
        """The parameters that have more than one value."""
        return [one for one in PARAMETERS if len({key(row.get(one)) for row in self._rows}) > 1]

    @property
    def backends(self) -> list[str]:
        """Who spoke, each named once, in order; empty if the rows do not say."""
        return list(dict.fromkeys(str(row["backend"]) for row in self._rows if row.get("backend")))

    def values(self, parameter: str) -> list[object]:
        """What a parameter was set to: numbers in order, ``None`` first, else as they come.

        Raises:
            SettingsError: no row has that parameter.
        """
        known = [one for one in PARAMETERS if any(one in row for row in self._rows)]
        if parameter not in known:
            varying = ", ".join(self.varying) or "nothing"
            raise SettingsError(
                f"The rows have no setting {_shown(parameter)}. "
                f"{_near(parameter, known) or f'What varies: {varying}.'}"
            )
        distinct = {key(row.get(parameter)): plain(row.get(parameter)) for row in self._rows}
        given = [one for one in distinct.values() if one is not None]
        numbers = [one for one in given if isinstance(one, (int, float))]
        if len(numbers) == len(given):
            given = [*sorted(numbers)]
        return [*([None] if None in distinct else []), *given]

    def check_varying(self, parameter: str) -> None:
        """Hold a parameter to having several values.

        Raises:
            SettingsError: it has one, or there is none of that name.
        """
        values = self.values(parameter)
        if len(values) < 2:
            has = "none has it set" if values[0] is None else f"every take has {_shown(values[0])}"
            others = f"Choose one of {', '.join(self.varying)}." if self.varying else ""
            raise SettingsError(
                f"{parameter} does not vary: {has}. {others or 'Sweep over several values.'}"
            )

    def names(self, parameter: str) -> list[str]:
        """What to call each of ``values(parameter)``, as the rows have it (``voice_name`` for
        ``voice``), else the value itself; cut, and numbered if they would be the same then."""
        values = self.values(parameter)
        given = {key(row.get(parameter)): row.get(f"{parameter}_name") for row in self._rows}
        names = [_called(value, given[key(value)]) for value in values]
        for length in (_USUAL_LENGTH, 2 * _USUAL_LENGTH):
            cut = [_cut(name, length) for name in names]
            if len(set(cut)) == len(set(names)):
                return cut
        return [f"{_cut(name, _USUAL_LENGTH)} ({at})" for at, name in enumerate(names, start=1)]

    def measured(self, name: str) -> list[tuple[Row, float]]:
        """The takes that are done and of which a measure is known, with its value.

        Raises:
            SettingsError: no row has that measure, or one has something that is no number.
        """
        columns = {column: None for row in self._rows for column in row}
        known = [column for column in columns if column not in _NO_MEASURES]
        if name not in known:
            raise SettingsError(
                f"The rows have no measure {_shown(name)}. "
                f"{_near(name, known) or 'There are ' + (', '.join(known) or 'none') + '.'}"
            )
        pairs = ((row, _number(name, plain(row.get(name)))) for row in self.done)
        return [(row, value) for row, value in pairs if value is not None]


def plain(value: object) -> object:
    """What pandas made of ``None`` is ``None`` again, and numpy's numbers are Python's."""
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()
    missing = (isinstance(value, float) and math.isnan(value)) or type(value).__name__ == "NAType"
    return None if missing else value


def key(value: object) -> Hashable:
    """By which values are told apart."""
    value = plain(value)
    return value if isinstance(value, (str, int, float, type(None))) else repr(value)


def text_of(row: Row) -> Hashable:
    """By which texts are told apart."""
    return key(row.get("text", row.get("text_number")))


def block(row: Row, parameter: str) -> tuple[Hashable, ...]:
    """What is the same in takes that are compared: the text and all parameters but this."""
    return (text_of(row), *(key(row.get(one)) for one in PARAMETERS if one != parameter))


def _called(value: object, name: object) -> str:
    if isinstance(name, str) and name.strip():
        return " ".join(name.split())
    if value is None:
        return "not set"
    return f"{value:g}" if isinstance(value, float) else " ".join(str(value).split())


def _cut(name: str, length: int) -> str:
    if _ID.fullmatch(name):
        length = 1 + length // 3
    return name if len(name) <= length else f"{name[: length - 1]}…"


def _number(name: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, (str, bytes)) or not hasattr(value, "__float__"):
        raise SettingsError(f"{name} is {_shown(value)} in a row; it must be a number or None.")
    number = float(value)
    return number if math.isfinite(number) else None


def _near(name: object, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(str(name), known, n=1)
    return f"Did you mean {near[0]!r}?" if near else ""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
