"""Answers: each trial's counts once, and what was not answered is in nothing."""

from __future__ import annotations

import json
import math
import threading
from pathlib import Path
from typing import Any

import pytest

from cartesia_nb.errors import SettingsError
from cartesia_nb.tuning.answerfile import AnswerFile, Record
from cartesia_nb.tuning.sitting import Sitting
from cartesia_nb.tuning.trials import Kind

LABELS = ("slow", "quick", "other")
TEST = {"cartesia_nb_blind_test": 1, "kind": "abx", "labels": list(LABELS), "trials": 12}
TEST |= {"takes": []}


def answer(sitting: Sitting, choice: str = "A", **more: object) -> bool:
    current = sitting.current
    assert current is not None
    return sitting.answer({"trial": current[0], "choice": choice, **more})


@pytest.mark.parametrize("kind", ["ab", "abx"])
def test_an_answer_is_of_what_was_shown(kind: Kind) -> None:
    sitting = Sitting(kind, LABELS, 2, 24)
    while (current := sitting.current) is not None:
        number, trial = current
        choice = "AB"[number % 2]
        heard = [1.0, 2.0] if kind == "ab" else [1.0, 2.0, 3.0]
        assert sitting.answer(
            {"trial": number, "choice": choice, "seconds": 4.5, "switches": 6, "heard": heard}
        )
        record = sitting.records()[-1]
        shown = [LABELS[trial.first], LABELS[trial.second]]
        assert (record["trial"], record["kind"]) == (number, kind)
        assert {record["a"], record["b"]} == set(shown)
        assert record["text_number"] == trial.text + 1
        assert record["shown_first"] == shown[0]
        assert record["chosen"] == shown["AB".index(choice)]
        swapped = record["a"] != shown[0]
        assert [record["heard_a"], record["heard_b"]] == ([2.0, 1.0] if swapped else [1.0, 2.0])
        assert (record["seconds"], record["switches"]) == (4.5, 6)
        if trial.x is None:
            assert (record["x"], record["correct"], record["heard_x"]) == (None, None, None)
        else:
            assert record["x"] == LABELS[trial.x]
            assert record["correct"] is (record["chosen"] == record["x"])
            assert record["heard_x"] == 3.0
    assert sitting.done
    assert {row["shown_first"] == row["a"] for row in sitting.records()} == {True, False}


# Any: what a page might send.
@pytest.mark.parametrize(
    "message",
    [
        {},
        {"trial": 1},
        {"trial": 1, "choice": "X"},
        {"trial": 1, "choice": "a"},
        {"trial": 1, "choice": ["A"]},
        {"trial": 1, "choice": None},
        {"trial": 0, "choice": "A"},
        {"trial": 2, "choice": "A"},
        {"trial": "1", "choice": "A"},
        {"trial": True, "choice": "A"},
        {"trial": None, "choice": "A"},
        {"trial": math.nan, "choice": "A"},
        {"trial": [1], "choice": "A"},
    ],
)
def test_what_is_no_answer_to_this_trial_is_left_out(message: dict[str, Any]) -> None:
    sitting = Sitting("ab", LABELS, 1, 4)
    assert not sitting.answer(message)
    assert sitting.answered == 0
    assert answer(sitting)
    assert not sitting.answer({"trial": 1, "choice": "B"}), "answered once, it is answered"
    assert sitting.answered == 1


@pytest.mark.parametrize(
    "more",
    [
        {"seconds": -1.0, "switches": -1, "heard": [1.0]},
        {"seconds": math.inf, "switches": 1.5, "heard": "long"},
        {"seconds": "4", "switches": "4", "heard": ["1", None]},
        {"seconds": True, "switches": True, "heard": [True, -1]},
        {"seconds": 10**400, "switches": 10**400, "heard": [math.nan, 10**400]},
    ],
)
def test_what_cannot_be_read_beside_an_answer_is_unknown(more: dict[str, Any]) -> None:
    sitting = Sitting("ab", LABELS[:2], 1, 1)
    assert answer(sitting, **more)
    (record,) = sitting.records()
    beside = ("seconds", "switches", "heard_a", "heard_b", "heard_x")
    assert [record[name] for name in beside] == [None] * 5
    json.dumps(record, allow_nan=False)


