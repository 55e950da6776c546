"""A shelf in a folder: back after a restart, and undisturbed by whatever else is there."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cartesia_nb.notebook.session import Session
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning import shelf as shelves
from cartesia_nb.tuning.shelf import Shelf
from tests.tuning.hands import kernel, until
from tests.tuning.test_shelf import Board


def saved(folder: Path) -> list[dict[str, object]]:
    rows = json.loads((folder / "shelf.json").read_text())["takes"]
    assert isinstance(rows, list)
    return rows


async def filled(session: Session, folder: Path, *texts: str) -> Shelf:
    """A shelf whose takes are in its folder."""
    shelf = Shelf(folder)
    for text in texts:
        shelf.add(await session.say(text))
    await until(lambda: (folder / "shelf.json").exists() and len(saved(folder)) == len(texts))
    return shelf


def test_takes_pins_and_notes_are_back_after_a_restart(session: Session, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "shelf"

    async def before() -> None:
        shelf = await filled(session, folder, "One.", "Two.")
        board = Board(shelf)
        board.line(1)["pin"].value = True
        board.line(2)["note"].value = "  warmer <i>than</i> 1 "
        shelf.close()

    async def after() -> None:
        shown: list[Take] = []
        shelf = Shelf(folder, show=shown.append)
        board = Board(shelf)
        assert board.numbers == ["#2", "#1"]
        assert "TTFA" in board.told[0]
        assert board.line(1)["pin"].value and not board.line(2)["pin"].value
        assert board.line(2)["note"].value == "warmer <i>than</i> 1"
        board.line(2)["play"].click()
        assert [take.text for take in shown] == ["Two."]
        assert shelf.takes[0].text == "One."
        assert shelf.takes[0].duration == float(str(saved(folder)[0]["duration"]))
        shelf.add(await session.say("Three.", speed=0.9))
        assert "speed none → 0.9" in board.told[0]
        await until(lambda: len(saved(folder)) == 3)
        shelf.close()

    kernel(before)
    kernel(after)
    assert [row["number"] for row in saved(folder)] == [1, 2, 3]


def test_a_take_is_read_when_it_is_played_and_not_before(session: Session, tmp_path: Path) -> None:
    async def before() -> None:
        (await filled(session, tmp_path, "One.")).close()

    async def after() -> None:
        (wav,) = (tmp_path / "takes").glob("*.wav")
        wav.unlink()
        shelf = Shelf(tmp_path, show=lambda take: None)
        board = Board(shelf)
        assert board.numbers == ["#1"]
        board.line(1)["play"].click()
        assert "can&#x27;t be read: No such file or directory" in board.said
        shelf.close()

    kernel(before)
    kernel(after)


def test_a_shelf_that_is_closed_the_moment_a_take_ends_has_saved_it(
    session: Session, tmp_path: Path
) -> None:
    async def work() -> None:
        shelf = Shelf(tmp_path)
        for text in ("One.", "Two."):
            shelf.add(await session.say(text))
        stopped = session.say("Never mind.")
        stopped.cancel()
        shelf.add(stopped)
        shelf.close()
        shelf.close()

    kernel(work)
    assert [row["text"] for row in saved(tmp_path)] == ["One.", "Two."]
    assert len(list((tmp_path / "takes").glob("*.wav"))) == 2


def test_what_is_deleted_is_deleted_from_the_folder_too(session: Session, tmp_path: Path) -> None:
    async def work() -> None:
        shelf = await filled(session, tmp_path, "One.", "Two.")
        Board(shelf).line(1)["delete"].click()
        shelf.close()
        left = {path.name.partition("-")[0] for path in (tmp_path / "takes").iterdir()}
        assert left == {"00002"}
        assert [row["number"] for row in saved(tmp_path)] == [2]

    kernel(work)


def test_in_a_folder_no_take_is_let_go_of_and_few_are_in_memory(
    session: Session, tmp_path: Path
) -> None:
    async def work() -> None:
        shelf = Shelf(tmp_path)
        take = await session.say("Again.")
        for _ in range(shelves.MOST + 5):
            shelf.add(take)
        await until(
            lambda: sum(entry.take is not None for entry in shelf._entries.values()) == shelves.MOST
        )
        assert len(shelf) == shelves.MOST + 5
        assert shelf.takes[0].id == take.id and shelf.takes[0] is not take
        assert shelf.takes[-1] is take
        assert "let go of" not in Board(shelf).said
        shelf.close()

    kernel(work)


def half_an_index(folder: Path) -> None:
    path = folder / "shelf.json"
    path.write_bytes(path.read_bytes()[:-40])


def an_index_of_something_else(folder: Path) -> None:
    (folder / "shelf.json").write_text('["a list of my own"]')


def an_index_of_another_version(folder: Path) -> None:
    (folder / "shelf.json").write_text('{"cartesia_nb_shelf": 99, "takes": []}')


def no_index(folder: Path) -> None:
    (folder / "shelf.json").unlink()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (half_an_index, "that this version can read"),
        (an_index_of_something_else, "that this version can read"),
        (an_index_of_another_version, "that this version can read"),
        (no_index, ""),
    ],
)
def test_an_index_that_can_not_be_read_is_put_aside_and_the_takes_are_there(
    session: Session, tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    async def before() -> None:
        (await filled(session, tmp_path, "One.", "Two.")).close()

    async def after() -> None:
        spoil(tmp_path)
        index = tmp_path / "shelf.json"
        spoilt = index.read_bytes() if index.exists() else None
        shelf = Shelf(tmp_path)
        board = Board(shelf)
        assert said in board.said
        assert [take.text for take in shelf.takes] == ["One.", "Two."]
        assert "TTFA" in board.told[0]
        board.line(1)["note"].value = "still here"
        shelf.close()
        assert [row["note"] for row in saved(tmp_path)] == ["still here", ""]
        assert [path.read_bytes() for path in tmp_path.glob("*.old")] == (
            [] if spoilt is None else [spoilt]
        )

    kernel(before)
    kernel(after)


def test_what_is_no_take_is_left_alone_and_said(session: Session, tmp_path: Path) -> None:
    strange = {"notes.json": b"{}", "torn.json": b'{"cartesia_nb": 1', "half.wav": b"RIFF"}

    async def before() -> None:
        (await filled(session, tmp_path, "One.")).close()

    async def after() -> None:
        for name, content in strange.items():
            (tmp_path / "takes" / name).write_bytes(content)
        rows = saved(tmp_path)
        bad: list[object] = [7, {}]
        for odd in ({"number": 0}, {"file": "../../etc"}, {"settings": {"speed": 99}}):
            bad.append({**rows[0], "number": 9, **odd})
        bad += [{**rows[0], "number": 9, "state": odd} for odd in ("speaking", None)]
        whole = {"cartesia_nb_shelf": 1, "takes": [*bad, *rows]}
        (tmp_path / "shelf.json").write_text(json.dumps(whole))
        shelf = Shelf(tmp_path)
        board = Board(shelf)
        assert board.numbers == ["#1"]
        assert "2 files in" in board.said and "7 lines of" in board.said
        board.line(1)["delete"].click()
        shelf.close()

    kernel(before)
    kernel(after)
    left = {path.name: path.read_bytes() for path in (tmp_path / "takes").iterdir()}
    assert left == strange


def in_the_way(folder: Path, patch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A folder that can't be made."""
    folder.write_text("a file")
    return folder.unlink


