"""What a person hears: the whole take, while it is generated, whatever the kernel does."""

from __future__ import annotations

import base64
import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import CDPSession, Playwright, expect

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.speech.take import Take
from tests.browser import tap
from tests.browser.correlate import align
from tests.browser.ears import RATE, Ears, Recording
from tests.browser.hearing import at_the_tap, heard_whole
from tests.browser.lab import ROOT, Lab
from tests.browser.page import NotebookPage, launch

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]

TEXT = (
    "You hear the first words of this sentence before its last ones exist, "
    "and nothing of it is lost on the way to your ear."
)


@dataclass
class Stage:
    """An engine of the test's own, and what a notebook's first cell says to speak through it."""

    engine: EngineProcess

    @property
    def connect(self) -> str:
        key, url = self.engine.api_key, self.engine.url
        return f"import cartesia_nb as cnb\ntts = cnb.connect(api_key={key!r}, base_url={url!r})"

    def control(self, **settings: object) -> None:
        """Tell the engine how to behave from now on."""
        request = urllib.request.Request(
            f"{self.engine.url}/engine/control",
            data=json.dumps(settings).encode(),
            headers={"X-API-Key": self.engine.api_key, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200


@pytest.fixture
def stage() -> Iterator[Stage]:
    with EngineProcess() as engine:
        yield Stage(engine)


def saved(lab: Lab, name: str) -> Take:
    return Take.load(lab.folder / name)


RUN_ALL = """
const timer = setInterval(() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  const kernel = panel?.sessionContext?.session?.kernel;
  if (!panel?.content?.model || kernel?.status !== 'idle') return;
  clearInterval(timer);
  void window.jupyterapp.commands.execute('notebook:run-all-cells');
}, 100);
"""

BUTTON = """
JSON.stringify([...document.querySelectorAll('.jp-OutputArea *')]
  .flatMap((el) => [...(el.shadowRoot?.querySelectorAll('button') ?? [])])
  .filter((button) => button.textContent.includes('Click to hear'))
  .map((button) => button.getBoundingClientRect())
  .filter((box) => box.width > 0)
  .map((box) => [box.x + box.width / 2, box.y + box.height / 2]))
"""


def without_gesture(protocol: CDPSession, expression: str) -> str:
    """Evaluate in the page without that counting as something a person did."""
    answer = protocol.send("Runtime.evaluate", {"expression": expression, "userGesture": False})
    return str(answer["result"].get("value", ""))


def until(reached: Callable[[], object], timeout: float = 30.0) -> None:
    """Wait until something is so."""
    end = time.monotonic() + timeout
    while not reached():
        assert time.monotonic() < end, f"not so within {timeout:g} s"
        time.sleep(0.05)


def start(recording: Recording, take: Take) -> float:
    """Where in the recording a take begins, in seconds."""
    rate = take.sample_rate
    found = align(recording.samples, take.samples, recording_rate=RATE, reference_rate=rate)
    return found.start


def test_the_first_lesson_is_heard_take_after_take(
    lab: Lab, notebook: NotebookPage, ears: Ears
) -> None:
    name = lab.put(ROOT / "notebooks" / "1_first_sound.ipynb")
    notebook.open(lab, name)
    with ears.record() as recording:
        notebook.run_all()
        assert notebook.failures() == []
        recording.wait_for_silence(1.5, timeout=60)
    notebook.page.evaluate(
        "async (code) => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
        ".requestExecute({ code }).done",
        'take.save("a"); answer.save("b"); context.take.save("c")',
    )
    takes = [saved(lab, each) for each in "abc"]
    # The lesson draws its plots while the first take is heard, which takes all of two cores.
    assert [heard_whole(recording, take, spoilt=3) for take in takes] == [True] * 3
    assert [at_the_tap(notebook.page, take) for take in takes] == [True] * 3
    starts = [start(recording, take) for take in takes]
    assert starts == sorted(starts)
    assert notebook.errors == []


def test_the_first_words_are_heard_while_the_last_chunk_is_held_back(
    lab: Lab, notebook: NotebookPage, ears: Ears, stage: Stage
) -> None:
    stage.control(hold_last_chunk=True)
    name = lab.write(
        "held.ipynb",
        stage.connect,
        f"take = tts.say({TEXT!r})\ntake",
        "await take\ntake.save('d');",
    )
    notebook.open(lab, name)
    notebook.run_cell(0)
    with ears.record() as recording:
        notebook.run_cell(1)
        recording.wait_for_sound(20)
        player = notebook.page.get_by_role("group").filter(has_text="Speaking")
        expect(player).to_be_visible()
        stage.control(hold_last_chunk=False)
        notebook.run_cell(2)
        recording.wait_for_silence(1, timeout=30)
    assert heard_whole(recording, saved(lab, "d"))
    assert at_the_tap(notebook.page, saved(lab, "d"))


def test_a_busy_cell_does_not_stop_the_sound(
    lab: Lab, notebook: NotebookPage, ears: Ears, stage: Stage
) -> None:
    busy = (
        f"import time\ntake = tts.say({TEXT!r})\nend = time.monotonic() + 5\n"
        "while time.monotonic() < end:\n    sum(range(1000))\nprint('cell over', take.state)"
    )
    name = lab.write("busy.ipynb", stage.connect, busy, "take.save('e');")
    notebook.open(lab, name)
    notebook.run_cell(0)
    with ears.record() as recording:
        notebook.start_cell(1)
        recording.wait_for_sound(4)
        assert notebook.text(1) == "", "the cell was over before anything was heard"
        notebook.wait_until_idle()
        assert notebook.text(1) == "cell over done\n"
        recording.wait_for_silence(1, timeout=30)
    notebook.run_cell(2)
    assert heard_whole(recording, saved(lab, "e"))
    assert at_the_tap(notebook.page, saved(lab, "e"))


def test_pause_and_play_work_while_a_cell_is_busy_and_stop_cancels(
    lab: Lab, notebook: NotebookPage, ears: Ears, stage: Stage
) -> None:
    endless = (
        "def endless():\n    while True:\n        yield 'On and on it goes. '\n\n"
        "take = tts.say(endless())\ntake"
    )
    busy = "import time\nend = time.monotonic() + 8\nwhile time.monotonic() < end:\n    pass"
    over = "print(take.wait(20).state)"
    notebook.open(lab, lab.write("controls.ipynb", stage.connect, endless, busy, over))
    notebook.run_cell(0)
    player = notebook.page.get_by_role("group", name="Speech player")
    with ears.record() as recording:
        notebook.run_cell(1)
        recording.wait_for_sound(20)
        notebook.start_cell(2)
        player.get_by_role("button", name="Pause").click()
        quiet = recording.wait_for_silence(0.5, timeout=5)
        player.get_by_role("button", name="Play").click()
        until(lambda: recording.last_sound > quiet + 0.2, timeout=4)
        player.get_by_role("button", name="Stop").click()
        recording.wait_for_silence(0.5, timeout=5)
        busy_still = notebook.page.evaluate("() => window.cellsRunning")
        assert busy_still == 1, "the cell was over before the player had been tried"
        notebook.wait_until_idle()
    notebook.run_cell(3)
    assert notebook.text(3) == "cancelled\n"


@pytest.mark.parametrize(
    ("encoding", "sample_rate"),
    [("pcm_f32le", 44100), ("pcm_s16le", 22050), ("pcm_mulaw", 8000), ("pcm_alaw", 48000)],
)
def test_at_a_tap_in_the_page_not_a_bit_is_missing_or_altered(
    lab: Lab, notebook: NotebookPage, stage: Stage, encoding: str, sample_rate: int
) -> None:
    say = f"take = tts.say('Not one bit.', encoding={encoding!r}, sample_rate={sample_rate})"
    name = lab.write(
        "tap.ipynb", stage.connect, say, "take.wait(30, heard=True)", "take.save('f');"
    )
    notebook.open(lab, name)
    notebook.run_all()
    assert notebook.failures() == []
    take = saved(lab, "f")
    assert take.duration > 0.5
    (tape,) = tap.read(notebook.page)
    assert tape.sample_rate == sample_rate
    # Blocks that Chromium skips (tape.gaps) are not asked for: were a sample lost with one, the
    # take would not be found whole.
    assert not tape.late
    assert tape.find(take.samples) is not None
    altered = take.samples.copy()
    altered[np.argmax(np.abs(altered))] *= np.float32(1.0000002)
    assert tape.find(altered) is None, "the comparison would not notice one bit"
    missing = np.delete(take.samples, np.argmax(np.abs(take.samples)))
    assert tape.find(missing) is None, "the comparison would not notice one sample"
    assert np.count_nonzero(tape.samples) == np.count_nonzero(take.samples), "more than the take"


def test_what_is_said_in_a_loop_is_heard_in_order_and_shown_or_not(
    lab: Lab, notebook: NotebookPage, ears: Ears, stage: Stage
) -> None:
    say = "takes = [tts.say(text) for text in ('Number one.', 'Number two.', 'Number three.')];"
    save = (
        "takes[-1].wait(60, heard=True)\nfor n, take in enumerate(takes):\n    take.save(f'g{n}')"
    )
    name = lab.write("loop.ipynb", stage.connect, say, save)
    notebook.open(lab, name)
    with ears.record() as recording:
        notebook.run_all()
        recording.wait_for_silence(1, timeout=30)
    assert notebook.failures() == []
    takes = [saved(lab, f"g{n}") for n in range(3)]
    assert [at_the_tap(notebook.page, take) for take in takes] == [True] * 3
    assert [heard_whole(recording, take) for take in takes] == [True] * 3
    starts = [start(recording, take) for take in takes]
    for before, after, take in zip(starts, starts[1:], takes, strict=False):
        assert after >= before + 0.9 * take.duration


def test_a_browser_that_waits_for_a_click_shows_that_and_loses_nothing(
    lab: Lab, playwright: Playwright, ears: Ears, stage: Stage, pictures: Path
) -> None:
    say = f"take = tts.say({TEXT!r})\ntake"
    name = lab.write("click.ipynb", stage.connect, say, "take.wait(30)\ntake.save('h');")
    with launch(playwright, ears.environment, autoplay=False) as browser:
        context = browser.new_context(viewport={"width": 1100, "height": 900})
        context.add_init_script(RUN_ALL)
        page = context.new_page()
        # What Playwright evaluates counts as a gesture; what the protocol evaluates need not.
        protocol = context.new_cdp_session(page)
        with ears.record() as recording:
            protocol.send("Page.navigate", {"url": lab.address(name)})
            until(lambda: json.loads(without_gesture(protocol, BUTTON)))
            until((lab.folder / "h.json").exists)
            assert recording.first_sound is None
            picture = protocol.send("Page.captureScreenshot")["data"]
            (pictures / "waiting-for-a-click.png").write_bytes(base64.b64decode(picture))
            ((x, y),) = json.loads(without_gesture(protocol, BUTTON))
            for kind in ("mousePressed", "mouseReleased"):
                mouse = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
                protocol.send("Input.dispatchMouseEvent", mouse)
            recording.wait_for_sound(10)
            recording.wait_for_silence(1, timeout=30)
    assert heard_whole(recording, saved(lab, "h"))


def test_a_failed_take_says_why_in_the_player_and_in_the_cell(
    lab: Lab, notebook: NotebookPage, stage: Stage, pictures: Path
) -> None:
    url = stage.engine.url
    name = lab.write(
        "failed.ipynb",
        f"import cartesia_nb as cnb\ntts = cnb.connect(api_key='sk_wrong', base_url={url!r})",
        "take = tts.say('Nobody will hear this.')\ntake",
        "await take",
    )
    notebook.open(lab, name)
    notebook.run_all()
    player = notebook.page.get_by_role("group").filter(has_text="refused the API key")
    expect(player).to_be_visible(timeout=20_000)
    (failure,) = notebook.failures()
    assert failure.startswith("cell 2: AuthenticationError: The server at ws://")
    assert "sk_wrong" not in failure
    notebook.screenshot(pictures / "failed.png")
