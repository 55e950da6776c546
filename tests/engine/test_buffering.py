"""When text is released to be spoken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cartesia_nb.engine.buffering import TextBuffer


def test_a_whole_sentence_is_released_at_once_and_the_rest_waits() -> None:
    buffer = TextBuffer(3.0)
    buffer.push("Hi there! Welcome ", 10.0)
    assert buffer.ready(10.0) == "Hi there! "
    assert buffer.ready(12.9) == ""
    assert buffer.deadline == 13.0
    assert buffer.ready(13.0) == "Welcome "
    assert buffer.deadline is None


def test_the_delay_counts_from_the_oldest_piece_that_waits() -> None:
    buffer = TextBuffer(3.0)
    buffer.push("one ", 10.0)
    buffer.push("two ", 12.0)
    assert buffer.deadline == 13.0
    assert buffer.ready(13.5) == "one two "
    buffer.push("three ", 14.0)
    assert buffer.deadline == 17.0


def test_without_delay_every_piece_is_released_as_it_comes() -> None:
    buffer = TextBuffer(0.0)
    buffer.push("hel", 1.0)
    assert buffer.ready(1.0) == "hel"


def test_spaces_alone_never_fall_due() -> None:
    buffer = TextBuffer(1.0)
    buffer.push("  ", 1.0)
    assert buffer.deadline is None
    assert buffer.ready(100.0) == ""
    buffer.push("word", 50.0)
    assert buffer.deadline == 51.0


def test_a_full_stop_waits_for_what_follows_it() -> None:
    """It may be a number's."""
    buffer = TextBuffer(3.0)
    buffer.push("Pi is 3.", 0.0)
    assert buffer.ready(0.0) == ""
    buffer.push("14 or so. ", 0.1)
    assert buffer.ready(0.1) == "Pi is 3.14 or so. "


@given(st.lists(st.text(alphabet="ab .!?,\n。", max_size=8)), st.floats(0, 2))
def test_nothing_is_lost_and_nothing_changes_its_order(pieces: list[str], delay: float) -> None:
    buffer = TextBuffer(delay)
    released = ""
    for index, piece in enumerate(pieces):
        buffer.push(piece, float(index))
        released += buffer.ready(float(index))
    assert released + buffer.drain() == "".join(pieces)
