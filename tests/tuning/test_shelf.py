"""A shelf of takes, worked as a page works it, with takes of the engine."""

from __future__ import annotations

import ipywidgets as widgets
import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.notebook.session import Session
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning import shelf as shelves
from cartesia_nb.tuning.shelf import Shelf
from cartesia_nb.tuning.shelfview import PAGE
from tests.tuning.hands import Hands, hidden, kernel, until


class Board(Hands):
    """The rows of a shelf, from the top."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__(shelf.widget)
        self._shelf = shelf

    @property
    def lines(self) -> list[widgets.HBox]:
        return list(self._shelf.widget.children[1].children)

    @property
    def told(self) -> list[str]:
        return [line.children[1].value for line in self.lines]

    @property
    def numbers(self) -> list[str]:
        return [line.children[0].description for line in self.lines]

    def line(self, number: int) -> dict[str, widgets.Widget]:
        names = ("tick", "told", "play", "pin", "note", "delete")
        (found,) = (line for line in self.lines if line.children[0].description == f"#{number}")
        return dict(zip(names, found.children, strict=True))


def test_takes_stand_newest_first_with_what_is_to_be_known_of_them(session: Session) -> None:
    async def work() -> None:
        shelf = Shelf()
        board = Board(shelf)
        assert "No takes yet." in board.said
        first = session.say("The first <b>one</b>.")
        shelf.add(first)
        await until(lambda: "The first &lt;b&gt;one&lt;/b&gt;." in board.told[0])
        await until(lambda: "TTFA" in board.told[0])
        assert f"{first.duration:.2f} s" in board.told[0]
        shelf.add(session.say("The second one.", speed=1.2, add_timestamps=False))
        await until(lambda: "TTFA" in board.told[0])
        assert board.numbers == ["#2", "#1"]
        assert "speed none → 1.2, add_timestamps on → off · " in board.told[0]
        assert "→" not in board.told[1]
        assert [take.text for take in shelf.takes] == ["The first <b>one</b>.", "The second one."]
        assert shelf.takes[0] is first
        assert len(shelf) == len(shelf.takes) == 2

    kernel(work)


def test_voices_are_told_apart_by_their_names(session: Session) -> None:
    async def work() -> None:
        names = {"a" * 30: "Ann", "b" * 30: "Bob"}
        shelf = Shelf(voice_name=lambda voice: names.get(voice, voice))
        for voice in ("a" * 30, "b" * 30, "c" * 30):
            shelf.add(await session.say("Hello.", voice=voice))
        board = Board(shelf)
        assert "voice Ann → Bob" in board.told[1]
        assert "voice Bob → cccccccc…" in board.told[0]

    kernel(work)


def test_a_text_is_told_while_it_still_comes(session: Session) -> None:
    async def work() -> None:
        shelf = Shelf()
        board = Board(shelf)
        context = session.context()
        shelf.add(context.take)
        context.push("Some of it ")
        await until(lambda: ">Some of it<" in board.told[0])
        context.push("and the rest.")
        context.no_more_inputs()
        await until(lambda: ">Some of it and the rest.<" in board.told[0])

    kernel(work)


def test_a_take_is_replayed_by_what_shows_takes(session: Session) -> None:
    async def work() -> None:
        shown: list[Take] = []
        shelf = Shelf(show=shown.append)
        take = await session.say("Once more.")
        shelf.add(take)
        Board(shelf).line(1)["play"].click()
        Board(shelf).line(1)["play"].click()
        assert shown == [take, take]

    kernel(work)


def test_where_there_is_no_page_that_is_said(session: Session) -> None:
    async def work() -> None:
        shelf = Shelf()
        board = Board(shelf)
        shelf.add(await session.say("Nobody hears this."))
        board.line(1)["play"].click()
        assert "There is no notebook here to play a take in." in board.said

    kernel(work)


def test_what_failed_says_why_and_what_was_stopped_at_once_is_not_kept(
    session: Session, engine: EngineProcess
) -> None:
    async def work() -> None:
        shelf = Shelf()
        board = Board(shelf)
        stopped = session.say("Never mind.")
        stopped.cancel()
        shelf.add(stopped)
        await until(lambda: not board.lines)
        engine.misbehave("error@0")
        try:
            shelf.add(session.say("This will not do."))
            await until(lambda: "failed: " in board.told[0])
        finally:
            engine.misbehave()
        assert board.line(2)["play"].disabled

    kernel(work)


def test_the_newest_fifty_are_kept_and_those_that_are_pinned(session: Session) -> None:
    async def work() -> None:
        shelf = Shelf()
        board = Board(shelf)
        take = await session.say("Again.")
        shelf.add(take)
        board.line(1)["pin"].value = True
        for _ in range(shelves.MOST + 3):
            shelf.add(take)
        await until(lambda: len(shelf) == shelves.MOST + 1)
        assert "3 older takes let go of: the newest 50 are kept" in board.said
        for _ in range(len(shelf) // PAGE):
            board.the("Older").click()
        assert board.numbers[-1] == "#1", "it was pinned"
        assert board.numbers[-2] == "#5"
        board.line(1)["pin"].value = False
        assert len(shelf) == shelves.MOST

    kernel(work)


def test_rows_are_few_and_used_again_but_not_at_once(session: Session) -> None:
    async def work() -> None:
        shelf = Shelf()
        board = Board(shelf)
        take = await session.say("Again.")
        for _ in range(PAGE):
            shelf.add(take)
        assert hidden(board.the("Older"))
        old = board.line(1)["delete"]
        shelf.add(take)
        assert board.numbers == [f"#{n}" for n in range(PAGE + 1, 1, -1)]
        # Pressed in the page before that showed the new take.
        old.click()
        assert len(shelf) == PAGE
        board.the("Older").click()
        assert board.numbers == [f"#{n}" for n in range(PAGE + 1, 1, -1)]
        seen = set()
        for _ in range(5 * PAGE):
            shelf.add(take)
            seen |= {line.model_id for line in board.lines}
        assert len(seen) == 2 * PAGE
        board.the("Older").click()
        assert board.numbers[0] == f"#{5 * PAGE + 1}"
        board.the("Newer").click()
        assert board.numbers[0] == f"#{6 * PAGE + 1}"

    kernel(work)


def test_what_is_pinned_can_not_be_deleted(session: Session) -> None:
    async def work() -> None:
        shelf = Shelf()
        board = Board(shelf)
        shelf.add(await session.say("Dear to me."))
        row = board.line(1)
        row["pin"].value = True
        assert row["delete"].disabled
        row["delete"].click()
        assert len(shelf) == 1
        row["pin"].value = False
        row["delete"].click()
        assert len(shelf) == 0
        assert "No takes yet." in board.said

    kernel(work)


@pytest.mark.parametrize("pressed", ["tick", "pin", "note", "play", "delete"])
def test_a_press_that_comes_late_is_of_no_consequence(session: Session, pressed: str) -> None:
    async def work() -> None:
        shelf = Shelf(show=lambda take: None)
        take = await session.say("Gone.")
        shelf.add(take)
        shelf.add(take)
        row = Board(shelf).line(1)
        row["delete"].click()
        control = row[pressed]
        if pressed in ("play", "delete"):
            control.click()
        else:
            control.value = "late" if pressed == "note" else True
        assert Board(shelf).numbers == ["#2"]

    kernel(work)
