"""The bar of a sweep: what it says, how often, and that pages and saved notebooks have it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.tuning.progress import PERIOD_S, Pace, Phase, Progress, Standing, rounded
from tests.notebook.kernel import Kernel, Message, kernel

BEGIN = """
import time
from cartesia_nb.tuning.progress import Progress, Standing
progress = Progress("Sweep")
progress.update(Standing(200))
progress.show()
"""


def test_before_there_is_a_pace_the_time_left_is_said_to_be_unknown() -> None:
    progress = Progress("Sweep")
    progress.update(Standing(200))
    assert progress.left is None
    assert progress.text == "Sweep: 0 of 200 takes, time left unknown"


def test_the_line_says_what_is_over_what_has_failed_and_what_was_spent() -> None:
    progress = Progress("Sweep")
    progress.update(Standing(1200, done=1117, failed=3, characters=5400))
    assert progress.text == (
        "Sweep: 1,120 of 1,200 takes, 3 failed, 5,400 characters, time left unknown"
    )


def test_what_is_spoken_and_not_yet_measured_is_not_settled() -> None:
    progress = Progress("Sweep")
    for unmeasured in range(2000, 1800, -10):
        progress.update(Standing(2000, done=2000, unmeasured=unmeasured))
    assert progress.text.startswith("Sweep: 2,000 of 2,000 takes, 1,810 to be measured, about ")


def test_what_is_spoken_before_it_is_measured_is_no_step_back() -> None:
    pace = Pace()
    for settled, now in ((0, 0.0), (10, 1.0), (9, 1.1)):
        pace.follow(settled, now)
    assert pace.left(20, 2.0) == 2.0


@pytest.mark.parametrize("state", ["stopped", "failed"])
def test_an_end_before_the_end_is_named_with_its_reason(state: Any) -> None:
    progress = Progress("Sweep")
    progress.update(Standing(10, done=2, state=state, note="The disk is full."))
    assert progress.text == f"Sweep {state}: 2 of 10 takes\nThe disk is full."


def test_at_its_end_it_says_how_long_it_took_and_nothing_of_time_left() -> None:
    progress = Progress("Sweep")
    progress.update(Standing(1))
    progress.update(Standing(1, done=1, characters=1, state="done"))
    assert progress.text.startswith("Sweep: 1 of 1 take, 1 character, in ")
    assert progress.left is None


def test_told_twice_that_it_is_over_it_says_the_same() -> None:
    progress = Progress("Sweep")
    progress.update(Standing(1))
    end = Standing(1, done=1, state="done")
    progress.update(end)
    said = progress.text
    progress.update(end)
    assert ", in " in said
    assert progress.text == said


def test_what_was_over_before_it_began_says_nothing_of_how_long_it_took() -> None:
    progress = Progress("Sweep")
    progress.update(Standing(3, done=3, state="done"))
    assert progress.text == "Sweep: 3 of 3 takes"


def test_time_left_is_at_the_pace_of_what_has_ended_since_the_first_look() -> None:
    pace = Pace()
    pace.follow(100, now=50.0)
    for more in range(1, 11):
        pace.follow(100 + more, now=50.0 + 2 * more)
    assert pace.left(200, now=70.0) == pytest.approx(90 * 2.0)


def test_time_left_follows_a_pace_that_has_changed() -> None:
    pace = Pace()
    now = 0.0
    for ended in range(500):
        now += 10.0 if ended < 100 else 1.0
        pace.follow(ended, now)
    assert pace.left(1000, now) == pytest.approx(501 * 1.0)


def test_time_left_grows_while_nothing_ends() -> None:
    pace = Pace()
    for ended in range(11):
        pace.follow(ended, now=float(ended))
    assert pace.left(20, now=10.0) == pytest.approx(10.0)
    assert pace.left(20, now=20.0) == pytest.approx(20.0)


def test_a_few_takes_make_no_pace() -> None:
    pace = Pace()
    assert pace.left(10, now=0.0) is None
    for ended in range(3):
        pace.follow(ended, now=float(ended))
    assert pace.left(10, now=3.0) is None
    pace.follow(3, now=3.0)
    assert pace.left(10, now=3.0) == pytest.approx(7.0)


def test_what_was_stopped_and_goes_on_has_a_pace_of_its_own() -> None:
    progress = Progress("Sweep")
    states: tuple[Phase, ...] = ("running", "stopped", "running")
    known: list[bool] = []
    for state in states:
        for done in range(6) if not known else (5,):
            progress.update(Standing(10, done=done, state=state))
        known.append(progress.left is not None)
    assert known == [True, False, False]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "0 s"),
        (7.2, "7 s"),
        (41.0, "40 s"),
        (59.0, "1 min"),
        (200.0, "3 min"),
        (3600.0, "1 h"),
        (4801.0, "1 h 20 min"),
    ],
)
def test_a_length_is_said_no_more_exactly_than_it_is_known(seconds: float, said: str) -> None:
    assert rounded(seconds) == said


def test_nothing_is_shown_outside_of_a_notebook(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("Sweep")
    progress.show()
    progress.update(Standing(2, done=2, state="done"))
    assert capsys.readouterr() == ("", "")
    assert not [t for t in threading.enumerate() if t.name == "cartesia_nb progress"]


def _bars(messages: list[Message]) -> list[Message]:
    """What was published of bars, in order."""
    return [
        message
        for message in messages
        if message["msg_type"] in ("display_data", "update_display_data")
        and "progress" in message["content"]["transient"].get("display_id", "")
    ]


def _says(text: str) -> Any:
    return lambda messages: any(
        message["content"]["data"]["text/plain"].startswith(text) for message in _bars(messages)
    )


@pytest.fixture(scope="module")
def a_kernel() -> Any:
    with kernel() as started:
        yield started


def test_while_a_cell_is_busy_its_bar_is_updated_a_few_times_and_at_the_end(
    a_kernel: Kernel,
) -> None:
    request = a_kernel.start(
        BEGIN
        + """
