from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from cartesia_nb.errors import ServerError, SettingsError
from cartesia_nb.plots import alt_text, plot_alignment
from cartesia_nb.plots.wordblocks import WordBlocks
from cartesia_nb.speech.backend import ENGINE
from cartesia_nb.speech.recording import Recording, Word
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from tests.plots.conftest import TEXT, MakeTake


def said(text: str, *, speed: float = 1.0, rate: int = 16000, begin: float = 0.1) -> Take:
    """A take whose words each last 0.3 s over ``speed``, after ``begin`` seconds."""
    pieces = text.split()
    length = 0.3 / speed
    recording = Recording(Settings(sample_rate=rate), ENGINE)
    recording.add_text(text)
    recording.begin()
    count = round((begin + length * len(pieces)) * rate)
    recording.add_audio(
        np.zeros(count, dtype=np.float32).tobytes(), received=1.0, step_time=None, flush_id=None
    )
    recording.add_words(
        [Word(piece, begin + i * length, begin + (i + 1) * length)
         for i, piece in enumerate(pieces)], None,
    )  # fmt: skip
    recording.end("done", 2.0)
    return Take(recording)


def beside(ax: Axes) -> list[str]:
    return [" ".join(label.get_text().split()) for label in ax.get_yticklabels()]


def legend(ax: Axes) -> list[str]:
    found = ax.get_legend()
    return [] if found is None else [text.get_text() for text in found.get_texts()]


def shapes(ax: Axes, hatched: bool) -> list[np.ndarray]:
    """The corners of what is drawn: blocks and bands, or hatched blocks alone."""
    return [
        np.asarray(path.vertices)[:4]
        for group in ax.collections
        if isinstance(group, PolyCollection) and (group.get_hatch() is not None) == hatched
        for path in group.get_paths()
    ]


def holds(found: Sequence[np.ndarray], corners: Sequence[tuple[float, float]]) -> bool:
    return any(np.allclose(one, corners) for one in found)


def test_each_word_is_a_block_from_its_start_to_its_end(make_take: MakeTake) -> None:
    ax = plot_alignment(said("one two"))
    low, high = ax.get_ylim()[1], ax.get_ylim()[0]
    blocks = [block[:, 0] for block in shapes(ax, hatched=False)]
    np.testing.assert_allclose([block.min() for block in blocks], [0.1, 0.4])
    np.testing.assert_allclose([block.max() for block in blocks], [0.4, 0.7])
    assert low < 0 < high
    assert ax.get_xlabel() == "time (s)"
    assert ax.get_xlim() == pytest.approx((0, 0.7))


def test_a_band_joins_a_word_with_the_same_word_in_the_row_above() -> None:
    ax = plot_alignment([said("One two"), said("one, three", speed=0.5)])
    top, bottom = 0.24, 0.76
    band = [(0.1, top), (0.4, top), (0.7, bottom), (0.1, bottom)]
    found = shapes(ax, hatched=False)
    assert holds(found, band)
    assert len(found) == 3  # two blocks of "one" and the band between them


def test_bands_lead_from_row_to_row_not_from_the_first_to_all() -> None:
    ax = plot_alignment([said("one"), said("two one"), said("two")])
    found = shapes(ax, hatched=False)
    assert holds(found, [(0.1, 0.24), (0.4, 0.24), (0.7, 0.76), (0.4, 0.76)])
    assert holds(found, [(0.1, 1.24), (0.4, 1.24), (0.4, 1.76), (0.1, 1.76)])
    assert len(found) == 4 + 2
    assert shapes(ax, hatched=True) == []


def test_words_that_no_other_take_has_are_hatched() -> None:
    ax = plot_alignment([said("one two"), said("one three"), said("one three four")])
    hatched = sorted((block[0][0], block[:, 1].mean()) for block in shapes(ax, hatched=True))
    np.testing.assert_allclose(hatched, [(0.4, 0), (0.7, 2)])
    assert legend(ax) == ["within 10 %", "in no other take"]
    assert "1 word that no other take has" in alt_text(ax)


def test_a_single_take_has_nothing_hatched_and_no_legend() -> None:
    ax = plot_alignment(said("one two"))
    assert shapes(ax, hatched=True) == []
    assert legend(ax) == []
    assert beside(ax) == ["2 words"]


def test_speed_against_the_first_is_told_beside_each_row() -> None:
    ax = plot_alignment(
        [said(TEXT), said(TEXT, speed=0.8), said(TEXT, speed=1.25)], labels=["a", "b", "c"]
    )
    assert beside(ax) == ["a 9 words", "b 0.80× as fast", "c 1.25× as fast"]  # noqa: RUF001
    assert legend(ax) == ["shorter than above", "longer than above"]
    assert "c: 9 words in 2.26 s, 9 shared with a, at the median 1.25 times as fast" in alt_text(ax)


