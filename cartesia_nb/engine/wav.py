"""A WAV header for a stream whose length is not known yet.

Also where it could be known before the first byte, as for a short text, both lengths are all ones:
that is what Cartesia's own ``/tts/bytes`` sends, as its users report who measured it (with
``wave``, 2.6 s at 24 kHz give 2**31 - 1 frames, or 89,478 s). A program that reads such a file
here reads Cartesia's. ``wave``'s ``readframes``, scipy, libsndfile and ffmpeg go by the end of
the file; ``wave``'s ``getnframes`` does not.
"""

from __future__ import annotations

import struct
from typing import Final

from cartesia_nb.protocol.encodings import BYTES_PER_SAMPLE

_FORMATS: Final = {"pcm_s16le": 1, "pcm_f32le": 3, "pcm_alaw": 6, "pcm_mulaw": 7}
_UNKNOWN: Final = 0xFFFFFFFF


def header(encoding: str, sample_rate: int) -> bytes:
    """RIFF header for mono audio; both lengths say "unknown" (all ones), as streams do."""
    size = BYTES_PER_SAMPLE[encoding]
    return (
        struct.pack("<4sI4s", b"RIFF", _UNKNOWN, b"WAVE")
        + struct.pack(
            "<4sIHHIIHH",
            b"fmt ", 16, _FORMATS[encoding], 1, sample_rate, sample_rate * size, size, size * 8,
        )
        + struct.pack("<4sI", b"data", _UNKNOWN)
    )  # fmt: skip
