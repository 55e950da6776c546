"""A blind test's file: nothing lost, nothing doubled, no other test's."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cartesia_nb.errors import SettingsError
from cartesia_nb.tuning.answerfile import AnswerFile, Record, identity
from cartesia_nb.tuning.candidates import candidates
from tests.tuning.heard import take_of, tone

COMPARED = candidates({"slow": take_of(tone(0.5)), "quick": take_of(tone(0.4))})
TEST = identity("ab", COMPARED, 16)


def record(number: int) -> Record:
    return {"trial": number, "chosen": "slow"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "answers.jsonl"


@contextmanager
def full_after(size: int) -> Iterator[None]:
    """No file can grow beyond this size, as on a disk that is full: a part is still written."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def lines(path: Path) -> list[object]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_answers_come_back_in_order_and_go_on(path: Path) -> None:
    file = AnswerFile(path)
    assert file.trials() is None
    assert file.open(TEST) == []
    file.add(record(1))
    file.add(record(2))
    again = AnswerFile(path)
    assert again.trials() == 16
    assert again.open(TEST) == [record(1), record(2)]
    again.add(record(3))
    assert lines(path) == [TEST, record(1), record(2), record(3)]


def test_a_torn_last_line_is_cut_off_whatever_was_left_of_it(path: Path) -> None:
    file = AnswerFile(path)
    file.open(TEST)
    file.add(record(1))
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for length in {*range(len(whole) - 1)} - {first - 1}:
        path.write_bytes(whole[:length])
        again = AnswerFile(path)
        assert again.open(TEST) == []
        again.add(record(1))
        assert path.read_bytes() == whole, length
    assert first < len(whole)


def test_a_last_line_that_lacks_nothing_but_its_end_counts(path: Path) -> None:
    file = AnswerFile(path)
    for given in ([], [record(1)], [record(1), record(2)]):
        path.write_bytes(path.read_bytes().rstrip(b"\n") if given else b"")
        file = AnswerFile(path)
        file.trials()
        assert file.open(TEST) == given
        assert lines(path) == [TEST, *given]
        file.add(record(len(given) + 1))
    assert lines(path) == [TEST, record(1), record(2), record(3)]


def test_the_same_sound_is_the_same_test_whichever_take_it_is_in(path: Path) -> None:
    AnswerFile(path).open(TEST)
    same = candidates({"slow": take_of(tone(0.5)), "quick": take_of(tone(0.4))})
    assert AnswerFile(path).open(identity("ab", same, 16)) == []


@pytest.mark.parametrize(
    ("kind", "labels", "trials", "seconds", "said"),
    [
        ("abx", ("slow", "quick"), 16, 0.4, "its kind was 'ab', not 'abx'"),
        ("ab", ("slow", "fast"), 16, 0.4, "its labels was ['slow', 'quick']"),
        ("ab", ("slow", "quick"), 24, 0.4, "would make p too small"),
        ("ab", ("slow", "quick"), 16, 0.3, "a test of other takes under the same labels"),
    ],
)
def test_another_tests_file_is_refused_and_left_alone(
    path: Path, kind: str, labels: tuple[str, str], trials: int, seconds: float, said: str
) -> None:
    AnswerFile(path).open(TEST)
    before = path.read_bytes()
    other = candidates(dict(zip(labels, (take_of(tone(0.5)), take_of(tone(seconds))), strict=True)))
    with pytest.raises(SettingsError) as refusal:
        AnswerFile(path).open(identity(kind, other, trials))
    assert said in str(refusal.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"speed,volume\n1,2\n", "is no file of a blind test"),
        (b"just a line", "is no file of a blind test"),
        (b"[]\n", "is no file of a blind test"),
        (b"\xff\xfe\n", "is no file of a blind test"),
        (json.dumps(TEST).encode() + b"\nwhat\n" + b"{}\n", "Line 2"),
    ],
)
def test_what_is_no_file_of_ours_is_refused_and_left_alone(
    path: Path, content: bytes, said: str
) -> None:
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=said):
        AnswerFile(path).open(TEST)
    assert path.read_bytes() == content


def test_a_file_that_cannot_be_had_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be written: No such file"):
        AnswerFile(tmp_path / "nowhere" / "answers.jsonl").open(TEST)
    with pytest.raises(SettingsError, match="can't be read: Is a directory"):
        AnswerFile(tmp_path).open(TEST)


def test_on_a_full_disk_answers_are_kept_and_written_when_there_is_room(path: Path) -> None:
    file = AnswerFile(path)
    file.open(TEST)
    file.add(record(1))
    whole = path.read_bytes()
    with full_after(len(whole) + 5):
        file.add(record(2))
        assert file.error == "File too large"
        file.add(record(3))
        assert file.waiting == 2
        assert path.read_bytes() == whole, "no half of a line is left"
    file.add(record(4))
    assert f"{file.error}, {file.waiting}" == "None, 0"
    assert lines(path) == [TEST, *(record(number) for number in range(1, 5))]


def test_of_two_that_write_to_one_file_the_later_says_so_and_doubles_nothing(path: Path) -> None:
    first, second = AnswerFile(path), AnswerFile(path)
    first.open(TEST)
    second.open(TEST)
    second.add(record(1))
    first.add(record(1))
    assert first.error is not None
    assert "another run of this test has written to it" in first.error
    assert lines(path) == [TEST, record(1)]
