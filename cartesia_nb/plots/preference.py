"""What the answers of blind tests come to: shares, their intervals, and chance."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from cartesia_nb.analysis.statistics import binomial_p, interval
from cartesia_nb.analysis.takerows import plain
from cartesia_nb.errors import SettingsError
from cartesia_nb.plots.style import (
    ORANGE,
    check_axes,
    describe,
    fonts,
    new_axes,
    palette,
    say_instead,
    set_title,
)
from cartesia_nb.speech.wording import count, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SEEN_BELOW: Final = 0.05
_LABEL_WIDTH: Final = 26
"""Characters in a line beside the axis."""

_ROW_IN: Final = 0.85
_TALLEST_IN: Final = 40.0


def plot_preference(results: Iterable[object], ax: Axes | None = None) -> Axes:
    """Draw how often one was preferred to another, or X was named rightly, against chance.

    The mark is the share of the answers, and the line through it the exact 95 % interval (Clopper
    and Pearson): where it does not reach the dashed line of chance, guessing alone hardly gives
    such answers. p is the exact binomial one: of a preference for either side, and of X named
    rightly as often or more often. Each holds for its own row alone.

    Args:
        results: answers, as ``test.to_records()`` gives them, of one test or of several together:
            rows with ``a`` and ``b``, the labels; ``chosen``, one of them; and of an abx test
            ``correct``. Or scores, as ``test.results()`` gives them.
        ax: where to draw; a new figure if ``None``.

    Returns:
        The Axes: x in percent, a row for each pair; ``alt_text(ax)`` says in words what it shows.

    Raises:
        SettingsError: something is neither answer nor score, or ``ax`` is no Axes.
    """
    check_axes(ax)
    rows = _rows(results)
    if ax is None:
        ax = new_axes(height=min(1.9 + _ROW_IN * max(len(rows), 1), _TALLEST_IN))
    title = _title(rows)
    set_title(ax, title)
    ax.set_xlim(-2, 102)  # so that a mark at an end is whole
    ax.set_xticks(range(0, 101, 20))
    ax.set_ylim(max(len(rows), 1) - 0.4, -0.8)
    names = [_name(row, rows) for row in rows]
    ax.set_yticks(range(len(rows)), names, parse_math=False, fontfamily=fonts(names))
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
    kinds = {row.kind for row in rows}
    ax.set_xlabel({"ab": "preferred (%)", "abx": "X named rightly (%)"}.get(
        kinds.pop() if len(kinds) == 1 else "", "share of answers (%)"))  # fmt: skip
    if any(row.n for row in rows):
        _draw(ax, rows)
    else:
        ax.set_xticks([])
        say_instead(ax, "no answers")
    describe(ax, " ".join([f"{title}.", *map(_said, rows)]))
    return ax


@dataclass(frozen=True, slots=True)
class _Row:
    """The answers on one pair: how many, and how many for ``a`` (ab) or right (abx)."""

    kind: str
    a: str
    b: str
    text: int | None = None
    n: int = 0
    wins: int = 0
    undecided: int = 0

    @property
    def share(self) -> float:
        return self.wins / self.n

    @property
    def ends(self) -> tuple[float, float]:
        return interval(self.wins, self.n)

    @property
    def p(self) -> float:
        return binomial_p(
            self.wins, self.n, alternative="greater" if self.kind == "abx" else "two-sided"
        )

    @property
    def verdict(self) -> str:
        if self.kind == "abx":
            return "they are told apart" if self.p < _SEEN_BELOW else "no difference is shown"
        if self.p >= _SEEN_BELOW:
            return "no preference is shown"
        return f"{self.a if self.share > 0.5 else self.b} is preferred"


def _draw(ax: Axes, rows: Sequence[_Row]) -> None:
    from cartesia_nb.plots.label import Label

    colours = palette(ax)
    ax.axvline(50, color=ORANGE, linestyle="--", linewidth=2.0, zorder=1)
    top = Label(ax, 50, ax.get_ylim()[1], "chance", va="top", color=colours.ink, lift=1)
    top.set_bbox({"facecolor": ax.get_facecolor(), "edgecolor": "none", "pad": 1.0})
    for at, row in enumerate(rows):
        if not row.n:
            Label(ax, 50, at, "no answers", color=colours.ink)
            continue
        low, high = (100 * end for end in row.ends)
        seen = row.p < _SEEN_BELOW
        ax.plot([low, high], [at, at], color=colours.main, linewidth=2.4, zorder=3)
        ax.plot([low, high], [at, at], "|", color=colours.main, markersize=11, zorder=3,
                markeredgewidth=2.0)  # fmt: skip
        ax.plot(
            100 * row.share, at, "o", markersize=10, zorder=4, markeredgewidth=2.2,
            color=colours.main, markerfacecolor=colours.main if seen else ax.get_facecolor(),
        )  # fmt: skip
        text = Label(ax, 100 * row.share, at, _figures(row), va="bottom", color=colours.ink, lift=8)
        text.set_bbox({"facecolor": ax.get_facecolor(), "alpha": 0.8, "edgecolor": "none",
                       "pad": 1.0})  # fmt: skip
    ax.grid(True, axis="x", color=colours.ink, alpha=0.12, linewidth=0.8)
    ax.set_axisbelow(True)


def _rows(results: Iterable[object]) -> list[_Row]:
    """A row for each pair, in the order in which they come."""
    given: object = results
    if isinstance(given, Mapping) or not isinstance(given, Iterable) or isinstance(given, str):
        given = [given]
    found: dict[tuple[str, str, str, int | None], _Row] = {}
    for one in given:
        row = _score(one) if _field(one, "wins") is not None else _answer(one)
        # The same pair the other way round is the same pair.
        turned = (row.kind, row.b, row.a, row.text)
        if turned in found and row.a != row.b:
            wins = row.wins if row.kind == "abx" else row.n - row.wins
            row = replace(row, a=row.b, b=row.a, wins=wins)
        place = (row.kind, row.a, row.b, row.text)
        before = found.get(place, replace(row, n=0, wins=0, undecided=0))
        found[place] = replace(
            row,
            n=before.n + row.n,
            wins=before.wins + row.wins,
            undecided=before.undecided + row.undecided,
        )
    return list(found.values())


def _score(one: object) -> _Row:
    n, wins, text = (_whole(_field(one, name)) for name in ("n", "wins", "text_number"))
    if n is None or wins is None or not 0 <= wins <= n:
        raise _refused(one)
    return _Row(_kind(one), *_labels(one), text, n, wins)


def _whole(value: object) -> int | None:
    """A whole number, also where a table made it one with a point, as beside a ``None``."""
    value = plain(value)
    if not isinstance(value, (int, float)) or not float(value).is_integer():
        return None
    return int(value)


def _answer(one: object) -> _Row:
    kind, (a, b) = _kind(one), _labels(one)
    chosen, correct = _field(one, "chosen"), _field(one, "correct")
    won = correct if kind == "abx" else chosen == a if chosen in (a, b) else None
    # numpy's and pandas' truths are truths too.
    known = won is not None and won == won
    return _Row(kind, a, b, None, int(known), int(bool(won) and known), int(not known))


def _kind(one: object) -> str:
    """Of the row, or what it must be: an abx test's answers alone are right or wrong."""
    kind = _field(one, "kind")
    if kind is None:
        correct = _field(one, "correct")
        return "ab" if correct is None or correct != correct else "abx"
    if kind not in ("ab", "abx"):
        raise SettingsError(f"kind is {kind!r} in a row; it must be 'ab' or 'abx'.")
    return str(kind)


