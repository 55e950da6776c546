"""From asking to the first sound heard: this player, beside the quickstart with ffplay.

``make bench``. Both speak the same text through the same engine in the same run, one after the
other, and are heard through the same recorded loudspeaker. The clock starts where a person's code
asks for speech: before ``say()``, and before the quickstart's first ``push()`` on an open socket;
ffplay is already running then, as in the quickstart.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import time

from cartesia import Cartesia
from playwright.sync_api import sync_playwright

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.protocol import limits
from tests.browser.ears import Ears
from tests.browser.lab import Lab
from tests.browser.page import NotebookPage, launch

ROUNDS = 9
TEXT = "Peter Piper picked a peck of pickled peppers."

FFPLAY = [
    "ffplay", "-f", "f32le", "-ar", "44100", "-probesize", "32", "-analyzeduration", "0",
    "-nodisp", "-autoexit", "-loglevel", "quiet", "-",
]  # fmt: skip


def by_ffplay(ears: Ears, engine: EngineProcess) -> float:
    """Seconds from the first push to the first sound heard, as in Cartesia's quickstart."""
    client = Cartesia(
        api_key=engine.api_key, base_url=engine.url, websocket_base_url=engine.websocket_url
    )
    with ears.record() as recording, client.tts.websocket_connect() as connection:
        player = subprocess.Popen(
            FFPLAY,
            stdin=subprocess.PIPE,
            bufsize=0,
            env={**ears.environment, "PATH": "/usr/bin:/bin", "SDL_AUDIODRIVER": "pulse"},
        )
        assert player.stdin is not None
        time.sleep(1.0)  # the quickstart starts ffplay first; its own start is not counted
        context = connection.context(
            model_id=limits.DEFAULT_MODEL,
            voice=limits.DEFAULT_VOICE,
            output_format={"container": "raw", "encoding": "pcm_f32le", "sample_rate": 44100},
        )
        began = time.monotonic()
        context.push(TEXT)
        context.no_more_inputs()
        for response in context.receive():
            if response.type == "chunk" and response.audio:
                player.stdin.write(response.audio)
            elif response.type == "done":
                break
        player.stdin.close()
        first = recording.wait_for_sound(20)
        player.wait(20)
    return first - began


def by_notebook(ears: Ears, notebook: NotebookPage, cell: int) -> tuple[float, float]:
    """Seconds from ``say()`` to the first sound heard, and to the first audio in the kernel."""
    with ears.record() as recording:
        notebook.run_cell(cell)
        first = recording.wait_for_sound(20)
        recording.wait_for_silence(1.0, 20)
    began, received = map(float, notebook.text(cell).split())
    return first - began, received - began


def row(name: str, seconds: list[float]) -> str:
    low, middle, high = statistics.quantiles(seconds, n=4)
    return f"{name:44} {1000 * middle:6.0f} ms   ({1000 * low:.0f} to {1000 * high:.0f})"


def main() -> None:
    if shutil.which("ffplay") is None:
        raise SystemExit("ffplay is missing. On Debian and Ubuntu: apt-get install ffmpeg")
    cell = (
        f"import time\nbegan = time.monotonic()\ntake = tts.say({TEXT!r})\n"
        "next(iter(take))\nprint(began, take.timeline.chunks[0].received)"
    )
    with (
        EngineProcess() as engine,
        Ears() as ears,
        Lab() as lab,
        sync_playwright() as playwright,
        launch(playwright, ears.environment) as browser,
    ):
        ears.calibrate()
        connect = f"cnb.connect(api_key={engine.api_key!r}, base_url={engine.url!r})"
        notebook = NotebookPage(browser.new_page())
        notebook.open(
            lab, lab.write("b.ipynb", f"import cartesia_nb as cnb\ntts = {connect}", cell)
        )
        notebook.run_cell(0)
        cold, _ = by_notebook(ears, notebook, 1)
        said, kernel, piped = [], [], []
        for _ in range(ROUNDS):
            heard, received = by_notebook(ears, notebook, 1)
            said.append(heard)
            kernel.append(received)
            piped.append(by_ffplay(ears, engine))
    after = [a - b for a, b in zip(said, kernel, strict=True)]
    print(
        f"median of {ROUNDS} (first to third quartile); the engine waits 90 ms for its first audio"
    )
    print(row("say() to first sound heard", said))
    print(row("  of that, first audio in the kernel to heard", after))
    print(row("quickstart's push() to heard, with ffplay", piped))
    ratio = statistics.median(said) / statistics.median(piped)
    print(f"ratio {ratio:.2f}; the very first say() of a page took {1000 * cold:.0f} ms")


if __name__ == "__main__":
    main()
