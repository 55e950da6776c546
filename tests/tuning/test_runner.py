"""How a sweep's takes are generated: so many at once, kept as they end, whatever goes wrong."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.errors import AuthenticationError, ConnectError, SettingsError, TakeFileError
from cartesia_nb.notebook.session import Session, connect
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.tuning.runner import CONNECTS
from tests.tuning.conditions import asked, no_file_over, until

SPEEDS = [0.8, 1.0, 1.2]


@pytest.fixture(autouse=True)
def well_behaved(engine: EngineProcess) -> Iterator[None]:
    yield
    engine.control(hold_last_chunk=False)
    engine.misbehave()


def test_no_more_are_in_flight_than_the_session_allows_and_none_of_them_waits(
    engine: EngineProcess, session: Session
) -> None:
    engine.control(hold_last_chunk=True)
    sweep = session.sweep("Hello.", speed=SPEEDS, repeats=2)
    until(lambda: engine.control()["running"] == 2, "two are in flight")
    assert session._connection.max_contexts == 2
    assert session.waiting == 0
    engine.control(hold_last_chunk=False)
    assert sweep.wait(30).done == 6


def test_what_is_said_meanwhile_comes_before_the_next_take(
    engine: EngineProcess, session: Session
) -> None:
    engine.control(hold_last_chunk=True)
    before = len(engine.log())
    said = [session.say("Said 0.")]
    until(lambda: engine.control()["running"] == 1, "it is in flight")
    sweep = session.sweep("Of the sweep.", speed=SPEEDS, repeats=4)
    until(lambda: engine.control()["running"] == 2, "two are in flight")
    assert session.waiting == 0  # no take of the sweep stands before what is said next
    said += [session.say(f"Said {n}.") for n in range(1, 4)]
    until(lambda: session.waiting == 3, "what is said waits")
    engine.control(hold_last_chunk=False)
    sweep.wait(30)
    for take in said:
        take.wait(20)
    order = [str(each["transcript"]) for each in engine.log()[before:]]
    assert order[:5] == ["Said 0.", "Of the sweep.", "Said 1.", "Said 2.", "Said 3."]
    assert len(order) == 16


def test_a_take_that_fails_is_a_row_with_its_reason_and_is_tried_again_when_asked(
    engine: EngineProcess, session: Session
) -> None:
    engine.misbehave("error@1*2")
    sweep = session.sweep("Hello.", speed=SPEEDS, repeats=2).wait(30)
    assert (sweep.state, sweep.done, sweep.failed) == ("done", 4, 2)
    failed = [row for row in sweep if row["state"] == "failed"]
    assert all("The server reported an error" in str(row["error"]) for row in failed)
    assert all(row["take"] is None and row["ttfb"] is None for row in failed)
    before = asked(engine)
    assert sweep.start().wait(30).failed == 2  # not of its own accord
    assert asked(engine) == before
    assert sweep.start(failed=True).wait(30).done == 6
    assert asked(engine) == before + 2
    assert [row["error"] for row in sweep] == [None] * 6


def test_a_take_that_fails_is_no_news_of_the_session(
    engine: EngineProcess, session: Session
) -> None:
    engine.misbehave("error@1*1")
    assert session.sweep("Hello.", repeats=2).wait(30).failed == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        session.say("And on.").wait(20)
    assert len(session.history) == 1


def test_a_voice_or_a_word_that_the_server_refuses_ends_nothing_else(
    engine: EngineProcess, session: Session
) -> None:
    engine.misbehave("busy@0*3")
    sweep = session.sweep("Hello.", speed=SPEEDS, repeats=1).wait(30)
    assert (sweep.done, sweep.failed) == (3, 0)  # no room is for who sends to try again


def test_a_connection_that_is_closed_under_it_stops_it(engine: EngineProcess) -> None:
    engine.control(hold_last_chunk=True)
    with connect(api_key=engine.api_key, base_url=engine.url) as session:
        sweep = session.sweep("Hello.", speed=SPEEDS, repeats=2)
        until(lambda: engine.control()["running"] == 2, "two are in flight")
        session._connection.close()
        assert sweep.wait(20).state == "stopped"
        assert (sweep.error, sweep.done, sweep.failed) == (None, 0, 0)


def test_a_connection_that_is_closed_before_there_was_room_for_it_stops_it(
    engine: EngineProcess,
) -> None:
    engine.control(hold_last_chunk=True)
    with connect(api_key=engine.api_key, base_url=engine.url) as session:
        for n in range(session._connection.max_contexts):
            session.say(f"Said {n}.")
        until(lambda: engine.control()["running"] == 2, "there is no more room")
        sweep = session.sweep("Hello.", speed=SPEEDS)
        session._connection.close()
        assert sweep.wait(20).state == "stopped"
        assert (sweep.error, sweep.done, sweep.failed) == (None, 0, 0)


def test_a_refused_key_stops_it_and_costs_no_row(engine: EngineProcess) -> None:
    with connect(api_key="wrong", base_url=engine.url) as stranger:
        sweep = stranger.sweep("Hello.", speed=SPEEDS, repeats=2)
        with pytest.raises(AuthenticationError):
            sweep.wait(20)
        assert sweep.state == "failed" and isinstance(sweep.error, AuthenticationError)
        assert (sweep.done, sweep.failed) == (0, 0)


def test_a_server_that_is_not_there_stops_it_and_it_goes_on_when_it_is(
    engine: EngineProcess,
) -> None:
    engine.misbehave("http-503@handshake*inf")
    bounds = Bounds(connect=0.2)
    with connect(api_key=engine.api_key, base_url=engine.url, bounds=bounds) as session:
        sweep = session.sweep("Hello.", speed=SPEEDS, repeats=2)
        with pytest.raises(ConnectError):
            sweep.wait(20)
        assert (sweep.state, sweep.done, sweep.failed) == ("failed", 0, 0)
        engine.misbehave()
        assert sweep.start().wait(30).done == 6
        assert sweep.error is None


def test_a_server_that_is_away_for_a_while_costs_no_row(engine: EngineProcess) -> None:
    engine.misbehave("http-503@handshake*inf")
    bounds = Bounds(connect=0.4)
    with connect(api_key=engine.api_key, base_url=engine.url, bounds=bounds) as session:
        sweep = session.sweep("Hello.", repeats=4)
        until(lambda: sweep._runner is not None and sweep._runner._connects, "a try has failed")
        engine.misbehave()
        assert sweep.wait(30).done == 4


def test_a_network_that_was_there_may_be_away_for_longer_and_what_was_not_sent_is_not_counted(
    engine: EngineProcess,
) -> None:
    bounds = Bounds(connect=0.1)
    with connect(api_key=engine.api_key, base_url=engine.url, bounds=bounds) as session:
        sweep = session.sweep("Hello.", repeats=200)
        until(lambda: sweep.done, "something was spoken")
        engine.misbehave("drop@0*1", "http-503@handshake*inf")
        runner = sweep._runner
        assert runner is not None
        until(lambda: max(runner._connects.values(), default=0) > CONNECTS, "it tries on")
        engine.misbehave()
        sweep.wait(30)
        assert sweep.state == "done" and sweep.done + sweep.failed == 200
        assert sweep._now().characters == 200 * 6


def test_a_full_disk_stops_it_and_what_was_spoken_is_kept_and_written_later(
    engine: EngineProcess, session: Session, tmp_path: Path
) -> None:
    before = asked(engine)
    with no_file_over(100_000):
        sweep = session.sweep("Hello, this is a sentence.", speed=SPEEDS, folder=tmp_path / "s")
        with pytest.raises(TakeFileError, match="Make room there"):
            sweep.wait(30)
    assert (sweep.state, sweep.done, sweep.failed) == ("failed", 0, 0)
    spoken = asked(engine) - before
    assert 1 <= spoken <= 4
    assert not list((tmp_path / "s" / "takes").iterdir())
    assert sweep.start().wait(30).done == 9
    assert asked(engine) - before == 9  # none of them was spoken twice
    assert all(take.duration > 0.5 for take in sweep.takes())


def test_a_folder_that_goes_away_stops_it(session: Session, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="can't be written"):
        session.sweep("Hello.", folder=tmp_path / "file" / "sweep")
    sweep = session.sweep("Hello.", folder=tmp_path / "sweep", repeats=1).wait(20)
    takes = sweep.folder / "takes"
    for path in takes.iterdir():
        path.unlink()
    takes.rmdir()
    takes.write_text("no folder")
    with pytest.raises(OSError, match="can't be written"):
        sweep.start()
    takes.unlink()
    assert sweep.start().wait(20).done == 1


def test_over_the_budget_nothing_is_sent_or_made(
    engine: EngineProcess, session: Session, tmp_path: Path
) -> None:
    before = asked(engine)
    with pytest.raises(SettingsError, match=r"30 characters, and its budget is 29.*budget=30"):
        session.sweep("12345", speed=SPEEDS, repeats=2, budget=29, folder=tmp_path / "s")
    with pytest.raises(SettingsError, match="its budget is 10,000"):
        session.sweep("x" * 5001, repeats=2)
    assert asked(engine) == before and not (tmp_path / "s").exists()
    assert session.sweep("12345", repeats=2, budget=10).wait(20).done == 2
