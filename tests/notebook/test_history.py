"""A session's history: rows that outlive their takes."""

from __future__ import annotations

import gc
import json
import threading
import time
import weakref
from collections.abc import Callable
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import polars as pl
import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.errors import ConnectionLostError
from cartesia_nb.notebook import session as sessions
from cartesia_nb.notebook.history import History
from cartesia_nb.notebook.session import Session, say
from cartesia_nb.protocol.encodings import encode
from cartesia_nb.speech import backend, loops
from cartesia_nb.speech.listening import Placed, Span
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from tests.notebook.kernel import kernel
from tests.speech.heard import OFFSET, heard


def spoken(text: str = "Hello there.", seconds: float = 0.5, **settings: object) -> Take:
    """A take with 0.1 s of silence, then a tone, that is not over yet."""
    recording = Recording(Settings.of(sample_rate=8000, **settings), backend.ENGINE)
    recording.add_text(text)
    recording.timeline.sending(50.0, len(text))
    at = np.arange(round(seconds * 8000)) / 8000
    wave = np.where(at < 0.1, 0, 0.3 * np.sin(2 * np.pi * 440 * at)).astype(np.float32)
    if seconds:
        pcm = encode(wave, "pcm_f32le")
        recording.add_audio(pcm, received=50.2, step_time=None, flush_id=None)
    return Take(recording)


def until(condition: Callable[[], bool], why: str) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, why
        gc.collect()
        time.sleep(0.01)


# --- what is in it -------------------------------------------------------------------------------


def test_each_take_that_is_said_has_a_row_newest_last(session: Session) -> None:
    first = session.say("One.", speed=1.2).wait(20)
    context = session.context()
    context.push("Two.", continue_=False)
    context.take.wait(20)
    rows = session.history.to_records()
    assert [(row["number"], row["text"], row["state"]) for row in rows] == [
        (1, "One.", "done"),
        (2, "Two.", "done"),
    ]
    assert session.history.takes == (first, context.take)
    assert rows[0]["id"] == first.id
    assert rows[0]["speed"] == 1.2
    assert rows[0]["cold"] is not None
    figures = first.metrics.to_dict()
    assert {name: rows[0][name] for name in figures} == figures
    assert figures["ttfa"] is not None


