"""The takes of a sweep on a sheet: which of them, and what is said of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import matplotlib
import pytest

from cartesia_nb.errors import SettingsError
from cartesia_nb.notebook.session import Session
from cartesia_nb.plots import alt_text
from cartesia_nb.tuning import cells
from cartesia_nb.tuning.sweep import Sweep


@pytest.fixture(autouse=True)
def agg() -> Iterator[None]:
    matplotlib.use("agg")
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.fixture
def sweep(session: Session, tmp_path: Path) -> Sweep:
    """Two texts, two speeds, twice: eight takes."""
    folder = tmp_path / "sweep"
    return session.sweep(["One.", "Two."], repeats=2, speed=[0.8, 1.2], folder=folder).wait(60)


def lose(sweep: Sweep, number: int) -> None:
    """Have a take failed."""
    sweep._folder.lock()
    sweep._folder.path_of(number).unlink()  # a failed one has none
    sweep._folder.enter(number, "failed", "The server broke off. Try again.")
    sweep._folder.release()


def test_one_repeat_of_each_settings_and_text_is_drawn_texts_down_and_settings_across(
    sweep: Sweep,
) -> None:
    ax = sweep.plot_spectrograms()
    pictures = [child for child in ax.child_axes if child.images]
    assert len(pictures) == 4
    for said in ("speed 0.8, “One.”", "speed 1.2, “One.”", "speed 0.8, “Two.”"):
        assert f"{said}: " in alt_text(ax)


def test_a_repeat_that_is_there_stands_for_one_that_failed(sweep: Sweep) -> None:
    lose(sweep, 1)
    assert cells.chosen(sweep, {}) == [5, 2, 3, 4]
    lose(sweep, 5)
    assert cells.chosen(sweep, {}) == [1, 2, 3, 4]
    ax = sweep.plot_spectrograms()
    assert "failed: The server broke off. Try again." in alt_text(ax)
    assert len([child for child in ax.child_axes if child.images]) == 3


def test_what_is_shown_can_be_chosen_by_any_column(sweep: Sweep) -> None:
    assert cells.chosen(sweep, {"speed": 1.2}) == [2, 4]
    assert cells.chosen(sweep, {"speed": 1.2, "repeat": [1, 2]}) == [2, 4, 6, 8]
    assert cells.chosen(sweep, {"text_number": 2, "repeat": 2}) == [7, 8]
    with pytest.raises(SettingsError, match="no column 'sped'"):
        sweep.plot_spectrograms(sped=1.2)


def test_a_label_says_what_tells_a_take_from_all_others(sweep: Sweep) -> None:
    said = [cells.label(sweep._folder, number).replace("\N{NO-BREAK SPACE}", " ")
            for number in (1, 8)]  # fmt: skip
    assert said == ["speed 0.8, “One.”, repeat 1", "speed 1.2, “Two.”, repeat 2"]
