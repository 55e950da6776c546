"""A contact sheet: small spectrograms of many takes, to be compared at a glance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from cartesia_nb.analysis.given import number
from cartesia_nb.analysis.miniature import Miniature, miniature
from cartesia_nb.errors import SettingsError
from cartesia_nb.plots.spectrogram import DEFAULT_MAX_FREQUENCY
from cartesia_nb.plots.style import check_axes, describe, set_title
from cartesia_nb.plots.takes import TakeLike, as_takes, one_each, remark
from cartesia_nb.speech.settings import FIELDS
from cartesia_nb.speech.wording import count, plain, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST: Final = 60
"""Takes on one sheet."""

NO_BREAK: Final = "\N{NO-BREAK SPACE}"

_COLUMNS: Final = 4
_WIDE: Final = 8  # columns of a grid; more run down, if fewer run across then
_PIXELS: Final = 300
_VALUE_LENGTH: Final = 24


@dataclass(frozen=True)
class Cell:
    """A place on a sheet.

    Attributes:
        load: gives the take, when its turn comes; ``None`` where there is none.
        label: what it is called; by default what its facts differ in from the others'.
        facts: what it was asked for, by name; by default the take's settings and text.
        instead: what is said where there is no take, or no sound in it.
    """

    load: Callable[[], TakeLike] | None
    label: str | None = None
    facts: Mapping[str, object] | None = None
    instead: str = ""


class Shown(NamedTuple):
    """What a sheet keeps of a take: no sound."""

    miniature: Miniature | None
    label: str
    facts: Mapping[str, object]
    instead: str
    backend: str | None


class Table(NamedTuple):
    """Where the takes stand: (row, column) of each, and what rows and columns are called."""

    places: list[tuple[int, int]]
    rows: list[str]
    columns: list[str]


def plot_spectrograms(
    takes: TakeLike | Iterable[TakeLike],
    ax: Axes | None = None,
    *,
    labels: Sequence[str] | None = None,
    columns: int | None = None,
    max_frequency: float = DEFAULT_MAX_FREQUENCY,
    db_range: float = 70.0,
) -> Axes:
    """Draw small spectrograms of many takes beside each other, on one mel scale, one time axis and
    one range of colours.

    Where the takes differ in two things (two settings, or one and the text), one of them runs
    down and the other across. Each take of a sequence is asked for when its turn comes and let go
    again: of ``sweep.takes()`` no more than one is in memory.

    Args:
        takes: up to 60.
        ax: where to draw; a new figure if ``None``.
        labels: what each is called; by default what their settings and texts differ in.
        columns: how many stand beside each other, in the order of the takes.
        max_frequency: in Hz; what no take's sample rate holds is left out.
        db_range: how far under the loudest of all the colours reach, in dB.

    Returns:
        The Axes; the first of its ``child_axes`` are the pictures, in the order of the takes, each
        with x in seconds and y in mel. ``alt_text(ax)`` says in words what it shows.

    Raises:
        SettingsError: more than 60, something that is no take, labels that are not one for each,
            numbers out of range, or an ``ax`` that is no Axes.
    """
    # What comes one by one is kept by whoever gives it; a sequence may load what is asked for.
    lazy: Sequence[TakeLike]
    lazy = cast("Sequence[TakeLike]", takes) if _sequence(takes) else as_takes(takes)
    if labels is not None and not one_each(labels, len(lazy)):
        raise SettingsError(
            f"labels is {shortened(repr(labels), 80)} for {len(lazy)} takes; give a list with one "
            "for each."
        )
    cells = [
        Cell(partial(_at, lazy, index), None if labels is None else str(labels[index]))
        for index in range(len(lazy))
    ]
    return contact_sheet(cells, ax, columns=columns, max_frequency=max_frequency, db_range=db_range)


def _sequence(given: object) -> bool:
    return isinstance(given, Sequence) and not isinstance(given, str | bytes)


def _at(takes: Sequence[TakeLike], index: int) -> TakeLike:
    return as_takes(takes[index])[0]


def contact_sheet(
    cells: Sequence[Cell],
    ax: Axes | None = None,
    *,
    columns: int | None = None,
    max_frequency: float = DEFAULT_MAX_FREQUENCY,
    db_range: float = 70.0,
    head: str | None = None,
) -> Axes:
    """As ``plot_spectrograms``, of places that may be without a take.

    Args:
        cells: up to 60.
        head: the title; by default how many takes there are and who spoke.
    """
    check_axes(ax)
    if len(cells) > MOST:
        raise SettingsError(
            f"{len(cells):,} spectrograms are too many for one sheet, which takes {MOST}. Choose "
            "some, such as sweep.plot_spectrograms(text_number=1); sweep.gallery() shows any "
            "number."
        )
    limit = number("max_frequency", max_frequency, "Hz", "8000")
    reach = number("db_range", db_range, "dB", "70")
    across: object = columns
    whole = isinstance(across, int) and not isinstance(across, bool)
    if columns is not None and not (whole and columns >= 1):
        raise SettingsError(f"columns is {columns!r}; it must be a whole number, 1 or more.")
    shown = [_shown(cell, limit) for cell in cells]
    named = any(cell.label is not None for cell in cells)
    differ = _differing([each.facts for each in shown])
    crossed = None
    if columns is None and not named:
        crossed = _crossed([each.facts for each in shown], differ)
    shown = [
        each._replace(label=_said(index, each, differ, one.label))
        for index, (one, each) in enumerate(zip(cells, shown, strict=True), 1)
    ]
    # Only now, so that a refused setting leaves no empty figure behind.
    from cartesia_nb.plots.sheet import draw

    table = crossed or _plain(len(cells), columns)
    ax = draw(ax, shown, table, db_range=reach)
    head = _head(shown) if head is None else head
    set_title(ax, head)
    describe(ax, _in_words(head, shown))
    return ax


def _shown(cell: Cell, limit: float) -> Shown:
    """What remains of a take; the take itself is let go when this returns."""
    if cell.load is None:
        return Shown(None, "", cell.facts or {}, cell.instead, None)
    take = cell.load()
    small = miniature(take.samples, take.sample_rate, columns=_PIXELS, max_frequency=limit)
    facts = _facts(take) if cell.facts is None else cell.facts
    instead = remark(take) or cell.instead
    if not small.seconds:
        instead = instead or "no audio was received"
    elif small.loudest is None:
        instead = instead or "only silence"
    return Shown(small, "", facts, instead, take.backend.label)


def _facts(take: TakeLike) -> Mapping[str, object]:
    settings = getattr(take, "settings", None)  # no figure needs one but for names
    plainly = getattr(settings, "to_dict", None)
    return {"text": take.text, **(plainly() if callable(plainly) else {})}


def _differing(facts: Sequence[Mapping[str, object]]) -> list[str]:
    names = dict.fromkeys(name for each in facts for name in each)
    order = ("text", "text_number", *FIELDS)
    found = [name for name in names if len({repr(each.get(name)) for each in facts}) > 1]
    return sorted(found, key=lambda name: order.index(name) if name in order else len(order))


def fact(name: str, value: object) -> str:
    """A setting and its value, short: ``speed 1.2``."""
    if name == "text":
        return f"“{shortened(plain(str(value)), _VALUE_LENGTH)}”"
    name = name.replace("_", " ")
    if value is None:
        return f"{name} as it is"
    shown = f"{value:g}" if isinstance(value, float) else plain(str(value))
    return f"{name}{NO_BREAK}{shortened(shown, _VALUE_LENGTH)}"


def _said(index: int, shown: Shown, differ: Sequence[str], label: str | None) -> str:
    if label is not None:
        return plain(label)
    # What is longest and cut first stands last.
    names = sorted(differ, key=lambda name: name == "text")
    return ", ".join(fact(name, shown.facts.get(name)) for name in names) or f"take {index}"


def _crossed(facts: Sequence[Mapping[str, object]], differ: Sequence[str]) -> Table | None:
    """A table by the two things that takes differ in, if there is one take for each pair."""
    if len(differ) != 2:
        return None
    first, second = (list(dict.fromkeys(fact(name, each.get(name)) for each in facts))
                     for name in differ)  # fmt: skip
    down, across = differ
    if len(second) > _WIDE and len(first) <= _WIDE:
        down, across, first, second = across, down, second, first
    places = [
        (first.index(fact(down, each.get(down))), second.index(fact(across, each.get(across))))
        for each in facts
    ]
    if len(set(places)) < len(places) or 2 * len(places) < len(first) * len(second):
        return None
    return Table(places, first, second)


def _plain(cells: int, columns: int | None) -> Table:
    across = min(columns or _COLUMNS, max(cells, 1))
    return Table([divmod(index, across) for index in range(cells)], [], [])


def _head(shown: Sequence[Shown]) -> str:
    if not shown:
        return "Spectrograms: no takes"
    speakers = ", ".join(dict.fromkeys(each.backend for each in shown if each.backend is not None))
    return f"Spectrograms: {count(len(shown), 'take')}" + (f", {speakers}" if speakers else "")


def _in_words(head: str, shown: Sequence[Shown]) -> str:
    sentences = [f"{head}."]
    longest = max((each.miniature.seconds for each in shown if each.miniature), default=0.0)
    if longest:
        top = max(each.miniature.frequency for each in shown if each.miniature)
        sentences.append(f"Each shows 0 to {top / 1000:g} kHz and 0 to {longest:.2f} s.")
    for each in shown:
        known = [each.instead] if each.instead else []
        if each.miniature and each.miniature.seconds:
            known.append(f"{each.miniature.seconds:.2f} s")
            if each.miniature.loudest is not None:
                known.append(f"the loudest {each.miniature.loudest:.0f} dB re full scale")
        sentences.append(f"{each.label}: {', '.join(known).rstrip('.')}.")
    return " ".join(sentences).replace(NO_BREAK, " ")