def full(folder: Path, patch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A disk with no room."""

    def fsync(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    patch.setattr(os, "fsync", fsync)
    return patch.undo


@pytest.mark.parametrize("fault", [in_the_way, full])
def test_what_can_not_be_saved_is_said_kept_and_saved_later(
    session: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[Path, pytest.MonkeyPatch], Callable[[], None]],
) -> None:
    folder = tmp_path / "shelf"

    async def work() -> None:
        mend = fault(folder, monkeypatch)
        shelf = Shelf(folder)
        board = Board(shelf)
        takes = [await session.say(text) for text in ("One.", "Two.")]
        for take in takes:
            shelf.add(take)
        await until(lambda: "Not everything is saved, and is kept in memory: " in board.said)
        assert [take is kept for take, kept in zip(takes, shelf.takes, strict=True)] == [True] * 2
        mend()
        board.line(1)["note"].value = "try again"
        await until(lambda: "Not everything" not in board.said)
        shelf.close()
        assert [row["number"] for row in saved(folder)] == [1, 2]

    kernel(work)


def test_of_several_the_index_has_those_alone_that_could_be_written(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        shelf = await filled(session, tmp_path, "One.")
        files = {path: path.stat().st_ino for path in (tmp_path / "takes").iterdir()}
        replace = os.replace

        def no_sound(here: Path, there: Path) -> None:
            if there.suffix == ".wav":
                raise OSError(errno.EIO, "Input/output error")
            replace(here, there)

        monkeypatch.setattr(os, "replace", no_sound)
        shelf.add(await session.say("Two."))
        board = Board(shelf)
        await until(lambda: "Input/output error" in board.said)
        assert [row["text"] for row in saved(tmp_path)] == ["One."]
        monkeypatch.undo()
        board.line(1)["pin"].value = True
        shelf.close()
        assert [row["text"] for row in saved(tmp_path)] == ["One.", "Two."]
        assert {path: path.stat().st_ino for path in files} == files, "written once more"

    kernel(work)


def test_two_shelves_in_one_folder_lose_no_take(session: Session, tmp_path: Path) -> None:
    async def work() -> None:
        one, two = Shelf(tmp_path), Shelf(tmp_path)
        one.add(await session.say("Of the first."))
        two.add(await session.say("Of the second."))
        await until(lambda: one._entries[1].saved and two._entries[1].saved)
        one.close()
        two.close()
        third = Shelf(tmp_path)
        assert {take.text for take in third.takes} == {"Of the first.", "Of the second."}
        third.close()

    kernel(work)
