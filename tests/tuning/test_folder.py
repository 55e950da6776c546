"""A sweep's folder: what it holds, what a killed process leaves in it, and who may write."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cartesia_nb.errors import SettingsError, SweepFolderError
from cartesia_nb.speech.backend import CARTESIA, ENGINE, Backend
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.timeline import Timeline
from cartesia_nb.tuning.folder import Folder
from cartesia_nb.tuning.index import Index
from cartesia_nb.tuning.plan import Plan
from tests.tuning.conditions import no_file_over

SESSION = Settings(encoding="pcm_s16le", sample_rate=8000)
PLAN = Plan(("One.",), tuple(SESSION.replace(speed=speed) for speed in (0.8, 1.0, 1.2)), 1)


def spoken(number: int, backend: Backend = ENGINE) -> Take:
    """A take as one of the plan would come."""
    job = PLAN.job(number)
    recording = Recording(job.settings, backend)
    recording.restore(
        text=job.text,
        pcm=bytes(1600),
        words=[],
        phonemes=[],
        timeline=Timeline(8000, 2),
        state="done",
        error=None,
    )
    return Take(recording)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder.make(tmp_path / "sweep", PLAN, ENGINE, SESSION)
    made.lock()
    made.save(1, spoken(1))
    made.release()
    return made


def again(folder: Folder) -> Folder:
    """The folder as another process finds it and puts it in order."""
    found = Folder.make(folder.path, PLAN, ENGINE, SESSION)
    found.lock()
    found.release()
    return found


def states(folder: Folder) -> list[str]:
    return [folder.index.state(number) for number in (1, 2, 3)]


def test_what_was_saved_is_there_for_the_next_one(folder: Folder) -> None:
    found = again(folder)
    assert found.plan == PLAN and found.backend == ENGINE and found.session == SESSION
    assert states(found) == ["done", "waiting", "waiting"]
    assert Take.load(found.path / str(found.index.ending(1)["take"])).text == "One."


def test_it_may_be_moved(folder: Folder, tmp_path: Path) -> None:
    shutil.move(folder.path, tmp_path / "elsewhere")
    found = Folder.load(tmp_path / "elsewhere")
    assert states(found) == ["done", "waiting", "waiting"]
    assert Take.load(found.path_of(1)).text == "One."


def test_a_take_that_was_saved_and_not_entered_is_adopted(folder: Folder) -> None:
    spoken(2).save(folder.path_of(2))
    assert states(again(folder)) == ["done", "done", "waiting"]


def test_a_take_that_had_failed_and_was_saved_when_tried_again_is_adopted(folder: Folder) -> None:
    folder.enter(2, "failed", "busy")
    spoken(2).save(folder.path_of(2))
    assert states(again(folder)) == ["done", "done", "waiting"]


def test_a_line_torn_in_the_middle_of_the_index_costs_no_take(folder: Folder) -> None:
    path = folder.path / "index.jsonl"
    path.write_bytes(b'{"number": 2, "sta' + path.read_bytes())
    assert states(again(folder)) == ["done", "waiting", "waiting"]


def test_a_take_of_something_else_is_not_adopted(folder: Folder) -> None:
    spoken(2).save(folder.path_of(3))  # other settings
    spoken(2, CARTESIA).save(folder.path_of(2))
    assert states(again(folder)) == ["done", "waiting", "waiting"]


@pytest.mark.parametrize(
    "left", ["no JSON", "no WAV", "half a JSON", "an empty JSON", "half a WAV"]
)
def test_a_half_written_take_is_to_be_made_again(folder: Folder, left: str) -> None:
    spoken(2).save(folder.path_of(2))
    wav, plain = folder.path_of(2), folder.path_of(2).with_suffix(".json")
    if left == "no JSON":
        plain.unlink()
    elif left == "no WAV":
        wav.unlink()
    elif left == "half a JSON":
        plain.write_bytes(plain.read_bytes()[:100])
    elif left == "an empty JSON":
        plain.write_bytes(b"")
    else:
        wav.write_bytes(wav.read_bytes()[:400])
    assert states(again(folder)) == ["done", "waiting", "waiting"]


@pytest.mark.parametrize("suffix", [".wav", ".json"])
@pytest.mark.parametrize("kept", [0, 5, 40])
def test_a_take_that_was_copied_in_part_is_to_be_made_again(
    folder: Folder, suffix: str, kept: int
) -> None:
    path = folder.path_of(1).with_suffix(suffix)
    assert folder.is_whole()
    path.write_bytes(path.read_bytes()[:kept])
    assert not folder.is_whole()
    assert states(again(folder)) == ["waiting"] * 3


def test_what_else_lies_among_the_takes_is_left_alone(folder: Folder) -> None:
    (folder.path / "takes" / "mine").mkdir()
    (folder.path / "takes" / "notes.txt").write_text("the second is best")
    assert states(again(folder)) == ["done", "waiting", "waiting"]
    assert len(list((folder.path / "takes").iterdir())) == 4


def test_a_line_that_finds_no_room_leaves_the_index_as_it_was(folder: Folder) -> None:
    path = folder.path / "index.jsonl"
    before = path.read_bytes()
    with no_file_over(len(before) + 10), pytest.raises(SweepFolderError, match="can't be written"):
        folder.enter(2, "failed", "busy")
    assert path.read_bytes() == before
    folder.enter(3, "failed", "busy")
    assert states(Folder.load(folder.path)) == ["done", "waiting", "failed"]


def test_a_take_whose_files_were_deleted_is_to_be_made_again(folder: Folder) -> None:
    folder.path_of(1).unlink()
    found = again(folder)
    assert states(found) == ["waiting"] * 3 and found.index.count("done") == 0


def test_what_a_killed_process_was_writing_is_cleared_away(folder: Folder) -> None:
    left = folder.path / "takes" / ".00002.wav.123.partial"
    left.write_bytes(b"half")
    again(folder)
    assert not left.exists()


def test_a_torn_last_line_is_cut_off_and_the_rest_counts(folder: Folder) -> None:
    path = folder.path / "index.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"number": 2, "sta')
    assert states(Folder.load(folder.path)) == ["done", "waiting", "waiting"]
    assert path.read_bytes() != whole  # who only reads changes nothing
    assert states(again(folder)) == ["done", "waiting", "waiting"]
    assert path.read_bytes() == whole


def test_rubbish_among_the_lines_costs_nothing_else(folder: Folder) -> None:
    path = folder.path / "index.jsonl"
    path.write_bytes(b'\0\xff rubbish\n[1]\n{"number": 99, "state": "done"}\n' + path.read_bytes())
    assert states(again(folder)) == ["done", "waiting", "waiting"]


def test_the_last_line_of_a_kind_counts_and_a_new_take_has_no_figures(tmp_path: Path) -> None:
    index = Index(tmp_path / "index.jsonl", 2)
    index.append({"number": 1, "state": "failed", "error": "busy"})
    index.append({"number": 1, "state": "done"})
    index.append({"number": 1, "figures": {"ttfb": 1.0}})
    index.append({"number": 1, "figures": {"ttfb": 2.0}})
    assert (index.count("done"), index.count("failed"), index.measured) == (1, 0, 1)
    assert index.figures(1) == {"ttfb": 2.0}
    index.append({"number": 1, "state": "done"})
    assert index.figures(1) == {} and index.measured == 0
    other = Index(tmp_path / "index.jsonl", 2)
    other.read()
    assert other.state(1) == "done" and other.measured == 0


def test_figures_of_other_names_stay_when_some_are_computed_anew(folder: Folder) -> None:
    folder.enter_figures(1, {"ttfb": 1.0, "mine": 3})
    folder.enter_figures(1, {"ttfb": 2.0, "more": 4})
    assert folder.index.figures(1) == {"ttfb": 2.0, "mine": 3, "more": 4}


def test_one_at_a_time_writes(folder: Folder) -> None:
    other = Folder.load(folder.path)
    folder.lock()
    with pytest.raises(SweepFolderError, match=f"is writing {folder.path}"):
        other.lock()
    folder.release()
    other.lock()
    other.release()


def test_the_folder_of_another_sweep_is_refused_with_what_differs(folder: Folder) -> None:
    other = Plan(("Two.",), PLAN.settings, 1)
    with pytest.raises(SettingsError, match=r"text 1 is 'One\.' there"):
        Folder.make(folder.path, other, ENGINE, SESSION)


def test_the_folder_of_another_backend_is_refused(folder: Folder) -> None:
    with pytest.raises(SettingsError, match=r"built-in engine .* spoke there, Cartesia would here"):
        Folder.make(folder.path, PLAN, CARTESIA, SESSION)


def test_a_folder_with_other_takes_is_refused_and_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "takes" / "00001.wav"
    mine.parent.mkdir()
    mine.write_bytes(b"dear to me")
    with pytest.raises(SettingsError, match="not the folder of a sweep"):
        Folder.make(tmp_path, PLAN, ENGINE, SESSION)
    assert mine.read_bytes() == b"dear to me"


def test_a_folder_of_a_later_version_is_refused(folder: Folder) -> None:
    manifest = folder.path / "sweep.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "cartesia_nb_sweep": 2}))
    with pytest.raises(SettingsError, match="written by a later version"):
        Folder.load(folder.path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"cartesia_nb_sweep": 1}', b"\xff"])
def test_a_manifest_that_is_none_is_said(folder: Folder, content: bytes) -> None:
    (folder.path / "sweep.json").write_bytes(content)
    with pytest.raises(SettingsError, match="not of a sweep that this version can read"):
        Folder.load(folder.path)


def test_what_can_not_be_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SweepFolderError, match="can't be written: "):
        Folder.make(tmp_path / "file" / "sweep", PLAN, ENGINE, SESSION)
    with pytest.raises(SweepFolderError, match="can't be read: No such file"):
        Folder.load(tmp_path / "nowhere")


def test_a_copy_is_whole_and_overwrites_nothing(folder: Folder, tmp_path: Path) -> None:
    copy = Folder.load(folder.copy(tmp_path / "copy"))
    assert states(copy) == ["done", "waiting", "waiting"]
    assert Take.load(copy.path_of(1)).text == "One."
    with pytest.raises(SweepFolderError, match="has something in it"):
        folder.copy(tmp_path / "copy")


def test_it_is_not_copied_into_itself(folder: Folder) -> None:
    with pytest.raises(SweepFolderError, match="within the sweep's own folder"):
        folder.copy(folder.path / "takes" / "copy")
    assert not (folder.path / "takes" / "copy").exists()


def test_a_folder_whose_beginning_found_no_room_is_begun_again(tmp_path: Path) -> None:
    with no_file_over(10), pytest.raises(SweepFolderError, match="Make room there"):
        Folder.make(tmp_path / "sweep", PLAN, ENGINE, SESSION)
    assert states(again(Folder.make(tmp_path / "sweep", PLAN, ENGINE, SESSION))) == ["waiting"] * 3