def test_of_many_that_answer_at_once_one_counts() -> None:
    sitting = Sitting("ab", LABELS, 1, 50)
    taken: list[bool] = []
    start = threading.Barrier(8)

    def page() -> None:
        start.wait(10)
        for number in range(1, 51):
            taken.append(sitting.answer({"trial": number, "choice": "A"}))

    pages = [threading.Thread(target=page) for _ in range(8)]
    for each in pages:
        each.start()
    for each in pages:
        each.join(10)
    assert sum(taken) == sitting.answered
    assert [row["trial"] for row in sitting.records()] == list(range(1, sitting.answered + 1))


def half(path: Path) -> tuple[Sitting, list[Record]]:
    file = AnswerFile(path)
    sitting = Sitting("abx", LABELS, 1, 12, records=file.open(TEST), file=file)
    for _ in range(7):
        answer(sitting)
    return sitting, sitting.records()


def test_a_sitting_goes_on_from_its_file(tmp_path: Path) -> None:
    _, records = half(tmp_path / "t.jsonl")
    file = AnswerFile(tmp_path / "t.jsonl")
    again = Sitting("abx", LABELS, 1, 12, records=file.open(TEST), file=file)
    assert again.records() == records
    current = again.current
    assert current is not None
    assert current[0] == 8
    while not again.done:
        answer(again, "B")
    pairs = [(row["a"], row["b"]) for row in again.records()]
    assert {pair: pairs.count(pair) for pair in set(pairs)} == dict.fromkeys(set(pairs), 4)
    assert AnswerFile(tmp_path / "t.jsonl").open(TEST) == again.records()


def test_the_file_holds_nothing_of_what_is_to_come(tmp_path: Path) -> None:
    half(tmp_path / "t.jsonl")
    lines = (tmp_path / "t.jsonl").read_text().splitlines()
    assert json.loads(lines[0]) == TEST
    assert [json.loads(line)["trial"] for line in lines[1:]] == list(range(1, 8))


@pytest.mark.parametrize(
    "change",
    [
        {"trial": 2},
        {"chosen": "else"},
        {"correct": None},
        {"text_number": 9},
        {"x": None},
        {"a": "quick", "b": "slow"},
        {"shown_first": 3},
    ],
)
def test_a_line_that_is_no_answer_is_told_by_its_number(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    half(tmp_path / "t.jsonl")
    file = AnswerFile(tmp_path / "t.jsonl")
    records = file.open(TEST)
    records[2] |= change
    with pytest.raises(SettingsError, match=r"Line 4 of .*no answer to trial 3"):
        Sitting("abx", LABELS, 1, 12, records=records, file=file)


def test_more_answers_than_trials_are_refused(tmp_path: Path) -> None:
    _, records = half(tmp_path / "t.jsonl")
    with pytest.raises(SettingsError, match="trial 6"):
        Sitting("abx", LABELS, 1, 5, records=records)


def test_results_are_of_what_was_answered_alone() -> None:
    sitting = Sitting("abx", LABELS, 1, 12)
    assert [score.n for score in sitting.results()] == [0, 0, 0]
    answer(sitting)
    assert sum(score.n for score in sitting.results(["It rained."])) == 1
    assert str(sitting.results(["It rained."])).endswith("It rained.")
    assert sitting.results().left == 11


def test_trouble_with_the_file_is_told_and_mended_by_asking_for_results(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "t.jsonl"
    path.parent.mkdir()
    file = AnswerFile(path)
    sitting = Sitting("abx", LABELS, 1, 12, records=file.open(TEST), file=file)
    moved = path.parent.rename(tmp_path / "moved")
    answer(sitting)
    told = str(sitting.trouble)
    assert told.startswith("1 answer is not in t.jsonl: No such file or directory.")
    assert told in str(sitting.results())
    moved.rename(path.parent)
    assert "No such file" not in str(sitting.results())
    assert str(sitting.trouble) == "None"
    assert AnswerFile(path).open(TEST) == sitting.records()
