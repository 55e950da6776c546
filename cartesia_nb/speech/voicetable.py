"""Voices as a table: HTML for a notebook, text for a terminal. No colours of its own."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cartesia_nb.speech.voices import Voice

# A table is kept in the notebook file: some thousand voices would make it a large one.
_MOST_ROWS: Final = 250
_MOST_LETTERS: Final = 160
_TEXT_ROWS: Final = 20
_COLUMNS: Final = ("#", "Name", "Language", "Gender", "Description", "Id")
_CELL: Final = "text-align:left;vertical-align:top;padding:0.3em 0.5em"
_NARROW: Final = f"{_CELL};white-space:nowrap"
_WIDE: Final = f"{_CELL};white-space:normal;min-width:7em"
# A description squeezed between the others would make rows a dozen lines high.
_WIDEST: Final = f"{_CELL};white-space:normal;min-width:14em"


def html(voices: Sequence[Voice]) -> str:
    """A table that scrolls within a bounded height; takes its colours from the page."""
    shown = voices[:_MOST_ROWS]
    head = "".join(f'<th scope="col" style="{_NARROW}">{name}</th>' for name in _COLUMNS)
    body = "".join(_row(number, voice) for number, voice in enumerate(shown))
    caption = f"{count(voices)}{_rest(voices, len(shown))}"
    return (
        # tabindex: what scrolls has to be reached by keyboard.
        f'<div role="region" aria-label="{escape(caption)}" tabindex="0" '
        'style="max-height:28em;overflow:auto">'
        f'<table style="border-collapse:collapse"><caption style="text-align:left;'
        f'caption-side:top;padding:0.3em 0.5em">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def text(voices: Sequence[Voice]) -> str:
    """The same for a terminal, of its first rows."""
    shown = voices[:_TEXT_ROWS]
    rows = [
        (str(number), _cut(v.name, 32), language(v), gender(v), v.id)
        for number, v in enumerate(shown)
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([f"{count(voices)}{_rest(voices, len(shown))}", *lines])


def count(voices: Sequence[Voice]) -> str:
    """How many there are, for people."""
    return f"{len(voices) or 'No'} {'voice' if len(voices) == 1 else 'voices'}"


def language(voice: Voice) -> str:
    """Its locales, or its language alone."""
    return ", ".join(voice.locales) or voice.language or ""


def gender(voice: Voice) -> str:
    """For people: without the underscore."""
    return (voice.gender or "").replace("_", " ")


def _row(number: int, voice: Voice) -> str:
    about = voice.description or voice.tagline
    if voice.mine:
        about = f"Yours. {about}"
    cells = (
        (_WIDE if len(voice.locales) > 1 else _NARROW, language(voice)),
        (_NARROW, gender(voice)),
        (_WIDEST, _cut(about, _MOST_LETTERS)),
    )
    # dir="auto": a name may be Arabic or Hebrew.
    return (
        f'<tr><td style="{_NARROW}">{number}</td>'
        f'<th scope="row" dir="auto" style="{_WIDE}">{escape(_cut(voice.name, 60))}</th>'
        + "".join(f'<td dir="auto" style="{style}">{escape(cell)}</td>' for style, cell in cells)
        # May wrap, or it would lie out of sight to the right; it is copied whole all the same.
        + f'<td style="{_WIDE}"><code>{escape(voice.id)}</code></td></tr>'
    )


def _rest(voices: Sequence[Voice], shown: int) -> str:
    if len(voices) == shown:
        return ""
    return f", the first {shown} shown; narrow it down with language, gender or query"


def _cut(text: str, length: int) -> str:
    whole = " ".join(text.split())
    return whole if len(whole) <= length else f"{whole[: length - 1]}…"
