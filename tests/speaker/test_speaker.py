"""The Speaker as a kernel has it: what pages tell it reaches the take, off the cell's thread."""

from __future__ import annotations

import time
from collections.abc import Callable

from cartesia_nb.speaker.speaker import Speaker
from cartesia_nb.speech import backend, loops
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.settings import Settings


class Kernel:
    """A Speaker without a notebook, and a page that is 500 s behind."""

    def __init__(self) -> None:
        self.sent: list[dict[str, object]] = []
        self.speaker = Speaker()
        self.speaker.send = self._keep
        self.behind = 500.0

    def _keep(self, content: dict[str, object], buffers: object = None) -> None:
        self.sent.append(content)

    def tell(self, kind: str, **fields: object) -> None:
        now = time.monotonic() - self.behind
        self.speaker._handle_custom_msg(
            {"type": kind, "page": "p", "sent": now, **fields}, buffers=[]
        )

    def of(self, kind: str) -> list[dict[str, object]]:
        return [message for message in self.sent if message["type"] == kind]


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_a_page_tells_of_a_take_is_in_its_timeline_and_its_clock_goes_back_to_it() -> None:
    kernel = Kernel()
    take = Recording(Settings(), backend.ENGINE, context_id="t")
    kernel.speaker.carry(take, play=True)
    kernel.tell("hello", output="worklet")
    pcm = bytes(take.settings.bytes_per_second)

    def receive() -> None:
        take.add_audio(pcm, received=time.monotonic(), step_time=None, flush_id=None)

    loops.call(receive)
    wait_for(lambda: kernel.of("audio"))
    (audio,) = kernel.of("audio")
    sent = float(str(audio["sent"]))
    assert [row.at for row in take.timeline.sent] == [sent]
    arrived = sent - kernel.behind
    kernel.tell(
        "heard",
        take="t",
        position=0.5,
        listening=1,
        arrivals=[[len(pcm), arrived]],
        down={"sent": sent, "arrived": arrived},
        output={"kind": "worklet", "rate": 44100, "latency": 0.03, "error": 0.001},
        spans=[[0, 1000, arrived + 0.03]],
    )
    wait_for(lambda: take.heard is not None)
    (listening,) = take.timeline.listenings
    placed, heard = listening.place(arrived), listening.audible_at(0)
    assert placed is not None
    assert heard is not None
    assert abs(placed.moment - sent) <= placed.error
    assert abs(heard.moment - sent - 0.03) <= heard.error
    loops.call(receive)
    wait_for(lambda: kernel.of("chunks") and kernel.of("chunks")[-1]["clocks"])
    clocks = kernel.of("chunks")[-1]["clocks"]
    assert isinstance(clocks, dict)
    offset, error = clocks["p"]
    assert abs(offset - kernel.behind) <= error + 1e-6
    kernel.speaker.close()


def test_while_the_network_loop_is_busy_a_page_s_message_is_received_all_the_same() -> None:
    """When it came is what counts, not when the loop gets round to it."""
    kernel = Kernel()
    take = Recording(Settings(), backend.ENGINE, context_id="t")
    kernel.speaker.know(take)
    down = time.monotonic()
    kernel.tell("hello", output="worklet")
    loops.call(time.sleep, 0.3)
    before = time.monotonic()
    kernel.tell(
        "heard",
        take="t",
        position=0.0,
        listening=1,
        down={"sent": down, "arrived": down - kernel.behind},
        spans=[[0, 10, before - kernel.behind]],
    )
    wait_for(lambda: take.timeline.listenings)
    (listening,) = take.timeline.listenings
    placed = listening.place(before - kernel.behind)
    assert placed is not None
    assert placed.error < 0.1
    kernel.speaker.close()


def test_a_report_that_cannot_be_read_stops_nothing() -> None:
    kernel = Kernel()
    take = Recording(Settings(), backend.ENGINE, context_id="t")
    kernel.speaker.know(take)
    junks: list[object] = [None, 3, [], {}, {"type": "heard"}]
    for junk in junks:
        kernel.speaker._handle_custom_msg(junk, buffers=[])
    kernel.tell("heard", take="t", position=0.25, arrivals=3, spans=[[None]], down=7, listening=1)
    wait_for(lambda: take.heard is not None)
    assert take.heard == 0.25
    kernel.speaker.close()
