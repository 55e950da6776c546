"""A gallery in a real kernel, whose page is played by the test."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.errors import CartesiaNbError, SettingsError
from cartesia_nb.notebook.session import Session
from cartesia_nb.player import snapshot
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning.gallery import Gallery
from tests.notebook.kernel import Kernel, Message, kernel
from tests.tuning.page import PRELUDE, Page

LEFT = "left = [weakref.ref(take._recording) for take in gallery.takes]"
FREED = "gc.collect(); print(len(left), [one() for one in left].count(None), len(gallery.takes))"


class Answer(NamedTuple):
    """What the kernel answered, and the pictures with it."""

    content: Message
    pictures: list[bytes]

    @property
    def cells(self) -> list[Message]:
        found: list[Message] = self.content["cells"]
        return found

    @property
    def numbers(self) -> list[int]:
        return [int(each["number"]) for each in self.cells]


class Viewer(Page):
    """A page that shows a gallery."""

    asked = 0

    def show(self, page: int, where: dict[str, int] | None = None, known: str = "") -> Answer:
        """Ask for a page, and wait for it."""
        Viewer.asked += 1
        ask = Viewer.asked
        wish = {"type": "show", "ask": ask, "page": page, "where": where or {}, "known": known}
        self.tell(self.widget, wish)
        return self.answered(ask)

    def answered(self, ask: int) -> Answer:
        found: list[Answer] = []

        def there(_: object) -> bool:
            found[:] = [one for one in self.answers() if one.content.get("ask") == ask]
            return bool(found)

        self.kernel.until(there)
        return found[0]

    def answers(self) -> list[Answer]:
        return [
            Answer(message, buffers)
            for message, buffers in self.kernel.to_page()
            if message.get("type") in ("page", "same", "problem")
        ]


def levels(png: bytes) -> npt.NDArray[np.uint8]:
    """A picture's grey levels, shape (rows, columns), the highest frequency first."""
    image = Image.open(io.BytesIO(png))
    assert image.mode == "L"
    return np.asarray(image)


