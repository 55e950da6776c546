"""Text beside a mark: inside its Axes, and out of sight with its mark."""

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg

from cartesia_nb.plots.label import Label


def drawn(ax: Axes) -> npt.NDArray[np.uint8]:
    canvas = FigureCanvasAgg(ax.get_figure(root=True))
    canvas.draw()
    return np.array(canvas.buffer_rgba(), dtype=np.uint8)


def test_it_moves_sideways_to_stay_inside() -> None:
    _, ax = plt.subplots()
    ax.set_xlim(0, 1)
    labels = [Label(ax, x, 0.5, "a label of some length", color="black") for x in (0.0, 1.0)]
    drawn(ax)
    for label in labels:
        box = label.get_window_extent()
        assert ax.bbox.x0 <= box.x0 and box.x1 <= ax.bbox.x1


def test_it_is_out_of_sight_when_its_mark_is() -> None:
    _, ax = plt.subplots()
    ax.set_xlim(0, 1)
    empty = drawn(ax)
    Label(ax, 0.5, 0.5, "here", color="black")
    assert (drawn(ax) != empty).any()
    ax.set_xlim(2, 3)
    without = drawn(ax)
    ax.texts[0].set_visible(False)
    assert (drawn(ax) == without).all()
