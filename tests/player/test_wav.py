"""The WAV file that a page lets a person download is the one that Python writes and reads.

The page's own test (``js/test/take/wav.test.ts``) holds its writer to the same fixture.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

import pytest

from cartesia_nb.speech import files
from cartesia_nb.speech.settings import Settings


class Case(TypedDict):
    encoding: str
    sample_rate: int
    pcm: str
    wav: str


FIXTURE = Path(__file__).parents[1] / "fixtures" / "pcm" / "wav.json"
CASES: list[Case] = json.loads(FIXTURE.read_text("utf-8"))


def settings(case: Case) -> Settings:
    return Settings.of(encoding=case["encoding"], sample_rate=case["sample_rate"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['encoding']}-{len(case['pcm'])}")
def test_the_pages_file_is_pythons_and_is_read_back(case: Case) -> None:
    pcm, wav = bytes.fromhex(case["pcm"]), bytes.fromhex(case["wav"])
    assert files.wav_bytes(pcm, settings(case)) == wav
    size = settings(case).bytes_per_sample
    assert files._data_of(wav) == pcm[: len(pcm) // size * size]


def test_every_encoding_is_among_them_with_its_format_tag() -> None:
    tags = {case["encoding"]: bytes.fromhex(case["wav"])[20] for case in CASES}
    assert tags == {"pcm_s16le": 1, "pcm_f32le": 3, "pcm_alaw": 6, "pcm_mulaw": 7}
