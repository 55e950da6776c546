"""Listening to takes beside each other, in a real kernel whose page is played by the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cartesia_nb.errors import CartesiaNbError
from cartesia_nb.tuning.blindtest import blind_test
from cartesia_nb.tuning.listen import listen
from tests.notebook.kernel import Kernel, Message, kernel
from tests.tuning.heard import take_of, tone
from tests.tuning.page import PRELUDE, Page

TAKES = """
text = "one two three"
a = take_of(tone(1.0, level=0.2), text, spoken(text, (0.1, 0.4, 0.7)), speed=0.8)
b = take_of(tone(1.4, level=0.05), text, spoken(text, (0.2, 0.6, 1.0)), speed=1.2)
ten = [take_of(tone(0.5)) for _ in range(10)]
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Kernel]:
    with kernel(CARTESIA_API_KEY="") as running:
        running.run(PRELUDE + TAKES)
        yield running


@pytest.fixture
def shown(running: Kernel) -> Callable[[str], Message]:
    def shown(arguments: str) -> Message:
        running.messages.clear()
        running.run(f"view = listen({arguments})")
        return Page(running, "view").traits

    return shown


def test_the_takes_themselves_are_shown_with_their_words(
    running: Kernel, shown: Callable[[str], Message]
) -> None:
    traits = shown("[a, b]")
    ids = running.run("print(a.id, b.id)").split()
    names = ["speed 0.8", "speed 1.2"]
    assert [(each["take"], each["name"]) for each in traits["stimuli"]] == list(
        zip(ids, names, strict=True)
    )
    assert (traits["mode"], traits["trial"], traits["results"]) == ("listen", 0, [])
    assert traits["places"][0] == pytest.approx([0, 0.1, 0.3, 0.4, 0.6, 0.7, 0.9, 1.0])
    assert traits["places"][1] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4])
    assert traits["words"] == [["one", 1], ["two", 3], ["three", 5]]


def test_loudness_stays_as_it_is_and_the_difference_is_said(
    shown: Callable[[str], Message],
) -> None:
    note = shown("[a, b], labels=['slow', 'quick']")["note"]
    assert note == "Loudness as it is; slow is 12.0 LU louder than quick."
    assert shown("[a, take_of(a.samples)]")["note"].startswith(
        "Loudness as it is; they are equally loud."
    )
    assert "can't be said (shorter than 0.4 s)" in shown("[take_of(tone(0.2)), a]")["note"]


def test_sound_comes_as_it_is_when_the_page_asks(
    running: Kernel, shown: Callable[[str], Message]
) -> None:
    traits = shown("{'x': a, 'y': b}")
    sounds = Page(running, "view").pull([each["take"] for each in traits["stimuli"]])
    sizes = [int(size) for size in running.run("print(len(a.pcm), len(b.pcm))").split()]
    assert [len(sound) for sound in sounds] == sizes


def test_different_texts_and_takes_without_words_are_taken_and_told(
    shown: Callable[[str], Message],
) -> None:
    traits = shown("[a, take_of(tone(0.8), 'something else')]")
    assert "They do not say the same." in traits["note"]
    assert "switching goes to the same share of the speech" in traits["note"]
    assert traits["words"] == []


def test_several_takes_of_a_label_are_counted(shown: Callable[[str], Message]) -> None:
    names = [each["name"] for each in shown("{'x': [a, b], 'y': ten[0]}")["stimuli"]]
    assert names == ["x 1", "x 2", "y"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("[a]", "give two or more takes"),
        ("ten", "10 takes are too many"),
        ("[a, b, a]", "'take 1, speed 0.8' and 'take 2, speed 0.8' are the same take"),
        ("[a, b], labels=['x', 'x']", "'x' is there twice"),
        ("[a, take_of(tone(0))]", "has no audio"),
    ],
)
def test_what_cannot_be_listened_to_is_refused(running: Kernel, arguments: str, said: str) -> None:
    told = running.run(
        f"try:\n    listen({arguments})\nexcept cnb.SettingsError as error:\n    print(error)"
    )
    assert said in told


def test_nine_are_not_too_many_and_it_says_what_it_is(
    running: Kernel, shown: Callable[[str], Message]
) -> None:
    assert len(shown("ten[:9]")["stimuli"]) == 9
    assert running.run("listen([a, b])") == "<Listening: speed 0.8, speed 1.2>"


def test_without_a_notebook_it_says_that_it_needs_one() -> None:
    takes = [take_of(tone(0.5)), take_of(tone(0.6))]
    with pytest.raises(CartesiaNbError, match="needs a notebook"):
        listen(takes)
    with pytest.raises(CartesiaNbError, match="needs a notebook"):
        blind_test(takes)
