"""Rows of takes as a table: HTML for a notebook, text for a terminal. No colours of its own, so
that it reads in light and dark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Final, NamedTuple, TypeAlias

from cartesia_nb.speech.figures import UNKNOWN, Unit, shown
from cartesia_nb.speech.wording import count

MOST_ROWS: Final = 100
"""Rows of the HTML table, which is kept in the notebook's file."""

TEXT_ROWS: Final = 10

SETTINGS: Final = (
    "model_id",
    "voice",
    "language",
    "speed",
    "volume",
    "emotion",
    "encoding",
    "sample_rate",
    "max_buffer_delay_ms",
)
"""The settings that every row of a take has."""

_Row = Mapping[str, object]


class Column(NamedTuple):
    """A column beside number, text and state: what it is called, and how a value is shown, which is
    never ``None``. Numbers stand on the right."""

    label: str
    show: Callable[[object], str]
    number: bool = True


Columns: TypeAlias = Mapping[str, Column]
"""By the names that they have in the rows."""


def _figure(unit: Unit) -> Callable[[object], str]:
    return lambda value: shown(value if isinstance(value, int | float) else None, unit)


FIGURES: Final[Columns] = {
    "ttfb": Column("TTFB", _figure("s")),
    "ttfa": Column("TTFA", _figure("s")),
    "first_sound": Column("First sound", _figure("s")),
    "duration": Column("Length", _figure("length")),
    "rtf": Column("RTF", _figure("ratio")),
    "largest_gap": Column("Largest gap", _figure("s")),
    "dry_spells": Column("Dry on paper", _figure("count")),
    "heard_dry_spells": Column("Dry heard", _figure("count")),
}
_CELL: Final = "vertical-align:top;padding:0.3em 0.6em"
_WORD: Final = f"{_CELL};text-align:left"
_TEXT: Final = f"{_WORD};white-space:normal;min-width:14em"
_NUMBER: Final = f"{_CELL};text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums"


def html(rows: Sequence[_Row], caption: str, columns: Columns = FIGURES) -> str:
    """Rows in a table that scrolls within a bounded height."""
    caption = escape(caption)
    names = ["#", "Text", "State", *(column.label for column in columns.values())]
    styles = [_NUMBER, _TEXT, _WORD, *(_style(column) for column in columns.values())]
    head = "".join(
        f'<th scope="col" style="{style}">{escape(name)}</th>'
        for name, style in zip(names, styles, strict=True)
    )
    body = "".join(_html_row(row, columns) for row in rows)
    return (
        # tabindex: what scrolls has to be reached by keyboard.
        f'<div role="region" aria-label="{caption}" tabindex="0" '
        'style="max-height:28em;overflow:auto">'
        '<table style="border-collapse:collapse"><caption style="text-align:left;'
        f'caption-side:top;padding:0.3em 0.6em">{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def text(rows: Sequence[_Row], caption: str, columns: Columns = FIGURES) -> str:
    """The same for a terminal."""
    if not rows:
        return caption
    cells = [["#", "Text", "State", *(column.label for column in columns.values())]] + [
        [
            str(row["number"]),
            _cut(str(row["text"]), 32),
            str(row["state"]),
            *_cells(row, columns),
        ]
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    ways: list[Callable[[str, int], str]] = [str.rjust, str.ljust, str.ljust]
    ways += [str.rjust if column.number else str.ljust for column in columns.values()]
    lines = [
        "  ".join(way(cell, width) for way, cell, width in zip(ways, line, widths, strict=True))
        for line in cells
    ]
    return "\n".join([caption, *(line.rstrip() for line in lines)])


def _html_row(row: _Row, columns: Columns) -> str:
    why = ""
    if row["error"] is not None:
        why = f"<br><small>{escape(_cut(str(row['error']), 160))}</small>"
    figures = "".join(
        f'<td style="{_style(column)}{";opacity:0.6" if cell == UNKNOWN else ""}">'
        f"{escape(cell)}</td>"
        for column, cell in zip(columns.values(), _cells(row, columns), strict=True)
    )
    # dir="auto": what is said may be Arabic or Hebrew.
    return (
        f'<tr><td style="{_NUMBER}">{row["number"]}</td>'
        f'<th scope="row" dir="auto" style="{_TEXT};font-weight:normal">'
        f"{escape(_cut(str(row['text']), 80))}{why}</th>"
        f'<td style="{_WORD}">{escape(str(row["state"]))}</td>{figures}</tr>'
    )


def _cells(row: _Row, columns: Columns) -> list[str]:
    values = [(column, row[name]) for name, column in columns.items()]
    return [UNKNOWN if value is None else column.show(value) for column, value in values]


def _style(column: Column) -> str:
    return _NUMBER if column.number else _WORD


def caption(rows: Sequence[_Row], total: int, which: str = "last") -> str:
    """How many takes there are, and how many of them are shown."""
    takes = count(total, "take") if total else "No takes"
    return takes if len(rows) == total else f"{takes}, the {which} {len(rows)} shown"


def _cut(whole: str, length: int) -> str:
    return whole if len(whole) <= length else f"{whole[: length - 1]}…"
