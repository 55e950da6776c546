"""What a shown take leaves in the notebook's file: one picture, some words, and no sound."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert.exporters.html import HTMLExporter

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.player.snapshot import is_ours
from tests.notebook.kernel import Kernel, Message, kernel

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def notebook() -> Iterator[Kernel]:
    with kernel(CARTESIA_API_KEY="") as running:
        running.run("import cartesia_nb as cnb\ntts = cnb.connect()")
        running.run("done = tts.say('Over and done with.', play=False).wait(30)")
        yield running


def published(notebook: Kernel, since: int = 0) -> list[Message]:
    kinds = ("display_data", "update_display_data", "execute_result")
    return [each for each in notebook.messages[since:] if each["msg_type"] in kinds]


def shown(notebook: Kernel, code: str) -> list[Message]:
    """What a cell published."""
    since = len(notebook.messages)
    notebook.run(code)
    return published(notebook, since)


def kinds(messages: list[Message]) -> list[tuple[str, list[str]]]:
    return [(each["msg_type"], sorted(each["content"]["data"])) for each in messages]


PLAYER = ("display_data", [WIDGET])
PICTURE = ("display_data", ["image/png", "text/plain"])
UPDATE = ("update_display_data", ["image/png", "text/plain"])


@pytest.mark.parametrize(
    "code", ["done", "display(done)", "cnb.Player(done)", "display(cnb.Player(done))"]
)
def test_an_ended_take_shows_its_player_and_its_picture_at_once(
    notebook: Kernel, code: str
) -> None:
    messages = shown(notebook, code)
    assert kinds(messages) == [PLAYER, PICTURE]
    content = messages[1]["content"]
    assert is_ours(content["data"]["image/png"])
    assert "Over and done with." in content["data"]["text/plain"]
    assert "Over and done with." in content["metadata"]["image/png"]["alt"]
    assert content["metadata"]["image/png"]["width"] == 760


def test_a_live_takes_picture_comes_once_where_its_place_was_kept(notebook: Kernel) -> None:
    notebook.run("tts.engine.control(hold_last_chunk=True)")
    messages = shown(notebook, "live = tts.say('Not yet over.', play=False)\nlive")
    assert kinds(messages) == [PLAYER, PICTURE]
    again = shown(notebook, "live")
    assert kinds(again) == [PLAYER, PICTURE]
    place, second = (each[1]["content"] for each in (messages, again))
    assert "<Take 'Not yet over.'" in place["data"]["text/plain"]
    assert place["transient"] == second["transient"]
    since = len(notebook.messages)
    notebook.run("tts.engine.control(hold_last_chunk=False)\nlive.wait(30);")
    (update,) = published(notebook, since)
    assert kinds([update]) == [UPDATE]
    assert update["content"]["transient"] == place["transient"]
    assert is_ours(update["content"]["data"]["image/png"])
    assert shown(notebook, "1 + 1")[0]["msg_type"] == "execute_result", "it came again"


def test_a_take_that_ends_in_a_cell_has_its_picture_in_that_cells_messages(
    notebook: Kernel,
) -> None:
    """What runs notebooks without a browser takes in nothing else."""
    messages = shown(notebook, "display(tts.say('Ends here.', play=False))\ntts.say('B').wait(30);")
    if len(messages) == 2:  # the first may outlast the second
        messages = shown(notebook, "import time; time.sleep(1)")
    assert kinds(messages)[-1] == UPDATE


def test_a_take_that_ends_between_cells_has_its_picture_without_another_cell(
    notebook: Kernel,
) -> None:
    since = len(notebook.messages)
    notebook.run("tts.say('Ends by itself.', play=False)")
    notebook.until(lambda _: len(published(notebook, since)) == 3)
    assert kinds(published(notebook, since)) == [PLAYER, PICTURE, UPDATE]


def test_pictures_are_published_from_the_main_thread_alone(notebook: Kernel) -> None:
    notebook.run(
        "import threading\nfrom IPython import get_ipython\n"
        "publisher = get_ipython().display_pub\nusual = publisher.publish\nthreads = set()\n"
        "def publish(*args, **kwargs):\n"
        "    threads.add(threading.current_thread().name)\n    return usual(*args, **kwargs)\n"
        "publisher.publish = publish"
    )
    since = len(notebook.messages)
    notebook.run("tts.say('Who says so?', play=False)")
    notebook.until(lambda _: len(published(notebook, since)) == 3)
    assert notebook.run("publisher.publish = usual\nprint(threads)").strip() == "{'MainThread'}"


def test_a_failed_takes_picture_says_why(notebook: Kernel) -> None:
    notebook.run("tts.engine.misbehave('drop@3')")
    since = len(notebook.messages)
    long = "This sentence breaks off somewhere, for the connection is lost in the middle of it."
    notebook.run(f"broken = tts.say({long!r}, play=False)\nbroken")
    notebook.until(lambda _: len(published(notebook, since)) == 3)
    notebook.run("tts.engine.misbehave()\nbroken.error")
    told = published(notebook, since)[2]["content"]["data"]["text/plain"]
    assert "Failed: The connection to the server was lost" in told


def test_takes_in_a_list_and_outside_a_notebook_are_plain_text(
    notebook: Kernel, tmp_path: Path
) -> None:
    (listed,) = shown(notebook, "[done]")
    assert list(listed["content"]["data"]) == ["text/plain"]
    assert "<Take 'Over and done with.'" in listed["content"]["data"]["text/plain"]
    notebook.run(f"done.save({str(tmp_path / 'plain')!r})")
    script = (
        "import cartesia_nb as cnb\n"
        "from IPython.core.formatters import DisplayFormatter\n"
        f"print(DisplayFormatter().format(cnb.Take.load({str(tmp_path / 'plain')!r})))"
    )
    said = notebook.run(
        f"import subprocess, sys\nrun = subprocess.run([sys.executable, '-c', {script!r}],"
        "text=True, capture_output=True)\nprint(run.stdout, run.stderr)"
    )
    assert "<Take 'Over and done with.'" in said
    assert "text/plain" in said
    assert "image/png" not in said
    assert "Traceback" not in said


def test_showing_takes_leaves_pyplot_alone(notebook: Kernel) -> None:
    notebook.run("display(done)")
    assert notebook.run("import sys\nprint('matplotlib.pyplot' in sys.modules)").strip() == "False"


CELLS = (
    "import cartesia_nb as cnb\ntts = cnb.connect(base_url={url!r})",
    "take = tts.say('Saved with its <b>widgets</b> & all.')\ntake",
    "await take;",
)


def test_a_saved_notebook_is_small_holds_one_picture_and_no_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EngineProcess(fast=True) as engine:
        monkeypatch.setenv("CARTESIA_API_KEY", engine.api_key)
        pcm = "print(take.pcm[20_000:20_060].hex(), take.duration)"
        cells = [nbformat.v4.new_code_cell(code.format(url=engine.url)) for code in (*CELLS, pcm)]
        notebook = nbformat.v4.new_notebook(cells=cells)
        NotebookClient(notebook, timeout=60, store_widget_state=True).execute()
    sound, duration = notebook.cells.pop().outputs[0].text.split()
    assert float(duration) > 1
    path = tmp_path / "saved.ipynb"
    nbformat.write(notebook, path)
    saved = path.read_text("utf-8")

    # The modules are saved with the widgets' state, the picture is; a second of sound is 176 kB.
    state = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    modules = sum(len(json.dumps(each["state"].get("_esm", ""))) for each in state.values())
    assert len(saved) - modules < 60_000
    assert engine.api_key not in saved
    assert all("buffers" not in each for each in state.values())
    for shift in range(3):
        part = base64.b64encode(bytes.fromhex(sound)[shift:])[:40].decode()
        assert part not in saved

    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 1
    told = pictures[0].data["text/plain"]
    assert "Saved with its <b>widgets</b> & all." in told
    assert "duration" in told

    # Of nbconvert's own templates this one carries alternative text over.
    page, _ = HTMLExporter(template_name="classic").from_notebook_node(notebook)
    assert pictures[0].data["image/png"].strip() in page
    assert (
        'alt="Waveform of a voice saying: Saved with its &lt;b&gt;widgets&lt;/b&gt; &amp;' in page
    )
    assert 'width="760"' in page