import threading
def work():
    for done in range(200):
        progress.update(Standing(200, done=done))
        time.sleep(0.005)
    progress.update(Standing(200, done=200, state="done"))
worker = threading.Thread(target=work)
began = time.monotonic()
worker.start()
while worker.is_alive():
    sum(range(1000))
print("took", time.monotonic() - began)
"""
    )
    said = a_kernel.finish(request).output
    first, *updates = [
        message
        for message in _bars(a_kernel.messages)
        if message["parent_header"].get("msg_id") == request
    ]
    took = float(said.partition("took ")[2])
    assert first["msg_type"] == "display_data"
    assert {message["msg_type"] for message in updates} == {"update_display_data"}
    (its_id,) = {each["content"]["transient"]["display_id"] for each in (first, *updates)}
    assert its_id
    assert 2 <= len(updates) <= took / PERIOD_S + 2
    texts = [message["content"]["data"]["text/plain"] for message in updates]
    assert all("about" in text or "unknown" in text for text in texts[:-1])
    assert texts[-1].startswith("Sweep: 200 of 200 takes, in ")
    kinds = {kind for message in (first, *updates) for kind in message["content"]["data"]}
    assert kinds == {"text/html", "text/plain"}


def test_updates_go_on_between_cells_and_under_other_cells(a_kernel: Kernel) -> None:
    a_kernel.run(BEGIN)
    a_kernel.messages.clear()
    a_kernel.run(
        """
import threading
again = threading.Event()
def work():
    progress.update(Standing(7, done=1))
    again.wait(30)
    progress.update(Standing(7, done=2))
threading.Thread(target=work).start()
"""
    )
    a_kernel.until(_says("Sweep: 1 of 7"))
    a_kernel.run("again.set()")
    a_kernel.until(_says("Sweep: 2 of 7"))


def test_a_bar_shown_in_another_cell_is_the_same_output(a_kernel: Kernel) -> None:
    a_kernel.run(BEGIN + "progress.show()")
    a_kernel.run("progress.show(); progress.show()")
    shown = [each for each in _bars(a_kernel.messages) if each["msg_type"] == "display_data"][-2:]
    one, other = (each["content"]["transient"]["display_id"] for each in shown)
    assert one == other
    assert shown[0]["parent_header"]["msg_id"] != shown[1]["parent_header"]["msg_id"]


def test_the_html_says_the_same_to_a_screen_reader_and_runs_nothing(a_kernel: Kernel) -> None:
    a_kernel.run(
        "from cartesia_nb.tuning.progress import Progress, Standing\n"
        "progress = Progress('<script>alert(1)</script>')\n"
        "progress.update(Standing(4, done=1, failed=1, note='<b>why</b>'))\n"
        "progress.show()"
    )
    page = _bars(a_kernel.messages)[-1]["content"]["data"]["text/html"]
    assert '<progress max="4" value="2"' in page
    assert 'aria-label="&lt;script&gt;' in page
    assert "2 of 4 takes, 1 failed" in page
    assert "&lt;b&gt;why" in page
    assert "<script" not in page and "<b>" not in page
    assert "color" not in page  # the page's own, light or dark


def test_a_saved_notebook_holds_one_output_with_the_end(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(
                BEGIN
                + """
import asyncio
async def work():  # goes on in this cell's context, which nbclient no longer listens to then
    for done in range(5):
        progress.update(Standing(5, done=done, characters=12 * done))
        await asyncio.sleep(0.2)
    progress.update(Standing(5, done=4, failed=1, characters=60, state="done"))
task = asyncio.ensure_future(work())
"""
            ),
            nbformat.v4.new_code_cell("await task"),
        ]
    )
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    (output,) = notebook.cells[0].outputs
    assert output.data["text/plain"].startswith("Sweep: 5 of 5 takes, 1 failed, 60 characters, in ")
    assert output.data["text/plain"] in output.data["text/html"]
    assert not notebook.cells[1].outputs
    assert "widgets" not in notebook.metadata


def test_a_notebook_that_waits_for_a_sweep_is_saved_with_one_bar_at_its_end(
    engine: EngineProcess, tmp_path: Path
) -> None:
    cells = (
        f"""
import cartesia_nb as cnb
tts = cnb.connect(api_key={engine.api_key!r}, base_url={engine.url!r})
sweep = tts.sweep(["One.", "Two."], speed=[0.9, 1.1], repeats=3, folder={str(tmp_path / "s")!r})
""",
        "sweep.wait();",
    )
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert [output.output_type for output in notebook.cells[0].outputs] == ["stream"]
    (bar,) = notebook.cells[1].outputs
    assert bar.data["text/plain"].startswith("Sweep: 12 of 12 takes, 48 characters, in ")
