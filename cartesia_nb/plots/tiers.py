"""Takes over time: a row for each, with its words and phonemes beneath.

Imports matplotlib, so it is imported by plot functions when they run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes

from cartesia_nb.plots.rows import pixels_per_point, rows, rows_height
from cartesia_nb.plots.style import new_axes
from cartesia_nb.plots.takes import TakeLike, longest
from cartesia_nb.plots.wordstrip import WordStrip, make_room, rows_for, strip_height

_USUAL_WIDTH_PT: Final = 600.0


def lay_out(
    ax: Axes | None,
    takes: Sequence[TakeLike],
    *,
    words: bool,
    phonemes: bool | None = False,
    above: float = 0.0,
) -> tuple[Axes, list[Axes]]:
    """The Axes, and in it one for each take, with room for what is spoken under it.

    Args:
        ax: where to draw; a new figure, as high as the takes need, if ``None``.
        takes: one is drawn into ``ax`` itself, several into rows of it; none into no row.
        words: whether to write the words, where a take has some.
        phonemes: likewise; ``None`` where a take has some, ``True`` also says where there are none.
        above: points that each row of a new figure is higher than usual.

    Returns:
        The Axes, whose x is the time in seconds from 0 to the end of the longest, and the rows.
    """
    heard = [take for take in takes if len(take.samples)]
    duration = longest(takes)
    spoken = [take.words for take in heard if words and take.words]
    width = _USUAL_WIDTH_PT if ax is None else ax.bbox.width / pixels_per_point(ax)
    lines = max((rows_for(one, width / duration) for one in spoken), default=0)
    down = strip_height(lines) if lines else 0.0
    sounds = phonemes is not False and any(take.phonemes for take in heard)
    sounds = sounds or (phonemes is True and bool(heard))
    below = down + (strip_height(1) if sounds else 0.0)
    if ax is None:
        ax = new_axes(height=rows_height(len(takes), above + below))
    places = [ax] if len(takes) == 1 else rows(ax, len(takes), below=below) if takes else []
    if below:
        make_room(ax, below)
    for place, take in zip(places, takes, strict=True):
        if lines and take.words and len(take.samples):
            WordStrip(place, take.words, rows=lines)
        if sounds and len(take.samples):
            WordStrip(
                place, take.phonemes, rows=1, down=down, noun="phonemes", faint=True,
                instead="no phonemes: say it with add_phoneme_timestamps=True" if phonemes else "",
            )  # fmt: skip
    ax.set_xlim(0, duration or 1.0)
    ax.set_xlabel("time (s)")
    return ax, places
