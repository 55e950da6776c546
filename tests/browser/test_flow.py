"""From the kernel to the page, whatever Jupyter makes of it: every byte, and every printed line.

What the page holds is read where a person can: the file that its Download button hands over, made
in the page from what has come there.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.lab import Lab
from tests.browser.page import NotebookPage

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]

CONNECT = "import cartesia_nb as cnb\ntts = cnb.connect('local', autoplay=False)"

CHUNKS = 3000
EVERY = 10
#: More than seven seconds of speech at this speed, or ninety chunks.
SENTENCE = "Number after number is counted here, and not one of them may be lost. "

FLOOD = f"""
tts.engine.start()
tts.engine.control(speedup=SPEEDUP)
take = tts.say({SENTENCE * (CHUNKS // 80)!r}, speed=0.6, encoding="pcm_s16le", sample_rate=22050)
display(take)
for count, chunk in enumerate(take, 1):
    if count % {EVERY} == 0:
        print("chunk", count, flush=True)
print("in all", count)
take.to_wav("flood.wav");
"""


@dataclass
class Leak:
    """A kernel's WebSocket as the page sees it, which loses some of what the Speaker says.

    The cell's own output and the widgets' making go through.

    Args:
        share: how many of the Speaker's messages are lost, 0 to 1.
        seed: which.
    """

    share: float
    seed: int
    lost: list[str] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def spring(self, notebook: NotebookPage) -> None:
        """Stand between the page and its kernels from now on."""
        notebook.page.route_web_socket(re.compile(r"/api/kernels/.*/channels"), self._stand_between)

    def _stand_between(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def down(frame: str | bytes) -> None:
            kind = of_the_speaker(frame)
            lost = kind is not None and self._random.random() < self.share
            if kind is not None:
                (self.lost if lost else self.carried).append(kind)
            if not lost:
                page.send(frame)

        page.on_message(server.send)
        server.on_message(down)


def of_the_speaker(frame: str | bytes) -> str | None:
    """The type of a Speaker's message; None of anything else.

    Jupyter's WebSocket protocol v1: eight bytes with the number of offsets, the offsets, and what
    lies between them: channel, header, parent, metadata, content, buffers.
    """
    if isinstance(frame, str):
        return None
    count = int.from_bytes(frame[:8], "little")
    ends = [int.from_bytes(frame[8 * i : 8 * i + 8], "little") for i in range(1, count + 1)]
    if frame[ends[0] : ends[1]] != b"iopub":
        return None
    content = json.loads(frame[ends[4] : ends[5]])
    data = content.get("data")
    if not isinstance(data, dict) or data.get("method") != "custom":
        return None
    return cast("str", data["content"]["type"])


def counted(printed: str) -> int:
    """How many chunks the cell has counted; fails where one of its lines is missing."""
    total = int(printed.rpartition("in all ")[2])
    lines = [f"chunk {count}" for count in range(EVERY, total + 1, EVERY)]
    assert printed.splitlines() == [*lines, f"in all {total}"]
    return total


def in_the_page(notebook: NotebookPage, timeout: float) -> bytes:
    """The file of what the page holds, once it holds all that it knows of."""
    player = notebook.page.get_by_role("group", name="Speech player")
    whole = player.get_by_role("button", name="Download WAV", exact=True)
    expect(whole).to_be_visible(timeout=timeout * 1000)
    with notebook.page.expect_download() as download:
        whole.click()
    return Path(download.value.path()).read_bytes()


def messages(notebook: NotebookPage) -> int:
    """How many messages have come to the page."""
    found = notebook.page.evaluate(
        "() => [...globalThis[Symbol.for('cartesia_nb')].speakers.values()][0].stats().messages"
    )
    return cast("int", found)


def test_three_thousand_chunks_at_once_all_arrive_and_so_does_every_printed_line(
    lab: Lab, notebook: NotebookPage
) -> None:
    name = lab.write("flood.ipynb", CONNECT, FLOOD.replace("SPEEDUP", "None"))
    notebook.open(lab, name)
    notebook.run_all()
    assert notebook.failures() == []
    assert counted(notebook.text(1)) >= CHUNKS
    assert in_the_page(notebook, timeout=60) == (lab.folder / "flood.wav").read_bytes()
    # What came in between is joined: a message for each chunk is what Jupyter may drop.
    assert messages(notebook) < CHUNKS / 3
    assert notebook.errors == []


@pytest.mark.parametrize("speedup", [None, 30])
def test_where_one_message_in_five_is_lost_on_the_way_everything_arrives_in_the_end(
    lab: Lab, notebook: NotebookPage, speedup: int | None
) -> None:
    leak = Leak(share=0.2, seed=4)
    leak.spring(notebook)
    name = lab.write("leak.ipynb", CONNECT, FLOOD.replace("SPEEDUP", str(speedup)))
    notebook.open(lab, name)
    notebook.run_all()
    assert notebook.failures() == []
    assert counted(notebook.text(1)) >= CHUNKS
    assert in_the_page(notebook, timeout=90) == (lab.folder / "flood.wav").read_bytes()
    assert leak.lost.count("audio") > 0, "nothing was lost that could have been missed"
    assert notebook.errors == []
