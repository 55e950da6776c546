"""A history as a table: HTML for a notebook, text for a terminal. No colours of its own, so that it
reads in light and dark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Final

from cartesia_nb.speech.figures import UNKNOWN, Unit, shown

MOST_ROWS: Final = 100
"""Rows of the HTML table, which is kept in the notebook's file."""

TEXT_ROWS: Final = 10

_Row = Mapping[str, object]

_FIGURES: Final[dict[str, tuple[str, Unit]]] = {
    "ttfb": ("TTFB", "s"),
    "ttfa": ("TTFA", "s"),
    "first_sound": ("First sound", "s"),
    "duration": ("Length", "length"),
    "rtf": ("RTF", "ratio"),
    "largest_gap": ("Largest gap", "s"),
    "dry_spells": ("Dry on paper", "count"),
    "heard_dry_spells": ("Dry heard", "count"),
}
_COLUMNS: Final = ("#", "Text", "State", *(label for label, _ in _FIGURES.values()))
_CELL: Final = "vertical-align:top;padding:0.3em 0.6em"
_WORD: Final = f"{_CELL};text-align:left"
_TEXT: Final = f"{_WORD};white-space:normal;min-width:14em"
_NUMBER: Final = f"{_CELL};text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums"


def html(rows: Sequence[_Row], count: int) -> str:
    """The newest of ``count`` rows in a table that scrolls within a bounded height."""
    caption = escape(_caption(rows, count))
    styles = [_NUMBER, _TEXT, _WORD, *([_NUMBER] * len(_FIGURES))]
    head = "".join(
        f'<th scope="col" style="{style}">{name}</th>'
        for name, style in zip(_COLUMNS, styles, strict=True)
    )
    body = "".join(_html_row(row) for row in rows)
    return (
        # tabindex: what scrolls has to be reached by keyboard.
        f'<div role="region" aria-label="{caption}" tabindex="0" '
        'style="max-height:28em;overflow:auto">'
        '<table style="border-collapse:collapse"><caption style="text-align:left;'
        f'caption-side:top;padding:0.3em 0.6em">{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def text(rows: Sequence[_Row], count: int) -> str:
    """The same for a terminal."""
    if not rows:
        return _caption(rows, count)
    cells = [list(_COLUMNS)] + [
        [str(row["number"]), _cut(str(row["text"]), 32), str(row["state"]), *_figures(row)]
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    ways: list[Callable[[str, int], str]] = [str.rjust, str.ljust, str.ljust]
    ways += [str.rjust] * len(_FIGURES)
    lines = [
        "  ".join(way(cell, width) for way, cell, width in zip(ways, line, widths, strict=True))
        for line in cells
    ]
    return "\n".join([_caption(rows, count), *(line.rstrip() for line in lines)])


def _html_row(row: _Row) -> str:
    why = ""
    if row["error"] is not None:
        why = f"<br><small>{escape(_cut(str(row['error']), 160))}</small>"
    figures = "".join(
        f'<td style="{_NUMBER}{";opacity:0.6" if cell == UNKNOWN else ""}">{cell}</td>'
        for cell in _figures(row)
    )
    # dir="auto": what is said may be Arabic or Hebrew.
    return (
        f'<tr><td style="{_NUMBER}">{row["number"]}</td>'
        f'<th scope="row" dir="auto" style="{_TEXT};font-weight:normal">'
        f"{escape(_cut(str(row['text']), 80))}{why}</th>"
        f'<td style="{_WORD}">{escape(str(row["state"]))}</td>{figures}</tr>'
    )


def _figures(row: _Row) -> list[str]:
    cells = []
    for name, (_, unit) in _FIGURES.items():
        value = row[name]
        cells.append(shown(value if isinstance(value, int | float) else None, unit))
    return cells


def _caption(rows: Sequence[_Row], count: int) -> str:
    takes = f"{count:,} {'take' if count == 1 else 'takes'}" if count else "No takes"
    return takes if len(rows) == count else f"{takes}, the last {len(rows)} shown"


def _cut(whole: str, length: int) -> str:
    return whole if len(whole) <= length else f"{whole[: length - 1]}…"
