"""A take's chunks as rows: their keys and values, in tables of others, and in files."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from cartesia_nb.errors import TakeFileError
from cartesia_nb.speech import backend
from cartesia_nb.speech.recording import Recording, Word
from cartesia_nb.speech.records import Record
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.timeline import Timeline
from tests.speech.heard import heard, timeline_of

INTEGERS = {"index", "offset", "size"}


def told() -> Timeline:
    """Three chunks of which a page heard two, and the server said its time for one."""
    timeline = timeline_of((50.1, 0.5), (50.3, 0.5))
    timeline.add_chunk(3200, received=50.4, step_time=12.5, flush_id=2)
    timeline.add_sent(32_000, 50.35)
    heard(timeline, (0.0, 0.9, 50.2), arrived=[50.11, 50.36])
    return timeline


def test_each_stage_counts_from_the_request() -> None:
    row = told().to_records()[1]
    assert list(row) == list(Record.__annotations__)
    wanted = {
        "pushed_at": 0.0,
        "received_at": 0.3,
        "since_request": 0.3,
        "sent_at": 0.35,
        "arrived_at": 0.36,
        "decoded_at": 0.362,
        "audible_at": 0.7,
        "clock_error": 0.004,
        "in_hand": 0.34,
        "gap": 0.2,
        "ahead": 0.3,
        "dry": 0.0,
        "received": 50.3,
    }
    assert {name: row[name] for name in wanted} == pytest.approx(wanted)  # type: ignore[literal-required]  # its keys


def test_what_is_unknown_is_none() -> None:
    last = told().to_records()[2]
    assert [name for name, value in last.items() if value is None] == [
        "sent_at",
        "arrived_at",
        "decoded_at",
        "audible_at",
        "clock_error",
        "in_hand",
    ]
    (row,) = timeline_of((50.1, 0.5), requested=None).to_records()
    assert row["received"] == 50.1
    assert row["since_request"] is row["received_at"] is row["pushed_at"] is None


def test_the_words_of_the_take_tell_which_text_a_chunk_speaks() -> None:
    recording = Recording(Settings(sample_rate=8000), backend.ENGINE)
    timeline = recording.timeline
    for piece, now in (("Hello ", 50.0), ("there. ", 51.0), ("Bye.", 52.0)):
        recording.add_text(piece)
        timeline.sending(now, len(recording.text))
    for received in (51.5, 52.5):
        recording.add_audio(bytes(16_000), received=received, step_time=None, flush_id=None)
    assert [row["pushed_at"] for row in timeline.to_records()] == [None, None]
    recording.add_words([Word("Hello", 0, 0.2), Word("there.", 0.2, 0.5)], None)
    recording.add_words([Word("Bye.", 0.5, 0.9)], None)
    assert [row["pushed_at"] for row in timeline.to_records()] == [0.0, 2.0]


def test_a_saved_take_gives_the_same_rows(tmp_path: Path) -> None:
    recording = Recording(Settings(sample_rate=8000), backend.ENGINE)
    for piece, now in (("Hello ", 50.0), ("there. ", 51.0)):
        recording.add_text(piece)
        recording.timeline.sending(now, len(recording.text))
    recording.add_audio(bytes(16_000), received=51.5, step_time=3.0, flush_id=None)
    recording.add_words([Word("there.", 0.2, 0.5)], None)
    recording.timeline.add_sent(16_000, 51.6)
    heard(recording.timeline, (0.0, 0.5, 51.7))
    recording.end("done", 52.0)
    before = Take(recording)
    after = Take.load(before.save(tmp_path / "take"))
    (row,), (again,) = before.timeline.to_records(), after.timeline.to_records()
    assert row["pushed_at"] == 1.0
    assert row["audible_at"] is not None
    # A clock that is no more asked widens a moment by what it drifts to the nearest it kept.
    assert again == pytest.approx(row, abs=1e-4)
    assert after.metrics.to_dict() == pytest.approx(before.metrics.to_dict(), abs=1e-4)


# --- tables of others ----------------------------------------------------------------------------


def test_pandas_takes_them_as_they_are() -> None:
    frame = pd.DataFrame(told().to_records())
    assert list(frame.columns) == list(Record.__annotations__)
    for name, kind in frame.dtypes.items():
        assert kind == ("int64" if name in INTEGERS else "float64"), name
    assert frame["audible_at"].isna().tolist() == [False, False, True]
    assert frame["audible_at"].iloc[1] == pytest.approx(0.7)


def test_polars_takes_them_as_they_are() -> None:
    frame = pl.DataFrame(told().to_records())
    assert frame.columns == list(Record.__annotations__)
    for name, kind in frame.schema.items():
        assert kind == (pl.Int64 if name in {*INTEGERS, "flush_id"} else pl.Float64), name
    assert frame["audible_at"].is_null().to_list() == [False, False, True]


def test_polars_takes_a_long_take_whose_page_came_late_when_it_looks_at_all_rows() -> None:
    timeline = timeline_of(*((50.1 + index * 0.1, 0.1) for index in range(150)))
    heard(timeline, (0.0, 15.0, 70.0), arrived=[])
    rows = [{**row, "audible_at": None} for row in timeline.to_records()[:120]]
    rows += [{**row} for row in timeline.to_records()[120:]]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    assert frame["audible_at"].dtype == pl.Float64
    assert frame["audible_at"].null_count() == 120


def test_no_chunks_make_an_empty_table() -> None:
    assert timeline_of().to_records() == []
    assert len(pd.DataFrame(timeline_of().to_records())) == 0
    assert len(pl.DataFrame(timeline_of().to_records())) == 0


# --- files ---------------------------------------------------------------------------------------


def test_json_brings_back_every_value(tmp_path: Path) -> None:
    timeline = told()
    path = timeline.to_json(tmp_path / "chunks.json")
    assert path == tmp_path / "chunks.json"
    assert json.loads(path.read_text("utf-8")) == timeline.to_records()
    assert pd.read_json(path).shape == (3, 20)


def test_csv_brings_back_every_value(tmp_path: Path) -> None:
    timeline = told()
    path = timeline.to_csv(str(tmp_path / "chunks.csv"))
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    wanted = timeline.to_records()
    assert list(rows[0]) == list(wanted[0])
    for row, want in zip(rows, wanted, strict=True):
        back = {name: None if text == "" else float(text) for name, text in row.items()}
        assert back == want
    assert pd.read_csv(path)["received_at"].iloc[1] == wanted[1]["received_at"]
    assert pl.read_csv(path)["audible_at"].null_count() == 1


def test_a_take_without_chunks_is_a_table_without_rows(tmp_path: Path) -> None:
    timeline = timeline_of()
    assert timeline.to_csv(tmp_path / "a.csv").read_text().split(",")[0] == "index"
    assert json.loads(timeline.to_json(tmp_path / "a.json").read_text()) == []


def test_where_nothing_can_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(TakeFileError, match="can't be written"):
        told().to_csv(tmp_path / "no" / "such.csv")
    with pytest.raises(TakeFileError, match="can't be written"):
        told().to_json(tmp_path / "no" / "such.json")


def test_every_value_is_plain() -> None:
    for row in told().to_records():
        for value in row.values():
            assert value is None or type(value) in (int, float)
            assert value is None or math.isfinite(value)  # type: ignore[arg-type]  # a number, by the line above
