"""A session's history: rows that outlive their takes."""

from __future__ import annotations

import json
import threading
import time
import weakref

import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.errors import ConnectionLostError
from cartesia_nb.notebook import session as sessions
from cartesia_nb.notebook.history import History
from cartesia_nb.notebook.session import Session, say
from cartesia_nb.speech import loops
from cartesia_nb.speech.listening import Placed, Span
from tests.notebook.kernel import kernel
from tests.notebook.spoken import spoken, until
from tests.speech.heard import OFFSET, heard

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
