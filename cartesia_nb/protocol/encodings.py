"""The encodings of Cartesia's raw container, and the way to and from float samples.

Samples are float32, mono, full scale at ±1.0. µ-law and A-law follow ITU-T G.711.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

BYTES_PER_SAMPLE: Final = {"pcm_f32le": 4, "pcm_s16le": 2, "pcm_mulaw": 1, "pcm_alaw": 1}
"""Encoding name to bytes per sample."""

ENCODINGS: Final = tuple(BYTES_PER_SAMPLE)


def decode(pcm: bytes | bytearray | memoryview, encoding: str) -> Samples:
    """Turn raw PCM into float32 samples.

    Bytes after the last whole sample are ignored. 16-bit values are divided by 32768; µ-law
    and A-law are expanded to 16 bits first.

    Raises:
        KeyError: for an encoding that is not in ``ENCODINGS``.
    """
    whole = len(pcm) - len(pcm) % BYTES_PER_SAMPLE[encoding]
    view = memoryview(pcm)[:whole]
    if encoding == "pcm_f32le":
        return np.asarray(np.frombuffer(view, dtype="<f4"), dtype=np.float32)
    if encoding == "pcm_s16le":
        linear = np.frombuffer(view, dtype="<i2").astype(np.float32)
        linear /= np.float32(32768)
        return linear
    table = _mulaw_table() if encoding == "pcm_mulaw" else _alaw_table()
    return table[np.frombuffer(view, dtype=np.uint8)]


def encode(samples: Samples, encoding: str) -> bytes:
    """Turn float32 samples into raw PCM; values beyond ±1.0 are clipped (not in f32).

    Raises:
        KeyError: for an encoding that is not in ``ENCODINGS``.
    """
    BYTES_PER_SAMPLE[encoding]
    if encoding == "pcm_f32le":
        return np.ascontiguousarray(samples, dtype="<f4").tobytes()
    linear: npt.NDArray[np.int32] = np.rint(samples * 32768.0).clip(-32768, 32767).astype(np.int32)
    if encoding == "pcm_s16le":
        return bytes(linear.astype("<i2").tobytes())
    if encoding == "pcm_mulaw":
        return _encode_mulaw(linear)
    return _encode_alaw(linear)


def _encode_mulaw(linear: npt.NDArray[np.int32]) -> bytes:
    # G.711 works on 14 bits.
    value = (linear >> 2) << 2
    sign = np.where(value < 0, 0x80, 0)
    magnitude = np.minimum(np.abs(value), 32635) + 0x84
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    code = ~(sign | (exponent << 4) | mantissa) & 0xFF
    return bytes(code.astype(np.uint8).tobytes())


def _encode_alaw(linear: npt.NDArray[np.int32]) -> bytes:
    # G.711 works on 13 bits; a negative value is its one's complement, so -1 becomes 0.
    value = linear >> 3
    sign = np.where(value < 0, 0x55, 0xD5)
    magnitude = np.where(value < 0, ~value, value)
    exponent = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 4, 0)
    mantissa = (magnitude >> np.maximum(exponent, 1)) & 0x0F
    return bytes((((exponent << 4) | mantissa) ^ sign).astype(np.uint8).tobytes())


@cache
def _mulaw_table() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 0x07)
    linear = np.where(code & 0x80, 0x84 - magnitude, magnitude - 0x84)
    return _read_only(linear)


@cache
def _alaw_table() -> Samples:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    exponent = (code >> 4) & 0x07
    magnitude = ((code & 0x0F) << 4) + 8
    magnitude = np.where(
        exponent > 0, (magnitude + 0x100) << np.maximum(exponent - 1, 0), magnitude
    )
    linear = np.where(code & 0x80, magnitude, -magnitude)
    return _read_only(linear)


def _read_only(linear: npt.NDArray[np.int32]) -> Samples:
    table = (linear / 32768.0).astype(np.float32)
    table.flags.writeable = False
    return table