def test_the_median_heeds_no_single_stretched_word() -> None:
    other = said(TEXT)
    word = other._recording.words[3]
    other._recording.words[3] = Word(word.text, word.start, word.end + 5.0)
    ax = plot_alignment([said(TEXT), other], labels=["a", "b"])
    assert beside(ax)[1] == "b 1.00× as fast"  # noqa: RUF001
    assert "the most slowed is “fox” (0.06)" in alt_text(ax)


def test_takes_of_different_rates_are_aligned() -> None:
    ax = plot_alignment(
        [said(TEXT, rate=8000), said(TEXT, rate=44100, speed=1.25)], labels=["low", "high"]
    )
    assert beside(ax)[1] == "high 1.25× as fast"  # noqa: RUF001
    assert ax.get_xlim() == pytest.approx((0, 2.8))


def test_a_take_without_word_times_is_told_how_they_come() -> None:
    bare = said(TEXT)
    bare._recording.words.clear()
    sentence = "no word times: say() it with add_timestamps=True, the default"
    assert Settings().add_timestamps is True
    for takes, at in (([bare, said(TEXT), said(TEXT, speed=1.25)], 0), ([bare], 0), (bare, 0)):
        ax = plot_alignment(takes)
        assert [text.get_text() for text in ax.texts][at] == sentence
        assert sentence.partition(" ")[2] in alt_text(ax)
    ax = plot_alignment([bare, said(TEXT), said(TEXT, speed=1.25)], labels=["a", "b", "c"])
    # The first that has words is what the others are measured against.
    assert beside(ax) == ["a", "b 9 words", "c 1.25× as fast"]  # noqa: RUF001
    ax = plot_alignment([bare, said(TEXT)])
    assert shapes(ax, hatched=True) == []


def test_takes_that_share_no_word_have_no_speed() -> None:
    ax = plot_alignment([said("one two"), said("three four")], labels=["a", "b"])
    assert beside(ax) == ["a 2 words", "b"]
    assert "0 shared with a" in alt_text(ax)


def test_words_without_length_are_drawn_and_do_not_count_for_the_speed() -> None:
    flat = said("one two")
    flat._recording.words[0] = Word("one", 0.1, 0.1)
    ax = plot_alignment([said("one two"), flat], labels=["a", "b"])
    ax.figure.canvas.draw()
    assert beside(ax)[1] == "b 1.00× as fast"  # noqa: RUF001


def test_a_failed_take_says_so(make_take: MakeTake) -> None:
    failed = make_take(1.0, state="failed", error=ServerError("broke off"))
    ax = plot_alignment([make_take(), failed], labels=["a", "b"])
    assert beside(ax)[1].startswith("b failed ")
    assert "b, failed: broke off: " in alt_text(ax)


def test_words_are_written_where_they_have_room(make_take: MakeTake) -> None:
    take = make_take(60.0, text=" ".join(f"word{i}" for i in range(300)))
    ax = plot_alignment(take)
    ax.figure.canvas.draw()

    def drawn() -> list[str]:
        return [
            word for artist in ax.artists if isinstance(artist, WordBlocks) for word in artist.drawn
        ]

    assert drawn() == []
    ax.set_xlim(10.0, 11.0)
    ax.figure.canvas.draw()
    assert drawn() == ["word50", "word51", "word52", "word53", "word54"]


def test_words_in_any_script_and_with_any_sign_are_drawn_without_a_warning() -> None:
    text = "你好 世界 $x^ \\frac{ मराठी مرحبا 😀"
    ax = plot_alignment([said(text, speed=0.5), said(text, speed=0.4)])
    ax.figure.canvas.draw()
    assert beside(ax)[1].endswith("0.80× as fast")  # noqa: RUF001


@pytest.mark.parametrize(("size", "font"), [((6.0, 3.0), 10), ((9.0, 4.5), 18)])
def test_the_legend_covers_no_row(size: tuple[float, float], font: int) -> None:
    with plt.rc_context({"font.size": font}):
        _, given = plt.subplots(figsize=size, layout="constrained")
        others = [said("one two three four", speed=1.5), said("one two three", speed=1.48)]
        ax = plot_alignment([said("one two three four five"), *others, said("one")], given)
        assert len(legend(ax)) == 4
        ax.figure.canvas.draw()
        found = ax.get_legend()
        assert found is not None
        assert found.get_window_extent().y0 >= ax.transData.transform((0, -0.24))[1]


def test_wrong_labels_are_refused_and_leave_no_figure() -> None:
    with pytest.raises(SettingsError, match="give a list with one for each"):
        plot_alignment([said("one"), said("one")], labels=["a"])
    assert plt.get_fignums() == []


def test_no_takes_at_all_is_said() -> None:
    assert alt_text(plot_alignment([])) == "Alignment by word: no takes."


def test_a_take_is_aligned_with_others_by_its_method() -> None:
    ax = said("one two").plot_alignment(said("one two", speed=1.25), labels=["a", "b"])
    assert beside(ax) == ["a 2 words", "b 1.25× as fast"]  # noqa: RUF001
