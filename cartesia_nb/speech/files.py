"""Takes on disk: a WAV file in the take's own encoding, and a JSON file beside it."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import struct
from pathlib import Path
from typing import Final, cast

from cartesia_nb.errors import CartesiaNbError, SpeechError, TakeFileError
from cartesia_nb.speech.backend import Backend, BackendName
from cartesia_nb.speech.recording import Recording, State, Word
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.timeline import Timeline

VERSION: Final = 1

_WAV_FORMAT: Final = {"pcm_s16le": 1, "pcm_f32le": 3, "pcm_alaw": 6, "pcm_mulaw": 7}
"""Encoding to WAVE format tag (RFC 2361)."""


_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What a system says where there is no room: none at all, none for this user, none in one file."""


def wav_bytes(pcm: bytes, settings: Settings) -> bytes:
    """A WAV file around raw PCM; bytes after the last whole sample are left out."""
    size = settings.bytes_per_sample
    pcm = pcm[: len(pcm) - len(pcm) % size]
    form = struct.pack(
        "<HHIIHHH",
        _WAV_FORMAT[settings.encoding],
        1,
        settings.sample_rate,
        settings.bytes_per_second,
        size,
        8 * size,
        0,
    )
    # Formats other than plain PCM carry their number of samples in a "fact" chunk.
    chunks = [(b"fmt ", form), (b"fact", struct.pack("<I", len(pcm) // size)), (b"data", pcm)]
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
        for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def write_wav(path: Path, pcm: bytes, settings: Settings) -> Path:
    """Write a WAV file whole or not at all."""
    write_whole(path, wav_bytes(pcm, settings))
    return path


def save(recording: Recording, path: Path) -> Path:
    """Write ``path`` as ``.wav`` and ``.json``; the path of the latter."""
    pcm = recording.store.read()
    plain = {
        "cartesia_nb": VERSION,
        "id": recording.id,
        "text": recording.text,
        "state": recording.state,
        "error": None if recording.error is None else str(recording.error),
        "backend": {"name": recording.backend.name, "label": recording.backend.label},
        "settings": recording.settings.to_dict(),
        "bytes": len(pcm),
        "words": recording.words,
        "phonemes": recording.phonemes,
        "timeline": recording.timeline.to_dict(),
    }
    write_wav(path.with_suffix(".wav"), pcm, recording.settings)
    target = path.with_suffix(".json")
    write_whole(target, json.dumps(plain, ensure_ascii=False, indent=1).encode())
    return target


def load(path: Path) -> Recording:
    """Read what ``save`` wrote, given either of its two files."""
    source = path.with_suffix(".json")
    try:
        plain = json.loads(source.read_bytes())
        pcm = _data_of(path.with_suffix(".wav").read_bytes())
        return _recording(plain, pcm)
    except OSError as fault:
        raise TakeFileError(
            f"The take at {path} can't be read: {fault.strerror or fault}. take.save(path) writes "
            "a .wav and a .json; both are needed."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as fault:
        raise TakeFileError(
            f"{source} is not a take that this version can read ({type(fault).__name__}: {fault})."
        ) from None


def _recording(plain: dict[str, object], pcm: bytes) -> Recording:
    if plain.get("cartesia_nb") != VERSION:
        raise ValueError(f"written as version {plain.get('cartesia_nb')}, known is {VERSION}")
    backend = cast("dict[str, str]", plain["backend"])
    settings = Settings.of(**cast("dict[str, object]", plain["settings"]))
    recording = Recording(
        settings,
        Backend(cast(BackendName, backend["name"]), backend["label"]),
        context_id=cast(str, plain["id"]),
    )
    if (
        len(pcm)
        != cast(int, plain["bytes"]) // settings.bytes_per_sample * settings.bytes_per_sample
    ):
        raise ValueError(f"the WAV holds {len(pcm)} bytes of sound, the take had {plain['bytes']}")
    timeline = cast("dict[str, object]", plain["timeline"])
    error: CartesiaNbError | None = None
    if plain["error"] is not None:
        error = SpeechError(cast(str, plain["error"]))
    recording.restore(
        text=cast(str, plain["text"]),
        pcm=pcm,
        words=_words(plain["words"]),
        phonemes=_words(plain["phonemes"]),
        timeline=Timeline.from_dict(timeline),
        state=cast(State, plain["state"]),
        error=error,
    )
    return recording


def _words(rows: object) -> list[Word]:
    return [Word(str(a), float(b), float(c)) for a, b, c in cast("list[list[str]]", rows)]


def _data_of(wav: bytes) -> bytes:
    if wav[:4] != b"RIFF" or wav[8:12] != b"WAVE":
        raise ValueError("its sound is no WAV file")
    at = 12
    while at + 8 <= len(wav):
        (size,) = struct.unpack_from("<I", wav, at + 4)
        if wav[at : at + 4] == b"data":
            return wav[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    raise ValueError("its WAV file has no data")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        TakeFileError: if it can't be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # else the new name may be on the disk before what it names
        os.replace(partial, path)
    except OSError as fault:
        with contextlib.suppress(OSError):
            partial.unlink()
        advice = "Make room there, or choose another folder."
        if fault.errno not in _FULL:
            advice = "Choose a folder that exists and that you may write to."
        raise TakeFileError(
            f"{path} can't be written: {fault.strerror or fault}. {advice}"
        ) from None