@pytest.fixture(scope="module")
def running(engine: EngineProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("gallery") / "sweep"
    with kernel(CARTESIA_API_KEY="") as running:
        running.run(
            PRELUDE
            + f"""
from cartesia_nb.tuning.sweep import Sweep
tts = cnb.connect(api_key={engine.api_key!r}, base_url={engine.url!r})
tts.sweep(["One.", "Two and three."], speed=[0.8, 1.2], repeats=2, folder={str(folder)!r}).wait(60)
sweep = Sweep.load({str(folder)!r})
"""
        )
        yield running


@pytest.fixture
def viewer(running: Kernel) -> Iterator[Viewer]:
    """A page with a gallery of eight takes, three on a page."""
    running.messages.clear()
    running.run("gallery = sweep.gallery(per_page=3)")
    yield Viewer(running, "gallery")
    running.run("gallery.close()")


def test_a_page_comes_with_its_pictures_in_one_message_and_nothing_of_it_is_in_a_trait(
    viewer: Viewer,
) -> None:
    content, pictures = answer = viewer.show(1)
    assert (content["page"], content["pages"], content["takes"]) == (1, 3, 8)
    assert answer.numbers == [1, 2, 3]
    assert [cell["label"] for cell in answer.cells] == [
        "speed 0.8, “One.”, repeat 1",
        "speed 1.2, “One.”, repeat 1",
        "speed 0.8, “Two and three.”, repeat 1",
    ]
    assert [cell["picture"] for cell in answer.cells] == [0, 1, 2]
    own = {name for name in viewer.traits if not name.startswith("_")}
    assert own == {"speaker_id", "speaker", "label", "layout", "tabbable", "tooltip"}
    assert all(len(picture) < 20_000 for picture in pictures)


def test_pictures_of_a_page_share_one_time_axis_and_one_range_of_levels(viewer: Viewer) -> None:
    answer = viewer.show(1)
    found = [levels(picture) for picture in answer.pictures]
    seconds = [cell["seconds"] for cell in answer.cells]
    assert answer.content["seconds"] == max(seconds) == seconds[2]
    for one, length in zip(found, seconds, strict=True):
        assert one.shape[0] == 64
        assert one.shape[1] == pytest.approx(240 * length / max(seconds), rel=0.1)
    assert max(one.max() for one in found) == 255
    assert min(one.min() for one in found) == 0
    assert found[0][32:].mean() > found[0][:16].mean(), "speech has its power in low frequencies"


def test_the_sound_of_a_page_can_be_had_and_of_a_page_that_was_left_is_freed(
    running: Kernel, viewer: Viewer
) -> None:
    first = viewer.show(1)
    running.run(LEFT)
    take = str(first.cells[1]["take"])
    (pcm,) = viewer.pull([take])
    path = running.run("print(sweep._folder.path_of(2))").strip()
    assert pcm == Take.load(path).pcm

    last = viewer.show(3)
    assert last.numbers == [7, 8]
    assert running.run(FREED).split() == ["3", "3", "2"]
    running.messages.clear()
    viewer.pull([take])
    assert viewer.ends(take) == ["gone"]


def test_what_is_shown_elsewhere_too_stays_there_when_a_page_is_left(
    running: Kernel, viewer: Viewer
) -> None:
    take = running.run(
        "mine = sweep.takes()[0]; speaker.know(mine._recording); print(mine.id)"
    ).strip()
    viewer.show(1)
    viewer.show(2)
    assert viewer.pull([take]) != [b""]
    assert "gone" not in viewer.ends(take)
    running.run("del mine")


def test_takes_are_chosen_by_what_varies(viewer: Viewer) -> None:
    filters = {each["name"]: each["values"] for each in viewer.show(1).content["filters"]}
    assert filters == {
        "speed": ["0.8", "1.2"],
        "text": ["“One.”", "“Two and three.”"],
        "repeat": ["1", "2"],
    }
    assert viewer.show(1, {"speed": 1}).numbers == [2, 4, 6]
    both = viewer.show(9, {"speed": 1, "text": 0})
    assert both.numbers == [2, 6]
    assert (both.content["page"], both.content["pages"]) == (1, 1)
    assert [each["chosen"] for each in both.content["filters"]] == [1, 0, None]
    assert viewer.show(1, {"speed": 7, "sped": 0}).content["takes"] == 8


def test_a_page_that_is_known_is_not_sent_again(viewer: Viewer) -> None:
    known = str(viewer.show(1).content["known"])
    content, pictures = viewer.show(1, known=known)
    assert (content["type"], content["grows"], pictures) == ("same", False, [])
    assert viewer.show(2, known=known).content["type"] == "page"


WISH = {"type": "show", "ask": 999_999, "page": 1, "where": {}}


@pytest.mark.parametrize(
    "junk",
    [{}, {"type": "show"}, {**WISH, "ask": "1"}]
    + [{**WISH, "where": where} for where in ("all", None, 3)]
    + [{**WISH, "page": page} for page in (True, 1.5, 2**60)],
)
def test_what_is_no_such_message_is_not_answered(viewer: Viewer, junk: dict[str, object]) -> None:
    before = len(viewer.answers())
    viewer.tell(viewer.widget, junk)
    viewer.show(1)
    assert len(viewer.answers()) == before + 1


def test_a_take_that_cant_be_read_says_so_and_the_others_are_there(
    running: Kernel, viewer: Viewer
) -> None:
    path = Path(running.run("print(sweep._folder.path_of(5).with_suffix('.wav'))").strip())
    sound = path.read_bytes()
    path.unlink()
    answer = viewer.show(2)
    path.write_bytes(sound)
    assert [bool(cell["take"]) for cell in answer.cells] == [True, False, True]
    assert "can't be read" in answer.cells[1]["says"]
    assert all(cell["take"] for cell in viewer.show(2).cells), "it is tried again"


def test_a_page_comes_while_a_cell_runs_where_the_kernel_lets_messages_in(
    running: Kernel, viewer: Viewer
) -> None:
    viewer.show(1)
    viewer.subshell = running.subshell()
    busy = running.start("go_on = threading.Event(); print('on it'); go_on.wait(20)")
    running.printed(busy, "on it")
    assert viewer.show(2).numbers == [4, 5, 6]
    running.interrupt()
    running.finish(busy)


def test_what_is_spoken_meanwhile_is_told_of_when_it_is_asked_for(
    running: Kernel, tmp_path: Path
) -> None:
    running.messages.clear()
    text = "This takes its time, as it is spoken no faster than three times as fast as it sounds."
    running.run(
        "paced = cnb.connect('local'); "
        f"slow = paced.sweep({text!r}, repeats=4, folder={str(tmp_path / 'slow')!r}); "
        "gallery = slow.gallery()"
    )
    viewer = Viewer(running, "gallery")
    first = viewer.show(1)
    assert first.content["grows"]
    assert "not spoken yet" in [cell["says"] for cell in first.cells]
    running.run("slow.wait(60)")
    then = viewer.show(1, known=str(first.content["known"]))
    assert not then.content["grows"]
    assert all(cell["take"] for cell in then.cells)
    running.run("gallery.close(); paced.close(); del slow, paced")


def test_closed_it_holds_nothing(running: Kernel) -> None:
    running.messages.clear()
    running.run("gallery = sweep.gallery(per_page=3)")
    viewer = Viewer(running, "gallery")
    viewer.show(1)
    running.run(LEFT)
    running.run("gallery.close()")
    assert running.run(FREED).split() == ["3", "3", "0"]


def test_shown_it_leaves_a_picture_of_its_first_page_with_words_for_those_who_dont_see_it(
    running: Kernel,
) -> None:
    running.messages.clear()
    running.run("import matplotlib; matplotlib.rcParams['font.size'] = 23")
    running.run("gallery = sweep.gallery(per_page=3)\ngallery")
    widget, picture = (
        message["content"] for message in running.messages if message["msg_type"] == "display_data"
    )
    assert list(widget["data"]) == ["application/vnd.jupyter.widget-view+json"]
    told = picture["metadata"]["image/png"]
    assert told["alt"].startswith("Spectrograms: 3 of 8 takes.")
    assert "2: speed 1.2, “One.”, repeat 1: " in told["alt"]
    assert snapshot.is_ours(picture["data"]["image/png"])
    png = base64.b64decode(picture["data"]["image/png"])
    assert len(png) < 100_000
    assert Image.open(io.BytesIO(png)).size[0] >= told["width"]
    assert picture["data"]["text/plain"] == "<Gallery: 8 takes, 3 pages>"
    assert running.run("print(matplotlib.rcParams['font.size'])").strip() == "23.0"
    running.run("gallery.close()")


def test_without_a_notebook_it_says_what_there_is_instead(session: Session, tmp_path: Path) -> None:
    sweep = session.sweep("One.", repeats=1, folder=tmp_path / "sweep").wait(60)
    with pytest.raises(CartesiaNbError, match=r"plot_spectrograms\(\)"):
        sweep.gallery()


@pytest.mark.parametrize("wrong", [0, 61, True, "12", 1.5])
def test_a_number_of_takes_that_makes_no_page_is_refused(
    session: Session, tmp_path: Path, wrong: int
) -> None:
    sweep = session.sweep("One.", repeats=1, folder=tmp_path / "sweep").wait(60)
    with pytest.raises(SettingsError, match="per_page is"):
        Gallery(sweep, wrong)
