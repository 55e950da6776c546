"""PCM to samples and back, against ITU-T G.711's own numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia_nb.protocol.encodings import BYTES_PER_SAMPLE, ENCODINGS, decode, encode

ALL_CODES = bytes(range(256))


@given(st.lists(st.floats(-1.5, 1.5, width=32)))
def test_f32_passes_through_bit_for_bit(values: list[float]) -> None:
    samples = np.array(values, dtype=np.float32)
    assert np.array_equal(decode(encode(samples, "pcm_f32le"), "pcm_f32le"), samples)


@given(st.lists(st.integers(-32768, 32767)))
def test_s16_passes_through_exactly(values: list[int]) -> None:
    pcm = np.array(values, dtype="<i2").tobytes()
    assert encode(decode(pcm, "pcm_s16le"), "pcm_s16le") == pcm


@pytest.mark.parametrize("encoding", ["pcm_mulaw", "pcm_alaw"])
def test_every_code_comes_back_as_a_code_of_the_same_value(encoding: str) -> None:
    values = decode(ALL_CODES, encoding)
    # µ-law has two zeros, so compare values, not codes.
    assert np.array_equal(decode(encode(values, encoding), encoding), values)


@pytest.mark.parametrize("encoding", ["pcm_mulaw", "pcm_alaw"])
def test_companded_sound_is_decoded_as_in_the_page(encoding: str) -> None:
    """``js/test`` reads the same table."""
    table = json.loads((Path(__file__).parents[1] / "fixtures/pcm/g711.json").read_text("utf-8"))
    assert (decode(ALL_CODES, encoding) * 32768).astype(int).tolist() == table[encoding]


def test_mulaw_has_g711s_values() -> None:
    linear = decode(ALL_CODES, "pcm_mulaw") * 32768
    assert linear[0x00] == -32124
    assert linear[0x80] == 32124
    assert linear[0xFF] == linear[0x7F] == 0
    assert linear[0xF0] == 120
    assert linear[0x0F] == -16764


def test_alaw_has_g711s_values() -> None:
    linear = decode(ALL_CODES, "pcm_alaw") * 32768
    assert linear[0x2A] == -32256
    assert linear[0xAA] == 32256
    assert linear[0xD5] == 8
    assert linear[0x55] == -8
    assert linear[0x00] == -5504


@pytest.mark.parametrize(("encoding", "worst"), [("pcm_mulaw", 0.016), ("pcm_alaw", 0.016)])
def test_companding_stays_close(encoding: str, worst: float) -> None:
    samples = np.linspace(-0.95, 0.95, 20_001, dtype=np.float32)
    assert np.abs(decode(encode(samples, encoding), encoding) - samples).max() < worst


@pytest.mark.parametrize("encoding", ["pcm_s16le", "pcm_mulaw", "pcm_alaw"])
def test_too_loud_is_clipped_not_wrapped(encoding: str) -> None:
    loud = decode(encode(np.array([3.0, -3.0], dtype=np.float32), encoding), encoding)
    assert loud[0] > 0.95
    assert loud[1] < -0.95


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_bytes_of_an_unfinished_sample_are_ignored(encoding: str) -> None:
    pcm = encode(np.array([0.5, -0.5], dtype=np.float32), encoding)
    extra = b"\x01" * (BYTES_PER_SAMPLE[encoding] - 1)
    assert np.array_equal(decode(pcm + extra, encoding), decode(pcm, encoding))


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(KeyError):
        decode(b"", "mp3")
    with pytest.raises(KeyError):
        encode(np.zeros(1, dtype=np.float32), "mp3")
