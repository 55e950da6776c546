"""What a figure of latency holds, read back from its Axes."""

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D

from cartesia_nb.speech.take import Take


def legend(ax: Axes) -> list[str]:
    found = ax.get_legend()
    return [] if found is None else [text.get_text() for text in found.get_texts()]


def curve(ax: Axes, points: int) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    for line in ax.lines:
        x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
        if len(x) == points:
            yield x, y


def bars(ax: Axes) -> list[list[tuple[float, float]]]:
    """Of each kind of segment, from when to when it lasts in each row."""
    found = [one for one in ax.collections if type(one) is PolyCollection]
    across = [[np.asarray(path.vertices)[:, 0] for path in one.get_paths()] for one in found]
    return [[(float(x.min()), float(x.max())) for x in rows] for rows in across]


def at_once(take: Take) -> Take:
    """All of its text was sent with the request."""
    take.timeline.sending(1000.0, len(take.text))
    return take


def points(line: Line2D) -> np.ndarray:
    return np.asarray(line.get_xydata())


def lower(ax: Axes) -> Axes:
    (pane,) = (child for child in ax.child_axes if child.get_ylabel().startswith("ahead"))
    assert isinstance(pane, Axes)
    return pane
