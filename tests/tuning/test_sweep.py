"""Sweeps as a notebook has them: rows, takes, waiting, stopping, and going on where one was."""

from __future__ import annotations

import _thread
import asyncio
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.errors import (
    CartesiaNbError,
    ConnectError,
    SettingsError,
    SweepFolderError,
    WaitTimeout,
)
from cartesia_nb.notebook.session import Session, connect
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning.folder import Folder
from cartesia_nb.tuning.sweep import Sweep
from tests.tuning.conditions import asked, until

SPEEDS = [0.8, 1.0, 1.2]
TEXTS = ["Hello there, how are you?", "Another text."]


@pytest.fixture(autouse=True)
def well_behaved(engine: EngineProcess) -> Iterator[None]:
    yield
    engine.control(hold_last_chunk=False)


@pytest.fixture(scope="module")
def finished(engine: EngineProcess, tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """A sweep that is done, of a session that is closed. Not to be written to."""
    folder = tmp_path_factory.mktemp("finished") / "sweep"
    with connect(api_key=engine.api_key, base_url=engine.url, max_contexts=3) as session:
        return session.sweep(
            TEXTS,
            speed=SPEEDS,
            add_timestamps=[True, False],
            repeats=2,
            measure={"letters": letters},
            folder=folder,
        ).wait(40)


def letters(take: Take) -> object:
    return len(take.text)


def test_every_row_has_every_column_and_what_was_spoken_and_came_of_it(finished: Sweep) -> None:
    rows = finished.to_records()
    assert len(rows) == len(finished) == finished.total == 24
    assert len({tuple(row) for row in rows}) == 1
    columns = list(rows[0])
    assert columns[:10] == [
        *["number", "text", "text_number", "repeat", "state", "error", "backend", "take"],
        *["characters", "model_id"],
    ]
    assert columns[-2:] == ["letters", "measure_error"]
    assert {"add_timestamps", "ttfb", "speaking_rate", "f0_median"} <= set(columns)
    frame = pd.DataFrame(rows)
    assert frame.groupby(["text", "speed", "add_timestamps"]).size().tolist() == [2] * 12
    assert (frame["letters"] == frame["text"].str.len()).all()
    assert frame[["duration", "ttfb", "speaking_rate"]].notna().all(axis=None)
    assert set(frame["backend"]) == {finished._folder.backend.label}


def test_rows_are_had_by_number_by_slice_and_one_after_the_other(finished: Sweep) -> None:
    assert finished[0]["number"] == 1 and finished[-1]["number"] == 24
    assert [row["number"] for row in finished[2:4]] == [3, 4]
    assert [row["number"] for row in finished] == list(range(1, 25))
    with pytest.raises(IndexError):
        finished[24]
    with pytest.raises(TypeError, match="is a column"):
        finished["speed"]  # type: ignore[call-overload]  # what one might try


def test_takes_are_had_by_what_they_were_asked_for(finished: Sweep) -> None:
    takes = finished.takes(speed=1.2, text_number=1)
    assert len(takes) == 4
    assert {(take.settings.speed, take.text) for take in takes} == {(1.2, TEXTS[0])}
    assert takes[0] is not takes[0]  # loaded each time, and not kept
    assert len(takes[1:]) == 3
    assert len(finished.takes(speed=[0.8, 1], repeat=1)) == 8
    assert len(finished.takes(speed=np.array([0.8, 1.2]), text_number={1})) == 8
    assert len(finished.takes()) == 24
    with pytest.raises(SettingsError, match="Did you mean 'speed'"):
        finished.takes(sped=1)


def test_what_was_asked_for_is_seen_to_have_an_effect(finished: Sweep) -> None:
    assert finished.realised("speed").seen
    assert finished.plot_realised("speed").get_xlabel()


def test_it_shows_itself_as_a_line_and_as_a_table(finished: Sweep) -> None:
    assert repr(finished) == f"<Sweep: 24 of 24 takes, done, in {finished.folder}>"
    table = finished._repr_html_()
    assert "Sweep done: 24 takes" in table and table.count("<tr>") == 25
    assert "speed" in table and "letters" in table and "Hello there" in table


def test_it_is_loaded_without_a_session_and_goes_nowhere_without_one(
    finished: Sweep, tmp_path: Path
) -> None:
    copy = Sweep.load(finished.save(tmp_path / "copy"))
    assert copy.to_records() == finished.to_records()
    assert copy.start().wait(10) is copy  # there is nothing to speak
    copy._folder.path_of(3).unlink()
    with pytest.raises(CartesiaNbError, match=r"call session\.sweep\(\.\.\.\) with the same"):
        copy.start()
    assert copy.state == "stopped" and len(copy.takes()) == 23


def test_takes_are_measured_anew_and_what_was_known_stays(finished: Sweep, tmp_path: Path) -> None:
    copy = Sweep.load(finished.save(tmp_path / "copy"))
    copy.measure({"words": lambda take: len(take.text.split())}).wait(30)
    assert (copy[0]["words"], copy[0]["letters"]) == (5, 25)
    with pytest.raises(SettingsError, match="duration"):
        copy.measure({"duration": letters})
    assert "words" in Sweep.load(copy.folder)[0]


def test_measuring_anew_that_was_stopped_is_not_done_and_goes_on_where_it_was(
    finished: Sweep, tmp_path: Path
) -> None:
    copy = Sweep.load(finished.save(tmp_path / "copy"))
    some, on = threading.Event(), threading.Event()
    calls: list[str] = []

    def anew(take: Take) -> object:
        calls.append(take.id)
        if len(calls) == 4:
            some.set()
            on.wait(20)
        return -1

    copy.measure({"letters": anew})
    assert some.wait(20)
    assert copy._now().unmeasured == 21
    copy.stop()
    on.set()
    assert copy.state == "stopped"
    assert [row["letters"] for row in copy].count(-1) == 3
    assert copy.start().wait(30).state == "done"
    assert {row["letters"] for row in copy} == {-1}
    assert 24 <= len(calls) <= 25  # what was measured is not measured again


def test_how_long_it_is_to_be_measured_anew_is_told(finished: Sweep, tmp_path: Path) -> None:
    copy = Sweep.load(finished.save(tmp_path / "copy"))
    some, on = threading.Event(), threading.Event()
    calls: list[str] = []

    def slow(take: Take) -> object:
        calls.append(take.id)
        if len(calls) == 12:
            some.set()
            on.wait(20)
        return 0

    copy.measure({"slow": slow})
    assert some.wait(20)
    until(lambda: copy._progress.left is not None, "there is a pace")
    on.set()
    copy.wait(30)


def test_one_that_is_over_may_be_had_again_where_nothing_can_be_written(
    engine: EngineProcess, session: Session, tmp_path: Path
) -> None:
    first = session.sweep("Hello.", speed=SPEEDS, repeats=1, folder=tmp_path / "s").wait(20)
    other = Folder.load(tmp_path / "s")
    other.lock()  # for who asks now it is as a folder that may only be read
    try:
        again = session.sweep("Hello.", speed=SPEEDS, repeats=1, folder=tmp_path / "s").wait(20)
        assert again.state == "done" and again.to_records() == first.to_records()
        assert again._progress.text.startswith("Sweep: 3 of 3 takes")
        with pytest.raises(SweepFolderError, match="is writing"):
            session.sweep(
                "Hello.", speed=SPEEDS, repeats=1, folder=tmp_path / "s", measure={"l": letters}
            )
        first._folder.path_of(2).unlink()
        with pytest.raises(SweepFolderError, match="is writing"):
            session.sweep("Hello.", speed=SPEEDS, repeats=1, folder=tmp_path / "s")
    finally:
        other.release()


def test_it_can_not_be_pickled_and_says_what_to_do(finished: Sweep) -> None:
    with pytest.raises(TypeError, match=r"Sweep\.load\(folder\)"):
        pickle.dumps(finished)


def test_a_measure_that_gives_half_a_character_is_written(finished: Sweep, tmp_path: Path) -> None:
    copy = Sweep.load(finished.save(tmp_path / "copy"))
    assert copy.measure({"half": lambda take: "\ud83d"}).wait(30).state == "done"
    assert copy[0]["half"] == Sweep.load(copy.folder)[0]["half"] == "\ud83d"


def test_how_much_it_is_and_how_long_it_takes_is_said_first(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session.sweep(TEXTS, speed=SPEEDS, repeats=1, folder=tmp_path / "s").wait(20)
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1
    assert "6 takes (2 texts x 3 settings x 1 repeat); 114 characters to send, about 2 s" in said[0]
    assert str(tmp_path / "s") in said[0]
    temporary = session.sweep("Hello.", repeats=1).wait(20)
    assert "gone when this process ends" in capsys.readouterr().out
    assert temporary.folder.is_dir()


def test_the_same_call_goes_on_and_speaks_nothing_twice(
    engine: EngineProcess, session: Session, tmp_path: Path
) -> None:
    before = asked(engine)
    first = session.sweep("Hello.", speed=SPEEDS, folder=tmp_path / "s").wait(20)
    again = session.sweep("Hello.", speed=SPEEDS, folder=tmp_path / "s").wait(20)
    assert asked(engine) == before + 9
    assert again.to_records() == first.to_records()
    more = session.sweep(
        "Hello.", speed=SPEEDS, folder=tmp_path / "s", measure={"letters": letters}
    ).wait(20)
    assert asked(engine) == before + 9
    assert [row["letters"] for row in more] == [6] * 9  # computed from what is there
    with pytest.raises(SettingsError, match="holds another sweep: repeats is 3 there and 2 here"):
        session.sweep("Hello.", speed=SPEEDS, repeats=2, folder=tmp_path / "s")


def test_it_stops_and_goes_on_and_rows_are_there_meanwhile(
    engine: EngineProcess, session: Session
) -> None:
    engine.control(hold_last_chunk=True)
    sweep = session.sweep("Hello.", speed=SPEEDS)
    until(lambda: engine.control()["running"] == 2, "two are in flight")
    assert sweep.state == "running" and {row["state"] for row in sweep} == {"waiting"}
    with pytest.raises(CartesiaNbError, match="is running"):
        sweep.measure({})
    with pytest.raises(CartesiaNbError, match="is running"):
        sweep.save("nowhere")
    with pytest.raises(WaitTimeout, match="0 of 9 takes"):
        sweep.wait(0.05)
    sweep.stop()
    assert (sweep.state, sweep.error, sweep.done) == ("stopped", None, 0)
    assert sweep.wait() is sweep
    engine.control(hold_last_chunk=False)
    assert sweep.start().wait(20).done == 9


def test_an_interrupt_of_who_waits_stops_it(engine: EngineProcess, session: Session) -> None:
    engine.control(hold_last_chunk=True)
    sweep = session.sweep("Hello.", speed=SPEEDS)
    timer = threading.Timer(0.3, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        sweep.wait(20)
    until(lambda: sweep.state == "stopped", "it is stopped")


def test_a_cell_that_awaits_it_may_be_cancelled(engine: EngineProcess, session: Session) -> None:
    async def awaited(sweep: Sweep) -> Sweep:
        return await sweep

    engine.control(hold_last_chunk=True)
    sweep = session.sweep("Hello.", speed=SPEEDS, repeats=1)
    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(asyncio.wait_for(awaited(sweep), 0.2))
    until(lambda: sweep.state == "stopped", "it is stopped")
    engine.control(hold_last_chunk=False)
    assert asyncio.run(awaited(sweep.start())).done == 3


def test_a_session_that_is_closed_stops_it_and_another_goes_on(
    engine: EngineProcess, session: Session, tmp_path: Path
) -> None:
    engine.control(hold_last_chunk=True)
    with connect(api_key=engine.api_key, base_url=engine.url) as closed:
        sweep = closed.sweep("Hello.", speed=SPEEDS, folder=tmp_path / "s")
        until(lambda: engine.control()["running"] == 2, "two are in flight")
    assert (sweep.state, sweep.error) == ("stopped", None)
    with pytest.raises(ConnectError, match="the same arguments and folder="):
        sweep.start()
    engine.control(hold_last_chunk=False)
    assert session.sweep("Hello.", speed=SPEEDS, folder=tmp_path / "s").wait(20).done == 9


KILLED = """
import os, sys, time
from cartesia_nb.notebook.session import connect
session = connect(api_key=sys.argv[1], base_url=sys.argv[2])
sweep = session.sweep("Hello.", speed=[0.8, 1.0, 1.2], folder=sys.argv[3])
if os.fork() == 0:
    print("child", os.getpid(), sweep.state, len(sweep.to_records()), flush=True)
    time.sleep(60)
    os._exit(0)
sweep.wait()
"""


def test_a_killed_process_and_the_children_it_leaves_hold_nobody_up(
    engine: EngineProcess, session: Session, tmp_path: Path
) -> None:
    engine.control(hold_last_chunk=True)
    args = [sys.executable, "-c", KILLED, engine.api_key, engine.url, str(tmp_path / "s")]
    with subprocess.Popen(args, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = next(each for each in process.stdout if each.startswith("child"))
        _, child, *seen = line.split()
        assert seen == ["stopped", "9"]  # it is its parent's
        until(lambda: engine.control()["running"] == 2, "two are in flight")
        with pytest.raises(SweepFolderError, match="Another process"):
            session.sweep("Hello.", speed=SPEEDS, folder=tmp_path / "s")
        process.kill()
        process.wait()
        try:
            engine.control(hold_last_chunk=False)
            sweep = session.sweep("Hello.", speed=SPEEDS, folder=tmp_path / "s")
            assert sweep.wait(30).done == 9
        finally:
            os.kill(int(child), signal.SIGKILL)


def test_what_can_not_be_is_said_before_anything_is_sent(
    engine: EngineProcess, session: Session, tmp_path: Path
) -> None:
    before = asked(engine)
    for options, sentence in (
        ({"repeats": 0}, "repeats is 0"),
        ({"budget": "much"}, "budget is 'much'"),
        ({"measure": {"ttfb": letters}}, "ttfb"),
        ({"measure": letters}, "measure"),
        ({"executor": "pool"}, "executor"),
        ({"speed": []}, "The grid is empty"),
    ):
        with pytest.raises(SettingsError, match=sentence):
            session.sweep("Hello.", folder=tmp_path / "s", **options)
    assert asked(engine) == before and not (tmp_path / "s").exists()


def test_voices_keep_their_names_in_rows_table_and_folder(session: Session, tmp_path: Path) -> None:
    two = session.voices(language="en-GB")[:2]
    sweep = session.sweep("Good morning.", voice=two, repeats=1, folder=tmp_path / "s").wait(30)
    names = [voice.name for voice in two]
    assert [row["voice_name"] for row in sweep] == names
    assert [row["voice_name"] for row in Sweep.load(tmp_path / "s")] == names
    table = sweep._repr_html_()
    assert names[0] in table and two[0].id not in table
    again = session.sweep(
        "Good morning.", voice=[v.id for v in two], repeats=1, folder=tmp_path / "s"
    )
    assert again.wait(30).done == 2, "what voices are called makes no other sweep"
