"""Takes on disk."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from cartesia_nb.errors import ConnectionLostError, TakeFileError
from cartesia_nb.speech import backend
from cartesia_nb.speech.recording import Recording, Word
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take


def take(encoding: str = "pcm_f32le", pcm: bytes | None = None) -> Take:
    recording = Recording(Settings(encoding=encoding, sample_rate=22050, speed=1.1), backend.ENGINE)
    recording.add_text("Grüße, Welt")
    recording.timeline.requested = 0.5
    pcm = np.linspace(-1, 1, 200, dtype="<f4").tobytes() if pcm is None else pcm
    recording.add_audio(pcm[:100], received=1.0, step_time=3.0, flush_id=None)
    recording.add_audio(pcm[100:], received=1.5, step_time=None, flush_id=1)
    recording.add_words([Word("Grüße,", 0.0, 0.3), Word("Welt", 0.3, 0.6)], None)
    recording.add_phonemes([Word("g", 0.0, 0.1)], None)
    recording.end("done", 2.0)
    return Take(recording)


def test_a_saved_take_comes_back_whole(tmp_path: Path) -> None:
    before = take()
    after = Take.load(before.save(tmp_path / "greeting"))
    for name in ("id", "text", "settings", "backend", "state", "pcm", "words", "phonemes"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.timeline.to_records() == before.timeline.to_records()
    assert after.metrics == before.metrics
    assert sorted(path.name for path in tmp_path.iterdir()) == ["greeting.json", "greeting.wav"]


def test_either_file_names_the_take(tmp_path: Path) -> None:
    take().save(tmp_path / "a.wav")
    assert Take.load(tmp_path / "a.wav").text == Take.load(tmp_path / "a.json").text


def test_a_failed_take_keeps_its_reason(tmp_path: Path) -> None:
    recording = Recording(Settings(), backend.ENGINE)
    recording.end("failed", 1.0, ConnectionLostError("The server went away."))
    after = Take.load(Take(recording).save(tmp_path / "failed"))
    assert after.state == "failed"
    assert str(after.error) == "The server went away."


@pytest.mark.parametrize(("encoding", "kind"), [("pcm_f32le", "float32"), ("pcm_s16le", "int16")])
def test_the_wav_is_one_that_others_read(tmp_path: Path, encoding: str, kind: str) -> None:
    one = take(encoding)
    rate, samples = wavfile.read(one.to_wav(tmp_path / "x.wav"))
    assert rate == 22050
    assert samples.dtype == kind
    assert samples.tobytes() == one.pcm


@pytest.mark.parametrize(("encoding", "tag"), [("pcm_mulaw", 7), ("pcm_alaw", 6)])
def test_companded_sound_stays_companded(tmp_path: Path, encoding: str, tag: int) -> None:
    one = take(encoding, pcm=bytes(range(101)))
    wav = one.to_wav(tmp_path / "x.wav").read_bytes()
    assert wav[20] == tag
    assert Take.load(one.save(tmp_path / "y")).pcm == one.pcm


def test_bytes_of_an_unfinished_sample_are_left_out_of_the_wav(tmp_path: Path) -> None:
    one = take("pcm_s16le", pcm=bytes(201))
    after = Take.load(one.save(tmp_path / "odd"))
    assert len(after.pcm) == 200


def test_a_take_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(TakeFileError, match="No such file"):
        Take.load(tmp_path / "nothing")


@pytest.mark.parametrize("damage", ["json", "wav", "version", "short"])
def test_a_damaged_take_is_said_so(tmp_path: Path, damage: str) -> None:
    path = take().save(tmp_path / "t")
    wav = path.with_suffix(".wav")
    if damage == "json":
        path.write_text("{")
    elif damage == "wav":
        wav.write_bytes(b"not sound")
    elif damage == "short":
        wav.write_bytes(wav.read_bytes()[:-40])
    else:
        path.write_text(json.dumps({**json.loads(path.read_text()), "cartesia_nb": 99}))
    with pytest.raises(TakeFileError, match="is not a take that this version can read"):
        Take.load(path)


def test_a_folder_that_is_not_there_is_said_so_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TakeFileError, match="can't be written"):
        take().save(tmp_path / "no" / "such")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = take().save(tmp_path / "t")
    assert stat.S_ISREG(path.stat().st_mode)
    assert not [name for name in tmp_path.iterdir() if "partial" in name.name]