def _labels(one: object) -> tuple[str, str]:
    a, b = _field(one, "a"), _field(one, "b")
    if a is None or b is None:
        raise _refused(one)
    return str(a), str(b)


def _field(one: object, name: str) -> object:
    return one.get(name) if isinstance(one, Mapping) else getattr(one, name, None)


def _refused(one: object) -> SettingsError:
    return SettingsError(
        f"{shortened(repr(one), 60)} is no answer of a blind test; give test.to_records() or "
        "test.results()."
    )


def _figures(row: _Row) -> str:
    low, high = (100 * end for end in row.ends)
    return f"{row.wins} of {row.n}: {100 * row.share:.0f} % ({low:.0f} to {high:.0f} %), {_p(row)}"


def _p(row: _Row) -> str:
    return "p < 0.001" if row.p < 0.001 else f"p = {row.p:.2g}"


def _name(row: _Row, rows: Sequence[_Row]) -> str:
    joined = "told from" if row.kind == "abx" else "rather than"
    first, second = (shortened(label, 2 * _LABEL_WIDTH) for label in (row.a, row.b))
    lines = [
        *textwrap.wrap(first, _LABEL_WIDTH),
        *textwrap.wrap(f"{joined} {second}", _LABEL_WIDTH),
    ]
    if row.text is not None:
        alone = len({(one.a, one.b) for one in rows}) == 1
        lines = [*([] if alone else lines), f"text {row.text}"]
    more = f", {row.undecided:,} undecided" if row.undecided else ""
    return "\n".join([*lines, f"n = {row.n:,}{more}"])


def _title(rows: Sequence[_Row]) -> str:
    whole = [row for row in rows if row.text is None] or rows
    name = {frozenset({"ab"}): "AB test", frozenset({"abx"}): "ABX test"}.get(
        frozenset(row.kind for row in rows), "Blind test"
    )
    title = f"{name}: {count(sum(row.n for row in whole), 'answer')}"
    if len(whole) == 1 and whole[0].n:
        return f"{title}: {whole[0].verdict} ({_p(whole[0])})"
    if len(whole) > 1:
        return f"{title} on {len(whole)} pairs; each p is of its own row alone"
    return title


def _said(row: _Row) -> str:
    text = "" if row.text is None else f", text {row.text}"
    if not row.n:
        return f"{row.a} and {row.b}{text}: no answers."
    low, high = (100 * end for end in row.ends)
    what = "X was named rightly" if row.kind == "abx" else f"{row.a} was preferred"
    more = f", and {row.undecided:,} were undecided" if row.undecided else ""
    return (
        f"{row.a} and {row.b}{text}: {what} in {row.wins} of {count(row.n, 'answer')}, "
        f"{100 * row.share:.0f} %, 95 % interval {low:.0f} to {high:.0f} %, {_p(row)}{more}; "
        f"{row.verdict}."
    )