def test_cnb_say_has_its_rows_in_the_default_session(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_default", session)
    take = say("Hello.").wait(20)
    assert [row["id"] for row in session.history] == [take.id]


def test_the_key_is_in_none_of_it(session: Session, engine: EngineProcess) -> None:
    session.say("Hello.").wait(20)
    history = session.history
    for shown in (json.dumps(history.to_records()), repr(history), history._repr_html_()):
        assert engine.api_key not in shown


def test_a_row_is_of_plain_values_and_its_text_is_short() -> None:
    history = History()
    take = spoken("A word and \x1b[31m another. " * 100, emotion="calm")
    history._add(take)
    (row,) = history
    assert json.loads(json.dumps(row)) == row
    assert len(str(row["text"])) <= 100
    assert "\x1b" not in str(row["text"])
    assert row["emotion"] == "calm"
    row["text"] = "mine"
    assert history[0]["text"] != "mine"


def test_a_row_of_a_take_that_failed_has_the_reason_and_nobody_counts_as_told() -> None:
    history, take = History(), spoken(seconds=0.0)
    history._add(take)
    take._recording.end("failed", 51.0, ConnectionLostError("It was lost."))
    assert (history[0]["state"], history[0]["error"]) == ("failed", "It was lost.")
    assert history[0]["ttfb"] is None
    assert "It was lost." in history._repr_html_()
    assert not take._recording.looked_at


# --- while the take lives, and after -------------------------------------------------------------


def test_a_row_grows_with_its_take() -> None:
    history, take = History(), spoken(seconds=0.0)
    history._add(take)
    assert (history[0]["state"], history[0]["chunks"]) == ("connecting", 0)
    take._recording.begin()
    take._recording.add_audio(bytes(400), received=50.3, step_time=None, flush_id=None)
    assert (history[0]["state"], history[0]["chunks"]) == ("speaking", 1)


def test_the_rows_stay_when_the_takes_are_gone_though_nobody_read_them() -> None:
    history, take = History(), spoken()
    history._add(take)
    loops.call(take._recording.end, "done", 51.0)
    gone = weakref.ref(take._recording)
    del take
    until(lambda: gone() is None, "the history holds the take")
    (row,) = history.to_records()
    assert (row["state"], row["duration"]) == ("done", 0.5)
    assert row["ttfa"] == pytest.approx(0.3, abs=0.003)
    assert history.takes == ()


def test_what_a_page_told_last_is_in_the_row_of_a_take_that_is_gone() -> None:
    history, take = History(), spoken()
    take._recording.end("done", 51.0)
    history._add(take)
    assert history[0]["first_sound"] is None
    heard(take._recording.timeline, (0.0, 0.5, 50.3))
    loops.call(take._recording.add_heard, 0.5, whole=True)
    gone = weakref.ref(take._recording)
    loops.finish(_nothing(), 5)
    del take
    until(lambda: gone() is None, "the history holds the take")
    assert history[0]["first_sound"] == pytest.approx(0.3)


async def _nothing() -> None:
    """What was called on the network loop before has run when this has."""


def test_a_row_is_placed_anew_as_the_pages_clock_is_known_better() -> None:
    class Clock:
        error: float | None = None

        def place(self, moment: float) -> Placed | None:
            return None if self.error is None else Placed(moment + OFFSET, self.error)

    history, take, clock = History(), spoken(), Clock()
    history._add(take)
    listening = take.timeline.listening_of("page", 1, clock)
    assert listening is not None
    listening.output_error = 0.001
    listening.add_spans([Span(0, 4000, 50.3 - OFFSET)])
    take._recording.add_heard(0.5, whole=True)
    assert history[0]["first_sound"] is None
    clock.error = 0.002
    assert history[0]["first_sound"] == pytest.approx(0.3)
    assert history[0]["clock_error"] == pytest.approx(0.003)


def test_no_samples_are_read_on_the_network_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []
    history, take = History(), spoken()
    onset = take._recording.levels.onset

    def noted() -> tuple[int, float | None]:
        threads.append(threading.current_thread())
        return onset()

    monkeypatch.setattr(take._recording.levels, "onset", noted)
    history._add(take)
    threads.clear()
    loops.call(take._recording.end, "done", 51.0)
    until(lambda: bool(threads), "the row is never brought up to date")
    assert "cartesia_nb network" not in [thread.name for thread in threads]


def test_a_row_is_not_measured_again_while_nothing_has_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    history, take = History(), spoken()
    history._add(take)
    history.to_records()
    monkeypatch.setattr(take._recording.levels, "onset", None)
    assert history[0]["chunks"] == 1


def test_only_so_many_rows_are_kept_and_they_keep_their_numbers() -> None:
    history = History(most=3)
    takes = [spoken(f"Take {index}.") for index in range(5)]
    for take in takes:
        history._add(take)
    assert len(history) == 3
    assert [row["number"] for row in history] == [3, 4, 5]
    assert history.takes == tuple(takes[2:])
    assert [row["text"] for row in history[-2:]] == ["Take 3.", "Take 4."]
    with pytest.raises(IndexError):
        history[3]


def test_it_may_be_read_while_takes_are_added_and_grow() -> None:
    history, done = History(most=50), threading.Event()
    faults: list[BaseException] = []

    def read() -> None:
        while not done.is_set():
            try:
                rows = history.to_records()
                numbers = [row["number"] for row in rows]
                assert numbers == sorted(numbers, key=lambda number: int(number or 0))
                _ = (repr(history), history._repr_html_(), history.takes)
            except BaseException as fault:
                faults.append(fault)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for index in range(120):
        take = spoken(f"{index}", seconds=0.02)
        history._add(take)
        take._recording.add_audio(bytes(80), received=50.4, step_time=None, flush_id=None)
        take._recording.end("done", 51.0)
    done.set()
    for reader in readers:
        reader.join(20)
    assert faults == []
    assert len(history) == 50


# --- shown, and in tables of others --------------------------------------------------------------


class Table(HTMLParser):
    """The cells of a table, and every name and style in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.caption = ""
        self.names: set[str] = set()
        self.styles = ""
        self._in: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.styles += "".join(value or "" for name, value in attrs if name == "style")
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self._in = "cell"
        elif tag == "caption":
            self._in = "caption"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "caption"):
            self._in = None

    def handle_data(self, data: str) -> None:
        if self._in == "cell":
            self.rows[-1][-1] += data
        elif self._in == "caption":
            self.caption += data


def test_it_is_shown_as_a_table_in_which_a_text_is_text() -> None:
    history = History()
    takes = [spoken("<script>alert(1)</script> & more"), spoken("Plain.", seconds=0.0)]
    for take in takes:
        history._add(take)
    table = Table(history._repr_html_())
    assert table.caption == "2 takes"
    assert "script" not in table.names
    assert table.rows[0][:4] == ["#", "Text", "State", "TTFB"]
    assert table.rows[1][:5] == [
        "1",
        "<script>alert(1)</script> & more",
        "connecting",
        "200.0 ms",
        "300.0 ms",
    ]
    assert "unknown" in table.rows[2] and "0.0 ms" not in table.rows[2]


def test_the_reason_of_a_failure_is_text_too() -> None:
    take = spoken("Hello.")
    take._recording.end("failed", 60.0, ConnectionLostError("<img src=x> & lost."))
    history = History()
    history._add(take)
    table = Table(history._repr_html_())
    assert "img" not in table.names
    assert table.rows[1][1] == "Hello.<img src=x> & lost."


def test_a_column_is_not_asked_for_as_a_row() -> None:
    with pytest.raises(TypeError, match=r"\[row\['ttfb'\] for row in history\]"):
        History()["ttfb"]  # type: ignore[call-overload]  # what one might try


def test_a_take_that_was_gone_at_once_has_a_row_with_every_column() -> None:
    history, take = History(), spoken(seconds=0.0)
    history._add(take)
    columns = list(history[0])
    history._add(spoken())
    gc.collect()
    assert list(history[1]) == columns
    assert len(Table(history._repr_html_()).rows) == 3


def test_it_takes_its_colours_from_the_page() -> None:
    history, take = History(), spoken()
    history._add(take)
    assert "color" not in Table(history._repr_html_()).styles
    assert "background" not in Table(history._repr_html_()).styles


def test_of_a_long_history_the_newest_rows_are_shown() -> None:
    history = History()
    takes = [spoken(f"Take {index}.", seconds=0.0) for index in range(150)]
    for take in takes:
        history._add(take)
    html = history._repr_html_()
    assert Table(html).caption == "150 takes, the last 100 shown"
    assert [row[0] for row in Table(html).rows[1:]] == [str(n) for n in range(51, 151)]
    assert len(html) < 300_000
    assert repr(history).splitlines()[0] == "150 takes, the last 10 shown"


def test_an_empty_history_says_so() -> None:
    assert repr(History()) == "No takes"
    assert Table(History()._repr_html_()).caption == "No takes"
    assert (list(History()), len(History()), History().takes) == ([], 0, ())


def test_pandas_and_polars_take_it_as_it_is() -> None:
    history = History()
    takes = [spoken(), spoken(seconds=0.0), spoken()]
    for take in takes:
        history._add(take)
    frame = pd.DataFrame(history)
    assert len(frame) == 3
    assert frame["ttfa"].dtype == "float64"
    assert frame["ttfa"].isna().tolist() == [False, True, False]
    assert frame["chunks"].dtype == "int64"
    assert list(pd.DataFrame(history.to_records()).columns) == list(frame.columns)
    other = pl.DataFrame(history.to_records())
    assert other["ttfa"].dtype == pl.Float64
    assert other["said"].dtype == pl.String
    assert pl.DataFrame(history).equals(other)


# --- in a real kernel, of what a page tells ------------------------------------------------------


def test_what_a_page_tells_is_in_the_figures_the_rows_and_the_history() -> None:
    """The page's clock is this process's, a thousand seconds behind: the kernel's is the same."""
    with kernel(CARTESIA_API_KEY="") as notebook:
        cell = "import json, cartesia_nb as cnb\ntts = cnb.connect('local')\n"
        take = notebook.run(f"{cell}t = tts.say('Did you hear?').wait(30)\nprint(t.id)").split()[-1]
        look = "print(json.dumps([t.timeline.requested, t.timeline.sent, len(t.pcm)]))"
        # What is live is soon sent to the page, whether there is one or not.
        deadline = time.monotonic() + 10
        while not (found := json.loads(notebook.run(look)))[1]:
            assert time.monotonic() < deadline
        requested, ((end, left), *_), size = found
        began = left + 0.05 - 1000
        speaker = notebook.run(
            "from cartesia_nb.speaker.speaker import Speaker\nprint(Speaker.current().comm.comm_id)"
        ).strip()
        page = {"page": "p", "take": take}
        output = {"kind": "worklet", "rate": 44100, "latency": 0.03, "error": 0.001}
        report = {
            "type": "heard",
            "position": size / 4 / 44100,
            "playing": False,
            "ended": True,
            "prebuffer": 0.04,
            "listening": 1,
            "asked": left - 0.5 - 1000,
            "by_person": False,
            "disturbed": None,
            "arrivals": [[end, left + 0.003 - 1000]],
            "decoded": [[size // 4, left + 0.004 - 1000]],
            "spans": [[0, size // 4, began]],
            "dry": [],
            "output": output,
            "down": None,
        }
        for message in (report, {"type": "hello", "output": "worklet"}):
            sent = time.monotonic() - 1000
            notebook.send_to_widget(speaker, {**page, **message, "sent": sent})
        notebook.run("t.wait(20, heard=True);")
        told = json.loads(
            notebook.run(
                "print(json.dumps([t.metrics.to_dict(), tts.history[-1],"
                " t.timeline.to_records()[0], t.describe()]))"
            )
        )
        metrics, row, first, words = told
        assert metrics["clock_error"] < 1
        assert abs(metrics["first_sound"] - (left + 0.05 - requested)) <= metrics["clock_error"]
        assert metrics["first_sound_held"] == 0.0
        assert metrics["heard_dry_spells"] == 0
        assert row["first_sound"] == metrics["first_sound"]
        assert first["audible_at"] == metrics["first_sound"]
        assert first["pushed_at"] == 0.0
        assert first["arrived_at"] is not None and first["decoded_at"] is not None
        assert "In the page it was first heard after" in words
        notebook.run("tts.history")
        shown = [m["content"]["data"] for m in notebook.messages if "data" in m["content"]]
        assert "<table" in shown[-1]["text/html"] and "1 take" in shown[-1]["text/plain"]
