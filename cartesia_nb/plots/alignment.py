"""Takes of the same text under each other, joined word by word."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from cartesia_nb.analysis.matching import matches
from cartesia_nb.plots.style import (
    Palette,
    check_axes,
    describe,
    new_axes,
    palette,
    say_instead,
    set_title,
)
from cartesia_nb.plots.takes import TakeLike, WordLike, as_takes, longest, names, remark, title
from cartesia_nb.speech.wording import count

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_HALF: Final = 0.24
"""Half the height of a block, where rows are 1 apart."""

_SAME: Final = 1.1
"""Words whose lengths differ by less than this factor count as equally long."""

_NAME_COLUMNS: Final = 16
_SMALL: Final = 0.833
_CHARACTER: Final = 0.56
_DENSEST_PX: Final = 8
_HATCH: Final = "////"
_KINDS: Final = ("shorter than above", "within 10 %", "longer than above", "in no other take")
_WITHOUT_WORDS: Final = "no word times: say() it with add_timestamps=True, the default"


@dataclass(frozen=True)
class _Row:
    """One take.

    Attributes:
        words: in the order of their start.
        shared: the indices of those that another take has as well.
        reference: index of the take it is compared with; ``None`` for that one itself and where
            there is none.
        ratios: for each matched word of some length, its index and how often as fast it is as
            the reference's.
        matched: how many words it shares with the reference.
    """

    take: TakeLike
    name: str
    words: tuple[WordLike, ...]
    shared: frozenset[int]
    reference: int | None
    ratios: tuple[tuple[int, float], ...]
    matched: int

    @property
    def speed(self) -> float | None:
        """How often as fast as the reference, at the median over the words both have."""
        return median(ratio for _, ratio in self.ratios) if self.ratios else None


Pairs = dict[tuple[int, int], list[tuple[int, int]]]


def plot_alignment(
    take_or_takes: TakeLike | Iterable[TakeLike],
    ax: Axes | None = None,
    *,
    labels: Sequence[str] | None = None,
) -> Axes:
    """Draw takes of the same or similar text under each other, joined word by word.

    A row for each take, a block for each word from its start to its end. A band joins a word with
    the same word in the row above: leaning to the right it comes later, widening it is longer.
    Beside each row stands its speed against the first take that has words: the median, over the
    words both have, of one's length over the other's; pauses between words do not count. Words
    that no other take has are hatched. Words are matched by text, without case and punctuation.

    Args:
        take_or_takes: a take, ended or not, or several to compare; their rates may differ.
        ax: where to draw; a new figure if ``None``.
        labels: names for several takes; the beginnings of their texts if ``None``.

    Returns:
        The Axes, x in seconds; ``alt_text(ax)`` says in words what it shows.

    Raises:
        SettingsError: something is no take, ``ax`` is no Axes, or the labels are not one for each.

    Word times come with ``add_timestamps=True``, which is the default; a take without any is told.
    """
    check_axes(ax)
    takes = as_takes(take_or_takes)
    called = names(takes, labels)
    spoken = [tuple(sorted(take.words, key=lambda word: word.start)) for take in takes]
    texts = [[word.text for word in words] for words in spoken]
    pairs: Pairs = {
        (i, j): matches(texts[i], texts[j]) for j in range(len(takes)) for i in range(j)
    }
    rows = _rows(takes, called, spoken, pairs)
    ax = _new(len(takes)) if ax is None else ax
    colours = palette(ax)
    thin = max(map(len, spoken), default=0) * _DENSEST_PX > ax.bbox.width
    line = 0.2 if thin else 0.8
    ax.set_xlim(0, max([longest(takes), *(word.end for words in spoken for word in words)]) or 1.0)
    ax.set_ylim(max(len(takes), 1) - 0.5, -0.5)
    comparable = sum(map(bool, spoken)) > 1
    for index, row in enumerate(rows):
        _draw_row(ax, row, index, comparable, line, colours)
    handles: dict[str, Artist] = {}
    for below in range(1, len(rows)):
        handles |= _draw_bands(ax, rows, below, pairs[below - 1, below], line, colours)
    if comparable and any(len(row.shared) < len(row.words) for row in rows):
        handles["in no other take"] = _own_block(colours)
    if not rows:
        say_instead(ax, "no takes were given")
    ax.set_yticks(range(len(rows)), [_beside(row, len(rows) > 1) for row in rows], fontsize="small")
    for label in ax.get_yticklabels():
        label.set_parse_math(False)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("time (s)")
    ax.spines[["top", "right", "left"]].set_visible(False)
    _legend(ax, len(rows), handles)
    head = title("Alignment by word", takes)
    set_title(ax, head)
    describe(ax, _in_words(head, rows))
    return ax


def _new(count: int) -> Axes:
    from matplotlib import rcParams
    from matplotlib.font_manager import FontProperties

    scale = FontProperties(size=rcParams["font.size"]).get_size_in_points() / 10
    return new_axes(height=min(scale * (1.2 + 0.95 * max(count, 1)), 200.0))


def _rows(
    takes: Sequence[TakeLike],
    called: Sequence[str],
    spoken: Sequence[tuple[WordLike, ...]],
    pairs: Pairs,
) -> list[_Row]:
    shared: list[set[int]] = [set() for _ in takes]
    for (i, j), found in pairs.items():
        shared[i].update(a for a, _ in found)
        shared[j].update(b for _, b in found)
    reference = next((index for index, words in enumerate(spoken) if words), None)
    rows = []
    for index, take in enumerate(takes):
        against = reference if reference is not None and reference < index else None
        found = [] if against is None else pairs[against, index]
        ratios = []
        for theirs, own in found:
            long, short = _length(spoken[against or 0][theirs]), _length(spoken[index][own])
            if long > 0 and short > 0:
                ratios.append((own, long / short))
        rows.append(
            _Row(
                take, called[index], spoken[index], frozenset(shared[index]), against,
                tuple(ratios), len(found),
            )
        )  # fmt: skip
    return rows


def _length(word: WordLike) -> float:
    return word.end - word.start


def _draw_row(ax: Axes, row: _Row, y: int, comparable: bool, line: float, colours: Palette) -> None:
    from matplotlib.collections import PolyCollection

    from cartesia_nb.plots.wordblocks import WordBlocks

    if not row.words:
        told = _WITHOUT_WORDS if len(row.take.samples) else "no audio was received"
        ax.text(
            0.5, y, told, transform=ax.get_yaxis_transform(), ha="center", va="center",
            color=colours.ink, alpha=0.8, wrap=True,
        )  # fmt: skip
        return
    for own in (False, True):
        words = [
            word
            for index, word in enumerate(row.words)
            if (comparable and index not in row.shared) == own
        ]
        blocks = [
            [(word.start, y - _HALF), (word.end, y - _HALF),
             (word.end, y + _HALF), (word.start, y + _HALF)]
            for word in words
        ]  # fmt: skip
        ax.add_collection(
            PolyCollection(
                blocks,
                facecolors="none" if own else (colours.soft, 0.35),
                edgecolors=(colours.ink, 0.6) if own else colours.main,
                hatch=_HATCH if own else None,
                linewidths=line,
                zorder=3,
            ),
            autolim=False,
        )
        WordBlocks(ax, words, y, outlined=own)


def _draw_bands(
    ax: Axes,
    rows: Sequence[_Row],
    below: int,
    found: Sequence[tuple[int, int]],
    line: float,
    colours: Palette,
) -> dict[str, Artist]:
    """The bands between two rows, and for each kind of them a handle."""
    from matplotlib.collections import PolyCollection
    from matplotlib.patches import Patch

    kinds = {
        "shorter than above": colours.main,
        "within 10 %": colours.ink,
        "longer than above": colours.series[1],
    }
    shapes: dict[str, list[list[tuple[float, float]]]] = {kind: [] for kind in kinds}
    top, bottom = below - 1 + _HALF, below - _HALF
    for a, b in found:
        above, under = rows[below - 1].words[a], rows[below].words[b]
        shapes[_kind(_length(above), _length(under))].append(
            [(above.start, top), (above.end, top), (under.end, bottom), (under.start, bottom)]
        )
    handles: dict[str, Artist] = {}
    for kind, bands in shapes.items():
        if bands:
            colour = kinds[kind]
            ax.add_collection(
                PolyCollection(
                    bands, facecolors=(colour, 0.3), edgecolors=(colour, 0.5), linewidths=line,
                    zorder=2,
                ),
                autolim=False,
            )  # fmt: skip
            handles[kind] = Patch(color=colour, alpha=0.4, lw=0, label=kind)
    return handles


def _kind(above: float, under: float) -> str:
    if under > _SAME * above:
        return "longer than above"
    return "shorter than above" if above > _SAME * under else "within 10 %"


def _own_block(colours: Palette) -> Artist:
    from matplotlib.patches import Patch

    return Patch(
        facecolor="none", edgecolor=(colours.ink, 0.6), hatch=_HATCH, label="in no other take"
    )


def _beside(row: _Row, several: bool) -> str:
    lines = [textwrap.fill(row.name, _NAME_COLUMNS)] if several else []
    note = remark(row.take)
    if note and several:
        lines.append(note.partition(":")[0])
    if row.speed is not None:
        lines.append(f"{row.speed:.2f}\N{MULTIPLICATION SIGN} as fast")
    elif row.reference is None and row.words:
        lines.append(count(len(row.words), "word"))
    return "\n".join(lines)


def _legend(ax: Axes, count: int, handles: dict[str, Artist]) -> None:
    """Above the first row, in as many lines as it needs."""
    if not handles:
        return
    from cartesia_nb.plots.rows import pixels_per_point
    from cartesia_nb.plots.wordstrip import LINE, row_height

    size, point = row_height() * _SMALL, pixels_per_point(ax)
    character = _CHARACTER * size / LINE * point
    # The names at the left are still to take their width.
    width = ax.bbox.width / character - (_NAME_COLUMNS if count > 1 else 0)
    wide = max(map(len, handles)) + 6
    columns = min(max(1, int(width / wide)), len(handles))
    lines = -(-len(handles) // columns)
    share = min(1.3 * (lines * size + 4) * point / ax.bbox.height, 0.5)
    ax.set_ylim(count - 0.5, -0.5 + count - count / (1 - share))
    order = [kind for kind in _KINDS if kind in handles]
    legend = ax.legend(
        handles=[handles[kind] for kind in order], loc="upper left", bbox_to_anchor=(0, 1),
        ncols=columns, fontsize="small", frameon=False, borderaxespad=0, borderpad=0.1,
        labelspacing=0.3, columnspacing=1.2, handlelength=1.6,
    )  # fmt: skip
    legend.set_in_layout(False)


def _in_words(head: str, rows: Sequence[_Row]) -> str:
    sentences = [f"{head}.".replace("\n", ", ")]
    for row in rows:
        several = len(rows) > 1
        note = f", {remark(row.take)}" if remark(row.take) and several else ""
        lead = f"{row.name}{note}: " if several else ""
        if not row.words:
            told = _WITHOUT_WORDS if len(row.take.samples) else "no audio was received"
            sentences.append(f"{lead}{told if lead else told[:1].upper() + told[1:]}.")
            continue
        parts = [f"{count(len(row.words), 'word')} in {longest([row.take]):.2f} s"]
        if row.reference is not None:
            parts.append(f"{row.matched} shared with {rows[row.reference].name}")
        if row.speed is not None:
            parts.append(f"at the median {row.speed:.2f} times as fast")
            slowest, least = min(row.ratios, key=lambda pair: pair[1])
            fastest, most = max(row.ratios, key=lambda pair: pair[1])
            parts.append(
                f"the most slowed is “{row.words[slowest].text.strip()}” ({least:.2f}) and "
                f"the most hurried “{row.words[fastest].text.strip()}” ({most:.2f})"
            )
        own = len(row.words) - len(row.shared)
        if own and sum(bool(one.words) for one in rows) > 1:
            parts.append(f"{count(own, 'word')} that no other take has")
        sentences.append(f"{lead}{', '.join(parts)}.")
    return " ".join(sentences)
