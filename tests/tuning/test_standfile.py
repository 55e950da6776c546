"""What stood on a tuner's controls, written and read again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia_nb.errors import TakeFileError
from cartesia_nb.speech.settings import Settings
from cartesia_nb.tuning import standfile
from cartesia_nb.tuning.speaking import Wanted

EVERYTHING = Settings(
    model_id="sonic-2",
    voice='it\'s "mine"',
    language="de",
    encoding="pcm_mulaw",
    sample_rate=8000,
    speed=0.853,
    volume=1.25,
    emotion="calm",
    max_buffer_delay_ms=333,
    add_timestamps=False,
    add_phoneme_timestamps=True,
    use_normalized_timestamps=False,
    pronunciation_dict_id="d",
    extra={"new": [1, None, {"a": 'ü\n"'}]},
)


@pytest.mark.parametrize("settings", [Settings(), EVERYTHING], ids=["defaults", "everything"])
def test_settings_come_back_equal(settings: Settings, tmp_path: Path) -> None:
    standfile.save(tmp_path, Wanted("Hi.", settings))
    assert standfile.load(tmp_path) == Wanted("Hi.", settings)
    assert [path.name for path in tmp_path.iterdir()] == [standfile.NAME]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_equal(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    standfile.save(folder, Wanted(text, Settings()))
    assert standfile.load(folder) == Wanted(text, Settings())


def test_half_a_character_is_no_reason_to_lose_the_rest(tmp_path: Path) -> None:
    standfile.save(tmp_path, Wanted("a\ud800b", EVERYTHING))
    assert standfile.load(tmp_path) == Wanted("a?b", EVERYTHING)


def test_where_nothing_was_written_there_is_nothing(tmp_path: Path) -> None:
    assert standfile.load(tmp_path) is None


def _content(**other: object) -> bytes:
    kept = {"cartesia_nb_tuner": 1, "text": "Hi.", "settings": {}}
    return json.dumps({**kept, **other}).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b"[" * 100_000,
        _content(cartesia_nb_tuner=2),
        _content(settings=None),
        _content(settings=[1]),
        _content(settings={"speed": 9}),
        _content(settings={"speeed": 1}),
        _content(settings={"speed": "fast"}),
        _content(text=None),
    ],
)
def test_a_file_that_is_none_is_told_in_a_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / standfile.NAME).write_bytes(content)
    with pytest.raises(TakeFileError, match="What stood on the controls can't be read from"):
        standfile.load(tmp_path)


def test_a_folder_is_made_with_all_above_it(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    standfile.prepare(folder)
    standfile.prepare(folder)
    assert folder.is_dir()


def test_a_folder_that_cannot_be_is_told_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for folder in (file, file / "below"):
        with pytest.raises(TakeFileError, match=r"can't be made: .* Choose one that you may"):
            standfile.prepare(folder)


def test_what_cannot_be_written_leaves_what_was(tmp_path: Path) -> None:
    standfile.save(tmp_path, Wanted("Before.", Settings()))
    with pytest.raises(TakeFileError, match="can't be written"):
        standfile.save(tmp_path / "gone", Wanted("After.", Settings()))
    assert standfile.load(tmp_path) == Wanted("Before.", Settings())
